"""Gestures and glances that were asked for: they come, go and follow each other, and any frame can be had again."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from bridge.errors import ConfigError
from bridge.layers.acting import GESTURES, GLANCE_S, HEAD_SHARE, TARGETS, ActingLayer
from bridge.layers.mixer import Mixer
from bridge.types import JOINT_INDEX, Motion, motion

pytestmark = pytest.mark.law

LONG = 400


def shown(acting: ActingLayer, first: int = 0, count: int = LONG) -> Motion:
    layers = acting.layers(first, count)
    return layers[0].motion if layers else motion(first, np.zeros((count, 52)))


def columns(frames: Motion) -> np.ndarray:
    """Everything that moves [T, K]."""
    parts = (frames.face, frames.head_rad, frames.gaze_rad, frames.pose_rad.reshape(len(frames), -1))
    return np.concatenate(parts, axis=1)


def of(*cues: tuple[str, int]) -> ActingLayer:
    acting = ActingLayer()
    for name, index in cues:
        (acting.gesture if name in GESTURES else acting.look)(name, index)
    return acting


@pytest.mark.parametrize("name", GESTURES)
def test_a_gesture_comes_and_goes_smoothly(name: str) -> None:
    moved = columns(shown(of((name, 20))))
    assert not moved[:21].any() and not moved[300:].any() and np.abs(moved).max() > 0.1
    assert np.abs(np.diff(moved, axis=0)).max() < np.deg2rad(6.0)


@pytest.mark.parametrize("name", [name for name in TARGETS if name != "visitor"])
def test_a_glance_takes_the_eyes_first_the_head_after_and_comes_back(name: str) -> None:
    frames = shown(of((name, 20)))
    target = frames.gaze_rad[100] + frames.head_rad[100, 1::-1]
    early = 20 + 6
    assert frames.gaze_rad[early] + frames.head_rad[early, 1::-1] == pytest.approx(target, abs=1e-6)
    assert np.abs(frames.head_rad[early]).max() < 0.2 * np.abs(frames.head_rad[100]).max()
    assert frames.head_rad[100, 1::-1] == pytest.approx(HEAD_SHARE * target, abs=1e-6)
    back = 20 + round(60 * GLANCE_S) + 40
    assert not columns(frames)[:21].any() and not columns(frames)[back:].any()


def test_left_is_the_characters_own_and_down_is_down() -> None:
    assert shown(of(("left", 0))).gaze_rad[60, 0] > 0.2 and shown(of(("right", 0))).gaze_rad[60, 0] < -0.2
    assert shown(of(("down", 0))).gaze_rad[60, 1] > 0.1 and shown(of(("up", 0))).gaze_rad[60, 1] < -0.1


def test_a_look_at_the_visitor_ends_a_glance() -> None:
    assert not columns(shown(of(("left", 0), ("visitor", 60))))[60 + 40 :].any()


@pytest.mark.parametrize("name", ["nod", "shake", "tilt"])
def test_the_eyes_stay_with_the_visitor_while_the_head_moves(name: str) -> None:
    frames = shown(of((name, 0)))
    assert np.abs(frames.head_rad).max() > 0.1
    assert frames.gaze_rad == pytest.approx(-frames.head_rad[:, 1::-1], abs=1e-6)


def test_the_eyes_bow_too() -> None:
    assert not shown(of(("bow", 0))).gaze_rad.any()


def test_a_nod_goes_down_first() -> None:
    pitch = shown(of(("nod", 0))).head_rad[:, 0]
    assert pitch[np.flatnonzero(np.abs(pitch) > 0.02)[0]] > 0


def test_gestures_follow_each_other() -> None:
    one, both = shown(of(("wave", 0))), shown(of(("wave", 0), ("shrug", 10)))
    alone = shown(of(("shrug", 0)))
    length = int(np.flatnonzero(columns(one).any(axis=1))[-1]) + 1
    assert np.array_equal(columns(both)[:length], columns(one)[:length])
    assert columns(both)[length : length + 60] == pytest.approx(columns(alone)[:60], abs=0.1)


def test_a_wave_lifts_the_right_hand_only() -> None:
    moved = np.abs(shown(of(("wave", 0))).pose_rad).max(axis=(0, 2))
    assert moved[JOINT_INDEX["right_elbow"]] > 1.0 and moved[JOINT_INDEX["left_elbow"]] == 0


def turned(rotvecs: list[np.ndarray], vector: tuple[float, float, float]) -> np.ndarray:
    """`vector` of the last joint of a chain, in the axes of the first one's parent."""
    rotation = Rotation.identity()
    for rotvec in rotvecs:
        rotation *= Rotation.from_rotvec(rotvec)
    return rotation.apply(vector)


@pytest.mark.parametrize(("name", "up", "palm"), [("wave", 0.9, (0, 0, 1)), ("shrug", 0.3, (0, 1, 0))])
def test_hands_rise_and_palms_show(name: str, up: float, palm: tuple[int, int, int]) -> None:
    mixer = Mixer(3)
    mixer.acting.gesture(name, 0)
    pose = mixer.mix(0, 90).pose_rad[60]
    arm = [pose[JOINT_INDEX[f"right_{joint}"]].astype(float) for joint in ("collar", "shoulder", "elbow")]
    wrist = pose[JOINT_INDEX["right_wrist"]].astype(float)
    assert turned(arm, (-1, 0, 0))[1] > up, "the forearm of the right arm, which lies along -X in T-pose"
    assert turned([*arm, wrist], (0, -1, 0)) @ palm > 0.6, "the palm, which faces down in T-pose"


@pytest.mark.parametrize(("name", "taken"), [("wave", True), ("shrug", True), ("nod", False), ("bow", False)])
def test_hands_that_speak_along_make_way_for_arms_that_were_asked_for(name: str, taken: bool) -> None:
    free = of((name, 0)).free_arms(0, LONG)
    assert (free.min() == 0.0) == taken and free[-1] == 1.0


def test_a_stop_drops_what_has_not_begun_and_lets_the_rest_end() -> None:
    acting = of(("nod", 0), ("wave", 10), ("left", 0))
    acting.stop(30)
    frames = shown(acting)
    assert np.array_equal(frames.head_rad[:30], shown(of(("nod", 0), ("left", 0))).head_rad[:30])
    assert not frames.pose_rad.any() and not columns(frames)[120:].any()


def test_an_empty_stop_changes_nothing() -> None:
    acting = ActingLayer()
    acting.stop(0)
    assert acting.layers(0, 10) == []


@given(
    st.lists(st.tuples(st.sampled_from(GESTURES + TARGETS), st.integers(0, 200)), max_size=6),
    st.lists(st.integers(1, 120), min_size=1, max_size=8),
    st.integers(0, 300),
)
def test_frames_are_the_same_in_any_pieces_and_after_forgetting(
    cues: list[tuple[str, int]], pieces: list[int], forgotten: int
) -> None:
    cues = sorted(cues, key=lambda cue: cue[1])
    whole = columns(shown(of(*cues), 0, 1000))
    acting, start = of(*cues), 0
    for count in pieces:
        assert np.array_equal(columns(shown(acting, start, count)), whole[start : start + count])
        start += count
    acting.forget_before(forgotten)
    assert np.array_equal(columns(shown(acting, forgotten, 200)), whole[forgotten : forgotten + 200])


def test_memory_stays_small() -> None:
    acting = ActingLayer()
    for index in range(0, 60_000, 60):
        acting.look("left", index)
        acting.gesture("nod", index)
        acting.forget_before(index - 600)
    assert len(acting._glances) < 20 and len(acting._shown) < 20


def test_a_gesture_whose_moment_is_over_is_not_made() -> None:
    acting = of(*[("bow", 0)] * 50)
    assert not columns(shown(acting, 600, 1000)).any() and columns(shown(acting, 200, 1)).any()


def test_what_there_is_not_is_refused_with_what_there_is() -> None:
    with pytest.raises(ConfigError, match=r"moonwalk.*nod"):
        ActingLayer().gesture("moonwalk", 0)
    with pytest.raises(ConfigError, match=r"moon.*visitor"):
        ActingLayer().look("moon", 0)


def test_the_mixer_shows_it() -> None:
    mixer, idle = Mixer(3), Mixer(3)
    mixer.acting.gesture("wave", 10)
    mixer.acting.look("left", 10)
    moved = mixer.mix(0, 200)
    assert np.abs(moved.pose_rad - idle.mix(0, 200).pose_rad).max() > 1.0
    assert (moved.gaze_rad - idle.mix(0, 200).gaze_rad)[60, 0] > 0.2
    assert np.array_equal(moved.pose_rad[:10], idle.mix(0, 10).pose_rad)
