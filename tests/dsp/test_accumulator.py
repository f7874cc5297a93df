from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.dsp.accumulator import FrameAccumulator
from bridge.errors import InputError
from bridge.timebase import frames_for_samples

pytestmark = pytest.mark.unit


@given(st.lists(st.integers(0, 1000), max_size=20))
def test_hands_out_every_sample_once_and_fills_up_the_last_frame(sizes):
    accumulator = FrameAccumulator()
    samples = np.linspace(-1, 1, sum(sizes), dtype=np.float32)
    pieces = np.split(samples, np.cumsum(sizes))[:-1] if sizes else []
    out = [accumulator.push(piece) for piece in pieces] + [accumulator.flush()]
    assert all(len(piece) % 400 == 0 for piece in out)
    joined = np.concatenate(out)
    assert len(joined) == 400 * frames_for_samples(len(samples))
    assert np.array_equal(joined[: len(samples)], samples)
    assert not joined[len(samples) :].any()


def test_holds_overs_to_full_scale():
    out = FrameAccumulator().push(np.full(400, -1e30, np.float32))
    assert (out == -1).all()


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_refuses_what_is_no_number_and_names_its_time(bad):
    accumulator = FrameAccumulator()
    accumulator.push(np.zeros(24_000, np.float32))
    samples = np.zeros(1000, np.float32)
    samples[600] = bad
    with pytest.raises(InputError, match=r"1\.025000 s"):
        accumulator.push(samples)
    assert accumulator.sample_count == 24_000


def test_reset_forgets_the_frame_begun():
    accumulator = FrameAccumulator()
    accumulator.push(np.ones(399, np.float32))
    accumulator.reset()
    assert accumulator.sample_count == 0
    assert len(accumulator.push(np.ones(399, np.float32))) == 0
