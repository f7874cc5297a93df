"""English without a network, key or download: CMU Sphinx with the model inside its own wheel.

A recogniser of the years before neural networks: short questions spoken clearly are understood, dictation is not; on
LibriSpeech's read speech about every third word comes out wrong. It runs in a process of its own.
"""

from __future__ import annotations

import importlib.util
import platform
import threading
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Final

import numpy as np

from bridge.dialogue import Transcript
from bridge.errors import ConfigError, ProviderError
from bridge.providers.asr._growing import Cadence, recognise
from bridge.providers.asr._pocketsphinx_process import Process
from bridge.providers.asr._sound import pcm16
from bridge.types import F32

_LEVEL: Final = 0.1
_GAIN_AT_MOST: Final = 100.0
_NOISE: Final = 1e-4
_CADENCE: Final = Cadence(every_s=0.7, growth=1.0)


@dataclass(frozen=True, slots=True)
class Options:
    """What may be said. Raises ConfigError for a phrase with anything but English words."""

    phrases: str = ""
    """All that can be said, a phrase a line, such as a hall's ten questions: each turn is heard as the likeliest of
    them. Empty: any English."""

    def __post_init__(self) -> None:
        for phrase in _phrases(self):
            if not phrase.replace("'", "").replace("-", "").replace(" ", "").isalpha():
                raise ConfigError(f"pocketsphinx's phrases must be lines of words; this one is not: {phrase!r}.")


class PocketSphinx:
    """The recogniser as an `Asr`. Turns that overlap share its one process."""

    def __init__(self, options: Options) -> None:
        if not available():
            raise ConfigError(
                "The pocketsphinx recogniser needs the package pocketsphinx, whose wheels exist for Python 3.11 and "
                f"3.13; this is Python {platform.python_version()}: choose another asr, or install it from source."
            )
        self._phrases = _phrases(options)
        self._closed = False
        self._lock = threading.Lock()
        self._process = Process(self._phrases)
        if self._phrases:
            try:
                self._process.wait()
            except (ConfigError, ProviderError):
                self._process.kill()
                raise

    async def stream(self, sound: AsyncIterator[F32], lang: str = "") -> AsyncGenerator[Transcript, None]:
        """Recognise a turn; see `bridge.ports.Asr`. Raises ProviderError, also for a language that is not English."""
        if lang and lang.lower().partition("-")[0] != "en":
            raise ProviderError(f"The pocketsphinx recogniser understands English only, not {lang!r}; choose another.")
        async with aclosing(recognise(sound, self._decode, _CADENCE)) as transcripts:
            async for transcript in transcripts:
                yield transcript

    async def aclose(self) -> None:
        """End the process. A turn under way fails."""
        with self._lock:
            self._closed = True
        self._process.kill()

    def _decode(self, samples: F32, given_up: threading.Event) -> Transcript:
        with self._lock:
            if self._closed:
                raise ProviderError("The pocketsphinx recogniser is closed.")
            if not self._process.alive:
                self._process.kill()
                self._process = Process(self._phrases)
            process = self._process
        text, confidence = process.recognise(_pcm(samples), given_up)
        return Transcript(text, final=False, lang="en", confidence=confidence)


def available() -> bool:
    """Whether its package is installed: it has wheels for some versions of Python only."""
    return importlib.util.find_spec("pocketsphinx") is not None


def build(options: Options) -> PocketSphinx:
    """The recogniser, loading. Raises ConfigError without its package, or for a phrase with a word it does not know."""
    return PocketSphinx(options)


def _phrases(options: Options) -> list[str]:
    return [" ".join(line.lower().split()) for line in options.phrases.splitlines() if line.strip()]


def _pcm(samples: F32) -> bytes:
    """For the decoder: at the level that speech has in recordings, and with their faint noise.

    Digital silence, as a browser's noise suppression or a synthetic voice leaves it, misleads the decoder.
    """
    loud = samples[np.abs(samples) > 0.02 * np.abs(samples).max(initial=0)]
    level = float(np.sqrt(np.mean(loud * loud))) if len(loud) else 0.0
    gain = min(_LEVEL / level, _GAIN_AT_MOST) if level > 0 else 1.0
    noise = np.random.default_rng(0).standard_normal(len(samples), dtype=np.float32)
    return pcm16(samples * gain + _NOISE * noise)
