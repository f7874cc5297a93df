"""Smoothing: the same for any cutting of the motion, no more than a mean, and none where none is asked for."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.rig.parse import parse
from bridge.rig.retarget import Retarget
from bridge.rig.smoothing import SMOOTHING_FRAMES, SMOOTHING_MAX_MS, kernel, smooth
from bridge.types import SHAPE_INDEX, motion

pytestmark = pytest.mark.law

CALM = 'calm = "jawOpen"\nquick = "jawOpen"\n[tune]\ncalm = { smoothing_ms = 50.0 }'
RIG = Retarget(parse(f"[curves]\n{CALM}", "x"))
PLAIN = Retarget(parse("[curves]\nquick = 'jawOpen'", "x"))


def walk(count, seed=0):
    face = np.zeros((count, 52), np.float32)
    face[:, SHAPE_INDEX["jawOpen"]] = np.random.default_rng(seed).uniform(size=count)
    return motion(100, face)


@given(st.lists(st.integers(1, 30), min_size=1, max_size=8))
def test_cut_anywhere_it_is_the_same_to_the_bit(lengths):
    whole = walk(sum(lengths))
    once = RIG.apply(whole).curves
    at, parts = 0, []
    for length in lengths:
        before = whole[max(0, at - SMOOTHING_FRAMES) : at]
        parts.append(RIG.apply(whole[at : at + length], before).curves)
        at += length
    np.testing.assert_array_equal(np.concatenate(parts), once)


def test_a_curve_without_smoothing_is_as_it_was_to_the_bit():
    whole = walk(40)
    np.testing.assert_array_equal(RIG.apply(whole).curves[:, 1], PLAIN.apply(whole).curves[:, 0])


def test_after_its_time_constant_a_step_is_almost_two_thirds_done():
    step = np.concatenate([np.zeros((30, 1)), np.ones((30, 1))]).astype(np.float32)
    for constant_ms in (50.0, SMOOTHING_MAX_MS):
        out = smooth(step[:0], step, kernel([constant_ms]))[30:, 0]
        # Frame k of the step has been on for (k + 1) frames.
        assert abs(out[round(constant_ms * 60 / 1000) - 1] - (1 - np.exp(-1))) < 0.04
        assert (np.diff(out) >= -1e-6).all() and abs(out[-1] - 1) < 1e-6


@given(constant_ms=st.floats(0, SMOOTHING_MAX_MS), seed=st.integers(0, 99))
def test_it_stays_between_the_least_and_the_most_and_calms(constant_ms, seed):
    values = np.random.default_rng(seed).uniform(size=(60, 1)).astype(np.float32)
    out = smooth(values[:0], values, kernel([constant_ms]))
    assert values.min() - 1e-6 <= out.min() and out.max() <= values.max() + 1e-6
    assert np.abs(np.diff(out[:, 0])).sum() <= np.abs(np.diff(values[:, 0])).sum() * (1 + 1e-5)


def test_with_nothing_before_it_the_face_stood_still():
    still = motion(0, np.full((3, 52), 0.3, np.float32))
    np.testing.assert_allclose(RIG.apply(still).curves, 0.3, atol=1e-6)
    assert RIG.apply(still[:0]).curves.shape == (0, 2)
