"""How much a character moves by itself: it changes gently, and is the same in whatever pieces it is asked for."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.errors import ConfigError
from bridge.layers.cues import EASE_FRAMES, Cues
from bridge.layers.manner import MANNERS, Manner
from bridge.layers.mixer import Mixer
from bridge.types import JOINT_COUNT, JOINT_INDEX, SHAPE_COUNT, Motion, motion

pytestmark = pytest.mark.law

FRAMES = 3600


def gesturing(count: int) -> Motion:
    """A voice that raises an arm again and again."""
    pose = np.zeros((count, JOINT_COUNT, 3))
    pose[:, JOINT_INDEX["left_elbow"], 1] = -0.5 * np.sin(np.arange(count) / 20) ** 2
    return motion(0, np.zeros((count, SHAPE_COUNT)), pose_rad=pose)


def moved(name: str) -> tuple[float, float, float]:
    """How far head, eyes and arms of a speaker go in a minute: spreads, in degrees."""
    mixer = Mixer(2)
    mixer.manner.set(name, 0)
    mixer.speech.begin(0).push(gesturing(FRAMES))
    frames = mixer.mix(60, FRAMES - 60)
    spreads = (np.rad2deg(x).std(axis=0).sum() for x in (frames.head_rad, frames.gaze_rad, frames.pose_rad[:, 16:22]))
    head, eyes, arms = (float(spread) for spread in spreads)
    return head, eyes, arms


def test_the_livelier_the_more_it_moves() -> None:
    still_one, calm, lively = (moved(name) for name in MANNERS)
    assert all(a < b < c for a, b, c in zip(still_one, calm, lively, strict=True))


def test_calm_is_how_it_moves_unasked() -> None:
    mixer = Mixer(2)
    mixer.manner.set("calm", 100)
    assert np.array_equal(mixer.mix(0, 600).pose_rad, Mixer(2).mix(0, 600).pose_rad)


@pytest.mark.parametrize("name", MANNERS)
def test_a_change_does_not_jump(name: str) -> None:
    changed, plain = Mixer(2), Mixer(2)
    changed.manner.set(name, 300)
    apart = changed.mix(0, 900).head_rad - plain.mix(0, 900).head_rad
    assert not apart[:301].any()
    assert np.rad2deg(np.abs(np.diff(apart, axis=0))).max() < 0.25


def test_a_manner_there_is_not_is_named() -> None:
    with pytest.raises(ConfigError, match="'wild'; there are still, calm, lively"):
        Manner().set("wild", 0)


@given(
    st.lists(st.tuples(st.floats(-2.0, 2.0), st.integers(0, 200)), max_size=6),
    st.integers(0, 250),
    st.lists(st.integers(1, 40), min_size=1, max_size=5),
)
def test_cues_are_the_same_in_whatever_pieces_and_after_forgetting(cues, first, counts) -> None:
    one, other = Cues([0.5]), Cues([0.5])
    for value, index in cues:
        one.set([value], index)
        other.set([value], index)
    whole, index = one.at(first, sum(counts)), first
    for count in counts:
        other.forget_before(index)
        assert np.array_equal(other.at(index, count), whole[index - first : index - first + count])
        index += count


def test_a_cue_is_reached_gently_and_kept() -> None:
    cues = Cues([0.0, 1.0])
    cues.set([1.0, 0.0], 10)
    values = cues.at(0, 100)
    assert (values[:11] == (0.0, 1.0)).all() and (values[10 + EASE_FRAMES :] == (1.0, 0.0)).all()
    assert np.abs(np.diff(values, axis=0)).max() < 1.6 / EASE_FRAMES
