"""Live Link Face's CSV: the app's own takes are read, ours have its columns, and there and back nothing changes."""

import contextlib
import csv
import gzip
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.errors import WireError
from bridge.types import SHAPE_INDEX, Motion, motion, still
from bridge.wire.livelink_csv import HEADER, decode, encode, timecode
from bridge.wire.livelink_values import VALUE_NAMES, motion_of, values

pytestmark = pytest.mark.law

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
TAKES = DATA / "reference" / "livelink_csv"
CAPTURE = DATA / "livelink" / "dao.gesichter"


def some_motion(frames: int = 200, first_index: int = 0) -> Motion:
    rng = np.random.default_rng(frames)
    return motion(
        first_index,
        rng.random((frames, 52)),
        head_rad=rng.normal(0, 0.4, (frames, 3)),
        gaze_rad=rng.normal(0, 0.3, (frames, 2)),
    )


def decoded(text: str):
    return decode(text.splitlines(keepends=True))


def read_by_name(text: str) -> dict[str, np.ndarray]:
    """What a reader that knows nothing but CSV sees: Python's own, by the names in the header."""
    rows = list(csv.DictReader(text.splitlines()))
    return {name: np.array([float(row[name]) for row in rows]) for name in rows[0] if name != "Timecode"}


@pytest.mark.data
@pytest.mark.skipif(not TAKES.is_dir(), reason="the recordings are not beside the checkout")
@pytest.mark.parametrize("path", sorted(TAKES.glob("*.csv.gz")), ids=lambda path: path.name)
def test_takes_of_the_app(path):
    text = gzip.decompress(path.read_bytes()).decode()
    assert text.splitlines()[0] == HEADER.rstrip("\n")
    rows = decoded(text)
    seen = read_by_name(text)
    for index, name in enumerate(VALUE_NAMES):
        np.testing.assert_array_equal(rows.values[:, index], seen[name], err_msg=name)
    steps = np.diff(rows.time_s)
    assert steps.min() > 1 / 60 - 1e-6 and steps.max() < 1.1 / 60


@pytest.mark.data
@pytest.mark.skipif(not TAKES.is_dir(), reason="the recordings are not beside the checkout")
def test_the_eyes_of_the_app_follow_the_same_signs():
    for path in TAKES.glob("*.csv.gz"):
        rows = decoded(gzip.decompress(path.read_bytes()).decode()).values
        gaze, shape = motion_of(rows).gaze_rad, {name: rows[:, index] for name, index in SHAPE_INDEX.items()}
        own_left = shape["eyeLookOutLeft"] - shape["eyeLookInLeft"] + shape["eyeLookInRight"] - shape["eyeLookOutRight"]
        down = shape["eyeLookDownLeft"] - shape["eyeLookUpLeft"]
        assert np.corrcoef(gaze[:, 0], own_left)[0, 1] > 0.9, "yaw is + to the own left"
        assert np.corrcoef(gaze[:, 1], down)[0, 1] > 0.9, "pitch is + down"


@pytest.mark.data
@pytest.mark.skipif(not CAPTURE.is_file(), reason="the recordings are not beside the checkout")
def test_eyes_on_the_phone_turn_against_the_head():
    raw = gzip.decompress(CAPTURE.read_bytes())
    (count,) = struct.unpack_from(">I", raw, 1)
    size = 4 + struct.unpack_from(">I", raw, 5)[0]  # packets of one length, each behind its own
    packets = np.frombuffer(raw, np.uint8, count * size, 5).reshape(count, size)
    frames = motion_of(packets[:, -4 * len(VALUE_NAMES) :].copy().view(">f4").astype(np.float64))
    assert np.corrcoef(frames.head_rad[:, 1], frames.gaze_rad[:, 0])[0, 1] < -0.9, "yaw"
    assert np.corrcoef(frames.head_rad[:, 0], frames.gaze_rad[:, 1])[0, 1] < -0.3, "pitch"


def test_there_and_back():
    frames = some_motion()
    rows = decoded(HEADER + encode(frames))
    back = motion_of(rows.values)
    np.testing.assert_allclose(rows.time_s, np.arange(200) / 60, atol=1e-9)
    np.testing.assert_allclose(back.face, frames.face, atol=1e-7)
    np.testing.assert_allclose(back.head_rad, frames.head_rad, atol=2e-6)
    np.testing.assert_allclose(back.gaze_rad, frames.gaze_rad, atol=1e-7)


def test_left_and_right_of_jaw_and_mouth_swap_columns_but_not_names():
    face = np.zeros((1, 52))
    face[0, [SHAPE_INDEX[name] for name in ("jawLeft", "jawRight", "mouthLeft", "mouthRight")]] = 0.1, 0.2, 0.3, 0.4
    text = HEADER + encode(motion(0, face))
    cells = text.splitlines()[1].split(",")[2:]
    assert [float(cells[column]) for column in (16, 15, 22, 21)] == pytest.approx([0.1, 0.2, 0.3, 0.4])
    seen = read_by_name(text)
    assert seen["JawLeft"][0] == pytest.approx(0.1) and seen["MouthRight"][0] == pytest.approx(0.4)


@pytest.mark.parametrize(
    ("head_rad", "name", "value"),
    [
        ((0, 0.3, 0), "HeadYaw", 0.3),  # to the own left
        ((0.3, 0, 0), "HeadPitch", -0.3),  # down
        ((0, 0, 0.3), "HeadRoll", 0.3),  # to the own right
    ],
)
def test_head_angles(head_rad, name, value):
    row = dict(zip(VALUE_NAMES, values(motion(0, np.zeros((1, 52)), head_rad=[head_rad]))[0], strict=True))
    angles = {key: row[key] for key in ("HeadYaw", "HeadPitch", "HeadRoll")}
    assert angles == pytest.approx({"HeadYaw": 0, "HeadPitch": 0, "HeadRoll": 0} | {name: value}, abs=1e-6)


def test_both_eyes_carry_the_gaze():
    row = dict(zip(VALUE_NAMES, values(motion(0, np.zeros((1, 52)), gaze_rad=[[0.2, 0.1]]))[0], strict=True))
    assert row["LeftEyeYaw"] == row["RightEyeYaw"] == pytest.approx(-0.2)
    assert row["LeftEyePitch"] == row["RightEyePitch"] == pytest.approx(0.1)


@given(st.integers(0, 24 * 3600 * 60 - 1))
def test_timecodes_name_each_frame_of_a_day(index):
    hours, minutes, seconds, frames = timecode(index).split(":")
    assert ((int(hours) * 60 + int(minutes)) * 60 + int(seconds)) * 60 + float(frames) == index
    assert minutes < "60" and seconds < "60" and frames < "60" and len(timecode(index)) == len("19:56:10:48.887")


def test_a_take_over_midnight_goes_on():
    frames = some_motion(240, first_index=24 * 3600 * 60 - 120)
    np.testing.assert_allclose(decoded(HEADER + encode(frames)).time_s, np.arange(240) / 60, atol=1e-9)


def test_a_take_at_30_frames_a_second():
    lines = encode(still(0, 90)).splitlines()
    clocks = [f"10:00:{index // 30:02d}:{index % 30:02d}.000" for index in range(90)]
    text = HEADER + "".join(clock + line[15:] + "\n" for clock, line in zip(clocks, lines, strict=True))
    np.testing.assert_allclose(decoded(text).time_s, np.arange(90) / 30, atol=1e-9)


def test_dialects():
    text = HEADER + encode(some_motion(3))
    expected = decoded(text).values
    np.testing.assert_array_equal(decoded(text.replace("\n", "\r\n")).values, expected)
    np.testing.assert_array_equal(decoded(text.replace("Blendshape", "BlendShape").replace(",", ", ")).values, expected)
    names = HEADER.rstrip("\n").split(",")
    turned = "\n".join(",".join(line.split(",")[:2] + line.split(",")[:1:-1]) for line in text.splitlines())
    assert turned.startswith("Timecode,BlendshapeCount,RightEyeRoll") and len(names) == 63
    np.testing.assert_array_equal(decoded(turned).values, expected)


def test_frames_without_a_face_are_left_out():
    lines = (HEADER + encode(some_motion(4))).splitlines()
    lines[2] = lines[2][:15] + ",0"
    np.testing.assert_allclose(decode(lines).time_s, np.array([0, 2, 3]) / 60, atol=1e-9)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "not the header"),
        ("a,b\n1,2\n", "not the header"),
        (HEADER, "no frames"),
        (HEADER + encode(still(0, 1))[:200], "Line 2 has"),
        (HEADER + encode(still(0, 1)).replace("00:00:00:00.000", "today"), "“today”"),
        (HEADER + encode(still(0, 1)).replace("0.0000000000", "nan", 1), "finite"),
        (HEADER + encode(still(0, 1)).replace("0.0000000000", "zero", 1), "zero"),
        (HEADER + encode(still(1, 1)) + encode(still(0, 1)), "go back after frame 1"),
        (HEADER + "\x00" * 200, "Line 2"),
    ],
)
def test_what_is_no_take_is_refused(text, words):
    with pytest.raises(WireError, match=words):
        decoded(text)


@given(st.text(max_size=200))
def test_no_text_crashes_the_reader(text):
    for candidate in (text, HEADER + text):
        with contextlib.suppress(WireError):
            decoded(candidate)
