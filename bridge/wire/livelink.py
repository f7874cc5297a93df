"""Live Link Face's UDP packet, version 6: what Unreal's "Apple ARKit" Live Link source reads.

    u8 6 | i32 + device id | i32 + subject | i32 frame, f32 sub-frame, i32 rate, i32 per | u8 61 | 61 x f32

All big-endian; strings are UTF-8 without a terminating zero. The receiver keeps one subject for each device id, so a
running bridge keeps to one id; PyLiveLinkFace reads only ids of 36 characters, as a UUID has. Layout and limits checked
on 7,866 packets recorded by others (github.com/think-biq/LLV).
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass
from typing import Final

import numpy as np

from bridge.errors import WireError
from bridge.types import F32, freeze
from bridge.wire.livelink_values import VALUE_COUNT

VERSION: Final = 6
STRINGS_BYTES: Final = 400
"""Both strings together: well inside what every version of the receiver takes (it refuses packets above 774 bytes)."""
PACKET_BYTES: Final = 1286
"""The longest packet that any version of the receiver takes."""

_LENGTH: Final = struct.Struct(">i")
_TIME: Final = struct.Struct(">ifii")
_VALUES_BYTES: Final = 4 * VALUE_COUNT


@dataclass(frozen=True, slots=True)
class Packet:
    """One frame of one face. `values` [61] stand in the order of `VALUE_NAMES`."""

    device_id: str
    subject: str
    frame: int
    """Frames of this rate since midnight, as the app counts."""
    sub_frame: float
    """The rest of the time, in frames."""
    fps_num: int
    fps_den: int
    values: F32


def encode(packet: Packet) -> bytes:
    """The packet's bytes. Values that are not finite become 0. Raises WireError for what no receiver would take."""
    device, subject = packet.device_id.encode(), packet.subject.encode()
    if not device or not subject or len(device) + len(subject) > STRINGS_BYTES:
        raise WireError(f"A device id and a subject need a letter each and {STRINGS_BYTES} bytes at most together.")
    if packet.values.shape != (VALUE_COUNT,):
        raise WireError(f"A Live Link Face packet carries {VALUE_COUNT} values, not {packet.values.shape}.")
    _check_time(packet.sub_frame, packet.fps_num, packet.fps_den)
    values = np.where(np.isfinite(packet.values), packet.values, 0.0).astype(">f4")
    return b"".join(
        (
            bytes([VERSION]),
            _LENGTH.pack(len(device)) + device,
            _LENGTH.pack(len(subject)) + subject,
            _TIME.pack(packet.frame, packet.sub_frame, packet.fps_num, packet.fps_den),
            bytes([VALUE_COUNT]),
            values.tobytes(),
        )
    )


def decode(data: bytes) -> Packet:
    """The packet in `data`. Raises WireError, and nothing else, for bytes that are none."""
    if not 0 < len(data) <= PACKET_BYTES or data[0] != VERSION:
        raise WireError(f"A Live Link Face packet has 1 to {PACKET_BYTES} bytes and begins with its version, 6.")
    device_id, at = _string(data, 1)
    subject, at = _string(data, at)
    if len(data) != at + _TIME.size + 1 + _VALUES_BYTES:
        raise WireError(f"The packet has {len(data) - at} bytes behind its names where {_TIME.size + 245} belong.")
    frame, sub_frame, fps_num, fps_den = _TIME.unpack_from(data, at)
    _check_time(sub_frame, fps_num, fps_den)
    at += _TIME.size
    if data[at] != VALUE_COUNT:
        raise WireError(f"The packet says it has {data[at]} values, and {VALUE_COUNT} belong in it.")
    values = np.frombuffer(data, ">f4", offset=at + 1).astype(np.float32)
    if not np.isfinite(values).all():
        raise WireError("The packet holds a value that is not a finite number.")
    return Packet(device_id, subject, frame, sub_frame, fps_num, fps_den, freeze(values))


def _string(data: bytes, at: int) -> tuple[str, int]:
    """The string that begins at byte `at` with its length, and where it ends."""
    if at + 4 > len(data):
        raise WireError("The packet ends inside a name.")
    (length,) = _LENGTH.unpack_from(data, at)
    end = at + 4 + length
    if length < 0 or end > len(data):
        raise WireError(f"The packet holds a name of {length} bytes, which it has no room for.")
    try:
        return data[at + 4 : end].decode(), end
    except UnicodeDecodeError:
        raise WireError("The packet holds a name that is not UTF-8.") from None


def _check_time(sub_frame: float, fps_num: int, fps_den: int) -> None:
    # Recorders let the sub-frame run on past 1, and receivers take it.
    if not math.isfinite(sub_frame) or fps_num < 1 or fps_den < 1:
        raise WireError(f"A frame's time can't be {sub_frame:g} of a frame at {fps_num}/{fps_den} frames a second.")
