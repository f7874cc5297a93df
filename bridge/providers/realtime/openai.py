"""OpenAI's Realtime API over WebSocket, and servers that copy it: speech goes in, speech comes out.

Both generations of the protocol are spoken; which one, the server's first event tells. A connection that is lost, or
that falls silent in the middle of an answer, is made once more, and the new one is told what was said so far.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote, urlsplit

import numpy as np
import soxr
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException

from bridge.dialogue import HEARING_RATE_HZ, AnswerSound, Message, RealtimeEvent, Tool, Trouble
from bridge.errors import ConfigError, ProviderError, WireError
from bridge.providers._access import checked_url, key_from, on_this_machine
from bridge.providers._checks import SECONDS, in_range, one_of
from bridge.providers._failures import Failures
from bridge.providers.realtime import _protocol as protocol
from bridge.providers.realtime._exchange import Exchange
from bridge.timebase import SAMPLE_RATE_HZ
from bridge.types import F32

_KEY: Final = "OPENAI_API_KEY"
_OPENAI: Final = "wss://api.openai.com/v1/realtime"
_TURNS: Final = ("server_vad", "semantic_vad", "manual")
_EAGERNESS: Final = ("low", "medium", "high", "auto")
_SEND_S: Final = 2.0
_LARGEST_MESSAGE: Final = 1 << 24
_SHORTEST_TURN: Final = SAMPLE_RATE_HZ // 10  # the server refuses a turn of less than 100 ms


@dataclass(frozen=True)
class Options:
    """Which server and model to talk to, and how it detects turns. Raises ConfigError for a value out of its range."""

    url: str = _OPENAI
    """The WebSocket's address, without the model."""
    api_key: str = field(default="", repr=False)
    """Empty: `OPENAI_API_KEY`. Servers of your own often need none."""
    model: str = "gpt-realtime-2.1"
    """The server's name for it."""
    voice: str = "marin"
    """The server's name for it; it can't change once it has spoken."""
    transcription_model: str = "gpt-transcribe"
    """What writes down what the user says; empty: nothing does."""
    lang: str = ""
    """The user's language as a tag such as `en`, which helps the transcription; empty: any."""
    turns: str = "server_vad"
    """Who detects turns: `server_vad` (by loudness), `semantic_vad` (by what is said), `manual` (the bridge)."""
    threshold: float = 0.5
    """With `server_vad`: how sure it must be that it hears speech, 0 to 1."""
    patience_ms: int = 500
    """With `server_vad`: the silence that ends a turn."""
    eagerness: str = "auto"
    """With `semantic_vad`: how soon it takes a turn to be over: `low`, `medium`, `high` or `auto`."""
    beta: bool = False
    """Whether to ask for the protocol of before August 2025, for servers that must be asked."""
    connect_s: float = 10.0
    """How long it may take to connect, and to take the settings."""
    stall_s: float = 15.0
    """How long an answer may pause."""

    def __post_init__(self) -> None:
        one_of("openai", self, turns=_TURNS, eagerness=_EAGERNESS)
        in_range("openai", self, threshold=(0, 1), patience_ms=(0, 10_000), connect_s=SECONDS, stall_s=SECONDS)


class OpenAiRealtime:
    """The server as a `Realtime`. Dialogues may overlap; each has a connection of its own."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._server = _Server(options)

    @asynccontextmanager
    async def connect(
        self, instructions: str, tools: Sequence[Tool] = (), history: Sequence[Message] = ()
    ) -> AsyncIterator[_Dialogue]:
        """Begin a dialogue; see `bridge.ports.Realtime`. Raises ProviderError."""
        options = self._options
        setup = protocol.Setup(
            instructions, tuple(tools), options.voice, options.transcription_model, options.lang, _turns(options)
        )
        dialogue = _Dialogue(self._server, setup, options)
        await dialogue.open(history)
        try:
            yield dialogue
        finally:
            await dialogue.close()

    async def aclose(self) -> None:
        """Nothing is shared by dialogues."""


class _Server:
    """Where the server is, how to connect to it, and the sentences for its failures."""

    def __init__(self, options: Options) -> None:
        url, key = checked_url("openai", options.url, ("wss", "ws")), key_from(options.api_key, _KEY)
        if not key and url == _OPENAI:
            raise ConfigError(f"The openai speech model needs a key: set api_key in its settings, or {_KEY}.")
        parts = urlsplit(url)
        remedy = f"set api_key in its settings, or {_KEY}, to a valid one"
        self.failures = Failures("The speech model", url, remedy, options.model, key)
        self._connect_s = options.connect_s
        self._url = f"{url}{'&' if parts.query else '?'}model={quote(options.model)}"
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}
        if key and (parts.hostname or "").endswith(".azure.com"):
            self._headers = {"api-key": key}
        if options.beta:
            self._headers["OpenAI-Beta"] = "realtime=v1"

    async def connect(self) -> ClientConnection:
        """A new connection. Raises ProviderError."""
        try:
            return await connect(
                self._url,
                additional_headers=self._headers,
                open_timeout=self._connect_s,
                close_timeout=1,
                max_size=_LARGEST_MESSAGE,
                compression=None,  # audio does not shrink
                proxy=None if on_this_machine(self._url) else True,
            )
        except InvalidStatus as error:
            said = bytes(error.response.body or b"").decode(errors="replace")
            raise self.failures.refused(error.response.status_code, error.response.headers, said) from None
        except (TimeoutError, OSError, WebSocketException) as error:
            raise self.failures.unreachable() from error


class _Dialogue:
    """One dialogue over its connection: see `bridge.ports.Dialogue`."""

    def __init__(self, server: _Server, setup: protocol.Setup, options: Options) -> None:
        self._server = server
        self._setup = setup
        self._options = options
        self._failures = server.failures
        self._exchange = Exchange(server.failures)
        self._socket: ClientConnection | None = None
        self._resampler = _resampler()
        self._pushed = 0
        self._proven = True
        """Whether the connection has carried an answer's sound: only then is a lost one made anew."""

    async def open(self, history: Sequence[Message]) -> None:
        """Connect for the first time. Raises ProviderError."""
        self._exchange.remember(history)
        await self._connect()

    async def close(self) -> None:
        """End the dialogue; `events` ends too."""
        socket, self._socket = self._socket, None
        if socket is not None:
            await socket.close()

    async def push(self, samples: F32) -> None:
        await self._hear(self._resampler.resample_chunk(samples))

    async def commit(self) -> None:
        await self._hear(self._resampler.resample_chunk(np.zeros(0, np.float32), last=True))
        self._resampler = _resampler()
        if self._pushed >= _SHORTEST_TURN:
            self._pushed = 0
            self._exchange.commit()
            await self._flush()

    async def add(self, message: Message, *, answer: bool = True) -> None:
        self._exchange.add(message, answer=answer)
        await self._flush()

    async def cancel(self, answer: str, played_ms: int) -> None:
        self._exchange.cancel(answer, played_ms)
        await self._flush()

    async def events(self) -> AsyncGenerator[RealtimeEvent, None]:
        while self._socket is not None:
            try:
                async with asyncio.timeout(self._options.stall_s if self._exchange.awaits_answer else None):
                    message = await self._socket.recv()
            except (ConnectionClosed, TimeoutError) as error:
                if self._socket is None:
                    return
                for event in await self._again(*_lost(error)):
                    yield event
                continue
            for event in self._understood(message):
                self._proven = self._proven or isinstance(event, AnswerSound)
                yield event
            await self._flush()

    def _understood(self, message: str | bytes) -> list[RealtimeEvent]:
        try:
            return self._exchange.receive(protocol.decode(message))
        except WireError as error:
            return [Trouble(str(self._failures.malformed(error)))]

    async def _again(self, what: str, said: str) -> list[RealtimeEvent]:
        """Connect once more, unless the last time was in vain. Raises ProviderError."""
        if not self._proven:
            raise self._failures.failed(f"{what} again", "try later", said=said, retryable=True)
        self._proven = False
        events = self._exchange.lose()
        await self._connect()
        told = self._failures.failed(what, "it is connected again, and was told what was said", said=said)
        return [Trouble(str(told)), *events]

    async def _connect(self) -> None:
        """Connect, agree on the settings, and tell what was said so far. Raises ProviderError."""
        old, self._socket = self._socket, await self._server.connect()
        if old is not None:
            old.transport.abort()  # it may hang: no farewell
        try:
            async with asyncio.timeout(self._options.connect_s):
                beta = protocol.is_beta(await self._expect("session.created"))
                await self._socket.send(protocol.encode(protocol.session_update(self._setup, beta=beta)))
                await self._expect("session.updated")
        except (TimeoutError, ConnectionClosed) as error:
            await self.close()
            what, said = _lost(error)
            raise self._failures.failed(f"{what} on being connected to", said=said, retryable=True) from None
        except ProviderError:
            await self.close()
            raise
        self._exchange.begin(beta=beta)
        await self._flush()

    async def _expect(self, kind: str) -> protocol.Event:
        """The next event of a kind, others passed over. Raises ProviderError where it is an error."""
        assert self._socket is not None
        while True:
            try:
                event = protocol.decode(await self._socket.recv())
            except WireError as error:
                raise self._failures.failed("does not speak the Realtime protocol", said=error) from None
            if event["type"] == kind:
                return event
            if event["type"] == "error":
                said = event.get("error")
                said = said.get("message") if isinstance(said, dict) else said
                raise self._failures.failed("refused the settings", said=said)

    async def _hear(self, samples: F32) -> None:
        if len(samples) and self._socket is not None:
            self._pushed += len(samples)
            await self._send(protocol.append(samples))

    async def _flush(self) -> None:
        while self._exchange.outbox:
            await self._send(self._exchange.outbox.popleft())

    async def _send(self, event: protocol.Event) -> None:
        """Send one event. What can't be sent is lost: `events` learns that the connection is, and makes a new one."""
        socket = self._socket
        if socket is None:
            return
        try:
            async with asyncio.timeout(_SEND_S):
                await socket.send(protocol.encode(event))
        except TimeoutError:
            socket.transport.abort()
        except ConnectionClosed:
            return


def _lost(error: TimeoutError | ConnectionClosed) -> tuple[str, str]:
    """How a connection was lost, and what the server said of it."""
    if isinstance(error, TimeoutError):
        return "fell silent", ""
    return "broke off", error.rcvd.reason if error.rcvd else ""


def _resampler() -> soxr.ResampleStream:
    # A short filter: 6 ms of delay instead of 21, and speech has little up where it is less exact.
    return soxr.ResampleStream(HEARING_RATE_HZ, SAMPLE_RATE_HZ, 1, dtype="float32", quality="LQ")


def _turns(options: Options) -> dict[str, Any] | None:
    if options.turns == "manual":
        return None
    turns: dict[str, Any] = {"type": options.turns, "create_response": True, "interrupt_response": True}
    if options.turns == "semantic_vad":
        return turns | {"eagerness": options.eagerness}
    return turns | {"threshold": options.threshold, "silence_duration_ms": options.patience_ms}


def build(options: Options) -> OpenAiRealtime:
    """The server, not yet spoken to. Raises ConfigError where a key is missing or the address is none."""
    return OpenAiRealtime(options)
