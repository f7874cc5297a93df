"""Samples in any pieces, whole frames out."""

from __future__ import annotations

import numpy as np

from bridge.errors import InputError
from bridge.timebase import SAMPLE_RATE_HZ, SAMPLES_PER_FRAME
from bridge.types import F32


class FrameAccumulator:
    """Collects mono samples at 24 kHz and hands them out by whole frames of 400. Not thread-safe."""

    def __init__(self) -> None:
        self._rest: F32 = np.zeros(0, np.float32)
        self._count = 0

    @property
    def sample_count(self) -> int:
        """How many samples have come in since the last `reset`."""
        return self._count

    def push(self, samples: F32) -> F32:
        """Take samples [N] and return those that complete frames, [400 * n] of them, held to -1..1.

        Raises InputError, naming its time, for a sample that is not a finite number; nothing is taken then.
        """
        if not np.isfinite(samples).all():
            first = self._count + int(np.argmin(np.isfinite(samples)))
            raise InputError(f"The audio sample at {first / SAMPLE_RATE_HZ:.6f} s is not a finite number.")
        self._count += len(samples)
        joined = np.concatenate([self._rest, np.minimum(np.maximum(samples, -1), 1)], dtype=np.float32)
        whole = len(joined) // SAMPLES_PER_FRAME * SAMPLES_PER_FRAME
        self._rest = joined[whole:].copy()
        return joined[:whole]

    def flush(self) -> F32:
        """The samples of a frame begun but not completed, filled up with silence: [400] or [0]."""
        if not len(self._rest):
            return self._rest
        frame = np.zeros(SAMPLES_PER_FRAME, np.float32)
        frame[: len(self._rest)] = self._rest
        self._rest = self._rest[:0]
        return frame

    def reset(self) -> None:
        """Forget everything."""
        self.__init__()  # type: ignore[misc]
