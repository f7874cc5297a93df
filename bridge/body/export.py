"""Body and FLAME parameters of a motion, as research code reads them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from bridge.body.rotation import quaternion, rotation_vector
from bridge.body.skeleton import joint_rotations, of_gaze
from bridge.types import F32, SHAPE_INDEX, Motion, freeze

FLAME_EXPRESSION_COUNT: Final = 100
JAW_OPEN_RAD: Final = 0.45
"""FLAME's jaw at jawOpen 1: about 25 degrees, the widest that its own talking heads show. Not calibrated."""
JAW_SIDE_RAD: Final = 0.12

MISSING: Final = ("smpl_trans", "flame_expression")
"""What nothing predicts yet: the fields of these names stay zero."""


@dataclass(frozen=True, slots=True)
class BodyFields:
    """T frames of SMPL (Loper et al. 2015) and FLAME (Li et al. 2017) parameters; rotations are rotation vectors.

    `head_wxyz` [T, 4]; `smpl_pose` [T, 24, 3]; `smpl_trans` [T, 3] in metres; `flame_expression` [T, 100]; `flame_jaw`,
    `flame_neck` [T, 3]; `flame_eyes` [T, 6], left then right. FLAME's neck carries the whole head: it has no other.
    """

    head_wxyz: F32
    smpl_pose: F32
    smpl_trans: F32
    flame_expression: F32
    flame_jaw: F32
    flame_neck: F32
    flame_eyes: F32


def body_fields(motion: Motion) -> BodyFields:
    """The parameters that `motion` comes to. The names in `MISSING` are zero."""
    count = len(motion)
    eye = rotation_vector(of_gaze(motion.gaze_rad))
    return BodyFields(
        head_wxyz=freeze(quaternion(motion.head_rad)),
        smpl_pose=freeze(joint_rotations(motion)),
        smpl_trans=freeze(np.zeros((count, 3))),
        flame_expression=freeze(np.zeros((count, FLAME_EXPRESSION_COUNT))),
        flame_jaw=freeze(_jaw(motion.face)),
        flame_neck=motion.head_rad,
        flame_eyes=freeze(np.concatenate([eye, eye], axis=1)),
    )


def _jaw(face: F32) -> F32:
    """[T, 3]: +X opens, +Y turns the chin to the own left."""
    jaw = np.zeros((len(face), 3), np.float32)
    jaw[:, 0] = JAW_OPEN_RAD * face[:, SHAPE_INDEX["jawOpen"]]
    jaw[:, 1] = JAW_SIDE_RAD * (face[:, SHAPE_INDEX["jawLeft"]] - face[:, SHAPE_INDEX["jawRight"]])
    return jaw
