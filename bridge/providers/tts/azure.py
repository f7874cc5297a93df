"""Azure's neural voices, with the visemes and words that they tell.

Over a WebSocket, as Microsoft's own Speech SDK does it, for only so does the service tell visemes; with
`visemes = false` over the documented REST endpoint, for networks that let no WebSocket through.
learn.microsoft.com/azure/ai-services/speech-service/rest-text-to-speech
"""

from __future__ import annotations

import uuid
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus
from websockets.protocol import State

from bridge.errors import ConfigError, ProviderError, WireError
from bridge.providers._access import checked_url, key_from, on_this_machine
from bridge.providers._checks import in_range
from bridge.providers._failures import Failures
from bridge.providers.tts import _azure_messages as messages
from bridge.providers.tts._azure_visemes import Mouth
from bridge.providers.tts._decode import Decoder
from bridge.providers.tts._http import HttpVoice
from bridge.providers.tts._microsoft import percent, voice_for
from bridge.providers.tts._service import Waits, next_piece, without_sound
from bridge.text import clean
from bridge.types import Speech

_KEY: Final = "AZURE_SPEECH_KEY"
_REGION: Final = "AZURE_SPEECH_REGION"
_BAD_REQUEST: Final = 1007
_LARGEST_MESSAGE: Final = 1 << 22


@dataclass(frozen=True)
class Options(Waits):
    """Which resource, and how to speak. Raises ConfigError for a number out of its range, or a voice there is not."""

    api_key: str = field(default="", repr=False)
    """Empty: `AZURE_SPEECH_KEY`."""
    region: str = ""
    """The resource's, such as `westeurope`; empty: `AZURE_SPEECH_REGION`."""
    endpoint: str = ""
    """Instead of a region: `https://` and a host, for private endpoints."""
    lang: str = "en"
    """A language tag, for which a voice is chosen where `voice` is empty or of another language."""
    voice: str = ""
    """A voice's name, such as `en-US-AriaNeural`."""
    style: str = ""
    """A manner that the voice has, such as `cheerful`."""
    rate_percent: int = 0
    """Faster or slower than the voice's own pace, -50 to 100."""
    pitch_percent: int = 0
    """Higher or lower than the voice's own pitch, -50 to 50."""
    visemes: bool = True
    """Whether to ask for visemes, over a WebSocket."""

    def __post_init__(self) -> None:
        Waits.__post_init__(self)
        in_range("azure", self, rate_percent=(-50, 100), pitch_percent=(-50, 50))


class Azure:
    """The service as a `Tts`. Sentences may overlap; the last one's connection is kept for the next."""

    def __init__(self, options: Options) -> None:
        key, url = key_from(options.api_key, _KEY), _address(options)
        if not key:
            raise ProviderError(f"The Azure voice needs a key: set api_key in its settings, or {_KEY}.")
        self._options = options
        self._voice = voice_for("azure", options.lang, options.voice)
        remedy = f"set api_key, or {_KEY}, to a key of this region's resource"
        self._failures = Failures("The Azure voice", url, remedy, key=key)
        self._headers = {"Ocp-Apim-Subscription-Key": key}
        asked = {"X-Microsoft-OutputFormat": messages.OUTPUT_FORMAT, "Content-Type": "application/ssml+xml"}
        self._http = HttpVoice(url, self._failures, options, self._headers | asked | {"User-Agent": "avatar-bridge"})
        self._url = f"ws{url.removeprefix('http')}/cognitiveservices/websocket/v1"
        self._idle: ClientConnection | None = None

    async def stream(self, text: str) -> AsyncGenerator[Speech, None]:
        """Speak `text` as its sound comes, each phone the class of a viseme.

        Raises InputError for a text that can't be said, and ProviderError.
        """
        options = self._options
        pitch = percent(options.pitch_percent)
        ssml = messages.ssml(clean(text), self._voice, percent(options.rate_percent), pitch, options.style)
        if options.visemes:
            pieces = self._speak(ssml)
        else:
            pieces = self._http.speak(["/cognitiveservices/v1"], Decoder("pcm"), content=ssml.encode())
        async with aclosing(pieces):
            async for piece in pieces:
                yield piece

    async def aclose(self) -> None:
        """Let go of the connections."""
        idle, self._idle = self._idle, None
        if idle is not None:
            await idle.close()
        await self._http.aclose()

    async def _speak(self, ssml: str) -> AsyncGenerator[Speech, None]:
        mouth, decoder, sounded = Mouth(), Decoder("pcm"), False
        patience = self._options.connect_s + self._options.first_sound_s
        try:
            async with aclosing(self._turn(ssml)) as turn:
                while (message := await next_piece(turn, patience, self._failures)) is not None:
                    _hear(message, mouth, decoder)
                    if piece := mouth.take():
                        sounded, patience = True, self._options.stall_s
                        yield piece
            mouth.sound(decoder.flush())
        except WireError as error:
            raise self._failures.malformed(error) from None
        if piece := mouth.flush():
            yield piece
        elif not sounded:
            raise without_sound(self._failures)

    async def _turn(self, ssml: str) -> AsyncGenerator[messages.Message, None]:
        """The messages of one sentence, to its end. Raises ProviderError and WireError."""
        request_id = uuid.uuid4().hex
        connection, whole, told = await self._asked(request_id, ssml), False, False
        try:
            while not whole:
                message = messages.parse(await connection.recv())
                if message.request_id == request_id:
                    whole, told = message.path == "turn.end", True
                    yield message
        except ConnectionClosed as closed:
            raise self._ended(closed, told=told) from None
        finally:
            # What is left unfinished must not be read by the next sentence; nor is there time for a goodbye.
            if whole and self._idle is None:
                self._idle = connection
            else:
                connection.transport.abort()

    async def _asked(self, request_id: str, ssml: str) -> ClientConnection:
        """A connection that has been asked to speak `ssml`: the last one's, if it is still there."""
        idle, self._idle = self._idle, None
        if idle is not None and idle.state is State.OPEN:
            with suppress(ConnectionClosed):
                await self._ask(idle, request_id, ssml)
                return idle
        connection = await self._connected()
        try:
            await self._send(connection, "speech.config", request_id, messages.config())
            await self._ask(connection, request_id, ssml)
        except ConnectionClosed as closed:
            raise self._ended(closed, told=False) from None
        return connection

    async def _ask(self, connection: ClientConnection, request_id: str, ssml: str) -> None:
        await self._send(connection, "synthesis.context", request_id, messages.context())
        await self._send(connection, "ssml", request_id, ssml, "application/ssml+xml")

    @staticmethod
    async def _send(
        connection: ClientConnection, path: str, request_id: str, body: str, kind: str = "application/json"
    ) -> None:
        stamp = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        await connection.send(messages.compose(path, request_id, kind, body, stamp))

    async def _connected(self) -> ClientConnection:
        headers = self._headers | {"X-ConnectionId": uuid.uuid4().hex}
        try:
            return await connect(
                self._url,
                additional_headers=headers,
                open_timeout=self._options.connect_s,
                close_timeout=1,
                max_size=_LARGEST_MESSAGE,
                proxy=None if on_this_machine(self._url) else True,
            )
        except InvalidStatus as refused:
            body = bytes(refused.response.body or b"").decode(errors="replace")
            raise self._failures.refused(refused.response.status_code, refused.response.headers, body) from None
        except (OSError, InvalidHandshake):  # a TimeoutError too
            raise self._failures.unreachable() from None

    def _ended(self, closed: ConnectionClosed, *, told: bool) -> ProviderError:
        reason = closed.rcvd.reason if closed.rcvd else ""
        if closed.rcvd and closed.rcvd.code == _BAD_REQUEST:
            return self._failures.refused(400, {}, reason)
        if reason:
            return self._failures.failed("ended the connection", said=reason, retryable=True)
        return self._failures.cut() if told else self._failures.unreachable()


def _hear(message: messages.Message, mouth: Mouth, decoder: Decoder) -> None:
    if message.path == "audio":
        mouth.sound(decoder.push(message.body))
    elif message.path == "audio.metadata":
        for kind, start_s, data in messages.metadata(message.body):
            if kind == "Viseme":
                mouth.viseme(start_s, _whole(data.get("VisemeId")))
            elif kind == "WordBoundary":
                mouth.word(start_s, start_s + _whole(data.get("Duration")) / messages.TICKS_A_S, _text(data))


def _whole(value: Any) -> int:
    """A number of the service's; -1 where it is none."""
    return value if isinstance(value, int) else -1


def _text(data: dict[str, Any]) -> str:
    """The text of a word boundary."""
    text = data.get("text")
    return str(text.get("Text", "")) if isinstance(text, dict) else ""


def _address(options: Options) -> str:
    """Where the service is. Raises ConfigError, and ProviderError where nothing says it."""
    if options.endpoint:
        return checked_url("azure", options.endpoint)
    region = key_from(options.region, _REGION).strip().lower()
    if not region:
        raise ProviderError(f"The Azure voice needs a region: set region in its settings, or {_REGION}.")
    if not region.isalnum():
        raise ConfigError(f"azure's region is {region!r}; it is such as westeurope.")
    return f"https://{region}.tts.speech.{'azure.cn' if region.startswith('china') else 'microsoft.com'}"


def build(options: Options) -> Azure:
    """The voice; nothing is sent before it speaks. Raises ConfigError, and ProviderError without a key or region."""
    return Azure(options)
