"""Leaves out the silence that a service puts around a sentence: it would delay the first sound and drag out pauses."""

from __future__ import annotations

from typing import Final

import numpy as np

from bridge.timebase import SAMPLE_RATE_HZ
from bridge.types import F32, freeze

_SILENT_BELOW: Final = 0.003
"""50 dB below full scale."""


class Trim:
    """Takes a sentence's samples [N] at 24 kHz in pieces; keeps at most so much silence before and after the sound.

    Silence within the sound stays. However the samples are divided, what comes out is the same.
    """

    def __init__(self, before_s: float = 0.05, after_s: float = 0.3) -> None:
        self._before = round(before_s * SAMPLE_RATE_HZ)
        self._after = round(after_s * SAMPLE_RATE_HZ)
        self._held: F32 = np.zeros(0, np.float32)
        self._sounded = False
        self.dropped = 0
        """How many samples were left out before the sound; known once there is sound."""

    def push(self, samples: F32) -> F32:
        """What is known to be kept."""
        held = np.concatenate([self._held, samples])
        loud = np.flatnonzero(np.abs(held) > _SILENT_BELOW)
        if not len(loud):
            # Before the sound only the end of the silence may be kept; after it, it's kept whole until more is known.
            keep = len(held) if self._sounded else min(len(held), self._before)
            self.dropped += len(held) - keep
            self._held = held[len(held) - keep :]
            return freeze(np.zeros(0))
        first, last = int(loud[0]), int(loud[-1])
        begin = 0 if self._sounded else max(0, first - self._before)
        self.dropped += begin
        self._sounded = True
        self._held = held[last + 1 :]
        return freeze(held[begin : last + 1])

    def flush(self) -> F32:
        """The silence that is kept after the sound."""
        held, self._held = self._held, np.zeros(0, np.float32)
        return freeze(held[: self._after if self._sounded else 0])
