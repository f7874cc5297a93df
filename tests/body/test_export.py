"""Motion as SMPL and FLAME parameters."""

import numpy as np
import pytest

from bridge.body.export import MISSING, body_fields
from bridge.body.rotation import compose
from bridge.types import JOINT_INDEX, SHAPE_INDEX, motion, still

pytestmark = pytest.mark.unit


def test_neutral_is_identity() -> None:
    fields = body_fields(still(0, 3))
    assert np.array_equal(fields.head_wxyz, np.tile([1.0, 0.0, 0.0, 0.0], (3, 1)))
    for name in ("smpl_pose", "smpl_trans", "flame_expression", "flame_jaw", "flame_neck", "flame_eyes"):
        assert not getattr(fields, name).any()


def test_neck_and_head_share_the_turn() -> None:
    turn = np.array([[0.3, -0.2, 0.1]])
    pose = np.zeros((1, 24, 3))
    pose[0, JOINT_INDEX["left_elbow"]] = (0.0, -0.5, 0.0)
    smpl = body_fields(motion(0, np.zeros((1, 52)), head_rad=turn, pose_rad=pose)).smpl_pose[0]
    assert smpl[12] == pytest.approx(0.4 * turn[0])
    assert smpl[15] == pytest.approx(0.6 * turn[0])
    assert compose(smpl[12], smpl[15]) == pytest.approx(turn[0], abs=1e-6)
    assert smpl[JOINT_INDEX["left_elbow"]] == pytest.approx([0.0, -0.5, 0.0])


def test_flame_jaw_and_eyes() -> None:
    face = np.zeros((1, 52))
    face[0, [SHAPE_INDEX["jawOpen"], SHAPE_INDEX["jawLeft"]]] = 1.0
    fields = body_fields(motion(0, face, gaze_rad=[[0.2, 0.0]]))
    assert fields.flame_jaw[0, 0] > 0.3 and fields.flame_jaw[0, 1] > 0 and fields.flame_jaw[0, 2] == 0
    assert fields.flame_eyes[0] == pytest.approx([0, 0.2, 0, 0, 0.2, 0], abs=1e-6)


def test_what_is_missing_is_named() -> None:
    assert all(hasattr(body_fields(still(0, 1)), name) for name in MISSING)
