"""The manner of articulating: nothing without an emotion, in proportion with one, and lips that meet still meet."""

import numpy as np
import pytest

from bridge.face.emotions import factors
from bridge.types import EMOTIONS, SHAPE_INDEX

pytestmark = pytest.mark.law


def strengths(**given):
    return np.array([[given.get(name, 0.0) for name in EMOTIONS]])


def test_without_an_emotion_nothing_changes():
    assert (factors(strengths()) == 1).all() and (factors(strengths(neutral=1.0)) == 1).all()


@pytest.mark.parametrize("name", [name for name in EMOTIONS if name != "neutral"])
def test_half_an_emotion_is_half_the_change_and_leaves_the_rest_of_the_face(name):
    half, full = factors(strengths(**{name: 0.5})), factors(strengths(**{name: 1.0}))
    assert np.allclose(half - 1, (full - 1) / 2) and (full > 0).all() and (full != 1).any()
    assert {full[0, SHAPE_INDEX[shape]] for shape in ("browInnerUp", "eyeBlinkLeft", "cheekPuff", "tongueOut")} == {1}
    assert full[0, SHAPE_INDEX["jawOpen"]] == full[0, SHAPE_INDEX["mouthClose"]], "or met lips would part"


def test_anger_opens_and_sadness_closes():
    opening = {name: factors(strengths(**{name: 1.0}))[0, SHAPE_INDEX["jawOpen"]] for name in ("angry", "sad")}
    assert opening["sad"] < 1 < opening["angry"]
