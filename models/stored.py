"""Weights in bytes: rows of whole steps from -127 to 127, and how large a step of each row is."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

STEPS: Final = ".steps"
SCALE: Final = ".scale"
"""What the names of the two arrays that stand for one end in."""
MOST: Final = 127
LEAST_SIZE: Final = 512
"""Smaller arrays are left in single precision: they cost nothing and some hold constants of the graph."""


def rounded(weights: NDArray[np.float32]) -> NDArray[np.float32]:
    """Weights [..., N] with each row of N in whole steps."""
    scale = _scale(weights, -1)
    return np.asarray(np.round(weights / scale) * scale, np.float32)


def in_bytes(weights: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]] | None:
    """Rounded weights as steps and scales, by rows or, where they were turned round, by columns; None for others."""
    for axis in (-1, 0) if weights.ndim > 1 else ():
        scale = _scale(weights, axis)
        steps = np.round(weights / scale)
        if np.allclose(steps * scale, weights, rtol=1e-5, atol=0):
            return steps.astype(np.int8), scale
    return None


def widened(steps: NDArray[Any], scale: NDArray[Any]) -> NDArray[np.float32]:
    """The weights that `in_bytes` took apart."""
    return np.asarray(steps.astype(np.float32) * scale, np.float32)


def _scale(weights: NDArray[np.float32], axis: int) -> NDArray[np.float32]:
    largest = np.abs(weights).max(axis, keepdims=True)
    return np.asarray(np.where(largest > 0, largest, 1) / MOST, np.float32)
