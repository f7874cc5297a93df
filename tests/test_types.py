"""Values: the names, and motions that are frozen, cut and joined."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.types import (
    ARKIT_BLENDSHAPES,
    JOINT_INDEX,
    SHAPE_INDEX,
    SMPL_JOINTS,
    AudioChunk,
    Motion,
    concatenate,
    freeze,
    motion,
    still,
)

pytestmark = pytest.mark.law

ARRAYS = ("face", "head_rad", "gaze_rad", "pose_rad")


def some_motion(frames: int, first_index: int = 0) -> Motion:
    rng = np.random.default_rng(frames)
    return motion(
        first_index,
        rng.random((frames, 52)),
        head_rad=rng.random((frames, 3)),
        gaze_rad=rng.random((frames, 2)),
        pose_rad=rng.random((frames, 24, 3)),
    )


def same(a: Motion, b: Motion) -> bool:
    return a.first_index == b.first_index and all(np.array_equal(getattr(a, n), getattr(b, n)) for n in ARRAYS)


def test_names_are_whole_and_each_is_once():
    assert len(set(ARKIT_BLENDSHAPES)) == 52 and len(set(SMPL_JOINTS)) == 24
    assert [ARKIT_BLENDSHAPES[index] for index in SHAPE_INDEX.values()] == list(SHAPE_INDEX)
    assert [SMPL_JOINTS[index] for index in JOINT_INDEX.values()] == list(JOINT_INDEX)


def test_shapes_stand_in_the_order_of_the_live_link_packet():
    places = {"eyeBlinkLeft": 0, "eyeBlinkRight": 7, "jawLeft": 15, "jawRight": 16, "jawOpen": 17, "mouthLeft": 21}
    places |= {"mouthRight": 22, "browInnerUp": 43, "cheekPuff": 46, "tongueOut": 51}
    assert {name: SHAPE_INDEX[name] for name in places} == places


def test_left_and_right_come_in_pairs():
    for name in (*ARKIT_BLENDSHAPES, *SMPL_JOINTS):
        other = name.replace("Left", "Right").replace("left", "right")
        assert other in (*ARKIT_BLENDSHAPES, *SMPL_JOINTS)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.int16])
def test_frozen_arrays_are_float32_in_order_and_cannot_be_written(dtype):
    array = np.arange(12, dtype=dtype).reshape(3, 4).T
    frozen = freeze(array)
    assert frozen.dtype == np.float32 and frozen.flags.c_contiguous and not frozen.flags.writeable
    np.testing.assert_array_equal(frozen, array)
    with pytest.raises(ValueError, match="read-only"):
        frozen[0, 0] = 1


def test_freezing_leaves_the_giver_its_own_array():
    array = np.zeros(3, np.float32)
    freeze(array)
    array[0] = 1


def test_values_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        still(0, 1).first_index = 2  # type: ignore[misc]
    with pytest.raises(ValueError, match="read-only"):
        some_motion(3).face[0, 0] = 1


@given(st.integers(0, 10**9), st.integers(0, 40), st.data())
def test_what_is_cut_joins_again(first_index, frames, data):
    whole = some_motion(frames, first_index)
    cuts = sorted(data.draw(st.lists(st.integers(0, frames), max_size=4)))
    parts = [whole[a:b] for a, b in zip([0, *cuts], [*cuts, frames], strict=True)]
    assert [part.end_index - part.first_index for part in parts] == [len(part) for part in parts]
    assert same(concatenate(parts), whole)


@given(st.integers(0, 20), st.integers(-30, 30), st.integers(-30, 30))
def test_cutting_follows_lists(frames, start, end):
    whole = some_motion(frames, 100)
    part = whole[start:end]
    kept = list(range(100, 100 + frames))[start:end]
    assert len(part) == len(kept)
    if kept:
        assert (part.first_index, part.end_index) == (kept[0], kept[-1] + 1)
    np.testing.assert_array_equal(part.face, whole.face[start:end])


def test_motions_with_a_gap_do_not_join():
    with pytest.raises(AssertionError, match="gap"):
        concatenate([still(0, 3), still(4, 1)])


def test_arrays_of_other_shapes_make_no_motion():
    for changes in ({"head_rad": np.zeros((3, 4))}, {"gaze_rad": np.zeros((2, 2))}, {"pose_rad": np.zeros((3, 72))}):
        with pytest.raises(AssertionError, match="is not"):
            motion(0, np.zeros((3, 52)), **changes)
    with pytest.raises(AssertionError, match="is not"):
        motion(0, np.zeros((3, 51)))


def test_a_chunk_knows_its_end():
    assert AudioChunk(10, 24_000, freeze(np.zeros(5))).end_sample == 15
