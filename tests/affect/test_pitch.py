"""Pitch, level and brightness: known sounds come out right, however they are cut."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from bridge.affect.pitch import BAND_EDGES_HZ, HOP, SPAN, frames
from bridge.dialogue import HEARING_RATE_HZ
from bridge.types import F32

pytestmark = pytest.mark.unit


def buzz(pitch_hz: float, seconds: float = 1.0, harmonics: int = 8) -> F32:
    t = np.arange(int(seconds * HEARING_RATE_HZ)) / HEARING_RATE_HZ
    parts = (np.sin(2 * np.pi * pitch_hz * k * t + k) / k for k in range(1, harmonics + 1))
    return (0.1 * sum(parts)).astype(np.float32)


@pytest.mark.parametrize("pitch_hz", [65.0, 98.7, 140.3, 220.0, 317.0, 470.0])
def test_the_pitch_of_a_buzz_is_its_own(pitch_hz):
    found = frames(buzz(pitch_hz)).pitch_hz
    assert np.all(np.abs(found / pitch_hz - 1.0) < 0.01)


def test_the_pitch_is_found_where_the_fundamental_is_weak():
    t = np.arange(HEARING_RATE_HZ) / HEARING_RATE_HZ
    sound = sum(amount * np.sin(2 * np.pi * 120 * k * t) for k, amount in ((1, 0.02), (2, 0.1), (3, 0.1), (4, 0.05)))
    assert np.median(frames(sound.astype(np.float32)).pitch_hz) == pytest.approx(120.0, rel=0.01)


def test_noise_and_silence_have_no_pitch():
    noise = np.random.default_rng(0).normal(0.0, 0.1, HEARING_RATE_HZ).astype(np.float32)
    assert np.mean(frames(noise).pitch_hz > 0.0) < 0.02
    assert not frames(np.zeros(HEARING_RATE_HZ, np.float32)).pitch_hz.any()
    assert not frames(np.full(HEARING_RATE_HZ, 0.5, np.float32)).pitch_hz.any()


def test_levels_are_of_full_scale_and_bands_tell_where_a_sound_is():
    t = np.arange(HEARING_RATE_HZ) / HEARING_RATE_HZ
    sine = (0.1 * np.sin(2 * np.pi * 200 * t)).astype(np.float32)
    assert np.allclose(frames(sine).level_db, -23.0, atol=0.3)
    for low, high in itertools.pairwise(BAND_EDGES_HZ):
        tone = np.sin(2 * np.pi * (low + high) / 2 * t).astype(np.float32)
        assert set(frames(tone).bands_db.argmax(axis=1)) == {BAND_EDGES_HZ.index(low)}


@pytest.mark.parametrize(
    ("count", "expected"), [(0, 0), (SPAN - 1, 0), (SPAN, 1), (SPAN + HOP - 1, 1), (SPAN + HOP, 2)]
)
def test_as_many_frames_as_are_whole(count, expected):
    assert len(frames(np.zeros(count, np.float32))) == expected
