from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.dsp import logmel
from bridge.dsp.logmel import LogMel, log_mel

pytestmark = pytest.mark.unit

TIME = np.arange(24_000) / 24_000


def sine(hz: float, amplitude: float = 1.0) -> np.ndarray:
    return (amplitude * np.sin(2 * np.pi * hz * TIME)).astype(np.float32)


@given(st.lists(st.integers(0, 12), min_size=1, max_size=8))
def test_any_chunking_gives_the_same_rows(sizes):
    samples = np.random.default_rng(1).normal(0, 0.1, 400 * sum(sizes)).astype(np.float32)
    stream = LogMel()
    pieces = np.split(samples, 400 * np.cumsum(sizes))[:-1]
    streamed = np.concatenate([stream.push(piece) for piece in pieces])
    assert np.allclose(streamed, log_mel(samples), atol=1e-5)


def test_a_row_hears_nothing_after_its_own_frame():
    one, other = sine(300), sine(300)
    other[12_000:] = 0
    assert np.array_equal(log_mel(one)[:30], log_mel(other)[:30])
    assert not np.array_equal(log_mel(one)[30], log_mel(other)[30])


def test_digital_silence_is_exactly_zero():
    assert not log_mel(np.zeros(4000, np.float32)).any()


def test_a_constant_offset_is_silence():
    assert log_mel(np.full(24_000, 0.8, np.float32))[4:].max() < 1e-3


@pytest.mark.parametrize("hz", [100, 440, 1000, 3000, 7000])
def test_a_full_scale_sine_lights_the_band_of_its_frequency(hz):
    row = log_mel(sine(hz))[30].reshape(2, 64)[0]
    edges = 700 * (10 ** (np.linspace(*(2595 * np.log10(1 + np.array([60, 8000]) / 700)), 66) / 2595) - 1)
    assert abs(int(row.argmax()) - int(np.abs(edges[1:-1] - hz).argmin())) <= 1
    assert -15 < row.max() * logmel.DB_PER_UNIT + logmel.FLOOR_DB < 1


def test_six_decibels_are_six_decibels():
    difference = log_mel(sine(1000, 0.8))[30].max() - log_mel(sine(1000, 0.4))[30].max()
    assert difference * logmel.DB_PER_UNIT == pytest.approx(20 * np.log10(2), abs=0.05)


def test_filters_weigh_one_each():
    assert np.allclose(logmel.filterbank().sum(0), 1, atol=1e-5)
