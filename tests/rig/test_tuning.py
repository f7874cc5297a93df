"""A designer's changes: laid over a rig, written as a file of their own, written back into the rig's."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge import resources
from bridge.errors import ConfigError
from bridge.rig import tuning
from bridge.rig.parse import parse
from bridge.rig.retarget import Retarget
from bridge.types import motion

pytestmark = pytest.mark.law

TEXT = """# A face
[meta]
curve_max = 100.0

[curves]
# The jaw comes first.
Jaw = { jawOpen = 90.0 }   # in percent
"mouth.smile L" = "mouthSmileLeft"
brow = "browInnerUp"

[tune] # by the maker
brow = { gain = 20.0, max = 80.0 }
"""
RIG = parse(TEXT, "face")
CURVES = ("Jaw", "mouth.smile L", "brow")


@st.composite
def changes(draw):
    """Any changes that RIG takes."""
    out = {}
    for curve in draw(st.sets(st.sampled_from(CURVES))):
        for key in draw(st.sets(st.sampled_from(tuning.KEYS))):
            low, high = tuning.bounds(RIG, key)
            if key in ("min", "max"):
                low, high = {"min": (low, 40.0), "max": (50.0, high)}[key]
            out[curve, key] = draw(st.floats(low, high))
    return out


def without_lines(rig):
    return dataclasses.replace(
        rig,
        curves=tuple(dataclasses.replace(curve, line=0) for curve in rig.curves),
        bones=tuple(dataclasses.replace(bone, line=0) for bone in rig.bones),
    )


@given(changes())
def test_a_file_of_changes_reads_back_as_they_were(made):
    text = tuning.changes_text(RIG, made)
    assert tuning.parse_changes(text, RIG) == tuning.differing(RIG, made)


@given(changes())
def test_written_back_into_the_rig_file_they_make_the_tuned_rig(made):
    text = tuning.write_back(TEXT, made)
    assert without_lines(parse(text, "face")) == without_lines(tuning.tuned(RIG, made))
    assert "# The jaw comes first." in text and "# in percent" in text, "the maker's own words stay"


@given(changes())
def test_only_what_differs_is_kept(made):
    kept = tuning.differing(RIG, made)
    assert tuning.tuned(RIG, kept) == tuning.tuned(RIG, made)
    assert tuning.differing(RIG, tuning.values(RIG)) == {}
    assert all(value != tuning.value(RIG, *at) for at, value in kept.items())


@pytest.mark.parametrize("name", resources.rig_names())
def test_every_rig_takes_a_change_and_its_file_can_be_written_back(name):
    text = resources.rig_text(name)
    rig = parse(text, name)
    assert tuning.write_back(text, {}) == text
    if rig.curves:
        made = {(rig.curves[-1].name, "gain"): 0.5}
        assert without_lines(parse(tuning.write_back(text, made), name)) == without_lines(tuning.tuned(rig, made))


def test_a_change_moves_the_curve_and_no_other():
    face = np.full((1, 52), 0.5, np.float32)
    before = Retarget(RIG).apply(motion(0, face)).curves[0]
    after = Retarget(tuning.tuned(RIG, {("Jaw", "gain"): 0.5, ("Jaw", "offset"): 3.0})).apply(motion(0, face)).curves[0]
    np.testing.assert_allclose(before, [45.0, 0.5, 10.0])
    np.testing.assert_allclose(after, [25.5, 0.5, 10.0])


@pytest.mark.parametrize(
    ("at", "value", "sentence"),
    [
        (("Jow", "gain"), 1.0, "no curve 'Jow'"),
        (("Jaw", "colour"), 1.0, "'colour' can't be tuned"),
        (("Jaw", "gain"), 10.5, "lies between -10 and 10"),
        (("Jaw", "gain"), math.nan, "lies between"),
        (("Jaw", "offset"), -101.0, "lies between -100 and 100"),
        (("Jaw", "smoothing_ms"), 101.0, "lies between 0 and 100"),
        (("brow", "min"), 80.0, "below its max"),
    ],
)
def test_what_a_rig_can_not_have_is_a_sentence(at, value, sentence):
    with pytest.raises(ConfigError, match=sentence) as error:
        tuning.tuned(RIG, {at: value})
    assert str(error.value).endswith(".")


@pytest.mark.parametrize(
    "text",
    [
        "tune",
        "[curves]\nJaw = 'jawOpen'",
        "[tune]\nJaw = 3",
        "[tune]\nJaw = { gain = true }",
        "[tune]\nJaw = { gain = 'much' }",
        "[tune]\nJaw = { gain = nan }",
        "[tune]\nJaw = { gain = " + "9" * 400 + " }",
        "[tune]\nJaw = { gain = " + "9" * 5000 + " }",
        "[tune]\nNobody = { gain = 1 }",
        "tune = " + "[" * 5000,
    ],
    ids=range(10),
)
def test_a_file_that_is_wrong_is_a_sentence(text):
    with pytest.raises(ConfigError) as error:
        tuning.parse_changes(text, RIG)
    assert str(error.value).endswith(".")
