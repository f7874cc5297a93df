"""VTube Studio over its WebSocket API: `vts://host:8001`.

The first time, the user allows the plugin in VTube Studio; the token is kept in the user's folder. The rig's curves set
the program's own tracking parameters where their names are such, and else make parameters of their own with a prefix,
which a model can be wired to: `?rig=arkit` makes AbJawOpen and 51 others.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import logging
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect

from bridge import resources
from bridge.errors import BridgeError, DeviceError, ProviderError
from bridge.types import Motion, RigFrames, RigLayout
from bridge.wire import vtube_studio as vts
from bridge.wire.vtube_studio import Envelope

log = logging.getLogger(__name__)

PLUGIN: Final = "Avatar Bridge"
DEVELOPER: Final = "Avatar Bridge developers"
ANSWER_S: Final = 5.0
"""How long an answer may take."""
ALLOW_S: Final = 300.0
"""How long the user may take to allow the plugin."""
KEEP_ALIVE_S: Final = 0.5
"""Values fall back a second after they were sent."""
MEND_AFTER: Final = 60
"""How many refusals in a row make it look at the parameters again: somebody may have deleted one."""


@dataclass(frozen=True, slots=True)
class Options:
    """`prefix` comes before the names of parameters that the program does not have of its own."""

    host: str = "127.0.0.1"
    port: int = vts.PORT
    rig: str = "vtube_studio"
    prefix: str = "Ab"


def build(options: Options, layout: RigLayout) -> VTubeStudio:
    """Connect. Raises ConfigError or DeviceError."""
    return VTubeStudio(options, layout, resources.home() / "vtube_studio_tokens.json")


class VTubeStudio:
    """One program. A thread talks to it: it is sent the latest values as soon as it has answered for the last ones."""

    def __init__(self, options: Options, layout: RigLayout, tokens: Path) -> None:
        self.notice = ""
        self.let_in: bool | None = None
        self._target = f"{options.host}:{options.port}"
        self._layout = layout
        self._prefix = options.prefix
        self._tokens = Tokens(tokens)
        self._ids = itertools.count(1)
        self._latest: list[float] | None = None
        self._fresh = threading.Event()
        self._ended = False
        self._error = ""
        self._open = contextlib.ExitStack()
        for name in layout.curves:  # names that can't be are told now
            vts.create_parameter(self._own_name(name), "", 0.0, 1.0)
        host = f"[{options.host}]" if ":" in options.host else options.host
        try:
            self._socket: ClientConnection = self._open.enter_context(
                connect(
                    f"ws://{host}:{options.port}", open_timeout=ANSWER_S, close_timeout=1, compression=None, proxy=None
                )
            )
        except (OSError, UnicodeError, WebSocketException) as error:
            raise DeviceError(
                f"VTube Studio does not answer at {self._target} ({error}): it must be running, its API switched on."
            ) from None
        self._thread = threading.Thread(target=self._talk, name="vtube studio", daemon=True)
        self._thread.start()

    def send(self, epoch: int, motion: Motion, rigged: RigFrames) -> None:
        """Leave values for the thread; what it has not sent yet is dropped. Raises DeviceError once it has ended."""
        if self._error:
            raise DeviceError(self._error)
        self._latest = rigged.curves[0].tolist()
        self._fresh.set()

    def close(self) -> None:
        """Disconnect."""
        self._ended = True
        self._fresh.set()
        with contextlib.suppress(OSError, WebSocketException):
            self._open.close()

    def _talk(self) -> None:
        try:
            self._log_in()
            names = self._names()
            self.let_in = True
            refused = 0
            while not self._ended:
                self._fresh.wait(KEEP_ALIVE_S)
                self._fresh.clear()
                if self._latest is None or self._ended:
                    continue
                self.notice = self._ask(vts.inject(names, self._latest)).error
                refused = refused + 1 if self.notice else 0
                if refused == MEND_AFTER:
                    names, refused = self._names(), 0
        except (BridgeError, OSError, WebSocketException) as error:
            self.let_in = False
            if not self._ended:
                sentence = str(error) if isinstance(error, BridgeError) else "the connection was lost."
                self._error = f"VTube Studio at {self._target}: {sentence}"

    def _log_in(self) -> None:
        """Show the token, or let the user allow the plugin first. Raises ProviderError."""
        token = self._tokens.get(self._target)
        if token and self._ask(vts.authenticate(PLUGIN, DEVELOPER, token)).data.get("authenticated") is True:
            return
        self.notice = "VTube Studio asks its user to allow Avatar Bridge."
        answer = self._ask(vts.ask_token(PLUGIN, DEVELOPER), ALLOW_S)
        if answer.error:
            self.notice = f"VTube Studio did not allow Avatar Bridge: {answer.error}. Add the sink again to ask anew."
            self.let_in = False
            self._wait_for_the_end()
        token = str(answer.data.get("authenticationToken", ""))
        answer = self._ask(vts.authenticate(PLUGIN, DEVELOPER, token))
        if answer.data.get("authenticated") is not True:
            raise ProviderError(f"it did not take the token it gave. {answer.error or answer.data.get('reason', '')}")
        self._keep(token)
        self.notice = ""

    def _keep(self, token: str) -> None:
        """Keep the token, or say that it can't be kept: it is good for this connection all the same."""
        try:
            self._tokens.set(self._target, token)
        except OSError as error:
            log.warning(
                "%s can't be written: %s, so VTube Studio will ask its user to allow %s again.",
                self._tokens.path,
                error.strerror or error,
                PLUGIN,
            )

    def _wait_for_the_end(self) -> None:
        """A user who said no is not asked again and again."""
        while not self._ended:
            self._fresh.wait()
            self._fresh.clear()
        raise ProviderError("it was closed.")

    def _names(self) -> list[str]:
        """What each curve's parameter is called there; those that the program lacks are made. Raises ProviderError."""
        answer = self._ask(vts.list_parameters())
        if answer.error:
            raise ProviderError(f"it does not tell its parameters: {answer.error}.")
        theirs = vts.default_names(answer)
        return [name if name in theirs else self._made(name) for name in self._layout.curves]

    def _made(self, curve: str) -> str:
        name, layout = self._own_name(curve), self._layout
        request = vts.create_parameter(name, f"{curve}, by {PLUGIN}", layout.curve_min, layout.curve_max)
        if (answer := self._ask(request)).error:
            raise ProviderError(f"it does not make the parameter {name}: {answer.error}.")
        return name

    def _own_name(self, curve: str) -> str:
        return self._prefix + curve[:1].upper() + curve[1:]

    def _ask(self, request: Envelope, within_s: float = ANSWER_S) -> Envelope:
        """Send a request and wait for its answer. Raises what the socket raises, and WireError."""
        request_id = f"ab{next(self._ids)}"
        self._socket.send(vts.encode(Envelope(request.kind, request.data, request_id)))
        for answer in _answers(self._socket, within_s):
            if answer.request_id == request_id:
                return answer
        raise ProviderError("it closed the connection.")


def _answers(socket: ClientConnection, within_s: float) -> Iterator[Envelope]:
    while True:
        yield vts.decode(socket.recv(within_s))


class Tokens:
    """The tokens that programs gave us, by address, in a file of the user's folder."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def get(self, target: str) -> str:
        """The token for `target`, or nothing."""
        return str(self._read().get(target, ""))

    def set(self, target: str, token: str) -> None:
        """Keep a token. Raises OSError where that is not possible."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text(json.dumps({**self._read(), target: token}, indent=1), encoding="utf-8")
        self.path.chmod(0o600)

    def _read(self) -> dict[str, Any]:
        try:
            fields = json.loads(self.path.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            return {}
        return fields if isinstance(fields, dict) else {}
