"""iFacialMocap's text: the app's own example, names and numbers as documented, nothing but WireError for the rest."""

import contextlib
import locale

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.errors import WireError
from bridge.types import ARKIT_BLENDSHAPES, SHAPE_INDEX, freeze
from bridge.wire.ifacialmocap import NAMES, REQUEST, Frame, decode, encode, is_request

pytestmark = pytest.mark.vectors

EXAMPLE_TAIL = (
    "mouthLeft-1|=head#-21.488958,-6.038993,-6.6019735,-0.030653415,-0.10287084,-0.6584072|"
    "rightEye#6.0297494,2.4403017,0.25649446|leftEye#6.034903,-1.6660284,-0.17520553|"
)
THREE = st.tuples(*[st.floats(-180, 180).map(lambda x: round(x, 6))] * 3)
FRAMES = st.builds(
    Frame,
    st.lists(st.integers(0, 100), min_size=52, max_size=52).map(lambda v: freeze(np.array(v) / 100)),
    THREE,
    THREE,
    THREE,
    THREE,
)


def test_the_apps_own_example_is_read():
    frame = decode(("trackingStatus-1|hapihapi-0|eyeBlink_R-35|" + EXAMPLE_TAIL).encode())
    assert frame.head_deg == (-21.488958, -6.038993, -6.6019735)
    assert frame.place_m == (-0.030653415, -0.10287084, -0.6584072)
    assert frame.right_eye_deg == (6.0297494, 2.4403017, 0.25649446)
    assert frame.left_eye_deg == (6.034903, -1.6660284, -0.17520553)
    shown = {name: round(float(frame.face[i]), 6) for name, i in SHAPE_INDEX.items() if frame.face[i]}
    assert shown == {"mouthLeft": 0.01, "eyeBlinkRight": 0.35}


def test_names_are_the_apps():
    names = dict(zip(ARKIT_BLENDSHAPES, NAMES, strict=True))
    assert names["eyeBlinkLeft"] == "eyeBlink_L" and names["mouthUpperUpRight"] == "mouthUpperUp_R"
    assert [names[n] for n in ("jawLeft", "jawRight", "mouthLeft", "mouthRight", "browInnerUp")] == [
        *("jawLeft", "jawRight", "mouthLeft", "mouthRight", "browInnerUp")
    ]
    assert len(set(NAMES)) == 52


@given(FRAMES)
def test_there_and_back(frame):
    back = decode(encode(frame))
    np.testing.assert_array_equal(back.face, frame.face)
    assert (back.head_deg, back.place_m) == (frame.head_deg, frame.place_m)
    assert (back.right_eye_deg, back.left_eye_deg) == (frame.right_eye_deg, frame.left_eye_deg)
    assert encode(back) == encode(frame)


def test_a_frame_has_the_documented_form():
    face = np.zeros(52)
    face[[SHAPE_INDEX["jawOpen"], SHAPE_INDEX["eyeBlinkLeft"], 51]] = 0.354, 2.0, np.nan
    text = encode(Frame(freeze(face), (1.5, -2.0, 0.0), (0, 0, -0.4), (1e-7, np.inf, 0), (0, 0, 0))).decode()
    shapes, tail = text.split("=")
    assert shapes.startswith("eyeBlink_L-100|eyeLookDown_L-0|") and "|jawOpen-35|" in shapes
    assert shapes.endswith("|tongueOut-0|") and shapes.count("|") == 52
    assert tail == (
        "head#1.500000,-2.000000,0.000000,0.000000,0.000000,-0.400000|"
        "rightEye#0.000000,0.000000,0.000000|leftEye#0.000000,0.000000,0.000000|"
    )
    assert 600 < len(text) < 1200, "one datagram"


def test_numbers_do_not_follow_the_machines_language():
    before = locale.setlocale(locale.LC_NUMERIC)
    try:
        with contextlib.suppress(locale.Error):
            locale.setlocale(locale.LC_NUMERIC, "de_DE.UTF-8")
        assert b"1.500000" in encode(Frame(freeze(np.zeros(52)), (1.5, 0, 0), (0, 0, 0), (0, 0, 0), (0, 0, 0)))
    finally:
        locale.setlocale(locale.LC_NUMERIC, before)


def test_the_second_versions_separator_and_names_are_read():
    frame = decode(b"eyeBlinkLeft&35|mouthSmile_R&-4|=" + EXAMPLE_TAIL.split("=")[1].encode())
    assert frame.face[SHAPE_INDEX["eyeBlinkLeft"]] == np.float32(0.35)
    assert frame.face[SHAPE_INDEX["mouthSmileRight"]] == 0


def test_requests_are_known():
    assert is_request(REQUEST) and is_request(REQUEST + b"|sendDataVersion=v2")
    assert not is_request(REQUEST[:-1])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "jawOpen-5|",
        "=head#1,2,3,4,5,6|rightEye#1,2,3|",
        "=head#1,2,3|rightEye#1,2,3|leftEye#1,2,3|",
        "=head#1,2,3,4,5,nan|rightEye#1,2,3|leftEye#1,2,3|",
        "=head#1,2,3,4,5,six|rightEye#1,2,3|leftEye#1,2,3|",
        "jawOpen|" + EXAMPLE_TAIL,
        "jawOpen-x|" + EXAMPLE_TAIL,
        "jawOpen-5|" * 2000 + EXAMPLE_TAIL,
    ],
)
def test_a_broken_frame_is_refused(text):
    with pytest.raises(WireError):
        decode(text.encode())


@given(st.binary(max_size=200), st.text("0123456789.-=|#&,headrightEyejawOpen", max_size=120))
def test_no_bytes_raise_anything_but_wire_errors(noise, text):
    for data in (noise, text.encode(), text.encode() + EXAMPLE_TAIL.encode()):
        with contextlib.suppress(WireError):
            decode(data)
