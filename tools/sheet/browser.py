"""Runs the sheet page in headless Chromium: serves it and its files on a local port, waits for the picture."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
CHECKOUT = HERE.parents[1]
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
FLAGS = ("--headless", "--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader")
KINDS = {".html": "text/html", ".js": "text/javascript", ".json": "application/json", ".wasm": "application/wasm"}


def modules_folder() -> Path:
    """Where three and @pixiv/three-vrm are installed: the web plugin's own modules."""
    folder = CHECKOUT / "engine_plugins" / "web" / "node_modules"
    if not (folder / "three").is_dir():
        raise FileNotFoundError("three.js is missing: run `npm install` in engine_plugins/web first.")
    return folder


def find_browser() -> str:
    for name in BROWSERS:
        found = shutil.which(name)
        if found:
            return found
    raise FileNotFoundError("No Chromium, Chrome or Edge was found on the PATH.")


class _Desk:
    """What the page may fetch, and what it has said."""

    def __init__(self, job: dict[str, Any], models: dict[str, Path], modules: Path) -> None:
        self.job, self.models, self.modules = job, models, modules
        self.done = threading.Event()
        self.picture = b""
        self.failure = ""
        self.messages: list[str] = []

    def page(self, path: str) -> tuple[bytes, str]:
        if path == "/job.json":
            return json.dumps(self.job).encode(), "application/json"
        if path in self.models:
            return self.models[path].read_bytes(), "model/gltf-binary"
        if path.startswith("/modules/"):
            file = self.modules / path.removeprefix("/modules/")
        else:
            file = HERE / ("page.html" if path == "/" else path.lstrip("/"))
        return file.read_bytes(), KINDS.get(file.suffix, "application/octet-stream")

    def hear(self, path: str, body: bytes) -> None:
        if path == "/said":
            self.messages.append(body.decode())
            return
        if path == "/done":
            self.picture = body
        else:
            self.failure = body.decode()
        self.done.set()


def render(
    job: dict[str, Any], models: dict[str, Path], modules: Path | None = None, timeout_s: float = 600.0
) -> tuple[bytes, list[str]]:
    """The sheet's picture and whatever the page's libraries warned about."""
    desk = _Desk(job, models, modules or modules_folder())

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            try:
                body, kind = desk.page(self.path)
            except OSError:
                self.send_error(404)
                return
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            desk.hear(self.path, self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        address = f"http://127.0.0.1:{server.server_port}/"
        command = [find_browser(), *FLAGS, f"--user-data-dir={profile}", "--remote-debugging-port=0", address]
        browser = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            finished = desk.done.wait(timeout_s)
        finally:
            browser.terminate()
            browser.wait(20)
            server.shutdown()
            server.server_close()
    if desk.failure or not finished:
        raise RuntimeError(f"The page did not finish the sheet: {desk.failure or 'no answer'}")
    return desk.picture, desk.messages
