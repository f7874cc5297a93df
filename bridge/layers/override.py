"""The override layer: values that a designer or the API sets by hand, over all other layers."""

from __future__ import annotations

import numpy as np

from bridge.errors import ConfigError
from bridge.layers.blend import Layer
from bridge.layers.gaze import LOOK_SHAPES
from bridge.layers.regions import FACE_REGIONS
from bridge.types import SHAPE_COUNT, SHAPE_INDEX, freeze, motion


class OverrideLayer:
    """A value and a weight for each shape that is held by hand."""

    def __init__(self) -> None:
        self._values = np.zeros(SHAPE_COUNT)
        self._weights = np.zeros(SHAPE_COUNT)

    def set(self, shape: str, value: float, weight: float = 1.0) -> None:
        """Hold `shape` at `value`, as firmly as `weight` says, both 0..1. Raises ConfigError."""
        index = _index(shape)
        for number in (value, weight):
            if not 0.0 <= number <= 1.0:
                raise ConfigError(f"An override of {shape} takes a value and a weight between 0 and 1, not {number:g}.")
        self._values[index], self._weights[index] = value, weight

    def release(self, shape: str | None = None) -> None:
        """Let go of `shape`, or of all. Raises ConfigError."""
        self._weights[slice(None) if shape is None else _index(shape)] = 0.0

    def value(self, shape: str) -> float | None:
        """Where `shape` is held, or None where it is not. Raises ConfigError."""
        index = _index(shape)
        return float(self._values[index]) if self._weights[index] else None

    @property
    def holds_gaze(self) -> bool:
        """Whether any eyeLook shape is held."""
        return bool(self._weights[list(LOOK_SHAPES)].any())

    def layers(self, first_index: int, count: int) -> list[Layer]:
        """The layer for `count` frames from `first_index` on, or none."""
        if not self._weights.any():
            return []
        frames = motion(first_index, np.repeat(self._values[None], count, axis=0))
        return [Layer("override", frames, 1.0, FACE_REGIONS, freeze(self._weights.copy()))]


def _index(shape: str) -> int:
    if shape not in SHAPE_INDEX:
        raise ConfigError(f"There is no ARKit shape '{shape}'.")
    return SHAPE_INDEX[shape]
