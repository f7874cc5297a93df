"""Utterances on the timeline."""

import numpy as np
import pytest

from bridge.layers.blend import stack
from bridge.layers.speech import EASE_IN_FRAMES, EASE_OUT_FRAMES, SpeechLayer
from bridge.types import SHAPE_INDEX, Motion, motion, still

pytestmark = pytest.mark.unit

JAW = SHAPE_INDEX["jawOpen"]


def open_mouth(count: int, value: float = 0.5, first_index: int = 0) -> Motion:
    face = np.zeros((count, 52), np.float32)
    face[:, JAW] = value
    return motion(first_index, face)


def jaw(speech: SpeechLayer, first: int, count: int) -> np.ndarray:
    return stack(still(first, count), speech.layers(first, count)).face[:, JAW]


def test_frames_stand_where_the_utterance_was_begun() -> None:
    speech = SpeechLayer(0)
    utterance = speech.begin(100)
    ramp = np.zeros((40, 52), np.float32)
    ramp[:, JAW] = np.arange(40) / 40
    utterance.push(motion(0, ramp[:13]))
    utterance.push(motion(13, ramp[13:]))
    assert utterance.end_index == 140
    assert jaw(speech, 105, 35) == pytest.approx(ramp[5:, JAW])
    assert not jaw(speech, 60, 40).any() and not jaw(speech, 140 + EASE_OUT_FRAMES, 20).any()


def test_it_eases_in_and_out() -> None:
    speech = SpeechLayer(0)
    speech.begin(20).push(open_mouth(30))
    shown = jaw(speech, 0, 80)
    assert shown[19] == 0 < shown[20] < 0.5 and shown[20 + EASE_IN_FRAMES] == pytest.approx(0.5)
    assert (np.diff(shown[:50]) >= -1e-6).all() and (np.diff(shown[49:]) <= 1e-6).all()
    assert np.abs(np.diff(shown)).max() < 0.2


def test_nothing_shows_before_frames_have_come() -> None:
    speech = SpeechLayer(0)
    speech.begin(0)
    assert speech.layers(0, 30) == [] and not speech.hold(0, 30).mouth.any()


def test_a_stop_takes_back_what_was_to_come() -> None:
    speech = SpeechLayer(0)
    utterance = speech.begin(0)
    utterance.push(open_mouth(60))
    later = speech.begin(60)
    later.push(open_mouth(60))
    speech.stop(30)
    utterance.push(open_mouth(5, first_index=60))
    later.push(open_mouth(5, first_index=60))
    shown = jaw(speech, 0, 200)
    assert shown[29] == pytest.approx(0.5) and 0 < shown[30] < 0.5
    assert not shown[30 + EASE_OUT_FRAMES :].any()


def test_a_new_utterance_fades_over_the_end_of_the_old() -> None:
    speech = SpeechLayer(0)
    speech.begin(0).push(open_mouth(30, 0.8))
    speech.begin(30).push(open_mouth(30, 0.2))
    shown = jaw(speech, 20, 30)
    assert shown[9] == pytest.approx(0.8) and shown[10 + EASE_OUT_FRAMES] == pytest.approx(0.2)
    assert (np.diff(shown) <= 1e-6).all() and np.abs(np.diff(shown)).max() < 0.25


def test_memory_stays_small_and_shows_the_same() -> None:
    speech, whole = SpeechLayer(0), SpeechLayer(0)
    values = np.random.default_rng(0).random(3000)
    for layer in (speech, whole):
        layer.begin(0)
    for k, value in enumerate(values):
        for layer in (speech, whole):
            layer._utterances[-1].push(open_mouth(1, value, k))
        speech.forget_before(k - 60)
        assert len(speech._utterances[-1]._parts) < 70
        if k % 100 == 0 and k:
            assert np.array_equal(jaw(speech, k - 30, 60), jaw(whole, k - 30, 60))
    speech.begin(3100)
    speech.forget_before(4000)
    assert len(speech._utterances) == 1


def test_talking_adds_blinks_while_it_lasts() -> None:
    speech = SpeechLayer(0)
    speech.begin(0).push(still(0, 3600))
    lids = stack(still(0, 7200), speech.layers(0, 7200)).face[:, SHAPE_INDEX["eyeBlinkLeft"]]
    assert (lids[:3600] > 0.5).any() and not lids[3640:].any()
    assert np.abs(np.diff(lids)).max() < 0.5
