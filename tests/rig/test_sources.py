"""Mouth classes and angles worked out from the canonical motion."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from bridge.face.articulation import curves
from bridge.rig import sources
from bridge.rig.sources import SOURCE_INDEX, VISEMES, VOWELS
from bridge.types import Phone, motion, still

pytestmark = pytest.mark.unit

FIRST_VOWEL, FIRST_VISEME = SOURCE_INDEX[VOWELS[0]], SOURCE_INDEX[VISEMES[0]]


def classes(ipa: str) -> dict[str, float]:
    """The vowels and visemes in the middle of a sound between two neutral ones."""
    phones = [Phone(0.0, 0.2, "ə"), Phone(0.2, 0.45, ipa), Phone(0.45, 0.7, "ə")]
    row = sources.values(motion(0, curves(phones, 45)))[19]
    return dict(zip((*VOWELS, *VISEMES), row[FIRST_VOWEL:].tolist(), strict=True))


@given(arrays.arrays(np.float32, (3, 52), elements=st.floats(0, 1, width=32)))
def test_weights_of_a_set_never_add_up_past_one(face: np.ndarray) -> None:
    row = sources.values(motion(0, face))
    vowels, visemes = row[:, FIRST_VOWEL:FIRST_VISEME], row[:, FIRST_VISEME:]
    assert vowels.min() >= 0 and visemes.min() >= -1e-6
    assert (vowels.sum(axis=1) <= 1 + 1e-5).all()
    assert visemes.sum(axis=1) == pytest.approx(1.0, abs=1e-5)


def test_at_rest_all_is_zero_but_silence() -> None:
    row = sources.values(still(0, 1))[0]
    assert np.flatnonzero(row).tolist() == [SOURCE_INDEX["visemeSil"]]


@pytest.mark.parametrize(
    ("ipa", "viseme"),
    [
        *(("p", "visemePP"), ("b", "visemePP"), ("m", "visemePP"), ("f", "visemeFF"), ("v", "visemeFF")),
        *(("θ", "visemeTH"), ("s", "visemeSS"), ("z", "visemeSS"), ("ʃ", "visemeCH"), ("ɑ", "visemeaa")),
        *(("æ", "visemeaa"), ("i", "visemeI"), ("u", "visemeU")),
    ],
)
def test_a_sound_shows_as_its_viseme(ipa: str, viseme: str) -> None:
    shown = {name: value for name, value in classes(ipa).items() if name in VISEMES}
    assert max(shown, key=lambda name: shown[name]) == viseme, shown


@pytest.mark.parametrize(("ipa", "vowel"), [("ɑ", "vowelAa"), ("i", "vowelIh"), ("u", "vowelOu")])
def test_a_vowel_shows_as_its_preset(ipa: str, vowel: str) -> None:
    shown = {name: value for name, value in classes(ipa).items() if name in VOWELS}
    assert max(shown, key=lambda name: shown[name]) == vowel and shown[vowel] > 0.4, shown


def test_lips_that_meet_show_no_vowel() -> None:
    assert max(value for name, value in classes("m").items() if name in VOWELS) < 0.15


def test_angles_are_those_of_head_and_gaze() -> None:
    frames = motion(0, np.zeros((1, 52)), head_rad=[[0.2, 0.0, 0.0]], gaze_rad=[[0.1, -0.3]])
    row = sources.values(frames)[0]
    names = ("headYaw", "headPitch", "headRoll", "gazeYaw", "gazePitch")
    assert [row[SOURCE_INDEX[name]] for name in names] == pytest.approx([0.0, 0.2, 0.0, 0.1, -0.3], abs=1e-6)
