"""Hands that speak along."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.layers.gesture import LARGEST, GestureLayer
from bridge.layers.mixer import Mixer
from bridge.layers.speech import BODY_EASE_OUT_FRAMES, SpeechLayer
from bridge.types import JOINT_INDEX, SMPL_JOINTS, still

pytestmark = pytest.mark.law

SPEECH = SpeechLayer(1)
SPEECH.begin(100).push(still(0, 7200))


def pose(first: int, count: int, seed: int = 3) -> np.ndarray:
    layers = GestureLayer(seed).layers(first, count, SPEECH.spoken(first, count))
    return layers[0].motion.pose_rad if layers else np.zeros((count, 24, 3), np.float32)


WHOLE = pose(0, 7500)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 7400), st.integers(1, 18))
def test_random_access(first: int, count: int) -> None:
    assert np.array_equal(pose(first, count), WHOLE[first : first + count])


def test_hands_rise_now_and_then_while_speaking_and_at_no_other_time() -> None:
    elbow = np.rad2deg(np.abs(WHOLE[:, JOINT_INDEX["left_elbow"], 1]))
    assert 25 < elbow.max() < 90
    assert 0.05 < (elbow > 10).mean() < 0.5
    assert not WHOLE[:100].any() and not WHOLE[7300 + BODY_EASE_OUT_FRAMES :].any()


def test_forearms_come_forward_on_both_sides() -> None:
    left, right = (WHOLE[:, JOINT_INDEX[f"{side}_elbow"], 1] for side in ("left", "right"))
    assert left.min() < -0.4 and left.max() < 0.05
    assert right.max() > 0.4 and right.min() > -0.05


def test_it_moves_smoothly_and_leaves_head_and_legs_alone() -> None:
    assert np.rad2deg(np.abs(np.diff(WHOLE, axis=0))).max() < 5.0
    moved = {SMPL_JOINTS[k] for k in np.flatnonzero(np.abs(WHOLE).max(axis=(0, 2)))}
    arms = {f"{side}_{joint}" for side in ("left", "right") for joint in ("shoulder", "elbow", "wrist")}
    assert moved == arms | {"spine1", "spine2", "spine3"}


def test_a_stop_lets_the_hands_sink() -> None:
    raised = 100 + int(np.argmax(np.abs(WHOLE[100:, JOINT_INDEX["left_elbow"], 1])))
    mixer, idle = Mixer(3), Mixer(3)
    mixer.speech.begin(100).push(still(0, 7200))
    mixer.speech.stop(raised)
    after = slice(BODY_EASE_OUT_FRAMES, 200)
    assert mixer.mix(raised, 200).pose_rad[after] == pytest.approx(idle.mix(raised, 200).pose_rad[after], abs=1e-6)


def test_gestures_are_as_large_as_asked_for_up_to_a_limit() -> None:
    def sized(size: float) -> np.ndarray:
        spoken = SPEECH.spoken(0, 7500)
        return GestureLayer(3).layers(0, 7500, spoken, np.full(7500, size))[0].motion.pose_rad

    assert not sized(0.0).any()
    assert sized(0.5) == pytest.approx(0.5 * WHOLE, abs=1e-6)
    assert np.array_equal(sized(LARGEST), sized(10.0))
    assert np.rad2deg(np.abs(np.diff(sized(LARGEST), axis=0))).max() < 7.5


@pytest.mark.parametrize(("emotion", "grows"), [("happy", True), ("angry", True), ("sad", False), ("fearful", False)])
def test_an_emotion_makes_them_larger_or_smaller(emotion: str, grows: bool) -> None:
    def arms(name: str) -> float:
        mixer = Mixer(3)
        mixer.emotion.set(name, 1.0, 0)
        mixer.speech.begin(60).push(still(0, 1200))
        pose = mixer.mix(60, 1200).pose_rad - Mixer(3).mix(60, 1200).pose_rad
        return float(np.abs(pose[:, JOINT_INDEX["left_elbow"]]).max())

    assert (arms(emotion) > 1.1 * arms("neutral")) is grows
    assert (arms(emotion) < 0.9 * arms("neutral")) is not grows
