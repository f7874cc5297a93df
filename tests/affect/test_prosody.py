"""Feelings in the voice: measures follow the voice's settings, and turns are judged against the speaker's own."""

from __future__ import annotations

import asyncio
import functools
import importlib.util
from contextlib import aclosing

import numpy as np
import pytest
import soxr

from bridge.affect import Evidence
from bridge.affect.pitch import frames
from bridge.affect.prosody import LONGEST_S, Prosody, Voice, measure
from bridge.dialogue import HEARING_RATE_HZ
from bridge.providers.tts import espeak
from bridge.timebase import SAMPLE_RATE_HZ
from bridge.types import EMOTIONS, F32

pytestmark = [
    pytest.mark.law,
    pytest.mark.skipif(importlib.util.find_spec("espeakng_loader") is None, reason="espeakng-loader is not installed"),
]

LINES = (
    "The weather in the valley was mild this morning.",
    "My neighbour will bring the keys around noon.",
    "We are moving the large table to the other room.",
    "Anna and Marion are eleven years old now.",
)


@functools.cache
def speech(line: str, rate_wpm: int = 175, pitch: int = 50, pitch_range: int = 50, gain: float = 1.0) -> F32:
    async def say() -> F32:
        voice = espeak.build(espeak.Options(rate_wpm=rate_wpm, pitch=pitch, pitch_range=pitch_range))
        try:
            async with aclosing(voice.stream(line)) as pieces:
                return np.concatenate([piece.samples async for piece in pieces])
        finally:
            await voice.aclose()

    spoken = soxr.resample(asyncio.run(say()), SAMPLE_RATE_HZ, HEARING_RATE_HZ)
    return (0.25 * gain * spoken).astype(np.float32)


def measured(line: str, **settings: float) -> Voice:
    voice = measure(frames(speech(line, **settings)))
    assert voice is not None
    return voice


def listener() -> Prosody:
    """Somebody who has heard three turns of the voice as it usually is."""
    prosody = Prosody()
    for line in LINES[:3]:
        prosody.push(speech(line))
        prosody.end()
    return prosody


def told(**settings: float) -> Evidence:
    prosody = listener()
    prosody.push(speech(LINES[3], **settings))
    return prosody.end()


def likelihood(evidence: Evidence, *names: str) -> float:
    return float(sum(evidence.likelihood[EMOTIONS.index(name)] for name in names))


@pytest.mark.parametrize(
    ("measure_name", "setting", "values"),
    [
        ("pitch_st", "pitch", (10, 50, 90)),
        ("range_st", "pitch_range", (10, 50, 90)),
        ("change_db", "rate_wpm", (110, 175, 260)),
        ("level_db", "gain", (0.3, 1.0, 3.0)),
    ],
)
def test_each_measure_rises_with_what_it_measures(measure_name, setting, values):
    for line in LINES[:2]:
        low, middle, high = (getattr(measured(line, **{setting: value}), measure_name) for value in values)
        assert low < middle < high


def test_a_level_is_told_in_decibels():
    assert measured(LINES[0], gain=2.0).level_db - measured(LINES[0]).level_db == pytest.approx(6.02, abs=0.1)


def test_the_first_turn_tells_nothing():
    prosody = Prosody()
    prosody.push(speech(LINES[0], pitch=90))
    assert prosody.end().confidence == 0.0


def test_the_same_voice_again_is_neutral():
    evidence = told()
    assert int(evidence.likelihood.argmax()) == EMOTIONS.index("neutral")
    assert evidence.confidence < 0.2


def test_an_excited_voice_is_told_from_a_subdued_one():
    excited = told(pitch=85, pitch_range=90, rate_wpm=210, gain=2.0)
    subdued = told(pitch=20, pitch_range=15, rate_wpm=120, gain=0.4)
    assert likelihood(excited, "happy", "surprised", "angry", "fearful") > 0.8
    assert likelihood(subdued, "sad", "content") > 0.6
    assert min(excited.intensity, subdued.intensity) > told().intensity
    assert max(excited.confidence, subdued.confidence) < 0.5


def test_confidence_grows_with_the_turns_known():
    sure = []
    for turns in (1, 3, 9):
        prosody = Prosody()
        for turn in range(turns):
            prosody.push(speech(LINES[turn % 3]))
            prosody.end()
        prosody.push(speech(LINES[3], pitch=85, gain=2.0))
        sure.append(prosody.end().confidence)
    assert sure == sorted(sure) and sure[0] < sure[-1]


@pytest.mark.parametrize("size", [1, 37, 160, 4096])
def test_the_pieces_do_not_matter(size):
    samples = speech(LINES[3], pitch=80)[: 4000 if size == 1 else None]
    whole, pieces = Prosody(), Prosody()
    for prosody in (whole, pieces):
        prosody.push(speech(LINES[0]))
        prosody.end()
    whole.push(samples)
    for start in range(0, len(samples), size):
        pieces.push(samples[start : start + size])
    first, second = whole.end(), pieces.end()
    assert np.allclose(first.likelihood, second.likelihood, atol=1e-6)
    assert first.confidence == pytest.approx(second.confidence, abs=1e-9)


def test_silence_noise_and_broken_turns_tell_nothing_and_teach_nothing():
    rng = np.random.default_rng(0)
    prosody = listener()
    for sound in (np.zeros(0), np.zeros(HEARING_RATE_HZ), rng.normal(0.0, 0.1, HEARING_RATE_HZ)):
        prosody.push(sound.astype(np.float32))
        assert prosody.end().confidence == 0.0
    prosody.push(speech(LINES[3], pitch=95))
    prosody.drop()
    prosody.push(speech(LINES[3]))
    assert np.array_equal(prosody.end().likelihood, told().likelihood)


def test_a_monologue_is_judged_by_its_last_minute():
    low, high = speech(LINES[3], pitch=20), speech(LINES[3], pitch=80)
    minute = int(LONGEST_S * HEARING_RATE_HZ)
    prosody, short = listener(), listener()
    prosody.push(np.resize(low, 2 * minute))
    prosody.push(np.resize(high, minute + HEARING_RATE_HZ))
    short.push(np.resize(high, minute + HEARING_RATE_HZ))
    assert np.allclose(prosody.end().likelihood, short.end().likelihood, atol=1e-6)
