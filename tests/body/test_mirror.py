"""A mirror: twice is nothing, left is right, and what has no side stays."""

import numpy as np
import pytest

from bridge.body.mirror import mirrored
from bridge.layers.mixer import Mixer
from bridge.types import ARKIT_BLENDSHAPES, JOINT_INDEX, SHAPE_INDEX, motion

pytestmark = pytest.mark.law


def test_twice_is_nothing():
    frames = Mixer(1).mix(7, 90)
    back = mirrored(mirrored(frames))
    for name in ("first_index", "face", "head_rad", "gaze_rad", "pose_rad"):
        np.testing.assert_array_equal(getattr(back, name), getattr(frames, name))


@pytest.mark.parametrize("shape", ARKIT_BLENDSHAPES)
def test_each_shape_goes_to_the_other_side(shape):
    face = np.zeros((1, 52))
    face[0, SHAPE_INDEX[shape]] = 1
    swapped = shape.replace("Left", "\0").replace("Right", "Left").replace("\0", "Right")
    assert ARKIT_BLENDSHAPES[int(mirrored(motion(0, face)).face.argmax())] == swapped


def test_turns_go_to_the_other_side_and_nods_stay():
    pose = np.zeros((1, 24, 3))
    pose[0, JOINT_INDEX["left_shoulder"]] = 0.1, 0.2, -0.9
    frames = motion(0, np.zeros((1, 52)), head_rad=[[0.1, 0.2, 0.3]], gaze_rad=[[0.3, 0.1]], pose_rad=pose)
    seen = mirrored(frames)
    np.testing.assert_allclose(seen.head_rad, [[0.1, -0.2, -0.3]])
    np.testing.assert_allclose(seen.gaze_rad, [[-0.3, 0.1]])
    np.testing.assert_allclose(seen.pose_rad[0, JOINT_INDEX["right_shoulder"]], [0.1, -0.2, 0.9])
    assert not seen.pose_rad[0, JOINT_INDEX["left_shoulder"]].any()
