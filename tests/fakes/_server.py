"""Small real servers on loopback, in a thread, which fail on request: what the services' fakes are built on.

A test writes `with Something() as fake:`, gives the provider `fake.url`, and sets `fake.fault` to one of `FAULTS`, at
any time. A fake subclasses `HttpFake` or `WebSocketFake` and says what its service answers when nothing is wrong; the
faults are played here:

    401, 429, 500      the whole answer (WebSocket: to the handshake), with OpenAI's kind of JSON body; 429 asks for 7 s
    stall              the request is taken, then nothing comes
    hang               nothing comes after the first piece
    cut                the connection breaks off after the first piece, without a goodbye
    malformed          `garbage` comes after the first piece, or before it where it is the only one

Pieces are what `stream` (HTTP) or `send` (WebSocket) is given, so "the first piece" is the service's own first event.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import ssl
import threading
from collections.abc import AsyncIterator, Sequence
from http import HTTPStatus

import uvicorn
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request as Handshake
from websockets.http11 import Response as Refusal

FAULTS = ("401", "429", "500", "stall", "hang", "cut", "malformed")
RETRY_AFTER_S = 7
_STATUS = ("401", "429", "500")


def refusal(status: str) -> tuple[dict[str, str], bytes]:
    """The headers and body with which services refuse."""
    headers = {"content-type": "application/json"} | ({"retry-after": str(RETRY_AFTER_S)} if status == "429" else {})
    return headers, json.dumps(
        {"error": {"message": f"refused with {status}", "type": "fake", "code": status}}
    ).encode()


def nowhere() -> str:
    """`127.0.0.1:PORT`, at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as gone:
        return f"127.0.0.1:{gone.getsockname()[1]}"


class HttpFake:
    """An HTTP service. Subclasses answer in `answer`, a streamed body through `stream`."""

    garbage = b"data: {this is no JSON\n\n"

    def __init__(self) -> None:
        self.fault = ""
        self.requests: list[Request] = []
        """All that came, in order."""
        self.bodies: list[bytes] = []
        """Their bodies."""
        self.hung_up = 0
        """How many streamed answers the client gave up before their end."""
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._server = uvicorn.Server(
            uvicorn.Config(self._app, interface="asgi3", log_level="critical", lifespan="off")
        )
        self._thread = threading.Thread(target=self._server.run, args=([self._socket],), daemon=True)

    @property
    def url(self) -> str:
        """`http://127.0.0.1:PORT`, without a slash at the end."""
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    async def answer(self, request: Request) -> Response:
        """What the service answers when nothing is wrong. The body has been read; it may be read again."""
        raise NotImplementedError

    def stream(self, request: Request, pieces: Sequence[bytes], media_type: str, status: int = 200) -> Response:
        """An answer in pieces, of which the faults take hold; also for a body of one piece."""
        return StreamingResponse(self._pieces(request, pieces), status, media_type=media_type)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._server.should_exit = self._server.force_exit = True
        self._thread.join()
        self._socket.close()

    async def _app(self, scope, receive, send) -> None:
        request = Request(scope, receive)
        body = await request.body()
        self.requests.append(request)
        self.bodies.append(body)
        if self.fault in _STATUS:
            headers, refused = refusal(self.fault)
            await Response(refused, int(self.fault), headers)(scope, receive, send)
            return
        if self.fault == "stall":
            await _until_gone(request)
            return
        await (await self.answer(request))(scope, receive, send)

    async def _pieces(self, request: Request, pieces: Sequence[bytes]) -> AsyncIterator[bytes]:
        whole = False
        try:
            for index, piece in enumerate(pieces):
                if self.fault == "malformed" and index == min(1, len(pieces) - 1):
                    yield self.garbage
                yield piece
                await asyncio.sleep(0.001)  # so that pieces travel apart, and a client that is gone is noticed
                if await request.is_disconnected():
                    return
                if index == 0 and self.fault == "hang":
                    await _until_gone(request)
                    return
                if index == 0 and self.fault == "cut":
                    raise ConnectionAbortedError  # uvicorn closes the connection in the middle of the body
            whole = True
        finally:
            self.hung_up += not whole


async def _until_gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


class WebSocketFake:
    """A WebSocket service. Subclasses hold a conversation in `serve`, answering through `send`.

    `tls` makes it `wss`. A ping is answered, and the client's closing handshake taken, in every fault but `cut`.
    """

    garbage: str | bytes = "{this is no JSON"

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.fault = ""
        self.requests: list[Handshake] = []
        self.hung_up = 0
        """How many connections the client ended before `serve` did."""
        self._tls = tls
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._loop = asyncio.new_event_loop()
        self._server: Server | None = None
        self._sent: dict[ServerConnection, int] = {}
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    @property
    def url(self) -> str:
        """`ws://127.0.0.1:PORT` (or `wss`), without a slash at the end."""
        return f"{'wss' if self._tls else 'ws'}://127.0.0.1:{self._socket.getsockname()[1]}"

    async def serve(self, connection: ServerConnection) -> None:
        """The service's side of one connection; the request is `connection.request`. Ends it by returning."""
        raise NotImplementedError

    async def send(self, connection: ServerConnection, message: str | bytes) -> None:
        """Send one message, or what the fault makes of it."""
        sent = self._sent[connection]
        self._sent[connection] = sent + 1
        if sent == 1 and self.fault == "malformed":
            await connection.send(self.garbage)
        if sent >= 1 and self.fault == "hang":
            await connection.wait_closed()
        await connection.send(message)
        if sent == 0 and self.fault == "cut":
            connection.transport.abort()

    def __enter__(self):
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._open(), self._loop).result()
        return self

    def __exit__(self, *error: object) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _open(self) -> None:
        self._server = await serve(
            self._connected,
            sock=self._socket,
            ssl=self._tls,
            process_request=self._handshake,
            close_timeout=0.5,
            max_size=None,
        )

    async def _close(self) -> None:
        assert self._server
        self._server.close()
        await self._server.wait_closed()

    def _handshake(self, connection: ServerConnection, request: Handshake) -> Refusal | None:
        self.requests.append(request)
        if self.fault not in _STATUS:
            return None
        headers, body = refusal(self.fault)
        answer = connection.respond(HTTPStatus(int(self.fault)), body.decode())
        for name, value in headers.items():
            if name in answer.headers:
                del answer.headers[name]
            answer.headers[name] = value
        return answer

    async def _connected(self, connection: ServerConnection) -> None:
        self._sent[connection] = 0
        try:
            if self.fault == "stall":
                with contextlib.suppress(ConnectionClosed):
                    async for _ in connection:
                        pass
                return
            await self.serve(connection)
        except ConnectionClosed:
            self.hung_up += 1
        finally:
            del self._sent[connection]
