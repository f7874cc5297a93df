"""Speech on its timeline, read by a device that counts its own samples. Pure."""

from __future__ import annotations

from typing import Final

import numpy as np

from bridge.timebase import NS_PER_S, SAMPLE_RATE_HZ, sample_to_ns
from bridge.types import F32

FADE_SAMPLES: Final = SAMPLE_RATE_HZ // 100
"""10 ms: over which speech that is taken back fades out, so that it does not click."""


class Track:
    """Samples that wait to be heard, each at its place. Where there are none there is silence. Not thread-safe."""

    def __init__(self) -> None:
        self._epoch = 0
        self._pieces: list[tuple[int, F32]] = []
        self._heard = 0

    def put(self, epoch: int, start_sample: int, samples: F32) -> None:
        """Hold samples [N]. An epoch that is over is left out; a new one takes back what has not been heard."""
        if epoch < self._epoch:
            return
        if epoch > self._epoch:
            self._epoch = epoch
            fading = self._at(self._heard, FADE_SAMPLES) * np.linspace(1.0, 0.0, FADE_SAMPLES, dtype=np.float32)
            self._pieces = [(self._heard, fading)]
        if len(samples):
            self._pieces.append((start_sample, samples))

    def read(self, start_sample: int, count: int) -> F32:
        """Samples [count] from `start_sample` on; what lies before is forgotten."""
        out = self._at(start_sample, count)
        self._heard = start_sample + count
        self._pieces = [(start, piece) for start, piece in self._pieces if start + len(piece) > self._heard]
        return out

    def _at(self, start_sample: int, count: int) -> F32:
        out = np.zeros(count, np.float32)
        for start, piece in self._pieces:
            first, last = max(start, start_sample), min(start + len(piece), start_sample + count)
            if first < last:
                out[first - start_sample : last - start_sample] += piece[first - start : last - start]
        return np.clip(out, -1.0, 1.0)


class DeviceClock:
    """Where the device is on the timeline, from what it says about each of its blocks."""

    SMOOTHING: Final = 0.02
    """The weight of a block: some hundred blocks, a second or two, average out their jitter."""
    LOST_NS: Final = 100_000_000
    """Beyond this the device has stood still or been changed, and begins anew."""

    def __init__(self) -> None:
        self._position: int | None = None
        self._origin_ns = 0.0

    @property
    def origin_ns(self) -> int | None:
        """The clock reading at which the device would have played sample 0; None before its first block."""
        return None if self._position is None else round(self._origin_ns)

    def block(self, now_ns: int, heard_ns: int, count: int, timeline_origin_ns: int) -> int:
        """Which sample of the timeline a block of `count` samples begins with that is asked for now and heard then.

        The first block begins with what is due now: a device that is late makes the timeline late, so that nothing
        that is said is cut off.
        """
        if self._position is None or abs(heard_ns - sample_to_ns(self._position) - self._origin_ns) > self.LOST_NS:
            self._position = (now_ns - timeline_origin_ns) * SAMPLE_RATE_HZ // NS_PER_S
            self._origin_ns = float(heard_ns - sample_to_ns(self._position))
        start = self._position
        self._origin_ns += self.SMOOTHING * (heard_ns - sample_to_ns(start) - self._origin_ns)
        self._position += count
        return start
