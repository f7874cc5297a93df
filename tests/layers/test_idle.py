"""The idle layer: alive, calm, shut-mouthed, and without end."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.layers.idle import BLOCK, IdleLayer
from bridge.types import ARKIT_BLENDSHAPES, JOINT_INDEX, SHAPE_INDEX, Motion

pytestmark = pytest.mark.law

HOUR = IdleLayer(12).render(0, 216_000)
MONTH = 60 * 3600 * 24 * 30


def same(a: Motion, b: Motion) -> bool:
    return all(np.array_equal(getattr(a, k), getattr(b, k)) for k in ("face", "head_rad", "gaze_rad", "pose_rad"))


@settings(max_examples=60, deadline=None)
@given(st.one_of(st.integers(0, 216_000 - 40), st.sampled_from([BLOCK - 3, 60 * 60 - 2])), st.integers(0, 18))
def test_random_access(first: int, count: int) -> None:
    assert same(IdleLayer(12).render(first, count), HOUR[first : first + count])


@settings(max_examples=20, deadline=None)
@given(st.integers(0, MONTH))
def test_a_month_later_it_still_moves_without_jumps(first: int) -> None:
    later = IdleLayer(12).render(first, 240)
    assert np.ptp(later.head_rad, axis=0).min() > 1e-4
    assert np.rad2deg(np.abs(np.diff(later.head_rad, axis=0))).max() < 0.7
    assert np.rad2deg(np.abs(np.diff(later.pose_rad, axis=0))).max() < 0.2


def test_the_head_is_calm_and_comes_back() -> None:
    degrees = np.rad2deg(HOUR.head_rad)
    assert (degrees.std(axis=0) > 0.7).all() and (degrees.std(axis=0) < 3.0).all()
    assert np.abs(degrees.mean(axis=0)).max() < 0.3
    assert np.abs(degrees).max() < 9.0
    minutes = degrees.reshape(60, 3600, 3).mean(axis=1)
    assert np.abs(minutes).max() < 1.5


def test_the_mouth_is_shut_and_the_brows_small() -> None:
    by_name = dict(zip(ARKIT_BLENDSHAPES, HOUR.face.max(axis=0), strict=True))
    assert by_name["jawOpen"] == by_name["mouthFunnel"] == by_name["tongueOut"] == by_name["mouthLowerDownLeft"] == 0
    assert max(value for name, value in by_name.items() if name.startswith(("mouth", "jaw"))) < 0.1
    assert 0.03 < max(value for name, value in by_name.items() if name.startswith("brow")) < 0.15


def test_breath_moves_the_collars_fifteen_times_a_minute() -> None:
    collar = HOUR.pose_rad[:, JOINT_INDEX["left_collar"], 2].astype(np.float64)
    power = np.abs(np.fft.rfft(collar - collar.mean())) ** 2
    hz = np.fft.rfftfreq(len(collar), 1 / 60)
    mean_hz = (hz * power).sum() / power.sum()
    assert mean_hz * 60 == pytest.approx(15, abs=2.5)


def test_arms_hang() -> None:
    assert (HOUR.pose_rad[:, JOINT_INDEX["left_shoulder"], 2] < -1.0).all()
    assert (HOUR.pose_rad[:, JOINT_INDEX["right_shoulder"], 2] > 1.0).all()
    assert not HOUR.pose_rad[:, [JOINT_INDEX["neck"], JOINT_INDEX["head"]]].any()


def test_eyes_hold_on_to_the_viewer_as_the_head_sways() -> None:
    towards = HOUR.gaze_rad[:, 0] + HOUR.head_rad[:, 1]
    assert np.median(np.abs(towards)) < np.deg2rad(1.2) < np.deg2rad(1.9) > np.median(np.abs(HOUR.gaze_rad[:, 0])) * 0.8


def test_both_lids_blink_together() -> None:
    assert np.array_equal(HOUR.face[:, SHAPE_INDEX["eyeBlinkLeft"]], HOUR.face[:, SHAPE_INDEX["eyeBlinkRight"]])
