"""Lips by the phones: the same for any pieces, as the phones ask, in time, and only where a voice tells them."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.face.articulation import curves
from bridge.face.lips import AHEAD_FRAMES, BLOCK_FRAMES, PhoneLips
from bridge.layers.cues import EASE_FRAMES
from bridge.types import ARKIT_BLENDSHAPES, SHAPE_INDEX, Phone, Speech, concatenate, freeze, motion

pytestmark = pytest.mark.law

JAW, CLOSE = SHAPE_INDEX["jawOpen"], SHAPE_INDEX["mouthClose"]
MOUTH = [i for i, name in enumerate(ARKIT_BLENDSHAPES) if name.startswith(("mouth", "jaw", "tongue"))]
REST = sorted({*range(52)} - {*MOUTH})
LAG = 7
"""How many frames the face model waits: its usual lookahead and one."""


class Heard:
    """A face model whose every shape tells the frame's number, `lag` frames behind the samples."""

    def __init__(self, lag=LAG):
        self._lag, self._samples, self._given = lag, 0, 0

    def push(self, count):
        self._samples += count
        return self._upto(self._samples // 400 - self._lag)

    def flush(self):
        return self._upto(-(-self._samples // 400))

    def _upto(self, end):
        first, self._given = self._given, max(self._given, end)
        index = np.arange(first, self._given)
        face = np.repeat(0.3 + 0.2 * np.sin(index / 9)[:, None], 52, axis=1)
        return motion(first, face, head_rad=np.repeat(index[:, None] / 1000, 3, axis=1))


def pieces(samples, phones, sizes):
    """A sentence in pieces of `sizes` and one more, each with the phones that start in it."""
    ends = [end for end in np.cumsum(sizes).tolist() if end < samples] + [samples]
    for start, end in zip([0, *ends], ends, strict=False):
        told = tuple(p for p in phones if start <= p.start_s * 24_000 < end)
        yield Speech(freeze(np.zeros(end - start)), told)


def speak(sentences, sizes=(), lag=LAG, emotions=()):
    """The frames of an utterance of (samples, phones) each, put together; `emotions` of the first sentences."""
    face, lips, out = Heard(lag), PhoneLips(), []
    for at, (samples, phones) in enumerate(sentences):
        if at < len(emotions):
            lips.set_emotion(*emotions[at])
        out += [lips.push(piece, face.push(len(piece.samples))) for piece in pieces(samples, phones, sizes)]
        out.append(lips.end_sentence())
    return concatenate([*out, lips.flush(face.flush())])


def sentence(labels, phone_s=0.09, rest_s=0.3):
    """Phones of equal length from space-separated labels, and a pause, as espeak tells them."""
    edges = np.arange(len(labels.split()) + 1) * phone_s + 0.012
    phones = [Phone(edges[i], edges[i + 1], label) for i, label in enumerate(labels.split())]
    return round((edges[-1] + rest_s) * 24_000), [*phones, Phone(edges[-1], edges[-1] + rest_s, "")]


def untold(seconds):
    return round(seconds * 24_000), []


def whole(sentences):
    """The curves of all phones at once."""
    phones, start_s = [], 0.0
    for samples, told in sentences:
        phones += [Phone(p.start_s + start_s, p.end_s + start_s, p.ipa) for p in told]
        start_s += samples / 24_000
    return curves(phones, math.ceil(start_s * 60 - 1e-6))


LABELS = st.sampled_from(["", *"pbmfvθsʃtklwiaɑuyə", "tʃ", "aɪ"])
PHONES = st.lists(st.tuples(LABELS, st.floats(0.01, 0.5)), max_size=12)


@st.composite
def speech(draw):
    """A sentence, told or not, that may begin with silence and end with it or at once."""
    items = draw(PHONES)
    edges = np.cumsum([draw(st.floats(0, 0.6)), *(d for _, d in items)])
    phones = [Phone(edges[i], edges[i + 1], label) for i, (label, _) in enumerate(items)]
    return round((edges[-1] + draw(st.floats(0, 0.5))) * 24_000), phones


@settings(max_examples=80)
@given(st.lists(speech(), min_size=1, max_size=3), st.lists(st.integers(1, 9000), max_size=20), st.integers(1, 14))
def test_pieces_of_any_size_give_the_same_frames(sentences, sizes, lag):
    divided, at_once = speak(sentences, sizes, lag), speak(sentences, (), lag)
    assert np.array_equal(divided.face, at_once.face)
    assert np.array_equal(divided.head_rad, at_once.head_rad)
    assert len(divided) == -(-sum(samples for samples, _ in sentences) // 400)
    assert divided.face.min(initial=0) >= 0 and divided.face.max(initial=0) <= 1


TOLD = [sentence("ð ə m j uː z ɪə m ɪ z ˈoʊ p ə n"), sentence("b l ˈuː b ɛ ɹ ɪ p ˈaɪ"), sentence("s t ɹ ˈuː d l̩ s")]


def test_the_mouth_is_what_the_phones_ask_for_and_the_rest_is_heard():
    frames, heard = speak(TOLD, [1500] * 99), speak([untold(n / 24_000) for n, _ in TOLD])
    assert np.abs(frames.face - whole(TOLD))[:, MOUTH].max() < 0.01
    assert np.array_equal(frames.face[:, REST], heard.face[:, REST])
    assert np.array_equal(frames.head_rad, heard.head_rad)


def test_a_voice_that_tells_no_phones_is_heard_as_before():
    model = Heard()
    alone = concatenate([model.push(round(2.6 * 24_000)), model.flush()])
    assert np.array_equal(speak([untold(1.7), untold(0.9)], [777] * 99).face, alone.face)
    pauses_only = [(samples, [Phone(0.0, 0.8, "")]) for samples, _ in (untold(1.7), untold(0.9))]
    assert np.array_equal(speak(pauses_only, [777] * 99).face, alone.face)


def counted(phones, samples=40_000, piece=400):
    """How many frames are out, and how many the model had given, after each frame of sound."""
    face, lips, had, out, counts = Heard(), PhoneLips(), 0, 0, []
    for speech_piece in pieces(samples, phones, [piece] * (samples // piece)):
        frames = face.push(len(speech_piece.samples))
        had += len(frames)
        out += len(lips.push(speech_piece, frames))
        counts.append((out, had))
    return counts


def test_frames_wait_for_the_phones_that_count_and_no_longer():
    assert all(had - out < BLOCK_FRAMES for out, had in counted([]))
    told = counted(sentence("a m a m " * 5)[1])
    for heard, (out, _) in enumerate(told, start=1):
        assert out == max(0, heard - AHEAD_FRAMES) // BLOCK_FRAMES * BLOCK_FRAMES


def test_the_end_of_a_sentence_waits_for_nobody():
    samples, phones = sentence("a m a")
    face, lips = Heard(), PhoneLips()
    given = sum(len(lips.push(p, face.push(len(p.samples)))) for p in pieces(samples, phones, [3000, 3000]))
    assert given + len(lips.end_sentence()) == samples // 400 - LAG
    assert LAG / 60 < 0.3, "what is still owed lies in the pause"


@pytest.mark.parametrize("lag", [1, LAG, 13])
def test_lips_part_for_the_next_sentence_however_far_the_model_hears(lag):
    sentences = [sentence("a m a"), sentence("ˈa t a"), sentence("ˈɛ s i")]
    frames = speak(sentences, [2400] * 99, lag)
    assert np.abs(frames.face - whole(sentences))[:, MOUTH].max() < 0.03


def test_told_and_untold_sentences_follow_one_another_without_a_jump():
    model = Heard()
    sentences = [sentence("a m a"), untold(1.0), sentence("a p a")]
    frames = speak(sentences, [2000] * 40)
    starts = np.cumsum([0, *(samples // 400 for samples, _ in sentences)])
    heard = concatenate([model.push(sum(samples for samples, _ in sentences)), model.flush()]).face
    second = slice(starts[1] + 2 * BLOCK_FRAMES, starts[2] - BLOCK_FRAMES)
    assert np.array_equal(frames.face[second], heard[second])
    third = slice(starts[2] + 2 * BLOCK_FRAMES, None)
    assert np.abs(frames.face - whole(sentences))[third][:, MOUTH].max() < 0.01
    assert np.abs(np.diff(frames.face[:, MOUTH], axis=0)).max() < 0.15


def test_an_emotion_has_its_manner_and_lips_still_meet():
    said = [sentence("a m a b a"), sentence("a m a b a m a b a")]
    calm, sad_later = speak(said), speak(said, emotions=[("neutral", 1.0), ("sad", 1.0)])
    begins = said[0][0] // 400
    assert np.array_equal(calm.face[:begins], sad_later.face[:begins])
    eased_in = begins + EASE_FRAMES
    assert sad_later.face[eased_in:, JAW].max() == pytest.approx(0.7 * calm.face[eased_in:, JAW].max(), rel=1e-3)
    sad = speak(said, emotions=[("sad", 1.0)])
    assert sad.face[:begins, JAW].max() == pytest.approx(0.7 * calm.face[:begins, JAW].max(), rel=1e-3)
    for frames in (calm, sad, sad_later):
        m = slice(math.ceil((0.012 + 0.10) * 60), int((0.012 + 0.17) * 60) + 1)
        gap = (frames.face[m, JAW] - frames.face[m, CLOSE]) / frames.face[m, JAW]
        assert gap.min() < 0.05


NUMBERS = st.floats(allow_nan=True, allow_infinity=True)


@settings(max_examples=60)
@given(st.lists(st.builds(Phone, NUMBERS, NUMBERS, LABELS), max_size=8))
def test_phones_that_make_no_sense_break_nothing(phones):
    face, lips = Heard(), PhoneLips()
    out = [lips.push(Speech(freeze(np.zeros(9000)), tuple(phones)), face.push(9000)), lips.end_sentence()]
    out.append(lips.push(Speech(freeze(np.zeros(9000)), (Phone(0.1, 0.3, "a"),)), face.push(9000)))
    frames = concatenate([*out, lips.end_sentence(), lips.flush(face.flush())])
    assert len(frames) == 45 and np.isfinite(frames.face).all()


def test_no_sound_is_no_frames():
    lips = PhoneLips()
    assert len(lips.push(Speech(freeze(np.zeros(0)), (Phone(0.0, 0.1, "a"),)), Heard().push(0))) == 0
    assert len(lips.end_sentence()) == 0 and len(lips.flush(Heard().flush())) == 0
