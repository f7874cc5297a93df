"""VRChat's avatar parameters over OSC, as VRCFaceTracking's avatars know them.

`vrchat://host:9000?prefix=FT/`; `?eyes=1` drives the game's own eye tracking too, `?binary=4` sends each parameter as
four bools and its sign.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from bridge.errors import ConfigError
from bridge.sinks._udp import Datagrams
from bridge.types import F32, SHAPE_INDEX, Motion, RigFrames, RigLayout
from bridge.wire import vrchat
from bridge.wire.vrchat import Changes, Eyes, EyesClosed, Item, Parameter


@dataclass(frozen=True, slots=True)
class Options:
    """`prefix` comes before the rig's names: avatars commonly have their parameters under FT/."""

    host: str = "127.0.0.1"
    port: int = vrchat.PORT
    rig: str = "vrchat"
    prefix: str = "FT/"
    eyes: bool = False
    bits: int = 8
    """How fine a change of a float is worth sending: VRChat shows others 8 bits."""
    binary: int = 0
    """For avatars that save room: how many bools make a parameter, 1 to 8; 0 sends floats."""


BINARY_BITS: Final = range(9)
"""An avatar has room for 256 bits, and a float takes 8 of them."""


def build(options: Options, layout: RigLayout) -> VrChat:
    """Open the socket. Raises ConfigError or DeviceError."""
    if options.binary not in BINARY_BITS:
        raise ConfigError(f"'binary' lies between 0 and {BINARY_BITS[-1]}.")
    return VrChat(options, layout)


class VrChat:
    """One game."""

    def __init__(self, options: Options, layout: RigLayout) -> None:
        names = [options.prefix + name for name in layout.curves]
        self._binary = options.binary
        self._names = vrchat.binary_names(names, self._binary) if self._binary else names
        step = 2.0 / (2 ** max(1, min(24, options.bits)) - 1)
        self._curves = Changes(len(self._names), 0.5 if self._binary else step)
        self._active = Changes(len(vrchat.ACTIVE))
        self._eyes = Changes(3) if options.eyes else None
        self._datagrams = Datagrams(options.host, options.port)

    def send(self, epoch: int, motion: Motion, rigged: RigFrames) -> None:
        """Send what has changed. Raises DeviceError."""
        items: list[Item] = self._parameters(rigged.curves[0])
        tracking = np.ones(len(vrchat.ACTIVE), np.float32)
        items += [Parameter(vrchat.ACTIVE[i], True) for i in self._active.of(tracking)]
        if self._eyes is not None and self._eyes.of(_eye_state(motion)):
            items += _eyes(motion)
        for item in items:
            self._datagrams.send(vrchat.encode(item))

    def _parameters(self, values: F32) -> list[Item]:
        """The rig's parameters that have changed."""
        if not self._binary:
            return [Parameter(self._names[i], float(values[i])) for i in self._curves.of(values)]
        bools = vrchat.binary(values, self._binary)
        return [Parameter(self._names[i], bool(bools[i])) for i in self._curves.of(bools)]

    def close(self) -> None:
        """Let go of the socket."""
        self._datagrams.close()


def _eye_state(motion: Motion) -> F32:
    """[3] what must move for the eyes to be sent: yaw and pitch in quarter turns (a step is 0.7 degrees), and lids."""
    return np.array([*(motion.gaze_rad[0] / (np.pi / 2)), _shut(motion)], np.float32)


def _eyes(motion: Motion) -> list[Item]:
    yaw, pitch = np.degrees(motion.gaze_rad[0].astype(float)).tolist()
    return [Eyes(pitch, -yaw, pitch, -yaw), EyesClosed(_shut(motion))]


def _shut(motion: Motion) -> float:
    lids = motion.face[0, [SHAPE_INDEX["eyeBlinkLeft"], SHAPE_INDEX["eyeBlinkRight"]]]
    return float(np.clip(lids.mean(), 0.0, 1.0))
