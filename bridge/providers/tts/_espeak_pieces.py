"""From espeak-ng's buffers and phoneme events to `Speech`: 24 kHz, each phone with its start and end.

An event tells where a phoneme begins; it ends where the next begins, the last with the audio. What events leave out:

- A voiceless stop's event stands at its burst; the closure is the 40 ms of silence before it (measured), and the face
  must shut there. So the phone is made to begin with its closure.
- A nameless event is a pause, or (between vowels) a glide that is part of the sound before it: the samples tell.
- A name in brackets, as "(en)", marks a switch of language and is no sound.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import soxr
from numpy.typing import NDArray

from bridge.providers.tts import _espeak_worker as worker
from bridge.providers.tts._espeak_process import Buffer
from bridge.timebase import SAMPLE_RATE_HZ
from bridge.types import F32, Phone, Speech, freeze

PAUSE: Final = ""
CLOSURE_S: Final = 0.04
_STRESS: Final = "ˈˌ"
_VOICELESS_STOPS: Final = tuple("ptkqcʈʔ")
_SILENT_BELOW: Final = 8  # of 32768; espeak's own pauses are exact zeros


class Pieces:
    """Takes an utterance's buffers and returns its speech, as soon as the phones in it are known to their end."""

    def __init__(self) -> None:
        self._resampler = soxr.ResampleStream(worker.SAMPLE_RATE_HZ, SAMPLE_RATE_HZ, 1, dtype="float32")
        self._phones = _Phones()
        self._samples: list[F32] = []
        self._held = 0
        self._sent = 0

    def push(self, buffer: Buffer) -> Speech | None:
        """The speech that has become ready, if any."""
        self._resample(buffer.samples, last=False)
        return self._piece(self._phones.push(buffer), int(self._phones.settled_s * SAMPLE_RATE_HZ))

    def flush(self) -> Speech | None:
        """What is left at the utterance's end."""
        self._resample(np.zeros(0, np.int16), last=True)
        return self._piece(self._phones.flush(), self._sent + self._held)

    def _resample(self, samples: NDArray[np.int16], *, last: bool) -> None:
        out = self._resampler.resample_chunk(samples.astype(np.float32) / 32768, last=last)
        self._samples.append(np.clip(out, -1, 1))
        self._held += len(out)

    def _piece(self, phones: list[Phone], until: int) -> Speech | None:
        count = max(min(until - self._sent, self._held), 0)
        if count <= 0 and not phones:
            return None
        held = np.concatenate(self._samples)
        self._samples, self._held = [held[count:]], len(held) - count
        self._sent += count
        return Speech(freeze(held[:count]), tuple(phones))


class _Phones:
    """Turns marks into phones. Two are in hand: `_last` may still grow, `_open` has no end yet."""

    def __init__(self) -> None:
        self._open: tuple[float, str] | None = None
        self._last: Phone | None = None
        self._samples = np.zeros(0, np.int16)  # from the open phone's start on
        self._first = 0  # their place in the utterance
        self._ready: list[Phone] = []

    @property
    def settled_s(self) -> float:
        """All phones that start before this time have been returned."""
        if self._last:
            return self._last.start_s
        return self._open[0] if self._open else 0.0

    def push(self, buffer: Buffer) -> list[Phone]:
        self._samples = np.concatenate([self._samples, buffer.samples])
        for sample, name in buffer.marks:
            if not name.lstrip(_STRESS).startswith("("):
                self._begin(sample / worker.SAMPLE_RATE_HZ, name)
        return self._take()

    def flush(self) -> list[Phone]:
        self._end((self._first + len(self._samples)) / worker.SAMPLE_RATE_HZ)
        if self._last:
            self._ready.append(self._last)
        self._last = self._open = None
        return self._take()

    def _take(self) -> list[Phone]:
        ready, self._ready = self._ready, []
        return ready

    def _begin(self, start_s: float, name: str) -> None:
        if _is_voiceless_stop(name):
            earliest_s = 0.0 if self._open is None else (self._open[0] + start_s) / 2
            start_s = max(start_s - CLOSURE_S, earliest_s)
        self._end(start_s)
        self._open = (start_s, name)

    def _end(self, end_s: float) -> None:
        """Close the open phone: a new one, or more of the last."""
        if self._open is None:
            return
        start_s, name = self._open
        voiced = self._drop_samples(start_s, end_s)
        if end_s <= start_s:
            return
        if self._last and name == PAUSE and (voiced or self._last.ipa == PAUSE):
            self._last = Phone(self._last.start_s, end_s, self._last.ipa)
            return
        if self._last:
            self._ready.append(self._last)
        self._last = Phone(start_s, end_s, name)

    def _drop_samples(self, start_s: float, end_s: float) -> bool:
        """Let go of the samples up to `end_s`; whether there is sound in those from `start_s` on."""
        start, end = (round(t * worker.SAMPLE_RATE_HZ) - self._first for t in (start_s, end_s))
        end = max(end, 0)
        sound = self._samples[max(start, 0) : end]
        self._samples = self._samples[end:]
        self._first += end
        return bool(np.any(np.abs(sound[len(sound) // 4 :]) > _SILENT_BELOW))


def _is_voiceless_stop(name: str) -> bool:
    return name.lstrip(_STRESS).startswith(_VOICELESS_STOPS)
