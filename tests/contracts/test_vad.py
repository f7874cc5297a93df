"""What every speech detector in the folder promises: `bridge.ports.Vad`."""

import importlib

import numpy as np
import pytest
import soxr
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge import providers
from bridge.dialogue import HEARING_RATE_HZ
from bridge.errors import ModelError
from bridge.providers import vad
from bridge.providers.tts import espeak
from bridge.timebase import SAMPLE_RATE_HZ

pytestmark = pytest.mark.contract

SECOND = HEARING_RATE_HZ
NAMES = providers.names("vad")


@pytest.fixture(params=NAMES)
def detector(request):
    return vad.build(request.param, {})


@pytest.fixture(scope="module")
def voice():
    said = espeak.speak("Could you tell me when the next train to the airport leaves?", espeak.Options(voice="f2"))
    return soxr.resample(said.samples, SAMPLE_RATE_HZ, HEARING_RATE_HZ).astype(np.float32)


def noise(seconds, level, seed=1):
    return (np.random.default_rng(seed).standard_normal(int(seconds * SECOND)) * level).astype(np.float32)


def hum(seconds):
    t = np.arange(int(seconds * SECOND)) / SECOND
    return sum(0.2 / k * np.sin(2 * np.pi * 50 * k * t) for k in (1, 2, 3, 5)).astype(np.float32)


@pytest.mark.parametrize("gain_db", [0, -25, 30], ids=["as it is", "soft", "shouted into the limits"])
def test_speech_is_told(detector, voice, gain_db):
    probabilities = np.array(detector.push(np.clip(voice * np.float32(10 ** (gain_db / 20)), -1, 1)))
    assert len(probabilities) == len(voice) // detector.window
    assert np.mean(probabilities > 0.5) > 0.7
    assert probabilities.min() >= 0 and probabilities.max() <= 1


def test_speech_is_told_in_noise(detector, voice):
    mixed = voice + noise(len(voice) / SECOND, 0.1 * voice.std())[: len(voice)]
    assert np.mean(np.array(detector.push(mixed)) > 0.5) > 0.7


@pytest.mark.parametrize(
    "sound",
    [np.zeros(3 * SECOND, np.float32), noise(3, 0.003), noise(3, 0.1), hum(3), np.full(3 * SECOND, 0.5, np.float32)],
    ids=["silence", "soft noise", "loud noise", "hum", "offset"],
)
def test_what_is_no_speech_is_not_taken_for_it(detector, sound):
    probabilities = np.array(detector.push(sound))
    assert np.mean(probabilities > 0.5) < 0.05


def test_a_pause_between_words_is_told(detector, voice):
    detector.push(voice)
    quiet = np.array(detector.push(noise(2, 0.001)))
    assert (quiet[5:] < 0.35).all()


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=20, deadline=None)
@given(cuts=st.lists(st.integers(0, 3 * SECOND), max_size=12))
def test_any_chunking_gives_the_same(name, voice, cuts):
    sound = voice[: 3 * SECOND]
    whole = vad.build(name, {}).push(sound)
    cut = vad.build(name, {})
    assert [p for piece in np.split(sound, sorted(cuts)) for p in cut.push(piece)] == whole


def test_reset_forgets(detector, voice):
    first = detector.push(voice[:10_000])
    detector.reset()
    assert detector.push(voice[:10_000]) == first


@pytest.mark.parametrize("name", NAMES)
def test_two_detectors_do_not_know_each_other(name, voice):
    alone = vad.build(name, {}).push(voice)
    one, other = vad.build(name, {}), vad.build(name, {})
    together = []
    for start in range(0, len(voice), 512):
        together += one.push(voice[start : start + 512])
        other.push(noise(0.032, 0.3, start))
    assert together == alone


@pytest.mark.parametrize("name", NAMES)
def test_defines_options_with_defaults(name):
    module = importlib.import_module(f"bridge.providers.vad.{name}")
    assert callable(module.build)
    module.Options()


def test_a_missing_network_is_one_sentence(tmp_path):
    with pytest.raises(ModelError, match="no network at"):
        vad.build("silero", {"model": str(tmp_path / "none.onnx")})
