"""VMC: the documented bytes, frames as python-osc sees them, and a head that turns to the same side everywhere."""

import contextlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pythonosc.osc_packet import OscPacket

from bridge.errors import WireError
from bridge.types import freeze
from bridge.wire import osc, vmc
from bridge.wire.osc import Message, encode

pytestmark = pytest.mark.vectors

DOCUMENTED = {
    "2f564d432f4578742f4f4b002c69000000000001": vmc.Available(True),
    "2f564d432f4578742f5400002c6600003fc00000": vmc.Time(1.5),
    "2f564d432f4578742f426c656e642f56616c00002c736600410000003f000000": vmc.Blend("A", 0.5),
    "2f564d432f4578742f426c656e642f4170706c79000000002c000000": vmc.Apply(),
    "2f564d432f4578742f526f6f742f506f730000002c7366666666666666000000726f6f740000000000000000000000000000000000000000"
    "00000000000000003f800000": vmc.Pose("root", (0, 0, 0), (0, 0, 0, 1), is_root=True),
}
HEAD_10_DEGREES = (
    "2f564d432f4578742f426f6e652f506f730000002c736666666666666600000048656164000000000000000000000000000000000000000"
    "03db27eb6000000003f7f069e"
)
BUNDLE = (
    "2362756e646c65000000000000000001000000202f564d432f4578742f426c656e642f56616c00002c736600410000003f0000000000001c"
    "2f564d432f4578742f426c656e642f4170706c79000000002c000000"
)


def sent(blends, bones, values, wxyz, time_s=1.5):
    sender = vmc.Sender(blends, bones, freeze(np.zeros((len(bones), 3))))
    return sender.frame(time_s, freeze(values), freeze(np.reshape(wxyz, (len(bones), 4))))


@pytest.mark.parametrize(("text", "item"), DOCUMENTED.items(), ids=lambda v: type(v).__name__)
def test_the_documented_messages_are_read(text, item):
    assert vmc.decode(bytes.fromhex(text)) == [item]


def test_the_documented_messages_are_written():
    turned = np.cos(np.deg2rad(5)), 0, np.sin(np.deg2rad(5)), 0
    ok, time, root, head, blend, apply = sent(["A"], ["Head"], [0.5], turned)
    assert {m.hex() for m in (ok, time, root, blend, apply)} == DOCUMENTED.keys()
    assert head.hex() == HEAD_10_DEGREES
    assert osc.bundle([blend, apply]).hex() == BUNDLE
    assert vmc.decode(bytes.fromhex(BUNDLE)) == [vmc.Blend("A", 0.5), vmc.Apply()]


def test_a_whole_frame_as_python_osc_reads_it():
    names = [f"Clip{n}" for n in range(52)]
    values = np.linspace(0, 1, 52)
    messages = sent(names, vmc.BONES, values, np.tile([1, 0, 0, 0], (55, 1)))
    read = [m.message for d in osc.bundles(messages) for m in OscPacket(d).messages]
    assert [m.address.rsplit("/", 1)[-1] for m in read] == ["OK", "T", *["Pos"] * 56, *["Val"] * 52, "Apply"]
    assert [m.params[0] for m in read[3:58]] == list(vmc.BONES)
    assert {m.params[0]: m.params[1] for m in read[58:-1]} == pytest.approx(dict(zip(names, values, strict=True)))
    for pose in read[2:58]:
        assert np.linalg.norm(pose.params[4:]) == pytest.approx(1, abs=1e-5)


def test_the_sizes_that_the_protocol_gives():
    messages = sent([f"{n:02}" for n in range(52)], vmc.BONES, np.zeros(52), np.tile([1, 0, 0, 0], (55, 1)))
    assert len(osc.bundle(messages[3:58])) == 4468
    assert all(len(d) <= 1400 for d in osc.bundles(messages))


def test_the_bones_are_unitys():
    assert len(set(vmc.BONES)) == 55
    assert [vmc.BONES[n] for n in (0, 10, 23, 24, 39, 53, 54)] == [
        *("Hips", "Head", "Jaw", "LeftThumbProximal", "RightThumbProximal", "RightLittleDistal", "UpperChest")
    ]


@pytest.mark.parametrize(
    "message",
    [
        Message("/VMC/Ext/Blend/Val", ("A",)),
        Message("/VMC/Ext/Blend/Val", ("A", 1)),
        Message("/VMC/Ext/Blend/Val", (0.5, "A")),
        Message("/VMC/Ext/Blend/Val", ("A", float("nan"))),
        Message("/VMC/Ext/Bone/Pos", ("Head", 0.0, 0.0)),
        Message("/VMC/Ext/OK"),
        Message("/VMC/Ext/T", (True,)),
        Message("/VMC/Ext/Unheard", (1,)),
    ],
)
def test_messages_that_do_not_fit_are_passed_over(message):
    assert vmc.decode(encode(message)) == []


def test_surplus_arguments_are_ignored():
    assert vmc.decode(encode(Message("/VMC/Ext/OK", (1, 3, 0, 1)))) == [vmc.Available(True)]


@given(st.binary(max_size=80).map(lambda b: b[: len(b) // 4 * 4]), st.sampled_from(list(DOCUMENTED)))
def test_no_bytes_raise_anything_but_wire_errors(noise, text):
    for data in (
        noise,
        bytes.fromhex(text)[:-4] + noise,
        b"/VMC/Ext/Bone/Pos\x00\x00\x00,sfffffff\x00\x00\x00" + noise,
    ):
        with contextlib.suppress(WireError):
            vmc.decode(data)
