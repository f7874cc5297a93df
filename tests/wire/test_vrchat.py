"""VRChat's OSC: the documented bytes, what is worth sending, nothing but WireError for broken bytes."""

import contextlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pythonosc.osc_message import OscMessage

from bridge.errors import WireError
from bridge.wire.vrchat import (
    REFRESH_FRAMES,
    STEP,
    AvatarChange,
    Changes,
    Eyes,
    EyesClosed,
    Parameter,
    binary,
    binary_names,
    decode,
    encode,
)

pytestmark = pytest.mark.vectors

JAW = "2f6176617461722f706172616d65746572732f46542f76322f4a61774f70656e000000002c6600003f000000"
ACTIVE = "2f6176617461722f706172616d65746572732f457965547261636b696e67416374697665000000002c540000"
FLOATS = st.floats(-1, 1, width=32)


@pytest.mark.parametrize(
    ("item", "text"), [(Parameter("FT/v2/JawOpen", 0.5), JAW), (Parameter("EyeTrackingActive", True), ACTIVE)]
)
def test_the_documented_messages(item, text):
    assert encode(item).hex() == text and decode(bytes.fromhex(text)) == [item]


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_whole_numbers_stay_floats(value):
    assert b",f\x00\x00" in encode(Parameter("FT/v2/JawOpen", value))


@given(
    st.one_of(
        st.builds(Parameter, st.text("abcXYZ/12", min_size=1), st.one_of(FLOATS, st.booleans(), st.integers(0, 255))),
        st.builds(AvatarChange, st.text("avtr_0123-", min_size=1)),
        st.builds(Eyes, FLOATS, FLOATS, FLOATS, FLOATS),
        st.builds(EyesClosed, FLOATS),
    )
)
def test_there_and_back_and_as_python_osc_reads_it(item):
    assert decode(encode(item)) == [item]
    read = OscMessage(encode(item))
    assert read.address.startswith(("/avatar/", "/tracking/eye/")) and read.params


@given(st.lists(st.lists(FLOATS, min_size=5, max_size=5), min_size=1, max_size=150))
def test_watchers_are_never_a_step_off_and_hear_of_everything_within_a_second(rows):
    changes, shown, last = Changes(5), np.full(5, np.nan), np.full(5, -1)
    for frame, row in enumerate(np.array(rows, np.float32)):
        for column in changes.of(row):
            shown[column], last[column] = row[column], frame
        assert (np.abs(shown - row) < STEP).all()
        assert (frame - last < REFRESH_FRAMES).all()
        rest = np.isin(row, (0, 1, -1))
        np.testing.assert_array_equal(shown[rest], row[rest])


@given(st.lists(FLOATS, min_size=1, max_size=6), st.integers(1, 8))
def test_bools_tell_an_avatar_the_value_to_a_step_and_its_ends_exactly(values, bits):
    """An avatar adds up 1 2 4 ... over all ones, and takes the sign from Negative."""
    bools = binary(np.array(values, np.float32), bits).reshape(len(values), bits + 1)
    shown = bools[:, :bits] @ (1 << np.arange(bits)) / ((1 << bits) - 1) * np.where(bools[:, bits], -1, 1)
    assert np.abs(shown - values).max() <= 1 / (1 << bits) + 1e-6
    for value, seen in zip(values, shown, strict=True):
        assert value not in (-1, 0, 1) or seen == value


def test_bools_are_named_as_avatars_have_them():
    assert binary_names(["v2/JawX"], 3) == ["v2/JawX1", "v2/JawX2", "v2/JawX4", "v2/JawXNegative"]
    assert binary(np.array([-0.75], np.float32), 2).tolist() == [1, 1, 1]
    assert binary(np.array([0.3], np.float32), 4).tolist() == [0, 0, 1, 0, 0]


def test_what_stands_still_costs_a_message_a_second_each():
    changes = Changes(55)
    still = np.full(55, 0.3, np.float32)
    assert len(changes.of(still)) == 55
    sent = [len(changes.of(still)) for _ in range(600)]
    assert sum(sent) == 550 and max(sent) == 1


@given(st.binary(max_size=60).map(lambda b: b[: len(b) // 4 * 4]), st.sampled_from([JAW, ACTIVE]))
def test_no_bytes_raise_anything_but_wire_errors(noise, text):
    for data in (noise, bytes.fromhex(text)[:-4] + noise):
        with contextlib.suppress(WireError):
            decode(data)
