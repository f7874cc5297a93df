"""From espeak-ng's buffers and events to `Speech`: 24 kHz, each phone and each word with its start and end.

An event tells where a phoneme begins; it ends where the next begins, the last with the audio. What events leave out:

- A voiceless stop's event stands at its burst; the closure is the 40 ms of silence before it (measured), and the face
  must shut there. So the phone is made to begin with its closure.
- A nameless event is a pause, or (between vowels) a glide that is part of the sound before it: the samples tell.
- A name in brackets, as "(en)", marks a switch of language and is no sound.
- A word is what is said between its event and the next one's. Several that are said as one ("well-known") have one
  event; a number has several, at places within it or before it, which belong to the same word.
"""

from __future__ import annotations

import unicodedata
from typing import Final

import numpy as np
import soxr
from numpy.typing import NDArray

from bridge.providers.tts import _espeak_worker as worker
from bridge.providers.tts._espeak_process import Buffer
from bridge.timebase import SAMPLE_RATE_HZ
from bridge.types import F32, Phone, Speech, Word, freeze

PAUSE: Final = ""
CLOSURE_S: Final = 0.04
_STRESS: Final = "ˈˌ"
_VOICELESS_STOPS: Final = tuple("ptkqcʈʔ")
_SILENT_BELOW: Final = 8  # of 32768; espeak's own pauses are exact zeros
_Said = tuple[Phone, int]
"""A phone, and the place of the word it belongs to."""


class Pieces:
    """Takes the buffers of a text and returns its speech, as soon as the phones in it are known to their end."""

    def __init__(self, text: str = "") -> None:
        self._resampler = soxr.ResampleStream(worker.SAMPLE_RATE_HZ, SAMPLE_RATE_HZ, 1, dtype="float32")
        self._phones = _Phones()
        self._words = _Words(text)
        self._samples: list[F32] = []
        self._held = 0
        self._sent = 0

    def push(self, buffer: Buffer) -> Speech | None:
        """The speech that has become ready, if any."""
        self._resample(buffer.samples, last=False)
        phones = self._phones.push(buffer)
        words = self._words.push(phones, self._phones.settled_word)
        return self._piece(phones, words, int(self._phones.settled_s * SAMPLE_RATE_HZ))

    def flush(self) -> Speech | None:
        """What is left at the utterance's end."""
        self._resample(np.zeros(0, np.int16), last=True)
        phones = self._phones.flush()
        return self._piece(phones, self._words.push(phones, None), self._sent + self._held)

    def _resample(self, samples: NDArray[np.int16], *, last: bool) -> None:
        out = self._resampler.resample_chunk(samples.astype(np.float32) / 32768, last=last)
        self._samples.append(np.clip(out, -1, 1))
        self._held += len(out)

    def _piece(self, phones: list[_Said], words: list[Word], until: int) -> Speech | None:
        count = max(min(until - self._sent, self._held), 0)
        if count <= 0 and not phones:
            return None
        held = np.concatenate(self._samples)
        self._samples, self._held = [held[count:]], len(held) - count
        self._sent += count
        return Speech(freeze(held[:count]), tuple(phone for phone, _ in phones), words=tuple(words))


class _Phones:
    """Turns marks into phones. Two are in hand: `_last` may still grow, `_open` has no end yet."""

    def __init__(self) -> None:
        self._word = 0
        self._open: tuple[float, str, int] | None = None
        self._last: _Said | None = None
        self._samples = np.zeros(0, np.int16)  # from the open phone's start on
        self._first = 0  # their place in the utterance
        self._ready: list[_Said] = []

    @property
    def settled_s(self) -> float:
        """All phones that start before this time have been returned."""
        if self._last:
            return self._last[0].start_s
        return self._open[0] if self._open else 0.0

    @property
    def settled_word(self) -> int:
        """All phones of the words before this one have been returned."""
        if self._last:
            return self._last[1]
        return self._open[2] if self._open else self._word

    def push(self, buffer: Buffer) -> list[_Said]:
        self._samples = np.concatenate([self._samples, buffer.samples])
        for sample, begins in buffer.marks:
            if isinstance(begins, int):
                self._word = begins
            elif not begins.lstrip(_STRESS).startswith("("):
                self._begin(sample / worker.SAMPLE_RATE_HZ, begins)
        return self._take()

    def flush(self) -> list[_Said]:
        self._end((self._first + len(self._samples)) / worker.SAMPLE_RATE_HZ)
        if self._last:
            self._ready.append(self._last)
        self._last = self._open = None
        return self._take()

    def _take(self) -> list[_Said]:
        ready, self._ready = self._ready, []
        return ready

    def _begin(self, start_s: float, name: str) -> None:
        if _is_voiceless_stop(name):
            earliest_s = 0.0 if self._open is None else (self._open[0] + start_s) / 2
            start_s = max(start_s - CLOSURE_S, earliest_s)
        self._end(start_s)
        self._open = (start_s, name, self._word)

    def _end(self, end_s: float) -> None:
        """Close the open phone: a new one, or more of the last."""
        if self._open is None:
            return
        start_s, name, word = self._open
        voiced = self._drop_samples(start_s, end_s)
        if end_s <= start_s:
            return
        if self._last and name == PAUSE and (voiced or self._last[0].ipa == PAUSE):
            last, word = self._last
            self._last = Phone(last.start_s, end_s, last.ipa), word
            return
        if self._last:
            self._ready.append(self._last)
        self._last = Phone(start_s, end_s, name), word

    def _drop_samples(self, start_s: float, end_s: float) -> bool:
        """Let go of the samples up to `end_s`; whether there is sound in those from `start_s` on."""
        start, end = (round(t * worker.SAMPLE_RATE_HZ) - self._first for t in (start_s, end_s))
        end = max(end, 0)
        sound = self._samples[max(start, 0) : end]
        self._samples = self._samples[end:]
        self._first += end
        return bool(np.any(np.abs(sound[len(sound) // 4 :]) > _SILENT_BELOW))


class _Words:
    """Turns phones that know their word's place into words: each from its first sound to its last."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._first = 0  # where the open word's text begins
        self._times_s: tuple[float, float] | None = None

    def push(self, phones: list[_Said], settled: int | None) -> list[Word]:
        """The words that are over, now that only the one at the place `settled` goes on, or none."""
        words: list[Word] = []
        for phone, place in phones:
            words += self._enter(place)
            if phone.ipa != PAUSE:
                start_s = self._times_s[0] if self._times_s else phone.start_s
                self._times_s = start_s, phone.end_s
        return words + (self._close(len(self._text)) if settled is None else self._enter(settled))

    def _enter(self, place: int) -> list[Word]:
        """Go on with the word at `place`."""
        first = place - 1
        if first <= self._first or first >= len(self._text) or _is_inside(self._text, first):
            return []
        return self._close(first)

    def _close(self, end: int) -> list[Word]:
        """The open word, if it has a sound and a text, up to the character `end`, where the next begins."""
        text, times_s = _bare(self._text[self._first : end]), self._times_s
        if times_s is None:
            return []  # what is not said for itself is said with the next
        self._first, self._times_s = end, None
        return [Word(*times_s, text)] if text else []


def _is_inside(text: str, at: int) -> bool:
    """Whether the character `at` goes on with the word of the one before it."""
    return all(c.isalnum() and unicodedata.east_asian_width(c) not in "WF" for c in text[at - 1 : at + 1])


def _bare(text: str) -> str:
    """`text` without the punctuation and blanks around it, unless there is nothing else."""
    sounds = [at for at, c in enumerate(text) if unicodedata.category(c)[0] not in "PSZC"]
    return text[sounds[0] : sounds[-1] + 1] if sounds else text.strip()


def _is_voiceless_stop(name: str) -> bool:
    return name.lstrip(_STRESS).startswith(_VOICELESS_STOPS)
