"""The idle layer: what the character does when it does nothing. It breathes, blinks, looks about and is never still."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from bridge.dsp.noise import F64, I64, Noise, derived
from bridge.layers.blink import REST_MEDIAN_S, Blinks
from bridge.layers.gaze import Glances, lid_of_pitch
from bridge.layers.manner import Amounts, Manner
from bridge.layers.sway import Sway
from bridge.types import JOINT_COUNT, SHAPE_COUNT, SHAPE_INDEX, Motion, motion

BLOCK: Final = 3600
"""Frames rendered at once: an hour needs no more memory than a minute."""

# Shapes that wander: (shapes moved together, knots a second, middle, swing). Negative values are rest.
_WANDERING: Final[tuple[tuple[tuple[str, ...], float, float, float], ...]] = (
    (("browInnerUp",), 0.3, 0.02, 0.03),
    (("browOuterUpLeft", "browOuterUpRight"), 0.25, 0.0, 0.03),
    (("browDownLeft", "browDownRight"), 0.2, 0.0, 0.025),
    (("eyeSquintLeft", "eyeSquintRight"), 0.25, 0.04, 0.03),
    (("mouthSmileLeft",), 0.15, 0.03, 0.02),
    (("mouthSmileRight",), 0.15, 0.03, 0.02),
    (("mouthPressLeft", "mouthPressRight"), 0.3, 0.0, 0.025),
    (("mouthRollLower",), 0.25, 0.01, 0.015),
)
_INDICES: Final = np.array([SHAPE_INDEX[name] for names, *_ in _WANDERING for name in names])
_CHANNELS: Final = np.array([k for k, (names, *_) in enumerate(_WANDERING) for _ in names])
_MIDDLE: Final = np.array([middle for *_, middle, _ in _WANDERING])
_SWING: Final = np.array([swing for *_, swing in _WANDERING])
_LIDS: Final = [SHAPE_INDEX["eyeBlinkLeft"], SHAPE_INDEX["eyeBlinkRight"]]


class IdleLayer:
    """Endless seeded idling. `render` is a function of seed and index alone, in whatever order or pieces."""

    def __init__(self, seed: int) -> None:
        self._blinks = Blinks(derived(seed, "blink"), REST_MEDIAN_S)
        self._glances = Glances(derived(seed, "gaze"))
        self._sway = Sway(derived(seed, "sway"))
        self._wander = Noise(derived(seed, "wander"), [knots_hz for _, knots_hz, _, _ in _WANDERING])

    def render(self, first_index: int, count: int, manner: Amounts | None = None) -> Motion:
        """`count` frames from `first_index` on: arms down, mouth shut. eyeLook shapes are left for the gaze to set."""
        manner = manner or Manner().at(first_index, count)
        face = np.zeros((count, SHAPE_COUNT), np.float32)
        head, gaze = np.zeros((count, 3), np.float32), np.zeros((count, 2), np.float32)
        pose = np.zeros((count, JOINT_COUNT, 3), np.float32)
        for start in range(0, count, BLOCK):
            rows = slice(start, min(start + BLOCK, count))
            index = np.arange(first_index + rows.start, first_index + rows.stop, dtype=np.int64)
            head[rows], gaze[rows], pose[rows] = self._body(index, manner.sway[rows], manner.glances[rows])
            self._face(index, gaze[rows].astype(np.float64), face[rows])
        return motion(first_index, face, head_rad=head, gaze_rad=gaze, pose_rad=pose)

    def _body(self, index: I64, sway: F64, glances: F64) -> tuple[F64, F64, F64]:
        look = self._glances.at(int(index[0]), index)
        stance = self._sway.at(index, sway)
        head = stance.head_rad
        head[:, :2] += glances[:, None] * look.head_rad[:, ::-1]
        # Eyes stay on their target as the head moves under them.
        return head, glances[:, None] * look.eyes_rad - head[:, 1::-1], stance.pose_rad

    def _face(self, index: I64, gaze_rad: F64, face: NDArray[np.float32]) -> None:
        values = np.maximum(_MIDDLE + _SWING * self._wander.at(index), 0.0)
        face[:, _INDICES] = values[:, _CHANNELS]
        blink = self._blinks.at(int(index[0]), index)
        face[:, _LIDS] = np.maximum(blink, lid_of_pitch(gaze_rad[:, 1]))[:, None]
