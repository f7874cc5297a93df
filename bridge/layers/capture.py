"""The capture layer: somebody's performance, as it comes in, over the voice and the idle life."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from bridge.layers.blend import Layer
from bridge.layers.regions import REGIONS, Region
from bridge.types import F32, Motion, freeze, motion

HOLD_FRAMES: Final = 30
"""How long the last frame stands when no new one comes: half a second."""
EASE_FRAMES: Final = 18
"""How long it takes to come and to go."""


@dataclass(frozen=True, slots=True)
class Captured:
    """What one moment of a performance tells: one frame, and how much of it is known, 0..1."""

    frame: Motion
    shapes: F32
    """[52] for each shape."""
    regions: frozenset[Region]
    """Of head, body and the face; what is not among them is left to the layers below."""


class CaptureLayer:
    """Shows the latest frame from its moment on. Random access: the same for any pieces that are asked for."""

    def __init__(self) -> None:
        self._latest: Captured | None = None
        self._from = 0
        self._until = 0

    def set(self, captured: Captured, index: int) -> None:
        """Show `captured` from frame `index` on, until another comes or it has stood for too long."""
        if self._latest is None or index >= self._until + EASE_FRAMES:
            self._from = index
        self._latest = captured
        self._until = index + HOLD_FRAMES

    def layers(self, first_index: int, count: int) -> list[Layer]:
        """The layer for `count` frames from `first_index` on, or none."""
        latest = self._latest
        weight = self._weight(np.arange(first_index, first_index + count))
        if latest is None or not weight.any():
            return []
        row = latest.frame
        frames = motion(
            first_index,
            np.repeat(row.face, count, axis=0),
            head_rad=np.repeat(row.head_rad, count, axis=0),
            gaze_rad=np.repeat(row.gaze_rad, count, axis=0),
            pose_rad=np.repeat(row.pose_rad, count, axis=0),
        )
        return [Layer("capture", frames, weight, latest.regions, latest.shapes)]

    def _weight(self, index: np.ndarray[tuple[int], np.dtype[np.int64]]) -> F32:
        coming = np.clip((index - self._from + 1) / EASE_FRAMES, 0.0, 1.0)
        going = np.clip(1.0 - (index - self._until) / EASE_FRAMES, 0.0, 1.0)
        return freeze(np.minimum(coming, going))


def regions_of(names: str) -> frozenset[Region]:
    """The regions that `names` lists with commas between. Raises ValueError for a name that is none."""
    asked = {name.strip() for name in names.split(",") if name.strip()}
    found = frozenset(region for region in REGIONS if region in asked)
    if asked - found:
        raise ValueError(", ".join(sorted(asked - found)))
    return found
