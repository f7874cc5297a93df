"""Feelings in the face: what the avatar shows is read as what it is, rest is no feeling, speech is no smile."""

from __future__ import annotations

import numpy as np
import pytest

from bridge.affect import Evidence
from bridge.affect.face import WINDOW_FRAMES, FaceReader
from bridge.layers.cues import EASE_FRAMES
from bridge.layers.emotion import EmotionLayer
from bridge.layers.idle import IdleLayer
from bridge.layers.speech import Hold
from bridge.types import EMOTIONS, F32, SHAPE_COUNT, SHAPE_INDEX

pytestmark = pytest.mark.law

SECOND = 60


def face_of(emotion: str, intensity: float) -> F32:
    """[52] the face with which the avatar shows an emotion."""
    layer = EmotionLayer()
    layer.set(emotion, intensity, 0)
    silent = Hold(np.zeros(1), np.zeros(1))
    shown = layer.layers(EASE_FRAMES, 1, silent)
    return shown[0].motion.face[0] if shown else np.zeros(SHAPE_COUNT, np.float32)


def held(face: F32, frames: int) -> F32:
    return np.repeat(face[None], frames, axis=0).astype(np.float32)


def read(face: F32, *, rest: F32 | None = None, speaking: bool = False) -> Evidence:
    reader = FaceReader()
    reader.push(held(np.zeros(SHAPE_COUNT) if rest is None else rest, 5 * SECOND))
    reader.push(held(face, WINDOW_FRAMES))
    return reader.read(speaking=speaking)


def top(evidence: Evidence) -> str:
    return EMOTIONS[int(evidence.likelihood.argmax())]


@pytest.mark.parametrize("emotion", EMOTIONS)
def test_the_avatars_own_faces_are_read_as_what_they_are(emotion):
    assert top(read(face_of(emotion, 1.0))) == emotion


@pytest.mark.parametrize("emotion", [name for name in EMOTIONS if name not in ("neutral", "content")])
def test_half_a_face_is_weaker_and_less_sure(emotion):
    whole, half = read(face_of(emotion, 1.0)), read(face_of(emotion, 0.5))
    assert half.intensity < whole.intensity and half.confidence < whole.confidence
    assert half.likelihood[EMOTIONS.index(emotion)] > 0.0


def test_a_face_at_rest_is_neutral_and_says_little():
    reader = FaceReader()
    for start in range(0, 20 * SECOND, 6):
        reader.push(IdleLayer(3).render(start, 6).face)
        told = reader.read()
        assert top(told) == "neutral" and told.confidence < 0.3


def test_what_a_face_has_at_rest_is_not_taken_for_a_feeling():
    resting = np.zeros(SHAPE_COUNT, np.float32)
    for side in ("Left", "Right"):
        resting[SHAPE_INDEX["browDown" + side]] = 0.14
        resting[SHAPE_INDEX["mouthPress" + side]] = 0.14
    smile = resting + face_of("happy", 1.0)
    assert top(read(resting, rest=resting)) == "neutral"
    assert top(read(smile, rest=resting)) == "happy"


def test_a_smile_of_ten_seconds_stays_a_smile():
    assert top(read(face_of("happy", 1.0), rest=np.zeros(SHAPE_COUNT))) == "happy"
    reader = FaceReader()
    reader.push(held(np.zeros(SHAPE_COUNT), SECOND))
    for _ in range(10):
        reader.push(held(face_of("happy", 1.0), SECOND))
    assert top(reader.read()) == "happy"


def test_a_talking_mouth_is_believed_less():
    smile = face_of("happy", 0.6)
    assert read(smile, speaking=True).confidence < read(smile).confidence


def test_too_little_tells_nothing():
    reader = FaceReader()
    assert reader.read().confidence == 0.0
    reader.push(np.zeros((0, SHAPE_COUNT), np.float32))
    reader.push(held(face_of("angry", 1.0), 3))
    assert reader.read().confidence == 0.0
    reader.push(held(face_of("angry", 1.0), SECOND))
    reader.reset()
    assert reader.read().confidence == 0.0
