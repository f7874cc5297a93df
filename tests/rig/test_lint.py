"""The linter: every rig we ship is clean, and each kind of doubt is found on its line."""

from pathlib import Path

import pytest

from bridge.rig.lint import check, mirrored

pytestmark = pytest.mark.unit

FILES = sorted((Path(__file__).parents[2] / "rigs").glob("*.toml"))
FACE = """[curves]
open = "jawOpen"
shut = "mouthClose"
round = "mouthPucker"
wideLeft = "mouthStretchLeft"
wideRight = "mouthStretchRight"
blinkLeft = "eyeBlinkLeft"
blinkRight = "eyeBlinkRight"
"""


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_our_own_rigs_are_clean(path: Path) -> None:
    assert check(path.read_text("utf-8"), path.stem) == []


def test_a_good_face_is_clean() -> None:
    assert check(FACE, "face") == []


@pytest.mark.parametrize(
    ("text", "line", "told"),
    [
        (FACE + 'Open = "jawOpen"', 9, "'Open' and 'open' may be one curve"),
        (FACE + "x = { jawOpen = 9.0 }", 9, "'x' is at its end long before its source"),
        (FACE + "x = { jawOpen = 0.01 }", 9, "'x' moves by 0.01 at most, of a range of 1"),
        (FACE + "x = 'cheekPuff'\n[tune]\nx = { offset = -0.5 }", 9, "'x' rests at -0.5, outside 0..1"),
        (FACE + 'sneerLeft = "noseSneerLeft"', 9, "'sneerLeft' has no 'sneerRight'"),
        (FACE.replace("mouthStretchRight", "mouthStretchLeft"), 5, "'wideLeft' and 'wideRight' do not mirror"),
        (FACE + "[tune]\nblinkRight = { gain = 1.2 }", 7, "'blinkLeft' and 'blinkRight' do not mirror"),
        (FACE.replace('shut = "mouthClose"\n', ""), 0, "no curve shows lips that meet"),
        (FACE + "[bones]\nA = 'head'\nB = 'head'", 11, "'B' and 'A' both take 'head'"),
    ],
)
def test_doubts(text: str, line: int, told: str) -> None:
    findings = check(text, "face")
    assert [(finding.line, told in finding.message, finding.is_error) for finding in findings] == [(line, True, False)]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (FACE + "x = 'jawOpened'", 9),
        (FACE + 'open = "jawOpen"', 9),
        ("[curves]\nx = ", 2),
    ],
)
def test_what_cannot_be_read_is_an_error(text: str, line: int) -> None:
    (finding,) = check(text, "face")
    assert finding.is_error and finding.line == line


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("mouthSmileLeft", "mouthSmileRight"),
        ("Eye_L_Look_R", "Eye_R_Look_L"),
        ("upperarm_l", "upperarm_r"),
        ("ParamEyeLOpen", "ParamEyeROpen"),
        ("v2/EyeLidLeft", "v2/EyeLidRight"),
        ("lookLeft", "lookRight"),
        ("LookUp", "LookUp"),
        ("FaceAngleX", "FaceAngleX"),
        ("mouthRollLower", "mouthRollLower"),
    ],
)
def test_left_and_right_in_many_spellings(name: str, other: str) -> None:
    assert mirrored(name) == other and mirrored(other) == name
