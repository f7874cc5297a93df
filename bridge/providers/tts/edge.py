"""Microsoft Edge's own read-aloud voices, through the package edge-tts (LGPL-3): good, free, and without a key.

The service is unofficial: Microsoft promises nothing, and may end it any day. So never without a voice to fall back on.
It tells when each word is said. Sound comes as MP3, 24 kHz; the silence around a sentence is left out.
"""

from __future__ import annotations

import math
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Final, cast

import aiohttp
import edge_tts
import numpy as np
from edge_tts.exceptions import EdgeTTSException, NoAudioReceived

from bridge.errors import ConfigError, WireError
from bridge.providers._checks import in_range
from bridge.providers._failures import Failures
from bridge.providers.tts._decode import Decoder
from bridge.providers.tts._microsoft import percent, voice_for
from bridge.providers.tts._service import Waits, next_piece, without_sound
from bridge.providers.tts._silence import Trim
from bridge.text import clean
from bridge.timebase import SAMPLE_RATE_HZ
from bridge.types import F32, Speech, Word, freeze

_Message = dict[str, Any]
_TICKS_A_S: Final = 10_000_000
_MALFORMED: Final = (EdgeTTSException, ValueError, KeyError, TypeError, AttributeError, RecursionError)
"""What the package raises, or lets through, for a message that is not as it should be."""


@dataclass(frozen=True)
class Options(Waits):
    """How to speak. Raises ConfigError for a number out of its range, on being built for a voice there is not."""

    lang: str = "en"
    """A language tag, for which a voice is chosen where `voice` is empty or of another language."""
    voice: str = ""
    """A voice's name, such as `en-US-AriaNeural`; `edge-tts --list-voices` lists them."""
    rate_percent: int = 0
    """Faster or slower than the voice's own pace, -90 to 200."""
    pitch_hz: int = 0
    """Higher or lower than the voice's own pitch, -200 to 200."""
    proxy: str = ""
    """A proxy's address; empty: the system's own."""

    def __post_init__(self) -> None:
        Waits.__post_init__(self)
        in_range("edge", self, rate_percent=(-90, 200), pitch_hz=(-200, 200))


class Edge:
    """The service as a `Tts`. Each sentence has a connection of its own; sentences may overlap."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._voice = voice_for("edge", options.lang, options.voice)
        self._failures = Failures("The Edge voice", remedy="it may have changed; update edge-tts")
        try:
            self._communicate("checks the voice's name")
        except ValueError as error:
            raise ConfigError(f"edge can't speak so: {error}") from None

    async def stream(self, text: str) -> AsyncGenerator[Speech, None]:
        """Speak `text` as its sound comes, with the times of its words.

        Raises InputError for a text that can't be said, and ProviderError.
        """
        sentence, sounded = _Sentence(self._failures), False
        patience = self._options.connect_s + self._options.first_sound_s
        async with aclosing(self._messages(clean(text))) as messages:
            while (message := await next_piece(messages, patience, self._failures)) is not None:
                piece = sentence.push(message)
                if piece is not None:
                    sounded, patience = True, self._options.stall_s
                    yield piece
        if piece := sentence.flush():
            yield piece
        elif not sounded:
            raise without_sound(self._failures)

    async def aclose(self) -> None:
        """Nothing is held between sentences."""

    def _communicate(self, text: str) -> edge_tts.Communicate:
        return edge_tts.Communicate(
            text,
            self._voice,
            rate=percent(self._options.rate_percent),
            pitch=f"{self._options.pitch_hz:+d}Hz",
            boundary="WordBoundary",
            proxy=self._options.proxy or None,
            connect_timeout=math.ceil(self._options.connect_s),
        )

    async def _messages(self, text: str) -> AsyncGenerator[_Message, None]:
        communicate = self._communicate(text)
        sounded = False
        try:
            async with aclosing(cast(AsyncGenerator[_Message, None], communicate.stream())) as messages:
                async for message in messages:
                    sounded = sounded or message["type"] == "audio"
                    yield message
        except aiohttp.WSServerHandshakeError as error:
            raise self._failures.refused(error.status, error.headers or {}) from None
        except (aiohttp.ClientConnectionError, OSError):  # a TimeoutError too
            raise (self._failures.cut() if sounded else self._failures.unreachable()) from None
        except NoAudioReceived:
            raise without_sound(self._failures) from None
        except (aiohttp.ClientError, *_MALFORMED) as error:
            raise self._failures.malformed(error) from None
        # The package ends in silence where the connection does. It counts the bytes since the last whole turn.
        if communicate.state.get("chunk_audio_bytes"):
            raise self._failures.cut()


class _Sentence:
    """The messages of one sentence, as speech."""

    def __init__(self, failures: Failures) -> None:
        self._failures = failures
        self._decoder = Decoder("mp3")
        self._trim = Trim()
        self._words: list[Word] = []
        self._sent = 0

    def push(self, message: _Message) -> Speech | None:
        try:
            if message["type"] == "audio":
                return self._piece(self._trim.push(self._decoder.push(message["data"])))
            start_s, length_s = message["offset"] / _TICKS_A_S, message["duration"] / _TICKS_A_S
            self._words.append(Word(start_s, start_s + length_s, str(message["text"])))
        except (WireError, KeyError, TypeError) as error:
            raise self._failures.malformed(error) from None
        return None

    def flush(self) -> Speech | None:
        try:
            rest = self._trim.push(self._decoder.flush())
        except WireError as error:
            raise self._failures.malformed(error) from None
        return self._piece(freeze(np.concatenate([rest, self._trim.flush()])), last=True)

    def _piece(self, samples: F32, *, last: bool = False) -> Speech | None:
        if not len(samples) and not (last and self._sent and self._words):
            return None
        self._sent += len(samples)
        # Words are told ahead of their sound; a service that tells of one beyond the sound's end has miscounted.
        end_s = self._sent / SAMPLE_RATE_HZ if last else math.inf
        shift_s = self._trim.dropped / SAMPLE_RATE_HZ
        words = [
            Word(max(0.0, word.start_s - shift_s), min(word.end_s - shift_s, end_s), word.text) for word in self._words
        ]
        self._words = []
        return Speech(samples, words=tuple(word for word in words if word.start_s < word.end_s))


def build(options: Options) -> Edge:
    """The voice; nothing is sent before it speaks. Raises ConfigError."""
    return Edge(options)
