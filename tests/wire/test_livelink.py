"""Live Link Face's packets: the documented example byte for byte, and thousands recorded by others, there and back."""

import contextlib
import gzip
import hashlib
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.errors import WireError
from bridge.types import freeze
from bridge.wire.livelink import Packet, decode, encode
from bridge.wire.livelink_values import VALUE_NAMES

pytestmark = pytest.mark.vectors

CAPTURES = Path(__file__).resolve().parents[3] / "shared" / "data" / "livelink"
RECORDED = pytest.mark.skipif(not CAPTURES.is_dir(), reason="the recordings are not beside the checkout")

NUMBERS = {"EyeBlinkLeft": 0.25, "EyeBlinkRight": 0.25, "JawOpen": 0.5, "MouthSmileLeft": 0.75}
ANGLES = {"HeadYaw": 0.1, "HeadPitch": -0.2}
EXAMPLE_SHA256 = "5e29cf058c6bb0b009d39df608f2106eac6b636cad434d6f8196465fbca534fa"


def example() -> Packet:
    values = np.array([(NUMBERS | ANGLES).get(name, 0.0) for name in VALUE_NAMES])
    return Packet("8F2A4C6E-1B3D-4F50-9A7B-0C1D2E3F4A5B", "AvatarFace", 1337, 0.5, 60, 1, freeze(values))


def packets_in(path: Path) -> list[bytes]:
    """The packets of a .gesichter file: gzip; u8 6; u32 count; a u32 size before each."""
    raw = gzip.decompress(path.read_bytes())
    (count,) = struct.unpack_from(">I", raw, 1)
    out, at = [], 5
    for _ in range(count):
        (size,) = struct.unpack_from(">I", raw, at)
        out.append(raw[at + 4 : at + 4 + size])
        at += 4 + size
    assert raw[0] == 6 and at == len(raw)
    return out


def test_the_documented_example_byte_for_byte():
    data = encode(example())
    assert len(data) == 316 == 270 + 36 + 10
    assert hashlib.sha256(data).hexdigest() == EXAMPLE_SHA256
    assert data[71] == 0x3D and data[55:71].hex() == "000005393f0000000000003c00000001"
    assert data[280:288].hex() == "3dcccccdbe4ccccd"


@pytest.mark.data
@RECORDED
def test_every_recorded_packet_decodes_and_encodes_to_the_same_bytes():
    paths = sorted(CAPTURES.glob("*.gesichter"))
    recorded = [packet for path in paths for packet in packets_in(path)]
    assert len(paths) == 63 and len(recorded) == 7866
    assert [n for n, packet in enumerate(recorded) if encode(decode(packet)) != packet] == []


@pytest.mark.data
@RECORDED
@pytest.mark.parametrize("name", VALUE_NAMES)
def test_in_a_recording_of_one_value_that_one_alone_moves(name):
    values = np.stack([decode(p).values for p in packets_in(CAPTURES / f"debug-{name.lower()}.gesichter")])
    moved = [VALUE_NAMES[index] for index in np.flatnonzero(np.ptp(values, axis=0))]
    assert moved == [name]


@given(
    st.integers(-(2**31), 2**31 - 1),
    st.floats(0, 1, exclude_max=True, width=32),
    st.integers(1, 240),
    st.lists(st.floats(width=32, allow_nan=False, allow_infinity=False), min_size=61, max_size=61),
    st.text(min_size=1, max_size=40).filter(lambda s: s.isprintable()),
)
def test_there_and_back(frame, sub_frame, rate, values, subject):
    packet = Packet("D" * 36, subject, frame, sub_frame, rate, 1, freeze(values))
    back = decode(encode(packet))
    np.testing.assert_array_equal(back.values, packet.values)
    assert encode(back) == encode(packet) and (back.subject, back.frame) == (subject, frame)


def test_what_is_no_number_leaves_as_zero():
    values = np.zeros(61, np.float32)
    values[:3] = np.nan, np.inf, -np.inf
    packet = Packet("D", "S", 0, 0.0, 60, 1, freeze(values))
    assert not decode(encode(packet)).values.any()


@pytest.mark.parametrize(
    "change",
    [
        {"device_id": ""},
        {"subject": ""},
        {"subject": "x" * 400},
        {"sub_frame": float("nan")},
        {"fps_num": 0},
        {"fps_den": 0},
        {"values": freeze(np.zeros(60))},
    ],
)
def test_what_receivers_would_refuse_is_not_written(change):
    fields = {name: getattr(example(), name) for name in Packet.__slots__} | change
    with pytest.raises(WireError):
        encode(Packet(**fields))


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        encode(example())[:-1],
        encode(example()) + b"\x00",
        b"\x05" + encode(example())[1:],
        encode(example())[:71] + b"\x3c" + encode(example())[72:],
        b"\x06\xff\xff\xff\xff" + encode(example())[5:],
        b"\x06\x7f\xff\xff\xff" + encode(example())[5:],
        encode(example())[:5] + b"\xff" + encode(example())[6:],
        encode(example())[:67] + bytes(4) + encode(example())[71:],
        encode(example())[:72] + b"\x7f\xc0\x00\x00" + encode(example())[76:],
    ],
)
def test_a_broken_packet_is_refused(broken):
    with pytest.raises(WireError):
        decode(broken)


@given(st.binary(max_size=400), st.integers(0, 320))
def test_no_bytes_raise_anything_but_wire_errors(noise, keep):
    for data in (noise, encode(example())[:keep] + noise):
        with contextlib.suppress(WireError):
            decode(data)


def test_pylivelinkface_reads_what_is_written():
    """A reader that nobody here wrote. It counts on ids of 36 letters."""
    theirs = pytest.importorskip("pylivelinkface", reason="PyLiveLinkFace is not installed")
    values = np.linspace(-0.9, 0.9, 61)
    found, face = theirs.PyLiveLinkFace.decode(
        encode(Packet("8F2A4C6E-1B3D-4F50-9A7B-0C1D2E3F4A5B", "Eva", 77, 0.25, 60, 1, freeze(values)))
    )
    assert found and (face.name, face._frames, face._sub_frame, face.fps, face._denominator) == ("Eva", 77, 0.25, 60, 1)
    shown = {name: face.get_blendshape(theirs.FaceBlendShape[name]) for name in VALUE_NAMES}
    assert shown == pytest.approx(dict(zip(VALUE_NAMES, values, strict=True)), abs=1e-6)
