"""OSC against python-osc, which nobody here wrote, in both directions; and nothing but WireError for broken bytes."""

import contextlib
import math
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pythonosc.osc_bundle import OscBundle
from pythonosc.osc_bundle_builder import IMMEDIATELY, OscBundleBuilder
from pythonosc.osc_message import OscMessage
from pythonosc.osc_message_builder import OscMessageBuilder

from bridge.errors import WireError
from bridge.wire import osc
from bridge.wire.osc import Bundle, Message, decode, encode

pytestmark = pytest.mark.vectors

LETTERS = st.characters(codec="utf-8", exclude_characters="\x00")
# python-osc counts -2**31 among the long numbers, and writes no empty blobs; nothing that we send is either.
INTEGERS = st.integers(-(2**63), 2**63 - 1).filter(lambda n: n != -(2**31))
FLOATS = st.floats(width=32, allow_nan=False)
ARGUMENTS = st.one_of(
    INTEGERS, FLOATS, st.booleans(), st.none(),
    st.text(LETTERS, max_size=12), st.binary(min_size=1, max_size=12)
)  # fmt: skip
MESSAGES = st.builds(
    lambda name, arguments: Message("/" + name, tuple(arguments)),
    st.text(LETTERS, max_size=20),
    st.lists(ARGUMENTS, max_size=6),
)


@given(st.recursive(MESSAGES, lambda inner: st.builds(lambda e: Bundle(tuple(e)), st.lists(inner, max_size=4))))
def test_there_and_back(packet):
    assert decode(encode(packet)) == packet
    assert len(encode(packet)) % 4 == 0


@given(MESSAGES)
def test_python_osc_reads_what_is_written(message):
    read = OscMessage(encode(message))
    assert (read.address, tuple(read.params)) == (message.address, message.arguments)


@given(MESSAGES)
def test_what_python_osc_writes_is_written_alike(message):
    built = OscMessageBuilder(message.address)
    for argument in message.arguments:
        built.add_arg(argument)
    assert built.build().dgram == encode(message)


def test_python_osc_reads_bundles_and_reads_them_as_due_at_once():
    messages = [Message("/a", (1.5,)), Message("/b", (True, "x"))]
    read = OscBundle(osc.bundle(map(encode, messages)))
    assert [(m.address, tuple(m.params)) for m in read] == [(m.address, m.arguments) for m in messages]
    builder = OscBundleBuilder(IMMEDIATELY)
    for message in read:
        builder.add_content(message)
    assert builder.build().dgram == encode(Bundle(tuple(messages)))


def test_extra_types_are_read():
    data = osc.head("/x", ",hdtSI") + struct.pack(">qdQ", -5, 0.1, 1) + osc.text("symbol")
    assert decode(data) == Message("/x", (-5, 0.1, 1, "symbol", math.inf))
    assert decode(b"/no\x00") == Message("/no")


@given(st.lists(st.integers(1, 90), min_size=1, max_size=30), st.integers(64, 400))
def test_bundles_keep_order_and_stay_within_the_limit(sizes, limit):
    messages = [encode(Message("/m", (bytes(size), number))) for number, size in enumerate(sizes)]
    datagrams = osc.bundles(messages, limit)
    assert [encode(m) for d in datagrams for m in osc.messages(decode(d))] == messages
    assert all(len(d) <= limit or len(decode(d).elements) == 1 for d in datagrams)


@pytest.mark.parametrize(
    "message",
    [Message("no slash"), Message("/\x00"), Message("/\ud800"), Message("/a", (1e300,)), Message("/a", (1 << 63,))],
)
def test_what_osc_cannot_say_is_refused(message):
    with pytest.raises(WireError):
        encode(message)


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"/ab",
        b"abcd",
        b"/abc",
        b"/a\x00\x00,i\x00\x00",
        b"/a\x00\x00,b\x00\x00\x00\x00\x00\x09\x00\x00\x00\x00",
        b"/a\x00\x00,b\x00\x00\xff\xff\xff\xff",
        b"/a\x00\x00,?\x00\x00",
        b"/a\x00\x00ii\x00\x00",
        b"/a\x00\x00,\x00\x00\x00abcd",
        b"/\xff\x00\x00,\x00\x00\x00",
        b"#bundle\x00",
        b"#bundle\x00" + bytes(8) + b"\x00\x00\x00\x08abcd",
        b"#bundle\x00" + bytes(8) + b"\xff\xff\xff\xf0",
        b"#bundle\x00" + bytes(8) + bytes(4),
    ],
)
def test_a_broken_packet_is_refused(broken):
    with pytest.raises(WireError):
        decode(broken)


def test_bundles_without_end_in_one_another_are_refused():
    data = encode(Message("/a"))
    for _ in range(200):
        data = osc.bundle([data])
    with pytest.raises(WireError, match="deep"):
        decode(data)


@given(
    st.binary(max_size=60),
    st.sampled_from([b"", b"/a\x00\x00,", b"#bundle\x00" + bytes(8), b"/a\x00\x00,ifsb\x00\x00\x00"]),
)
def test_no_bytes_raise_anything_but_wire_errors(noise, start):
    data = start + noise
    with contextlib.suppress(WireError):
        decode(data[: len(data) // 4 * 4])
    with contextlib.suppress(WireError):
        decode(data)
