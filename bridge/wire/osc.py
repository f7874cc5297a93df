"""Open Sound Control 1.0: messages and bundles to bytes and back.

An address, a string of type tags and the arguments, all big-endian and padded to four bytes; a bundle is `#bundle`, a
time tag and elements behind their sizes. Read are the types of the standard and the usual extras (i f s b T F N I h d t
S); written are i f s b T F N h. Specification: opensoundcontrol.stanford.edu/spec-1_0.html
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

from bridge.errors import WireError

IMMEDIATELY: Final = 1
"""The time tag that means now: OSC has no common clock, so across machines it is the only safe one."""
DATAGRAM_BYTES: Final = 1400
"""What goes through any network in one piece."""
DEEPEST: Final = 8
"""How far bundles may lie in one another before they are taken for nonsense."""

Argument: TypeAlias = int | float | str | bytes | bool | None

_INT, _LONG = struct.Struct(">i"), struct.Struct(">q")
_FLOAT, _DOUBLE = struct.Struct(">f"), struct.Struct(">d")
_TIMETAG: Final = struct.Struct(">Q")
_NUMBERS: Final = {"i": _INT, "h": _LONG, "f": _FLOAT, "d": _DOUBLE, "t": _TIMETAG}
_CONSTANTS: Final[dict[str, Argument]] = {"T": True, "F": False, "N": None, "I": float("inf")}
_BUNDLE: Final = b"#bundle\x00"
_INT32: Final = range(-(1 << 31), 1 << 31)


@dataclass(frozen=True, slots=True)
class Message:
    """An address and its arguments: int, float, text, bytes, True, False or None."""

    address: str
    arguments: tuple[Argument, ...] = ()


@dataclass(frozen=True, slots=True)
class Bundle:
    """Messages, or further bundles, that belong to one moment."""

    elements: tuple[Message | Bundle, ...]
    timetag: int = IMMEDIATELY


def encode(packet: Message | Bundle) -> bytes:
    """The bytes of a message or bundle. Python's float is a 32-bit float there. Raises WireError."""
    if isinstance(packet, Bundle):
        return bundle((encode(element) for element in packet.elements), packet.timetag)
    tags, arguments = ",", b""
    for argument in packet.arguments:
        tag, data = _argument(argument)
        tags += tag
        arguments += data
    return head(packet.address, tags) + arguments


def head(address: str, tags: str) -> bytes:
    """The part of a message before its arguments, for senders that write the same message many times."""
    if not address.startswith("/"):
        raise WireError(f"The OSC address '{address}' does not begin with a slash.")
    return text(address) + text(tags)


def text(value: str) -> bytes:
    """A string argument: UTF-8, ended and padded with zeros to a multiple of four. Raises WireError."""
    try:
        data = value.encode()
    except UnicodeEncodeError:
        raise WireError(f"{value!r} is not whole Unicode.") from None
    if b"\x00" in data:
        raise WireError(f"{value!r} holds a zero, which ends OSC strings.")
    return data + bytes(4 - len(data) % 4)


def bundle(elements: Iterable[bytes], timetag: int = IMMEDIATELY) -> bytes:
    """A bundle of encoded messages."""
    parts = [_INT.pack(len(element)) + element for element in elements]
    return _BUNDLE + _TIMETAG.pack(timetag) + b"".join(parts)


def bundles(elements: Iterable[bytes], limit: int = DATAGRAM_BYTES) -> list[bytes]:
    """Encoded messages in order, in as few bundles as fit `limit` bytes each; a longer message gets one of its own."""
    out: list[bytes] = []
    group: list[bytes] = []
    size = 16
    for element in elements:
        if group and size + 4 + len(element) > limit:
            out.append(bundle(group))
            group, size = [], 16
        group.append(element)
        size += 4 + len(element)
    return [*out, bundle(group)] if group else out


def decode(data: bytes) -> Message | Bundle:
    """The message or bundle in `data`. Raises WireError, and nothing else."""
    return _packet(data, 0)


def messages(packet: Message | Bundle) -> Iterator[Message]:
    """All messages in order, those inside bundles too."""
    if isinstance(packet, Message):
        yield packet
        return
    for element in packet.elements:
        yield from messages(element)


def _packet(data: bytes, depth: int) -> Message | Bundle:
    if not data or len(data) % 4:
        raise WireError(f"An OSC packet's size is a multiple of four, and {len(data)} is not.")
    if data[0] == ord("/"):
        return _message(data)
    if not data.startswith(_BUNDLE) or len(data) < 16:
        raise WireError("An OSC packet begins with an address or with '#bundle'.")
    if depth >= DEEPEST:
        raise WireError(f"OSC bundles lie more than {DEEPEST} deep in one another.")
    (timetag,) = _TIMETAG.unpack_from(data, 8)
    elements: list[Message | Bundle] = []
    at = 16
    while at < len(data):
        (size,) = _INT.unpack_from(data, at)
        at += 4
        if not 0 < size <= len(data) - at:
            raise WireError(f"An element of an OSC bundle claims {size} bytes where {len(data) - at} are left.")
        elements.append(_packet(data[at : at + size], depth + 1))
        at += size
    return Bundle(tuple(elements), timetag)


def _message(data: bytes) -> Message:
    address, at = _string(data, 0)
    if at == len(data):
        return Message(address)  # senders older than the standard leave the tags of no arguments out
    tags, at = _string(data, at)
    if not tags.startswith(","):
        raise WireError("The type tags of an OSC message begin with a comma.")
    arguments: list[Argument] = []
    for tag in tags[1:]:
        argument, at = _read(data, at, tag)
        arguments.append(argument)
    if at != len(data):
        raise WireError(f"An OSC message has {len(data) - at} bytes behind its arguments.")
    return Message(address, tuple(arguments))


def _read(data: bytes, at: int, tag: str) -> tuple[Argument, int]:
    """The argument at byte `at`, and where it ends."""
    if tag in _CONSTANTS:
        return _CONSTANTS[tag], at
    if tag in "sS":
        return _string(data, at)
    if tag == "b":
        return _blob(data, at)
    if tag not in _NUMBERS:
        raise WireError(f"This reads no OSC arguments of type '{tag}'.")
    number = _NUMBERS[tag]
    if at + number.size > len(data):
        raise WireError("An OSC message ends inside an argument.")
    value: int | float = number.unpack_from(data, at)[0]
    return value, at + number.size


def _string(data: bytes, at: int) -> tuple[str, int]:
    end = data.find(b"\x00", at)
    if end < 0:
        raise WireError("An OSC string has no end.")
    try:
        return data[at:end].decode(), end + 4 - (end - at) % 4
    except UnicodeDecodeError:
        raise WireError("An OSC string is not UTF-8.") from None


def _blob(data: bytes, at: int) -> tuple[bytes, int]:
    if at + 4 > len(data):
        raise WireError("An OSC message ends inside an argument.")
    (size,) = _INT.unpack_from(data, at)
    end = at + 4 + size
    if size < 0 or end > len(data):
        raise WireError(f"An OSC blob claims {size} bytes, which the message has no room for.")
    return data[at + 4 : end], end + -end % 4


def _argument(value: Argument) -> tuple[str, bytes]:
    """The type tag and the bytes of an argument."""
    if value is None or isinstance(value, bool):
        return {True: "T", False: "F", None: "N"}[value], b""
    if isinstance(value, int):
        return ("i", _INT.pack(value)) if value in _INT32 else ("h", _packed(_LONG, value))
    if isinstance(value, float):
        return "f", _packed(_FLOAT, value)
    if isinstance(value, str):
        return "s", text(value)
    return "b", _INT.pack(len(value)) + value + bytes(-len(value) % 4)


def _packed(form: struct.Struct, value: float) -> bytes:
    try:
        return form.pack(value)
    except (struct.error, OverflowError):
        raise WireError(f"{value:g} is too large a number for OSC.") from None
