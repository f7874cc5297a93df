"""A turn recognised while it grows, by a recogniser that takes finished recordings only.

What has been said so far is recognised again and again: at pauses, and whenever there is a good deal more of it, but
only when the last attempt has ended. At the turn's end it is recognised once more, unless nothing was said since an
attempt at a pause: then its text is there already, and the final transcript comes without delay. In a long turn what
was said up to a pause is settled, so that neither time nor memory grow with it.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from bridge.dialogue import HEARING_RATE_HZ, Transcript
from bridge.providers.asr._sound import FAINTEST, WINDOW, levels
from bridge.types import F32

Decode = Callable[[F32, threading.Event], Transcript]
"""Recognises a recording at 16 kHz, in a worker thread. The event is set when nobody waits for it any more."""

_QUIET: Final = 0.05
"""A window is quiet when it is 26 dB below the turn's loudest."""
_PAUSE: Final = HEARING_RATE_HZ // 5
_SETTLE: Final = 15 * HEARING_RATE_HZ


@dataclass(frozen=True, slots=True)
class Cadence:
    """How often to try: each attempt has at least `every_s` more sound than the last, and `growth` times more."""

    every_s: float = 0.6
    growth: float = 0.5


async def recognise(
    sound: AsyncIterator[F32], decode: Decode, cadence: Cadence | None = None
) -> AsyncGenerator[Transcript, None]:
    """Partial transcripts while `sound` comes, then a final one. Never more than one `decode` at a time.

    Raises what `decode` raises.
    """
    turn = _Turn(cadence or Cadence())
    attempt: asyncio.Task[Transcript] | None = None
    given_up = threading.Event()

    def start() -> asyncio.Task[Transcript]:
        return asyncio.create_task(asyncio.to_thread(decode, turn.begin(), given_up))

    try:
        async for samples in sound:
            turn.push(samples)
            if attempt and attempt.done():
                if turn.take(attempt.result()):
                    yield turn.transcript(final=False)
                attempt = None
            if not attempt and turn.due():
                attempt = start()
        if attempt:
            turn.take(await attempt)
        if turn.open():
            attempt = start()
            turn.take(await attempt)
        yield turn.transcript(final=True)
    finally:
        given_up.set()
        if attempt and not attempt.done():
            attempt.add_done_callback(_forget)


def _forget(attempt: asyncio.Task[Transcript]) -> None:
    """Look at how an attempt that nobody waits for has ended, so that asyncio does not complain about it."""
    if not attempt.cancelled():
        attempt.exception()


class _Turn:
    """The sound of a turn that is not settled yet, and what was made of it. All places count from its first sample."""

    def __init__(self, cadence: Cadence) -> None:
        self._cadence = cadence
        self._samples = np.zeros(HEARING_RATE_HZ, np.float32)
        self._length = 0
        self._measured = 0
        self._loudest = 0.0
        self._spoken = 0  # the end of the last loud window
        self._asked = 0  # what the last attempt was given
        self._settled: list[Transcript] = []
        self._last = Transcript("", final=False)

    def push(self, samples: F32) -> None:
        end = self._length + len(samples)
        if end > len(self._samples):
            self._samples = np.concatenate([self._samples[: self._length], np.zeros(end, np.float32)])
        self._samples[self._length : end] = np.nan_to_num(samples)
        self._length = end
        for level in levels(self._samples[self._measured : end]):
            self._measured += WINDOW
            self._loudest = max(self._loudest, level)
            if level > max(FAINTEST, _QUIET * self._loudest):
                self._spoken = self._measured

    def due(self) -> bool:
        """Whether it is time for an attempt."""
        if not self.open():
            return False
        if self._paused(self._length):
            return True
        more = max(self._cadence.every_s * HEARING_RATE_HZ, self._cadence.growth * self._asked)
        return self._length - self._asked >= more

    def open(self) -> bool:
        """Whether something was said that no attempt has heard to its end."""
        return self._spoken > 0 and self._asked < self._length and not self._paused(self._asked)

    def begin(self) -> F32:
        """The sound for an attempt: up to the pause, so that the text does not hang on when it is made."""
        self._asked = min(self._length, self._spoken + _PAUSE)
        return self._samples[: self._asked].copy()

    def take(self, heard: Transcript) -> bool:
        """Take an attempt's result; whether the turn's text is another now."""
        before = self.transcript(final=False).text
        self._last = heard
        if self._asked >= _SETTLE and self._paused(self._asked):
            self._settle()
        return self.transcript(final=False).text not in ("", before)

    def transcript(self, *, final: bool) -> Transcript:
        """All that was made of the turn so far."""
        parts = [part for part in (*self._settled, self._last) if part.text]
        text = " ".join(part.text for part in parts)
        confidence = min((part.confidence for part in parts), default=1.0)
        return Transcript(text, final, parts[0].lang if parts else self._last.lang, confidence)

    def _paused(self, place: int) -> bool:
        """Whether all that was said is said by `place`, and a pause follows it."""
        return place >= self._spoken + _PAUSE

    def _settle(self) -> None:
        self._settled.append(self._last)
        self._last = Transcript("", final=False, lang=self._last.lang)
        rest = self._samples[self._asked : self._length].copy()
        self._samples, self._length, self._measured, self._spoken, self._asked = rest, 0, 0, 0, 0
        self.push(rest)
