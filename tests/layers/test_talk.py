"""The life above a speaking mouth."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.layers.talk import TAIL_FRAMES, Talk
from bridge.types import ARKIT_BLENDSHAPES, SHAPE_INDEX

pytestmark = pytest.mark.law

TALK = Talk(5)
MINUTES = np.arange(36_000, dtype=np.int64)
WHOLE = TALK.at(0, MINUTES, (0, 36_000), np.ones(36_000))


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 35_000), st.integers(1, 18))
def test_random_access(first: int, count: int) -> None:
    piece = TALK.at(first, MINUTES[first : first + count], (0, 36_000), np.ones(count))
    rows = slice(first, first + count)
    assert np.array_equal(piece.face, WHOLE.face[rows]) and np.array_equal(piece.head_rad, WHOLE.head_rad[rows])


def test_brows_rise_now_and_then_and_rest_between() -> None:
    up = WHOLE.face[:, SHAPE_INDEX["browInnerUp"]]
    accents = np.sum((up[1:] > 0) & (up[:-1] == 0)) / 10
    assert 8 < accents < 30
    assert 0.3 < (up == 0).mean() < 0.85
    assert 0.3 < up.max() < 0.7
    assert np.abs(np.diff(up)).max() < 0.1


def test_the_mouth_is_left_alone() -> None:
    moved = {name for name, top in zip(ARKIT_BLENDSHAPES, WHOLE.face.max(axis=0), strict=True) if top > 0}
    assert moved == {
        *("eyeBlinkLeft", "eyeBlinkRight", "browInnerUp", "browOuterUpLeft", "browOuterUpRight"),
        *("browDownLeft", "browDownRight"),
    }


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 1000), st.integers(1, 1000))
def test_what_begins_in_speech_is_finished_and_no_more(start: int, length: int) -> None:
    end = start + length
    life = TALK.at(0, MINUTES[:3000], (start, end), np.zeros(3000))
    assert not life.face[:start].any() and not life.face[end + TAIL_FRAMES :].any()
    assert np.abs(np.diff(life.face, axis=0)).max() < 0.5
    assert np.abs(np.diff(life.head_rad, axis=0)).max() < np.deg2rad(0.6)
    assert np.array_equal(life.gaze_rad, -life.head_rad[:, 1::-1])
