"""Rig files: what is understood, and how mistakes are told."""

import pytest

from bridge.errors import ConfigError
from bridge.rig.parse import parse

pytestmark = pytest.mark.unit

GOOD = """
[meta]
title = "A face"
engine = "unity"
axes = "unity"
curve_max = 100.0

[curves]
A = { jawOpen = 80.0, mouthClose = -20 }
"Face.Blink L" = "eyeBlinkLeft"

[tune]
A = { gain = 1.5, offset = 2.0, max = 90 }

[bones]
Head = "head"
"""


def test_a_rig() -> None:
    rig = parse(GOOD, "face")
    assert (rig.name, rig.title, rig.axes, rig.curve_min, rig.curve_max) == ("face", "A face", "unity", 0.0, 100.0)
    vowel, blink = rig.curves
    assert vowel.sources == (("jawOpen", 80.0), ("mouthClose", -20.0))
    assert (vowel.gain, vowel.offset, vowel.low, vowel.high, vowel.line) == (1.5, 2.0, 0.0, 90.0, 9)
    assert (blink.name, blink.sources, blink.line) == ("Face.Blink L", (("eyeBlinkLeft", 1.0),), 10)
    assert [(bone.name, bone.source, bone.line) for bone in rig.bones] == [("Head", "head", 16)]


def test_without_bones_all_of_the_upper_body_under_vrm_names() -> None:
    bones = [bone.name for bone in parse("[curves]\na = 'jawOpen'", "x").bones]
    assert bones[:8] == ["hips", "spine", "chest", "upperChest", "neck", "head", "leftEye", "rightEye"]
    assert len(bones) == 16
    assert not parse("[curves]\na = 'jawOpen'\n[bones]", "x").bones


@pytest.mark.parametrize(
    ("text", "line", "told"),
    [
        ("[curves]\na = 'jawOpened'", 2, "no source 'jawOpened'; there are eyeBlinkLeft"),
        ("[curves]\n\na = { jawOpen = 'much' }", 3, "needs a number, not 'much'"),
        ("[curves]\na = { jawOpen = true }", 2, "needs a number, not True"),
        ("[curves]\na = { jawOpen = nan }", 2, "needs a number, not nan"),
        ("[curves]\na = 3", 2, "a source's name or a table"),
        ("[curves]\n'a b' = 'jawOpen'\nb = 'jawOpen'\nb = 'jawLeft'\n[bones]", 4, "'b' stands there twice"),
        ("[meta]\naxes = 'up'\n[curves]\na = 'jawOpen'", 2, "no axes 'up'; there are vrm1"),
        ("[meta]\ncolour = 'red'\n[curves]\na = 'jawOpen'", 2, "no key 'colour'"),
        ("[meta]\ncurve_max = -1\n[curves]\na = 'jawOpen'", 2, "must be greater"),
        ("[curves]\na = 'jawOpen'\n[tune]\nb = { gain = 1 }", 4, "no curve 'b'; there are a"),
        ("[curves]\na = 'jawOpen'\n[tune]\na = { gian = 1 }", 4, "no key 'gian'"),
        ("[curves]\na = 'jawOpen'\n[tune]\na = { max = 3 }", 4, "within 0..1"),
        ("[curves]\na = 'jawOpen'\n[bones]\nHead = 'skull'", 4, "no bone 'skull'"),
        ("[curves]\na = 'jawOpen'\n[bone]\nHead = 'head'", 3, "no table 'bone'"),
        ("[meta]\n[curves]", 2, "at least one row"),
        ("curves = 3", 1, "outside a table"),
    ],
)
def test_mistakes_name_their_line(text: str, line: int, told: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(text, "mine")
    assert str(caught.value).startswith(f"mine.toml, line {line}: ")
    assert told in str(caught.value)


def test_what_is_not_toml_says_where() -> None:
    with pytest.raises(ConfigError, match=r"mine\.toml, line 2: this is not TOML: invalid value"):
        parse("[curves]\na = = 3", "mine")


def test_brackets_beyond_all_measure_are_refused():
    with pytest.raises(ConfigError, match="nested too deeply"):
        parse("curves = " + "[" * 100_000, "deep")
