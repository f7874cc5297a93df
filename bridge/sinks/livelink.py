"""Live Link Face over UDP: what an iPhone with the app sends. Unreal reads it with its "Apple ARKit" source.

`livelink://host:11111?subject=Name`
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from bridge.errors import ConfigError
from bridge.sinks._udp import Datagrams
from bridge.timebase import FPS_DEN, FPS_NUM
from bridge.types import F32, SHAPE_COUNT, Motion, RigFrames, RigLayout, freeze
from bridge.wire.livelink import Packet, encode
from bridge.wire.livelink_values import ANGLE_NAMES, VALUE_NAMES, values

DAY_FRAMES: Final = 86_400 * FPS_NUM // FPS_DEN


@dataclass(frozen=True, slots=True)
class Options:
    """`angles`: what head and eyes turn in; one generation of receivers takes degrees divided by 180."""

    host: str = "127.0.0.1"
    port: int = 11111
    rig: str = "arkit"
    subject: str = "AvatarBridge"
    angles: Literal["radians", "degrees180"] = "radians"
    invert: str = ""
    """Which of the nine angles to turn the other way round, with commas between: HeadYaw,HeadPitch."""
    device: str = ""
    """36 characters that name this sender; empty: the same for all sinks of this machine that send this subject."""


def build(options: Options, layout: RigLayout) -> LiveLink:
    """Open the socket. Raises ConfigError or DeviceError."""
    return LiveLink(options, layout, _seconds_of_day)


def _seconds_of_day() -> float:
    now = time.time()
    local = time.localtime(now)
    return local.tm_hour * 3600 + local.tm_min * 60 + local.tm_sec + now % 1


class LiveLink:
    """One subject of Live Link."""

    def __init__(self, options: Options, layout: RigLayout, seconds_of_day: Callable[[], float]) -> None:
        self._columns = _columns(options.rig, layout)
        self._scale = _scale(options)
        # The receiver keeps one subject for each device, so two subjects need two devices.
        self._device = options.device or str(uuid.uuid5(uuid.NAMESPACE_DNS, f"{uuid.getnode():x}.{options.subject}"))
        self._subject = options.subject
        self._first_frame: int | None = None
        self._seconds_of_day = seconds_of_day
        encode(self._packet(0, np.zeros(len(VALUE_NAMES), np.float32)))  # names that can't be sent are told now
        self._datagrams = Datagrams(options.host, options.port)

    def send(self, epoch: int, motion: Motion, rigged: RigFrames) -> None:
        """Send a packet. Raises DeviceError."""
        row = values(motion)[0] * self._scale
        row[:SHAPE_COUNT] = 0.0
        row[self._columns[0]] = rigged.curves[0, self._columns[1]]
        self._datagrams.send(encode(self._packet(self._frame(motion.first_index), row)))

    def close(self) -> None:
        """Let go of the socket."""
        self._datagrams.close()

    def _frame(self, index: int) -> int:
        """Frames since midnight: the wall clock says where it begins, the timeline how it goes on."""
        if self._first_frame is None:
            self._first_frame = int(self._seconds_of_day() * FPS_NUM / FPS_DEN) - index
        return (self._first_frame + index) % DAY_FRAMES

    def _packet(self, frame: int, row: F32) -> Packet:
        return Packet(self._device, self._subject, frame, 0.0, FPS_NUM, FPS_DEN, freeze(row))


def _columns(rig: str, layout: RigLayout) -> tuple[list[int], list[int]]:
    """Which values of the packet take which curves of the rig, by name."""
    curves = {name.lower(): column for column, name in enumerate(layout.curves)}
    pairs = [(i, curves[name.lower()]) for i, name in enumerate(VALUE_NAMES) if name.lower() in curves]
    if not pairs:
        raise ConfigError(f"The rig '{rig}' has no curve that Live Link Face knows; 'arkit' and 'metahuman' have.")
    return [value for value, _ in pairs], [column for _, column in pairs]


def _scale(options: Options) -> F32:
    """[61] what each value is multiplied by."""
    scale = np.ones(len(VALUE_NAMES), np.float32)
    if options.angles == "degrees180":
        scale[SHAPE_COUNT:] = 1 / np.pi
    names = {name.lower(): SHAPE_COUNT + i for i, name in enumerate(ANGLE_NAMES)}
    for name in filter(None, options.invert.split(",")):
        if name.strip().lower() not in names:
            raise ConfigError(f"'invert' knows no angle '{name}'; the angles are {', '.join(ANGLE_NAMES)}.")
        scale[names[name.strip().lower()]] *= -1
    return scale
