"""The body that speaks along, as the mixer lays it on how the character stands."""

import numpy as np
import pytest

from bridge.layers.mixer import LARGEST, Mixer
from bridge.layers.speech import BODY_EASE_IN_FRAMES, BODY_EASE_OUT_FRAMES
from bridge.types import JOINT_COUNT, JOINT_INDEX, SHAPE_COUNT, Motion, motion

pytestmark = pytest.mark.law

ELBOW = JOINT_INDEX["left_elbow"]
RAISED_RAD = -0.6


def with_raised_arm(count: int) -> Motion:
    pose = np.zeros((count, JOINT_COUNT, 3))
    pose[:, ELBOW, 1] = RAISED_RAD
    return motion(0, np.zeros((count, SHAPE_COUNT)), pose_rad=pose)


def raised(mixer: Mixer, first: int, count: int) -> np.ndarray:
    """How far the elbow is from where it rests, [T]. It turns about one axis there, so that angles add up."""
    return (mixer.mix(first, count).pose_rad - Mixer(3).mix(first, count).pose_rad)[:, ELBOW, 1]


def speaker() -> Mixer:
    mixer = Mixer(3)
    mixer.speech.begin(100).push(with_raised_arm(600))
    return mixer


def test_it_comes_and_goes_gently_and_shows_at_no_other_time() -> None:
    shown = raised(speaker(), 0, 1000)
    assert not shown[:100].any() and not shown[700 + BODY_EASE_OUT_FRAMES :].any()
    assert shown[100 + BODY_EASE_IN_FRAMES : 700] == pytest.approx(RAISED_RAD, abs=1e-3)
    assert np.abs(np.diff(shown)).max() < 0.06


def test_a_stop_lets_the_hands_sink() -> None:
    mixer = speaker()
    mixer.speech.stop(300)
    shown = raised(mixer, 300, 200)
    assert (np.diff(shown[:BODY_EASE_OUT_FRAMES]) >= 0).all()
    assert shown[BODY_EASE_OUT_FRAMES:] == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize(("emotion", "grows"), [("happy", True), ("angry", True), ("sad", False), ("fearful", False)])
def test_an_emotion_makes_it_larger_or_smaller(emotion: str, grows: bool) -> None:
    mixer = speaker()
    mixer.emotion.set(emotion, 1.0, 0)
    largest = float(np.abs(raised(mixer, 300, 100)).max())
    assert (largest > 1.1 * -RAISED_RAD) is grows
    assert (largest < 0.9 * -RAISED_RAD) is not grows


def test_it_grows_up_to_a_limit() -> None:
    mixer = speaker()
    mixer.emotion.set("angry", 1.0, 0)
    mixer.manner.set("lively", 0)
    assert np.abs(raised(mixer, 300, 100)).max() <= LARGEST * -RAISED_RAD + 1e-3


def test_a_gesture_that_was_asked_for_has_the_arms() -> None:
    mixer, waving = speaker(), Mixer(3)
    for each in (mixer, waving):
        each.acting.gesture("wave", 300)
    shown = mixer.mix(300, 200).pose_rad[:, ELBOW] - waving.mix(300, 200).pose_rad[:, ELBOW]
    assert np.abs(shown).max(axis=1).min() < 0.01
