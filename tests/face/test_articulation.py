"""The teacher's laws: what lips, jaw and tongue do in each sound, and that the curves are a face's."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.face.articulation import curves
from bridge.types import ARKIT_BLENDSHAPES, SHAPE_INDEX, Phone

pytestmark = pytest.mark.law

FPS = 60


def spoken(text, phone_s=0.1, start_s=0.3):
    """Phones of equal length from space-separated labels; `_` is a pause."""
    labels = ["" if label == "_" else label for label in text.split()]
    return [Phone(start_s + i * phone_s, start_s + (i + 1) * phone_s, label) for i, label in enumerate(labels)]


def face(phones, seconds=2.0):
    return curves(phones, int(seconds * FPS))


def shape(frames, name):
    return frames[:, SHAPE_INDEX[name]]


def lip_gap(frames):
    """How far apart the lips are, in units of jawOpen."""
    pairs = [(n, shape(frames, n + "Left")) for n in ("mouthLowerDown", "mouthUpperUp", "mouthPress")]
    lower, upper, press = (values for _, values in pairs)
    roll = (shape(frames, "mouthRollLower") + shape(frames, "mouthRollUpper")) / 2
    gap = shape(frames, "jawOpen") - shape(frames, "mouthClose") + 0.5 * lower + 0.5 * upper
    return np.maximum(gap + 0.2 * shape(frames, "mouthFunnel") - 0.5 * press - 0.3 * roll, 0)


def within(phone):
    return slice(int(np.ceil(phone.start_s * FPS)), int(phone.end_s * FPS) + 1)


LABELS = st.sampled_from(["", *"pbmfvθsʃtklhwɹjieɛaɑʌoɔuyəЖ", "tʃ", "aɪ", "ɔɪ", "iɑu", "tɕh", "AA1", "ER0", "M"])
DURATIONS = st.floats(0.01, 0.5)
SPEECH = st.lists(st.tuples(LABELS, DURATIONS), max_size=25)


def sequence(items):
    edges = np.cumsum([0.1, *(d for _, d in items)])
    return [Phone(edges[i], edges[i + 1], label) for i, (label, _) in enumerate(items)]


@given(SPEECH)
@settings(max_examples=60, deadline=None)
def test_curves_are_a_face(items):
    frames = face(sequence(items), 4)
    assert frames.shape == (240, 52) and frames.dtype == np.float32 and not frames.flags.writeable
    assert np.isfinite(frames).all() and frames.min() >= 0 and frames.max() <= 1
    assert (shape(frames, "mouthClose") <= shape(frames, "jawOpen") + 1e-6).all()
    for name in ARKIT_BLENDSHAPES:
        if name.endswith("Left") and name not in ("jawLeft", "mouthLeft"):
            assert np.array_equal(shape(frames, name), shape(frames, name[:-4] + "Right"))


@given(SPEECH)
@settings(max_examples=60, deadline=None)
def test_nothing_jumps(items):
    frames = face(sequence(items), 4)
    assert np.abs(np.diff(frames, axis=0)).max(initial=0) < 0.3
    assert np.abs(np.diff(shape(frames, "jawOpen"))).max() * FPS < 10


@given(SPEECH)
@settings(max_examples=60, deadline=None)
def test_lips_meet_in_every_bilabial(items):
    phones = sequence(items)
    gap = lip_gap(face(phones, 13))
    for phone in phones:
        if phone.ipa in ("p", "b", "m", "M"):
            assert gap[max(int((phone.start_s - 0.02) * FPS), 0) : int((phone.end_s + 0.02) * FPS) + 1].min() <= 0.06


@given(SPEECH, st.integers(1, 200))
@settings(max_examples=30, deadline=None)
def test_a_frame_does_not_depend_on_how_many_are_asked_for(items, count):
    phones = sequence(items)
    assert np.allclose(curves(phones, 240)[:count], curves(phones, count), atol=1e-6)


@given(SPEECH, st.integers(0, 300))
@settings(max_examples=30, deadline=None)
def test_a_frame_does_not_depend_on_where_one_begins_to_ask(items, first):
    phones = sequence(items)
    assert np.allclose(curves(phones, 310)[first:], curves(phones, 310 - first, first), atol=1e-6)


def test_silence_is_a_shut_mouth():
    assert not face([]).any()
    assert not face([Phone(0.0, 1.0, "")]).any()
    assert curves(spoken("a"), 0).shape == (0, 52)
    frames = face(spoken("a a a _ _ _ _ _ a a"))
    assert lip_gap(frames)[:7].max() == 0
    assert lip_gap(frames)[int(0.75 * FPS) : int(0.95 * FPS)].max() < 0.01
    assert lip_gap(frames)[-30:].max() == 0


def test_a_gap_between_phones_is_a_pause():
    silent = [Phone(0.3, 0.6, "a"), Phone(0.6, 1.1, ""), Phone(1.1, 1.4, "a")]
    assert np.array_equal(face(silent), face([silent[0], silent[2]]))


def test_lips_part_just_before_speech_and_a_short_pause_only_dips():
    gap = lip_gap(face(spoken("a", 0.3)))
    assert 0 < gap[int(0.25 * FPS)] < gap[int(0.45 * FPS)]
    dip = lip_gap(face([Phone(0.3, 0.6, "a"), Phone(0.72, 1.02, "a")]))[within(Phone(0.55, 0.77, ""))].min()
    assert 0.05 < dip < 0.9 * gap.max()


def test_an_utterance_that_begins_at_once_begins_at_rest():
    frames = face(spoken("a", 0.3, start_s=0.0))
    assert frames[0].max() < 0.1
    assert lip_gap(frames)[6] > 0.3


def test_lower_lip_meets_the_upper_teeth():
    phones = spoken("a f a v a", 0.14)
    frames = face(phones)
    for phone in (phones[1], phones[3]):
        assert shape(frames, "mouthRollLower")[within(phone)].max() > 0.3
        assert shape(frames, "mouthUpperUpLeft")[within(phone)].max() > 0.1
        assert shape(frames, "jawOpen")[within(phone)].min() < 0.2
    assert shape(frames, "mouthRollLower")[within(phones[2])].min() < 0.05


def test_rounding_comes_before_its_sound():
    phones = spoken("ə t u t ə")
    pucker = shape(face(phones), "mouthPucker")
    middle = {p.ipa: pucker[int((p.start_s + p.end_s) / 2 * FPS)] for p in phones[:3]}
    assert middle["u"] > 0.45
    assert middle["t"] > 0.25
    assert middle["ə"] < 0.15


def test_pucker_for_close_and_funnel_for_open_rounding():
    def peak(label, name):
        return shape(face(spoken(f"a {label} a", 0.15)), name).max()

    for label in ("u", "w", "y"):
        assert peak(label, "mouthPucker") > 0.4 and peak(label, "mouthPucker") > 2 * peak(label, "mouthFunnel")
    for label in ("ʃ", "tʃ", "ɔ"):
        assert peak(label, "mouthFunnel") > 0.2 and peak(label, "mouthFunnel") > peak(label, "mouthPucker")


def test_spread_sounds_let_rounding_go():
    phones = spoken("u s i s u", 0.12)
    frames = face(phones)
    rounding = np.maximum(shape(frames, "mouthPucker"), shape(frames, "mouthFunnel"))
    assert rounding[within(phones[2])].max() < 0.15
    assert shape(frames, "mouthStretchLeft")[within(phones[2])].max() > 0.08


def test_the_jaw_follows_the_vowel():
    heights = [shape(face(spoken(f"t {v} t", 0.15)), "jawOpen").max() for v in ("i", "e", "ɛ", "ˈa")]
    assert heights == sorted(heights)
    assert heights[0] < 0.2 and 0.4 < heights[-1] < 0.65


def test_fast_speech_undershoots_but_still_closes():
    slow, fast = (face(spoken("t a b a t a", s)) for s in (0.2, 0.06))
    assert shape(fast, "jawOpen").max() < 0.9 * shape(slow, "jawOpen").max()
    assert lip_gap(fast)[within(spoken("t a b", 0.06)[2])].min() < 0.06


def test_a_diphthong_moves():
    phones = spoken("t ˈaʊ t", 0.25)
    frames = face(phones)[within(phones[1])]
    assert np.argmax(shape(frames, "jawOpen")) < np.argmax(shape(frames, "mouthPucker"))
    assert shape(frames, "mouthPucker").max() > 0.2


def test_only_the_mouth_and_jaw_move():
    moving = {n for n in ARKIT_BLENDSHAPES if shape(face(spoken("p a f u s θ i ʃ o")), n).any()}
    assert {n for n in moving if not n.startswith(("jaw", "mouth", "tongue"))} == set()
    assert shape(face(spoken("a θ a")), "tongueOut").max() > 0.05
    assert shape(face(spoken("a l a")), "tongueOut").max() == 0


def test_long_speech_is_cut_into_blocks_without_a_seam():
    phones = spoken("m a m i u s " * 120, 0.1)
    whole = curves(phones, 72 * FPS)
    again = curves(phones[300:], 72 * FPS)
    assert np.allclose(whole[40 * FPS : 70 * FPS], again[40 * FPS : 70 * FPS], atol=1e-5)
