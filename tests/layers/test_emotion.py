"""Emotions: what they show, how they come and go, and that they leave the voice its lips."""

import numpy as np
import pytest

from bridge.errors import ConfigError
from bridge.layers.cues import EASE_FRAMES
from bridge.layers.emotion import EmotionLayer
from bridge.layers.mixer import Mixer
from bridge.layers.speech import Hold
from bridge.types import EMOTIONS, SHAPE_INDEX, motion, still

pytestmark = pytest.mark.unit


def shown(emotion: EmotionLayer, first: int, count: int, speaking: float = 0.0) -> np.ndarray:
    layers = emotion.layers(first, count, Hold(np.full(count, speaking), np.full(count, speaking)))
    return layers[0].motion.face if layers else np.zeros((count, 52))


def felt(name: str, intensity: float = 1.0, speaking: float = 0.0) -> np.ndarray:
    emotion = EmotionLayer()
    emotion.set(name, intensity, 0)
    return shown(emotion, 100, 1, speaking)[0]


def test_each_shows_its_own_face() -> None:
    faces = {name: felt(name) for name in EMOTIONS}
    assert not faces["neutral"].any()
    for name in EMOTIONS[1:]:
        assert 0.1 < faces[name].max() <= 1.0
    for a in EMOTIONS[1:]:
        for b in EMOTIONS[1:]:
            alike = faces[a] @ faces[b] / np.linalg.norm(faces[a]) / np.linalg.norm(faces[b])
            assert a == b or {a, b} == {"happy", "content"} or alike < 0.85


def test_faces_have_two_like_halves() -> None:
    for name in EMOTIONS:
        face = felt(name)
        for left, index in SHAPE_INDEX.items():
            if left.endswith("Left"):
                assert face[index] == face[SHAPE_INDEX[left[:-4] + "Right"]]


def test_intensity_scales() -> None:
    assert felt("angry", 0.5) == pytest.approx(0.5 * felt("angry"))


def test_it_eases_in_and_may_change_on_the_way() -> None:
    emotion = EmotionLayer()
    emotion.set("happy", 1.0, 10)
    emotion.set("sad", 0.6, 22)
    faces = shown(emotion, 0, 120)
    assert not faces[:11].any()
    assert np.abs(np.diff(faces, axis=0)).max() < 0.06
    assert faces[22 + EASE_FRAMES] == pytest.approx(felt("sad", 0.6))


def test_a_later_cue_is_replaced_by_an_earlier_one() -> None:
    emotion = EmotionLayer()
    emotion.set("happy", 1.0, 50)
    emotion.set("angry", 1.0, 20)
    assert shown(emotion, 120, 1)[0] == pytest.approx(felt("angry"))


def test_memory_stays_small() -> None:
    emotion = EmotionLayer()
    for index in range(0, 10_000, 10):
        emotion.set(EMOTIONS[index // 10 % 8], 0.5, index)
        emotion.forget_before(index)
        assert len(emotion._cues) < 8


@pytest.mark.parametrize("name", EMOTIONS)
def test_lips_still_close_while_speaking(name: str) -> None:
    mixer = Mixer(0)
    mixer.emotion.set(name, 1.0, 0)
    mixer.speech.begin(100).push(still(0, 60))
    face = mixer.mix(130, 1).face[0]
    for part in ("jawOpen", "mouthLowerDownLeft", "mouthUpperUpLeft", "mouthFunnel", "mouthShrugLower"):
        assert face[SHAPE_INDEX[part]] == 0.0


def test_the_voice_keeps_the_mouth_and_the_emotion_the_brows() -> None:
    still_sad, speaking_sad = felt("sad"), felt("sad", speaking=1.0)
    assert speaking_sad[SHAPE_INDEX["browInnerUp"]] == still_sad[SHAPE_INDEX["browInnerUp"]]
    assert 0 < speaking_sad[SHAPE_INDEX["mouthFrownLeft"]] < still_sad[SHAPE_INDEX["mouthFrownLeft"]]


def test_it_lies_on_speech() -> None:
    plain, glad = Mixer(0), Mixer(0)
    face = np.zeros((60, 52), np.float32)
    face[:, SHAPE_INDEX["jawOpen"]] = 0.4
    for mixer in (plain, glad):
        mixer.speech.begin(100).push(motion(0, face))
    glad.emotion.set("happy", 1.0, 0)
    a, b = plain.mix(130, 1).face[0], glad.mix(130, 1).face[0]
    assert a[SHAPE_INDEX["jawOpen"]] == b[SHAPE_INDEX["jawOpen"]]
    assert b[SHAPE_INDEX["mouthSmileLeft"]] > a[SHAPE_INDEX["mouthSmileLeft"]] + 0.2


def test_a_smile_gives_way_to_the_voice_gently_and_comes_back() -> None:
    mixer = Mixer(0)
    mixer.emotion.set("happy", 1.0, 0)
    mixer.speech.begin(100).push(still(0, 100))
    smile = mixer.mix(60, 250).face[:, SHAPE_INDEX["mouthSmileLeft"]]
    assert smile[120] < 0.6 * smile[0] and smile[-1] > 0.9 * smile[0]
    assert np.abs(np.diff(smile)).max() < 0.05


def test_mistakes_are_told() -> None:
    with pytest.raises(ConfigError, match="no emotion 'joy'; there are neutral, happy"):
        EmotionLayer().set("joy", 1.0, 0)
    for intensity in (-0.1, 1.1, float("nan")):
        with pytest.raises(ConfigError, match="between 0 and 1"):
            EmotionLayer().set("happy", intensity, 0)
