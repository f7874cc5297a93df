"""Seeded randomness with random access: the value at an index is a function of seed and index alone.

Frames already sent ahead are rendered again when speech cuts in, in other pieces, so no generator may keep a state.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bridge.timebase import FPS_DEN, FPS_NUM

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]

_MASK: Final = (1 << 64) - 1
_GOLDEN: Final = 0x9E3779B97F4A7C15
_UNIT: Final = 2.0**-53


def hashed(seed: int, n: I64) -> F64:
    """Uniform numbers in 0..1 (1 excluded), one for each integer of `n`, any shape.

    The finaliser of SplitMix64 (Steele, Lea and Flood 2014) over a counter.
    """
    z = n.astype(np.uint64) * np.uint64(_GOLDEN) + np.uint64(_mix(seed & _MASK))
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return ((z ^ (z >> np.uint64(31))) >> np.uint64(11)).astype(np.float64) * _UNIT


def derived(seed: int, stream: str) -> int:
    """A seed of its own for the named stream, so that layers with one seed do not move alike."""
    out = _mix(seed & _MASK)
    for byte in stream.encode():
        out = _mix(out ^ byte)
    return out


def _mix(z: int) -> int:
    z = (z + _GOLDEN) & _MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
    return z ^ (z >> 31)


class Noise:
    """C channels of smooth noise of unit variance and bounded size: cubic B-splines over hashed knots.

    A channel with `knots_hz` r wanders at up to about r/2 Hz, with continuous velocity and acceleration.
    """

    def __init__(self, seed: int, knots_hz: Sequence[float]) -> None:
        channels = np.arange(len(knots_hz))
        self._seed = seed
        self._step = np.asarray(knots_hz, np.float64) * (FPS_DEN / FPS_NUM)
        self._phase = hashed(seed, channels - len(knots_hz))
        # Channels share one counter; knots of a month at 100 Hz stay far below the stride.
        self._first = channels.astype(np.int64) << 40

    def at(self, index: I64) -> F64:
        """[T, C] values at the frames `index` [T]."""
        u = index[:, None] * self._step + self._phase
        knot = np.floor(u)
        n = knot.astype(np.int64) + self._first
        x = u - knot
        knots = hashed(self._seed, n + _TAPS)
        weights = (1.0 - x) ** 3, (3.0 * x - 6.0) * x * x + 4.0, ((3.0 - 3.0 * x) * x + 3.0) * x + 1.0, x**3
        total: F64 = weights[0] * knots[0] + weights[1] * knots[1] + weights[2] * knots[2] + weights[3] * knots[3]
        return (total * (1.0 / 6.0) - 0.5) * _TO_UNIT_VARIANCE


_TAPS: Final = np.arange(4)[:, None, None]
# A uniform number has variance 1/12; the four weights' squares come to 151/315 on average over a segment.
_TO_UNIT_VARIANCE: Final = float(np.sqrt(12.0 * 315.0 / 151.0))


def log_normal(u1: F64, u2: F64, median: float, sigma: float) -> F64:
    """Log-normal numbers from two sets of uniform ones (Box and Muller 1958)."""
    return median * np.exp(sigma * normal(u1, u2))


def normal(u1: F64, u2: F64) -> F64:
    """Standard normal numbers from two sets of uniform ones (Box and Muller 1958)."""
    return np.sqrt(-2.0 * np.log(1.0 - u1)) * np.cos(2.0 * np.pi * u2)


def smoothstep(x: F64) -> F64:
    """0 below 0, 1 above 1, and 3x² - 2x³ between."""
    x = np.minimum(np.maximum(x, 0.0), 1.0)
    return x * x * (3.0 - 2.0 * x)
