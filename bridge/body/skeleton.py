"""The SMPL skeleton with the head shared out over neck and head, and eyes turned by a gaze."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from bridge.body.rotation import F64, canonical
from bridge.types import JOINT_INDEX, Motion

NECK_SHARE: Final = 0.4
"""The part of the head's turn that the neck makes; the head joint on top of it makes the rest."""


def joint_rotations(motion: Motion) -> F64:
    """[T, 24, 3] rotation vectors of the SMPL joints: `pose_rad`, with `head_rad` in the neck and head rows."""
    pose = motion.pose_rad.astype(np.float64)
    pose[:, JOINT_INDEX["neck"]] = NECK_SHARE * motion.head_rad
    pose[:, JOINT_INDEX["head"]] = (1.0 - NECK_SHARE) * motion.head_rad
    return pose


def of_gaze(gaze_rad: NDArray[np.floating]) -> F64:
    """[T, 4] the eyes' quaternion for yaw and pitch [T, 2]: pitch (+X, down) first, then yaw (+Y, to the own left)."""
    half = 0.5 * np.asarray(gaze_rad, np.float64)
    cy, sy = np.cos(half[..., 0]), np.sin(half[..., 0])
    cp, sp = np.cos(half[..., 1]), np.sin(half[..., 1])
    return canonical(np.stack([cy * cp, cy * sp, sy * cp, -sy * sp], axis=-1))
