"""Laws of the stack of layers: the same frames whatever way they are asked for, within what faces can do."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.layers.blend import Layer
from bridge.layers.mixer import Mixer
from bridge.layers.speech import EASE_OUT_FRAMES
from bridge.timebase import FPS_NUM
from bridge.types import (
    ARKIT_BLENDSHAPES,
    EMOTIONS,
    JOINT_COUNT,
    JOINT_INDEX,
    SHAPE_COUNT,
    SHAPE_INDEX,
    Motion,
    concatenate,
    motion,
)

pytestmark = pytest.mark.law

MONTH = 60 * 3600 * 24 * 30
MOUTH = [i for i, name in enumerate(ARKIT_BLENDSHAPES) if name.startswith(("mouth", "jaw", "tongue"))]
frames_counts = st.lists(st.integers(1, 200), min_size=1, max_size=12)


def talking(count: int, seed: int = 0) -> Motion:
    """An utterance that moves everything, and hard."""
    rng = np.random.default_rng(seed)
    return motion(
        0,
        rng.random((count, SHAPE_COUNT)),
        head_rad=0.2 * rng.standard_normal((count, 3)),
        gaze_rad=0.1 * rng.standard_normal((count, 2)),
        pose_rad=0.3 * rng.standard_normal((count, JOINT_COUNT, 3)),
    )


def busy_mixer(seed: int, start: int) -> Mixer:
    mixer = Mixer(seed)
    mixer.speech.begin(start + 20).push(talking(90))
    utterance, spoken = mixer.speech.begin(start + 115), talking(200, 1)
    for first in range(0, len(spoken), 7):
        utterance.push(spoken[first : first + 7])
    mixer.emotion.set("sad", 0.8, start + 40)
    mixer.emotion.set("surprised", 1.0, start + 60)
    mixer.speech.stop(start + 250)
    mixer.override.set("browInnerUp", 0.7, 0.5)
    mixer.override.set("eyeLookUpLeft", 0.4)
    return mixer


def same(a: Motion, b: Motion) -> bool:
    arrays = ("face", "head_rad", "gaze_rad", "pose_rad")
    return a.first_index == b.first_index and all(
        getattr(a, name).tobytes() == getattr(b, name).tobytes() for name in arrays
    )


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**70), start=st.integers(0, MONTH), counts=frames_counts)
def test_any_chunking_gives_the_same_bits(seed: int, start: int, counts: list[int]) -> None:
    whole = busy_mixer(seed, start).mix(start, sum(counts))
    mixer, parts, index = busy_mixer(seed, start), [], start
    for count in counts:
        parts.append(mixer.mix(index, count))
        index += count
        mixer.forget_before(index)
    assert same(concatenate(parts), whole)


@settings(max_examples=30, deadline=None)
@given(start=st.integers(0, MONTH), ahead=st.integers(1, 18), behind=st.integers(0, 400))
def test_frames_can_be_rendered_again(start: int, ahead: int, behind: int) -> None:
    mixer = busy_mixer(3, start)
    first = mixer.mix(start + behind, ahead)
    mixer.mix(start + 5 * behind, 7)
    assert same(mixer.mix(start + behind, ahead), first)


def test_seeds_differ() -> None:
    assert not np.array_equal(Mixer(1).mix(0, 60).head_rad, Mixer(2).mix(0, 60).head_rad)


@settings(max_examples=60, deadline=None)
@given(
    wild=st.lists(st.sampled_from([np.nan, np.inf, -np.inf, -3.0, 0.5, 1e30]), min_size=6, max_size=6),
    emotion=st.sampled_from(EMOTIONS),
    weight=st.sampled_from([0.0, 0.3, 1.0, np.nan]),
)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_nothing_impossible_leaves(wild: list[float], emotion: str, weight: float) -> None:
    mixer, count = Mixer(5), 30
    rng = np.random.default_rng(0)
    mixer.emotion.set(emotion, 1.0, 0)
    pick = lambda *shape: rng.choice(np.array(wild), shape)  # noqa: E731
    for name in ("gesture", "capture"):
        wildly = motion(
            0, pick(count, 52), head_rad=pick(count, 3), gaze_rad=pick(count, 2), pose_rad=pick(count, 24, 3)
        )
        out = mixer.mix(0, count, [Layer(name, wildly, weight)])
        for array in (out.face, out.head_rad, out.gaze_rad, out.pose_rad):
            assert np.isfinite(array).all()
        assert (out.face >= 0).all() and (out.face <= 1).all()
        assert (out.face[:, SHAPE_INDEX["mouthClose"]] <= out.face[:, SHAPE_INDEX["jawOpen"]]).all()


@settings(max_examples=40, deadline=None)
@given(stop=st.integers(1, 119), start=st.integers(0, 10_000))
def test_a_stop_eases_the_mouth_shut_within_150_ms(stop: int, start: int) -> None:
    mixer = Mixer(1)
    shout = motion(0, np.full((120, SHAPE_COUNT), 0.9, np.float32))
    mixer.speech.begin(start).push(shout)
    mixer.speech.stop(start + stop)
    shown = mixer.mix(start, 200).face[:, MOUTH]
    idle = Mixer(1).mix(start, 200).face[:, MOUTH]
    shut = stop + EASE_OUT_FRAMES
    assert (EASE_OUT_FRAMES + 1) / FPS_NUM <= 0.150
    assert np.array_equal(shown[shut:], idle[shut:])
    # No frame moves a shape by more than the steepest part of the ease does.
    assert np.abs(np.diff(shown[max(stop - 1, 5) :], axis=0)).max(initial=0.0) < 0.9 * 1.6 / EASE_OUT_FRAMES


def test_speech_has_the_mouth_and_idle_the_rest() -> None:
    mixer, idle = Mixer(4), Mixer(4).mix(100, 300)
    face = np.zeros((200, SHAPE_COUNT), np.float32)
    face[:, SHAPE_INDEX["jawOpen"]] = 0.5
    mixer.speech.begin(150).push(motion(0, face))
    shown = mixer.mix(100, 300)
    spoken = shown.face[60:240]
    assert np.allclose(spoken[:, SHAPE_INDEX["jawOpen"]], 0.5)
    assert np.allclose(spoken[:, SHAPE_INDEX["mouthSmileLeft"]], 0.0)
    assert np.array_equal(shown.face[:50], idle.face[:50])
    assert np.array_equal(shown.head_rad[:50], idle.head_rad[:50])
    blink, brow = SHAPE_INDEX["eyeBlinkLeft"], SHAPE_INDEX["browInnerUp"]
    assert (shown.face[:, blink] >= idle.face[:, blink]).all() and (shown.face[:, brow] >= idle.face[:, brow]).all()


def test_the_head_turns_with_the_voice_and_the_eyes_stay_with_the_listener() -> None:
    def spoken(head_rad: list[float]) -> Motion:
        mixer = Mixer(4)
        mixer.speech.begin(0).push(motion(0, np.zeros((100, SHAPE_COUNT)), head_rad=np.tile(head_rad, (100, 1))))
        return mixer.mix(0, 300)

    nodding, level = spoken([0.1, 0.0, 0.0]), spoken([0.0, 0.0, 0.0])
    turned = nodding.head_rad - level.head_rad
    assert turned[50:100, 0] == pytest.approx(0.1, abs=0.005)
    assert np.abs(turned[140:]).max() < 1e-6
    assert np.abs(np.diff(turned[:, 0])).max() < 0.015
    looked = nodding.gaze_rad - level.gaze_rad
    assert looked[50:100, 1] == pytest.approx(-0.1, abs=0.005)


def test_a_speaker_moves_as_the_voice_does_and_calms_down_after() -> None:
    mixer, idle = Mixer(4), Mixer(4).mix(0, 7200)
    face, head, pose = np.zeros((3600, SHAPE_COUNT)), np.zeros((3600, 3)), np.zeros((3600, JOINT_COUNT, 3))
    face[:, SHAPE_INDEX["browInnerUp"]] = 0.2
    head[:, 0] = 0.05
    pose[:, JOINT_INDEX["spine2"], 1] = 0.1
    mixer.speech.begin(0).push(motion(0, face, head_rad=head, pose_rad=pose))
    shown = mixer.mix(0, 7200)
    talking = slice(100, 3600)
    brow = (shown.face - idle.face)[talking, SHAPE_INDEX["browInnerUp"]]
    assert brow == pytest.approx(np.full(3500, 0.2), abs=1e-5)
    # Rotations are put together as rotations are, so that the sum is near but not exact.
    assert (shown.head_rad - idle.head_rad)[talking, 0] == pytest.approx(np.full(3500, 0.05), abs=0.005)
    spine = (shown.pose_rad - idle.pose_rad)[talking, JOINT_INDEX["spine2"], 1]
    assert spine == pytest.approx(np.full(3500, 0.1), abs=0.005)
    assert np.array_equal(shown.face[3700:], idle.face[3700:])
    assert np.allclose(shown.head_rad[3700:], idle.head_rad[3700:], atol=1e-6)
    assert np.allclose(shown.pose_rad[3700:], idle.pose_rad[3700:], atol=1e-6)
