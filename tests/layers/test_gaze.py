"""Where idle eyes look, and the shapes that say so."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.layers.gaze import (
    FULL_DEFLECTION_RAD,
    LOOK_SHAPES,
    Glances,
    gaze_of_look_shapes,
    lid_of_pitch,
    write_look_shapes,
)
from bridge.types import ARKIT_BLENDSHAPES, SHAPE_INDEX

pytestmark = pytest.mark.unit

HOUR = np.arange(216_000, dtype=np.int64)
angles = st.floats(-FULL_DEFLECTION_RAD, FULL_DEFLECTION_RAD)


def shapes_of(yaw: float, pitch: float) -> np.ndarray:
    face = np.zeros((1, 52))
    write_look_shapes(face, np.array([[yaw, pitch]]))
    return face


@given(angles, angles)
def test_gaze_goes_into_the_shapes_and_comes_back(yaw: float, pitch: float) -> None:
    face = shapes_of(yaw, pitch)
    assert gaze_of_look_shapes(face)[0] == pytest.approx((yaw, pitch), abs=1e-12)
    assert face.min() >= 0 and face.max() <= 1


def test_left_is_out_for_the_left_eye_and_in_for_the_right() -> None:
    shown = {ARKIT_BLENDSHAPES[i] for i in np.flatnonzero(shapes_of(0.2, 0.1)[0])}
    assert shown == {"eyeLookOutLeft", "eyeLookInRight", "eyeLookDownLeft", "eyeLookDownRight"}
    assert shapes_of(FULL_DEFLECTION_RAD, 0.0)[0, SHAPE_INDEX["eyeLookOutLeft"]] == 1.0
    assert {ARKIT_BLENDSHAPES[i][:7] for i in LOOK_SHAPES} == {"eyeLook"} and len(LOOK_SHAPES) == 8


def test_eyes_stay_with_the_viewer_and_never_stare() -> None:
    eyes = np.rad2deg(Glances(3).at(0, HOUR).eyes_rad)
    off = np.hypot(eyes[:, 0], eyes[:, 1])
    assert 0.7 < (off < 4.0).mean() < 0.92
    assert off.max() < 20.0
    assert np.abs(np.median(eyes, axis=0)).max() < 0.3
    jumps = np.flatnonzero(np.hypot(*np.diff(eyes, axis=0).T) > 0.15)
    assert np.diff(jumps).max() / 60 < 5.0


def test_saccades_are_fast_and_the_head_follows_slowly() -> None:
    look = Glances(3).at(0, HOUR)
    eye_speed, head_speed = (
        60 * np.rad2deg(np.abs(np.diff(angle[:, 0]))).max() for angle in (look.eyes_rad, look.head_rad)
    )
    assert 200 < eye_speed < 900
    assert 2 < head_speed < 30


def test_lids_come_down_with_the_eyes() -> None:
    lid = lid_of_pitch(np.linspace(-0.6, 0.6, 50))
    assert (np.diff(lid) >= 0).all() and lid[0] == 0 and 0.2 < lid[-1] < 0.5
