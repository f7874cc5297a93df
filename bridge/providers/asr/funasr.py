"""A FunASR server (Paraformer, SenseVoice) over WebSocket: Chinese above all, streamed while it is said.

Two passes: a streaming model writes along, and what it wrote is replaced by a better one at each pause. The protocol:
github.com/modelscope/FunASR, runtime/docs/websocket_protocol.md; the details, on which its C++ and its Python server
differ, from runtime/python/websocket. The Python server serves one connection at a time and drops the older.
"""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException
from websockets.typing import Subprotocol

from bridge.dialogue import HEARING_RATE_HZ, Transcript
from bridge.errors import WireError
from bridge.providers._access import checked_url, key_from, on_this_machine
from bridge.providers._checks import SECONDS, in_range
from bridge.providers._failures import Failures
from bridge.providers.asr._funasr_turn import ENDED, Turn
from bridge.providers.asr._sound import FAINTEST, WINDOW, levels, pcm16
from bridge.types import F32

_KEY: Final = "FUNASR_API_KEY"
_MESSAGE: Final = HEARING_RATE_HZ * 60 // 1000
"""Samples in a message: the servers count on 60 ms, of which ten make a step of the streaming model."""
_SETTLED_S: Final = 1.0
"""How long after its end a turn may bring more text when there is a final one for all that was written along."""


@dataclass(frozen=True)
class Options:
    """Where the server is. Raises ConfigError for a number out of its range."""

    url: str = "wss://127.0.0.1:10095"
    """Its address: `wss://` as its containers come, `ws://` where its encryption was turned off."""
    self_signed: bool = False
    """Whether a certificate that nobody vouches for is taken, as the one in its containers."""
    api_key: str = field(default="", repr=False)
    """Sent as a bearer token, for a server behind a gate; empty: `FUNASR_API_KEY`, else none."""
    hotwords: str = ""
    """Words to expect, as JSON with their weights, such as `{"阿里巴巴": 20}`."""
    itn: bool = True
    """Whether numbers are written as digits."""
    connect_s: float = 5.0
    """How long a connection may take."""
    answer_s: float = 10.0
    """How long the final text may take once the turn has ended."""

    def __post_init__(self) -> None:
        in_range("funasr", self, connect_s=SECONDS, answer_s=SECONDS)


class FunAsr:
    """The server as an `Asr`. Each turn has a connection of its own, made when something is heard in it."""

    def __init__(self, options: Options) -> None:
        url = checked_url("funasr", options.url, ("wss", "ws"))
        self._options = options
        self._key = key_from(options.api_key, _KEY)
        remedy = f"set api_key in its settings, or {_KEY}, to what it asks for"
        self._failures = Failures("The recogniser", url, remedy, key=self._key)
        self._tls = _tls(options) if url.startswith("wss:") else None

    async def stream(self, sound: AsyncIterator[F32], lang: str = "") -> AsyncGenerator[Transcript, None]:
        """Recognise a turn; see `bridge.ports.Asr`. The language is the server's. Raises ProviderError."""
        begun = await _begun(sound)
        if begun is None:
            yield Transcript("", final=True, lang=lang)
            return
        turn = Turn()
        async with self._connected() as connection:
            sending = asyncio.create_task(self._send(connection, begun, sound))
            try:
                while await self._hear(connection, sending, turn):
                    if turn.text and not turn.over:
                        yield Transcript(turn.text, final=False, lang=lang)
            finally:
                sending.cancel()
                await asyncio.gather(sending, return_exceptions=True)
        yield Transcript(turn.text, final=True, lang=lang)

    async def aclose(self) -> None:
        """Nothing is shared by turns."""

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[ClientConnection]:
        try:
            connection = await connect(
                self._options.url,
                ssl=self._tls,
                additional_headers={"Authorization": f"Bearer {self._key}"} if self._key else None,
                subprotocols=[Subprotocol("binary")],
                open_timeout=self._options.connect_s,
                close_timeout=1,
                ping_interval=None,  # the Python server does not answer while it computes
                compression=None,
                proxy=None if on_this_machine(self._options.url) else True,
            )
        except InvalidStatus as error:
            raise self._failures.refused(error.response.status_code, error.response.headers) from None
        except ssl.SSLCertVerificationError:
            remedy = "take it with self_signed = true"
            raise self._failures.failed("has a certificate that nobody vouches for", remedy) from None
        except (TimeoutError, OSError, WebSocketException) as error:
            raise self._failures.unreachable("is it running, is url right, and is it ws or wss") from error
        try:
            yield connection
        finally:
            await connection.close()

    async def _send(self, connection: ClientConnection, begun: F32, sound: AsyncIterator[F32]) -> bool:
        """Tell the server all that is heard, and when it is over; whether it could be told."""
        try:
            await connection.send(json.dumps(self._greeting()))
            held = await _send_whole(connection, begun)
            async for samples in sound:
                held = await _send_whole(connection, np.concatenate([held, samples]))
            # In a shorter message the Python server divides by its length in milliseconds.
            await _send_whole(connection, np.concatenate([held, np.zeros(-len(held) % _MESSAGE, np.float32)]))
            await connection.send(json.dumps({"is_speaking": False, "wav_name": ENDED}))
        except ConnectionClosed:  # who hears is told as well
            return False
        return True

    async def _hear(self, connection: ClientConnection, sending: asyncio.Task[bool], turn: Turn) -> bool:
        """Take the server's next message; whether there are more to come."""
        if turn.over:
            return False
        receiving = asyncio.create_task(connection.recv())
        try:
            await asyncio.wait({receiving, sending}, return_when=asyncio.FIRST_COMPLETED)
            if not receiving.done():
                sending.result()  # what the sound itself may have raised
                patience_s = min(_SETTLED_S, self._options.answer_s) if turn.settled else self._options.answer_s
                await asyncio.wait({receiving}, timeout=patience_s)
                if not receiving.done() and turn.settled:
                    return False
                if not receiving.done():
                    raise self._failures.silent(patience_s)
            turn.push(receiving.result(), ended=sending.done() and sending.result())
            return True
        except ConnectionClosed:
            if sending.done() and sending.result() and turn.settled:
                return False
            raise self._failures.cut() from None
        except WireError:
            raise self._failures.malformed() from None
        finally:
            receiving.cancel()
            await asyncio.gather(receiving, return_exceptions=True)

    def _greeting(self) -> dict[str, object]:
        greeting: dict[str, object] = {
            "mode": "2pass",
            "wav_name": "turn",
            "wav_format": "pcm",
            "is_speaking": True,
            "audio_fs": HEARING_RATE_HZ,
            "chunk_size": [5, 10, 5],
            "chunk_interval": 10,
            "itn": self._options.itn,
        }
        return greeting | ({"hotwords": self._options.hotwords} if self._options.hotwords else {})


def build(options: Options) -> FunAsr:
    """The server, not yet spoken to. Raises ConfigError where the address is none."""
    return FunAsr(options)


async def _begun(sound: AsyncIterator[F32]) -> F32 | None:
    """The sound until something is heard in it; None where nothing is."""
    held, measured = np.zeros(0, np.float32), 0
    async for samples in sound:
        held = np.concatenate([held, samples])
        loudness = levels(held[measured:])
        if loudness.max(initial=0) > FAINTEST:
            return held
        measured += len(loudness) * WINDOW
    return None


async def _send_whole(connection: ClientConnection, samples: F32) -> F32:
    """Send the messages that samples fill; returns the rest."""
    whole = len(samples) // _MESSAGE * _MESSAGE
    for start in range(0, whole, _MESSAGE):
        await connection.send(pcm16(samples[start : start + _MESSAGE]))
    return samples[whole:]


def _tls(options: Options) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if options.self_signed:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
