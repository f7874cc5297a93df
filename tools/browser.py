"""Chromium without a window, driven over the DevTools protocol: for measurements and tests of the pages.

Protocol: chromedevtools.github.io/devtools-protocol. One page, one thread, requests answered in order.
"""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Final

import httpx
from websockets.sync.client import ClientConnection, connect

NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
FLAGS: Final = (
    "--headless",
    "--no-sandbox",
    "--no-first-run",
    "--hide-scrollbars",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--remote-debugging-port=0",
)
AUTOPLAY: Final = "--autoplay-policy=no-user-gesture-required"
START_S: Final = 30.0


def find_chromium() -> str | None:
    """The path of an installed Chromium, Chrome or Edge, or None."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


class PageError(Exception):
    """The page threw, or the browser refused a command."""


class Browser:
    """A browser with one page. Use as a context manager: it ends the process and removes the profile."""

    def __init__(
        self,
        *,
        width: int = 960,
        height: int = 720,
        autoplay: bool = True,
        flags: Sequence[str] = (),
        patience_s: float = 60.0,
    ) -> None:
        """Raises PageError where no browser is installed. A command is waited for `patience_s` at most."""
        path = find_chromium()
        if path is None:
            raise PageError("no Chromium, Chrome or Edge is installed")
        self._profile = tempfile.TemporaryDirectory(prefix="browser-", ignore_cleanup_errors=True)
        flags = [*FLAGS, *([AUTOPLAY] if autoplay else []), f"--window-size={width},{height}", *flags]
        self._process = subprocess.Popen(
            [path, *flags, f"--user-data-dir={self._profile.name}", "about:blank"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._open = ExitStack()
        self._patience_s = patience_s
        self._sent = 0
        self.log: list[str] = []
        self._socket = self._attach()
        self.call("Page.enable")
        self.call("Runtime.enable")

    def __enter__(self) -> Browser:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()
        self._process.terminate()
        self._process.wait(10)
        self._profile.cleanup()

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """Send a command of the protocol and return its result. Raises PageError."""
        self._sent += 1
        self._socket.send(json.dumps({"id": self._sent, "method": method, "params": params}))
        while True:
            message = json.loads(self._socket.recv(timeout=self._patience_s))
            if message.get("id") == self._sent:
                break
            self._note(message)
        if "error" in message:
            raise PageError(f"{method}: {message['error']['message']}")
        result: dict[str, Any] = message["result"]
        return result

    def go(self, url: str) -> None:
        """Open a page."""
        self.call("Page.navigate", url=url)

    def evaluate(self, expression: str) -> Any:
        """The value of a JavaScript expression; a promise is waited for. NaN comes back as None."""
        wrapped = f"(async () => JSON.stringify(await ({expression})))()"
        answer = self.call("Runtime.evaluate", expression=wrapped, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in answer:
            details = answer["exceptionDetails"]
            raise PageError(details.get("exception", {}).get("description") or details["text"])
        text = answer["result"].get("value")
        return None if text is None else json.loads(text)

    def wait(self, expression: str, timeout_s: float = 20.0) -> Any:
        """Wait until an expression is true, and return its value. Raises PageError when it does not come true."""
        end = time.monotonic() + timeout_s
        while not (value := self.evaluate(expression)):
            if time.monotonic() > end:
                raise PageError(f"not true within {timeout_s:g} s: {expression}; the page said: {self.log[-5:]}")
            time.sleep(0.05)
        return value

    def click(self, selector: str) -> None:
        """Click the middle of an element, as a person would: it counts as a gesture."""
        box = self.evaluate(f"document.querySelector({json.dumps(selector)}).getBoundingClientRect()")
        at = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, button="left", clickCount=1, **at)

    def type(self, text: str) -> None:
        """Type into what has the focus."""
        self.call("Input.insertText", text=text)

    def press(self, key: str) -> None:
        """Press and release a named key, such as Enter or Escape."""
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=key)

    def size(self, width: int, height: int, scale: float = 1.0) -> None:
        """Give the page another size in CSS pixels, at `scale` device pixels each."""
        metrics = {"width": width, "height": height, "deviceScaleFactor": scale, "mobile": width < 600}
        self.call("Emulation.setDeviceMetricsOverride", **metrics)

    def screenshot(self, *, transparent: bool = False) -> bytes:
        """What the page shows, as PNG; `transparent` leaves out the white below it."""
        if transparent:
            clear = {"r": 0, "g": 0, "b": 0, "a": 0}
            self.call("Emulation.setDefaultBackgroundColorOverride", color=clear)
        return base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"])

    def _attach(self) -> ClientConnection:
        port_file = Path(self._profile.name) / "DevToolsActivePort"
        end = time.monotonic() + START_S
        while time.monotonic() < end:
            if port_file.is_file() and (lines := port_file.read_text().splitlines()):
                targets = httpx.get(f"http://127.0.0.1:{lines[0]}/json/list").json()
                pages = [t for t in targets if t["type"] == "page"]
                if pages:
                    return self._open.enter_context(connect(pages[0]["webSocketDebuggerUrl"], max_size=None))
            time.sleep(0.05)
        self._process.terminate()
        raise PageError(f"the browser did not start within {START_S:g} s")

    def _note(self, message: dict[str, Any]) -> None:
        if message["method"] == "Runtime.consoleAPICalled":
            said = " ".join(str(a.get("value", a.get("description", ""))) for a in message["params"]["args"])
            self.log.append(f"{message['params']['type']}: {said}")
        elif message["method"] == "Runtime.exceptionThrown":
            details = message["params"]["exceptionDetails"]
            self.log.append(f"exception: {details.get('exception', {}).get('description') or details['text']}")
