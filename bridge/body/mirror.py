"""A performance as seen in a mirror: left and right changed places, turns to the other side."""

from __future__ import annotations

from typing import Final

import numpy as np

from bridge.types import ARKIT_BLENDSHAPES, SHAPE_INDEX, SMPL_JOINTS, Motion, freeze


def _other(name: str, left: str, right: str) -> str:
    for one, other in ((left, right), (right, left)):
        if one in name:
            return name.replace(one, other)
    return name


_SHAPES: Final = [SHAPE_INDEX[_other(name, "Left", "Right")] for name in ARKIT_BLENDSHAPES]
_JOINTS: Final = [SMPL_JOINTS.index(_other(name, "left_", "right_")) for name in SMPL_JOINTS]
_TURN: Final = np.array([1.0, -1.0, -1.0], np.float32)
"""A mirror across X keeps turns about X and turns the others round."""


def mirrored(motion: Motion) -> Motion:
    """The frames of `motion`, mirrored. Done twice, nothing has changed."""
    return Motion(
        motion.first_index,
        freeze(motion.face[:, _SHAPES]),
        freeze(motion.head_rad * _TURN),
        freeze(motion.gaze_rad * np.array([-1.0, 1.0], np.float32)),
        freeze(motion.pose_rad[:, _JOINTS] * _TURN),
    )
