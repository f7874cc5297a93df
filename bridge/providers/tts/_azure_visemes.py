"""Azure's visemes, as phones within the sound they belong to.

An event tells when a mouth shape begins; it ends where the next begins, the last with the sound. Events and sound come
as they like: mostly events first, so sound need not wait long for them.
"""

from __future__ import annotations

from collections import deque
from typing import Final

import numpy as np

from bridge.timebase import SAMPLE_RATE_HZ
from bridge.types import F32, Phone, Speech, Word, freeze

VISEMES: Final = (
    *("", "ʌ", "ɑ", "ɔ", "ɛ", "ɝ", "ɪ", "u", "oʊ", "aʊ", "ɔɪ", "aɪ"),
    *("h", "ɹ", "l", "s", "ʃ", "θ", "f", "d", "ɡ", "b"),
)
"""For each of the 22 viseme ids a sound of its class. 0 is silence; 1 æ ə ʌ; 2 ɑ; 3 ɔ; 4 ɛ ʊ eɪ; 5 ɝ; 6 j i ɪ; 7 w u;
8 o; 9 aʊ; 10 ɔɪ; 11 aɪ; 12 h; 13 ɹ; 14 l; 15 s z; 16 ʃ tʃ dʒ ʒ; 17 θ ð; 18 f v; 19 d t n; 20 k ɡ ŋ; 21 p b m.
learn.microsoft.com/azure/ai-services/speech-service/how-to-speech-synthesis-viseme, "Map phonemes to visemes"."""

_HOLD: Final = round(0.3 * SAMPLE_RATE_HZ)
"""How many samples wait at most for the viseme that ends the one they are in."""


class Mouth:
    """Takes sound, visemes and words as they come; returns speech whose phones start in the piece they come with."""

    def __init__(self) -> None:
        self._samples: F32 = np.zeros(0, np.float32)
        self._sent = 0
        self._open: tuple[float, int] | None = None
        self._told_s = -1.0
        self._closed: deque[Phone] = deque()
        self._words: list[Word] = []

    def sound(self, samples: F32) -> None:
        """More samples [N] at 24 kHz."""
        self._samples = np.concatenate([self._samples, samples])

    def viseme(self, start_s: float, number: int) -> None:
        """A mouth shape begins; one told too late, where it still can. One out of order or unknown is left out."""
        if not 0 <= number < len(VISEMES) or not start_s > self._told_s:
            return
        self._told_s = start_s
        start_s = max(start_s, self._sent / SAMPLE_RATE_HZ)
        if self._open is not None:
            self._close(start_s)
        self._open = (start_s, number)

    def word(self, start_s: float, end_s: float, text: str) -> None:
        """A word is said."""
        if 0 <= start_s < end_s:
            self._words.append(Word(start_s, end_s, text))

    def take(self) -> Speech | None:
        """What is ready: the sound up to the viseme that is still open, or all but the last 0.3 s."""
        total = self._sent + len(self._samples)
        known = round(self._open[0] * SAMPLE_RATE_HZ) if self._open else 0
        return self._piece(max(min(known, total), total - _HOLD))

    def flush(self) -> Speech | None:
        """What is left at the sentence's end."""
        return self._piece(self._sent + len(self._samples))

    def _close(self, end_s: float) -> None:
        assert self._open is not None
        start_s, number = self._open
        if end_s > start_s:
            self._closed.append(Phone(start_s, end_s, VISEMES[number]))

    def _piece(self, until: int) -> Speech | None:
        count = until - self._sent
        if count <= 0:
            return None
        samples, self._samples = self._samples[:count], self._samples[count:]
        self._sent, end_s = until, until / SAMPLE_RATE_HZ
        if self._open is not None and self._open[0] < end_s:  # the sound can't wait for its end: the rest comes later
            self._close(end_s)
            self._open = (end_s, self._open[1])
        phones: list[Phone] = []
        while self._closed and self._closed[0].start_s < end_s:
            phones.append(self._closed.popleft())
        words, self._words = self._words, []
        return Speech(freeze(samples), tuple(phones), words=tuple(words))
