"""Smoothing of single curves, as a pure function of a short stretch of motion.

Frames are rendered again whenever something changes, and in any order, so a filter may not carry a state from one call
to the next. Each curve is therefore a weighted mean of its last frames: a first-order low pass whose answer is cut off
after `SMOOTHING_FRAMES`. Whoever renders frames hands in those before them. It looks back only, so a smoothed
curve lags by about its time constant: right for what trembles (brows, cheeks, angles), not for lips.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bridge.timebase import FPS_DEN, FPS_NUM
from bridge.types import F32, freeze

SMOOTHING_FRAMES: Final = 18
"""300 ms: how many frames before the first are needed."""
SMOOTHING_MAX_MS: Final = 100.0
"""The longest time constant; 5 % of its answer is cut off."""


def kernel(smoothing_ms: Sequence[float]) -> F32:
    """[1 + SMOOTHING_FRAMES, C] the weight of each frame back, from the frame itself on; each column adds up to 1."""
    lag_ms = np.arange(SMOOTHING_FRAMES + 1)[:, None] * (1000.0 * FPS_DEN / FPS_NUM)
    constant_ms = np.asarray(smoothing_ms, np.float64)[None]
    # Without smoothing the frame itself has all the weight, to the bit.
    weights = np.where(constant_ms > 0, np.exp(-lag_ms / np.maximum(constant_ms, 1e-3)), lag_ms == 0)
    return freeze(weights / weights.sum(axis=0))


def smooth(before: NDArray[np.float32], values: NDArray[np.float32], weights: F32) -> NDArray[np.float32]:
    """`values` [T, C], smoothed by `weights` [1 + H, C] over the rows `before` [any, C] that precede them.

    Where there are too few rows before, the first of all is taken to have stood still.
    """
    back = len(weights) - 1
    before = before[max(0, len(before) - back) :]
    rows = np.concatenate([before, values])
    rows = np.concatenate([np.repeat(rows[:1], back - len(before), axis=0), rows])
    out = np.zeros_like(values)
    for lag, weight in enumerate(weights):
        out += weight * rows[back - lag : back - lag + len(values)]
    return out
