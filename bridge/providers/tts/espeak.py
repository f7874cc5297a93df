"""The embedded voice: espeak-ng, through the package espeakng-loader. Over a hundred languages, exact times.

It runs in a process of its own and needs no network, key or download. A synthetic voice, but one that tells when each
word and phone is said, and so fast that the first sound is ready some milliseconds after the text.
"""

from __future__ import annotations

import asyncio
import functools
import os
import re
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Final

import numpy as np

from bridge.errors import ConfigError, InputError, ProviderError
from bridge.providers._checks import in_range
from bridge.providers.tts._espeak_pieces import Pieces
from bridge.providers.tts._espeak_process import Buffer, Job, Pool, Request
from bridge.text import clean
from bridge.types import Speech, freeze

_ANSWER_S: Final = 20.0
_ALIASES: Final = {"en": "en-us", "zh": "cmn"}
_EXAMPLES: Final = ("en", "zh", "ja", "ko", "de", "es", "fr", "it", "pt-br", "ru", "ar", "hi")
_SILENT: Final = "The espeak-ng voice has no sound for this text."
_KANJI: Final = re.compile("[\u3400-\u4dbf\u4e00-\u9fff]")


@dataclass(frozen=True, slots=True)
class Options:
    """How to speak. Raises ConfigError for a number out of its range."""

    lang: str = "en"
    """A language tag: `en` (American), `en-gb`, `zh` (Mandarin), `ja` (kana only), `de` and so on."""
    voice: str = ""
    """A timbre, which espeak-ng calls a variant: `f1` to `f5`, `m1` to `m8`, or a name such as `Annie`."""
    rate_wpm: int = 175
    """Words a minute, 80 to 350. Beyond, espeak-ng compresses the sound, and the phones' times no longer fit it."""
    pitch: int = 50
    """0 to 100 on espeak-ng's own scale; 50 is the voice's natural pitch."""
    pitch_range: int = 50
    """0 (monotone) to 100 on espeak-ng's own scale."""

    def __post_init__(self) -> None:
        in_range("espeak", self, rate_wpm=(80, 350), pitch=(0, 100), pitch_range=(0, 100))


class Espeak:
    """The voice as a `Tts`. Utterances may overlap: each has a process of its own while it is spoken."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._pool = Pool()
        try:
            self._voice = _voice(self._pool.catalogue(), options)
        except ConfigError:
            self._pool.close()
            raise

    async def stream(self, text: str) -> AsyncGenerator[Speech, None]:
        """Speak `text` in pieces of some 0.25 s. Each has the phones that start in it, and the words that have ended.

        A pause is a phone with an empty label. It ends with the pause that belongs after a sentence (0.3 s), so that
        sentences may follow one another.

        Raises InputError for a text that can't be said, and ProviderError where the process dies or hangs.
        """
        request = _request(text, self._voice, self._options)
        with await asyncio.to_thread(self._pool.speak, request) as job:
            pieces = Pieces(request.text)
            silent = True
            while buffer := await _next(job):
                if piece := pieces.push(buffer):
                    silent = False
                    yield piece
            if piece := pieces.flush():
                yield piece
            elif silent:
                raise InputError(_SILENT)

    async def aclose(self) -> None:
        """End the processes. What is being spoken is spoken to its end."""
        self._pool.close()


def build(options: Options) -> Espeak:
    """The voice, its process started. Raises ConfigError for an unknown language, ProviderError without espeak-ng."""
    return Espeak(options)


def speak(text: str, options: Options) -> Speech:
    """A whole utterance, at once: for tools that need many. Keeps a process for the next call. Errors as `build`.

    The same calls in the same order give the same samples; espeak's pitch flutters on from one call to the next.
    """
    pool = _shared_pool(os.getpid())
    request = _request(text, _voice(pool.catalogue(), options), options)
    pieces = Pieces(request.text)
    with pool.speak(request) as job:
        parts = [pieces.push(buffer) for buffer in job]
    done = [part for part in (*parts, pieces.flush()) if part]
    if not done:
        raise InputError(_SILENT)
    samples = np.concatenate([part.samples for part in done])
    phones = tuple(phone for part in done for phone in part.phones)
    return Speech(freeze(samples), phones, words=tuple(word for part in done for word in part.words))


def languages() -> list[str]:
    """The language tags that `Options.lang` may have, sorted. Raises ProviderError without espeak-ng."""
    return sorted({*_languages(_shared_pool(os.getpid()).catalogue()), *_ALIASES})


@functools.cache
def _shared_pool(_pid: int) -> Pool:
    """One for each process: a pipe that a fork has copied must not be read twice."""
    return Pool()


async def _next(job: Job) -> Buffer | None:
    try:
        # Not wait_for: before Python 3.12 it swallows a cancellation that meets a finished call.
        async with asyncio.timeout(_ANSWER_S):
            return await asyncio.to_thread(job.next)
    except TimeoutError:
        raise ProviderError("The espeak-ng voice did not answer; it is started anew.", retryable=True) from None


def _request(text: str, voice: str, options: Options) -> Request:
    said = clean(text)
    if options.lang.lower().startswith("ja") and _KANJI.search(said):
        raise InputError("The espeak voice can't read kanji; write the Japanese text in kana.")
    return Request(said, voice, options.rate_wpm, options.pitch, options.pitch_range)


@functools.lru_cache(maxsize=8)
def _languages(catalogue: str) -> dict[str, str]:
    """Language tag, in lower case, to espeak's voice: where several speak it, the one that says it does so best."""
    best: dict[str, tuple[int, str]] = {}
    for line in catalogue.partition("\n\n")[0].splitlines():
        language, priority, voice = line.split("\t")
        rank = int(priority)
        if language.lower() not in best or rank < best[language.lower()][0]:
            best[language.lower()] = (rank, voice)
    return {language: voice for language, (_, voice) in best.items()}


@functools.lru_cache(maxsize=1024)
def _voice(catalogue: str, options: Options) -> str:
    """espeak's name for what `options` ask for. Raises ConfigError, naming some that are valid."""
    known = _languages(catalogue)
    tag = options.lang.strip().lower().replace("_", "-")
    while tag and tag not in known and tag not in _ALIASES:
        tag = tag.rpartition("-")[0]  # de-at is spoken as de
    if not tag:
        some = ", ".join(_EXAMPLES)
        raise ConfigError(f"espeak has no language {options.lang!r}; it has {len(known)}, among them {some}.")
    voice = known[_ALIASES.get(tag, tag)]
    variants = catalogue.partition("\n\n")[2].splitlines()
    if options.voice and options.voice not in variants:
        raise ConfigError(f"espeak has no voice {options.voice!r}; it has {', '.join(variants)}.")
    return f"{voice}+{options.voice}" if options.voice else voice
