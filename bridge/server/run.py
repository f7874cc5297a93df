"""Runs the server until Ctrl-C: the port taken first, the browser opened when it answers."""

from __future__ import annotations

import errno
import logging
import socket
import ssl
import sys
import threading
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import quote

import uvicorn

from bridge.bridge import Bridge
from bridge.config import DEFAULT_PORT, ServerSettings, Settings, check
from bridge.errors import ConfigError, DeviceError
from bridge.server.app import create_app
from bridge.speaking import Line
from bridge.subjects import DEFAULT_SUBJECT

MESSAGE_BYTES = 1 << 20


def serve(settings: Settings, *, open_browser: bool = False, say: str = "") -> None:
    """Serve until interrupted. Raises BridgeError before anything is started, also where it could never speak."""
    check(settings.server)
    listening = _listen(settings.server)
    with listening:
        bridge = Bridge(settings)
        bridge.speaker.check_settings()
        line = bridge.speaker.check(Line(say)) if say else None
        config = uvicorn.Config(
            create_app(bridge),
            ws="websockets-sansio",
            ws_per_message_deflate=False,
            ws_max_size=MESSAGE_BYTES,
            log_level="warning",
            access_log=False,
            ssl_certfile=settings.server.tls_cert or None,
            ssl_keyfile=settings.server.tls_key or None,
            timeout_graceful_shutdown=2,
        )
        if settings.server.tls_cert:
            with _certificate_told(settings.server):
                config.load()  # which asks for the passphrase where the key has one
        _Server(config, lambda: _started(settings.server, bridge, line, open_browser)).run(sockets=[listening])


class _Server(uvicorn.Server):
    """uvicorn's server, with a call once it listens and one clean way out."""

    def __init__(self, config: uvicorn.Config, started: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_started = started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._on_started()

    def run(self, sockets: list[socket.socket] | None = None) -> None:
        try:
            super().run(sockets)
        except KeyboardInterrupt:  # uvicorn raises the signal again after a clean end
            logging.getLogger(__name__).info("stopped")


def _listen(server: ServerSettings) -> socket.socket:
    """The listening socket. Raises DeviceError where the port is taken or the address is not ours."""
    family = socket.AF_INET6 if ":" in server.host else socket.AF_INET
    # Of a socket whose protocol is not named asyncio does not know that it may turn off Nagle's delay.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    if sys.platform != "win32":  # there the option would let two programs share the port
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((server.host.strip("[]"), server.port))
        listening.listen(128)
    except OSError as error:
        listening.close()
        if error.errno == errno.EACCES:  # ports below 1024 of other systems' administrators, reserved ones of Windows
            raise DeviceError(
                f"This system does not let you listen on port {server.port}; "
                f"choose another, such as --port {DEFAULT_PORT}."
            ) from None
        if error.errno == errno.EADDRINUSE:
            raise DeviceError(
                f"Port {server.port} is taken by another program; choose another with --port {server.port + 1}."
            ) from None
        raise DeviceError(f"{server.host} is no address of this machine: {error.strerror}.") from None
    return listening


def check_certificate(server: ServerSettings) -> None:
    """Raises ConfigError where there is to be HTTPS and the certificate and its key can't be used for it."""
    if server.tls_cert:
        with _certificate_told(server):
            ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(server.tls_cert, server.tls_key)


@contextmanager
def _certificate_told(server: ServerSettings) -> Iterator[None]:
    """What goes wrong with the certificate or its key becomes one sentence."""
    try:
        for path in (server.tls_cert, server.tls_key):
            open(path, "rb").close()  # whose error names the file, as OpenSSL's does not
        yield
    except ssl.SSLError as error:
        pair = f"{server.tls_cert} and {server.tls_key} are no certificate and key that belong together"
        raise ConfigError(f"{pair} ({error.reason or error}).") from None
    except OSError as error:
        raise ConfigError(f"{error.filename or server.tls_cert} can't be read: {error.strerror}.") from None


def address(server: ServerSettings, page: str = "") -> str:
    """What a browser on this machine opens, to see a page."""
    scheme = "https" if server.tls_cert else "http"
    host = "127.0.0.1" if server.host in ("0.0.0.0", "::") else server.host
    host = f"[{host}]" if ":" in host else host
    token = f"?token={quote(server.token, safe='')}" if server.token else ""
    return f"{scheme}://{host}:{server.port}/{page}{token}"


def _started(server: ServerSettings, bridge: Bridge, line: Line | None, open_browser: bool) -> None:
    url = address(server)
    print(f"Avatar Bridge is at {url}  (stage for OBS: {address(server, 'stage')}; Ctrl-C ends it)", flush=True)
    if line is not None:
        bridge.subjects.get(DEFAULT_SUBJECT).say(line)
    if open_browser:
        # Its own thread, and none that the end waits for: a text browser would not come back.
        threading.Thread(target=webbrowser.open, args=(url,), daemon=True).start()
