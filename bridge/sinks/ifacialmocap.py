"""iFacialMocap over UDP: what its iPhone app sends to Blender, Maya, Unity, Warudo and others.

`ifacialmocap://host:49983` sends unasked, which most receivers take. With `?listen=1` it waits, like the phone, for
receivers that ask, and sends to those; not where a receiver runs on the same machine, as it has that port itself.
"""

from __future__ import annotations

import errno
import socket
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

import numpy as np

from bridge.body.rotation import quaternion, yaw_pitch_roll
from bridge.errors import ConfigError, DeviceError
from bridge.sinks._udp import Datagrams
from bridge.types import ARKIT_BLENDSHAPES, F32, SHAPE_COUNT, Motion, RigFrames, RigLayout
from bridge.wire import ifacialmocap
from bridge.wire.ifacialmocap import Frame, Three

ASKERS: Final = 8
"""How many receivers are answered: those that asked last."""
_DISTANCE_M: Final = 0.4
"""How far from the phone the face is said to be."""


@dataclass(frozen=True, slots=True)
class Options:
    """`invert`: angles to turn the other way round, with commas between: headX, headY, headZ, eyeX, eyeY."""

    host: str = "127.0.0.1"
    port: int = ifacialmocap.PORT
    rig: str = "arkit"
    invert: str = ""
    listen: bool = False


def build(options: Options, layout: RigLayout) -> IFacialMocap:
    """Open the sockets. Raises ConfigError or DeviceError."""
    return IFacialMocap(options, layout)


class IFacialMocap:
    """One receiver, or those that ask."""

    def __init__(self, options: Options, layout: RigLayout, listen_host: str = "") -> None:
        curves = {name.lower(): column for column, name in enumerate(layout.curves)}
        self._pairs = [(i, curves[n.lower()]) for i, n in enumerate(ARKIT_BLENDSHAPES) if n.lower() in curves]
        if not self._pairs:
            raise ConfigError(f"The rig '{options.rig}' has no curve that iFacialMocap knows; 'arkit' has.")
        self._sign = _signs(options.invert)
        self._datagrams = Datagrams(options.host, options.port)
        self._askers: dict[str, None] = {}
        try:
            self._ear = _listen(listen_host, options.port) if options.listen else None
        except DeviceError:
            self._datagrams.close()
            raise
        self._port = options.port

    def send(self, epoch: int, motion: Motion, rigged: RigFrames) -> None:
        """Send a frame to the target, or to all that have asked. Raises DeviceError where the target is not there."""
        data = ifacialmocap.encode(self._frame(motion, rigged.curves[0]))
        if self._ear is None:
            self._datagrams.send(data)
            return
        self._hear(self._ear)
        for host in self._askers:
            with suppress(OSError):  # one that has gone must not end the others
                self._ear.sendto(data, (host, self._port))

    def close(self) -> None:
        """Let go of the sockets."""
        self._datagrams.close()
        if self._ear is not None:
            self._ear.close()

    def _hear(self, ear: socket.socket) -> None:
        """Note who asks: the last to do so comes last. None says goodbye, so the first makes room for a new one."""
        for _ in range(ASKERS):
            try:
                data, (host, *_) = ear.recvfrom(2048)
            except OSError:  # nothing there
                return
            if ifacialmocap.is_request(data):
                self._askers.pop(host, None)
                if len(self._askers) >= ASKERS:
                    del self._askers[next(iter(self._askers))]
                self._askers[host] = None

    def _frame(self, motion: Motion, curves: F32) -> Frame:
        face = np.zeros(SHAPE_COUNT, np.float32)
        for shape, column in self._pairs:
            face[shape] = curves[column]
        yaw, pitch, roll = np.degrees(yaw_pitch_roll(quaternion(motion.head_rad[0]))).tolist()
        eye_yaw, eye_pitch = np.degrees(motion.gaze_rad[0].astype(float)).tolist()
        sign = self._sign
        eye: Three = (sign["eyex"] * eye_pitch, sign["eyey"] * eye_yaw, 0.0)
        head: Three = (sign["headx"] * pitch, sign["heady"] * yaw, sign["headz"] * roll)
        return Frame(face, head, (0.0, 0.0, -_DISTANCE_M), eye, eye)


def _signs(invert: str) -> dict[str, float]:
    signs = dict.fromkeys(("headx", "heady", "headz", "eyex", "eyey"), 1.0)
    for name in filter(None, invert.split(",")):
        if name.strip().lower() not in signs:
            raise ConfigError(f"'invert' knows no angle '{name}'; the angles are headX, headY, headZ, eyeX, eyeY.")
        signs[name.strip().lower()] = -1.0
    return signs


def _listen(host: str, port: int) -> socket.socket:
    """A socket that hears receivers ask. Raises DeviceError."""
    ear = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    ear.setblocking(False)
    try:
        ear.bind((host, port))
    except OSError as error:
        ear.close()
        if error.errno in (errno.EADDRINUSE, errno.EACCES):
            raise DeviceError(
                f"Port {port} is taken, perhaps by a receiver on this machine: leave 'listen' out, and frames are sent "
                "to it unasked."
            ) from None
        raise DeviceError(f"Port {port} can't be listened on: {error.strerror or error}.") from None
    return ear
