"""Seeded noise: even, smooth, of unit size, and independent of how it is asked for."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.dsp.noise import Noise, derived, hashed, log_normal, normal

pytestmark = pytest.mark.law

HOUR = np.arange(216_000, dtype=np.int64)


def test_hashes_are_even_and_uncorrelated() -> None:
    u = hashed(9, HOUR)
    assert u.min() >= 0.0 and u.max() < 1.0
    assert np.histogram(u, 16, (0, 1))[0] / len(u) == pytest.approx(1 / 16, rel=0.03)
    assert abs(np.corrcoef(u[:-1], u[1:])[0, 1]) < 0.01
    assert abs(np.corrcoef(u, hashed(10, HOUR))[0, 1]) < 0.01


@given(st.integers(-(2**70), 2**70), st.integers(-(2**40), 2**40))
def test_a_hash_depends_on_its_number_alone(seed: int, first: int) -> None:
    n = np.arange(first, first + 5)
    assert np.array_equal(hashed(seed, n)[3:4], hashed(seed, n[3:4]))


def test_streams_of_one_seed_differ() -> None:
    assert len({derived(seed, name) for seed in range(3) for name in ("a", "b", "ab", "")}) == 12


def test_noise_has_unit_size_and_no_jumps() -> None:
    noise = Noise(4, (2.0, 0.5)).at(HOUR)
    assert noise.std(axis=0) == pytest.approx(1.0, abs=0.06)
    assert np.abs(noise.mean(axis=0)).max() < 0.1
    assert np.abs(noise).max() < 2.6
    assert np.abs(np.diff(noise, 2, axis=0)).max() < 0.02
    assert abs(np.corrcoef(noise.T)[0, 1]) < 0.05


@given(st.integers(-(10**6), 10**9), st.integers(1, 40))
def test_noise_has_random_access(first: int, count: int) -> None:
    noise, index = Noise(4, (3.0, 0.7, 0.01)), np.arange(first, first + count)
    whole = noise.at(index)
    assert all(np.array_equal(noise.at(index[k : k + 1])[0], whole[k]) for k in range(count))


def test_distributions() -> None:
    u, v = hashed(1, HOUR), hashed(2, HOUR)
    drawn = normal(u, v)
    assert (drawn.mean(), drawn.std()) == (pytest.approx(0.0, abs=0.02), pytest.approx(1.0, abs=0.02))
    assert np.median(log_normal(u, v, 3.0, 0.5)) == pytest.approx(3.0, rel=0.02)
