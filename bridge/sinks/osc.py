"""OSC over UDP, for whatever reads OSC: TouchDesigner, Max, Resolume, Unreal's OSC plugin, a script.

`osc://host:9000?address=/avatar/{name}`: a float for each curve of the rig, and, if `bone_address` is given, four (x y
z w, in the rig's axes) for each of its bones.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from typing import Final

from bridge.errors import ConfigError
from bridge.sinks._udp import Datagrams
from bridge.types import Motion, RigFrames, RigLayout
from bridge.wire import osc

_FORBIDDEN: Final = re.compile(r"[\s#*,?\[\]{}]")
"""What names in an address can't hold (OSC 1.0)."""
_ONE: Final = struct.Struct(">f")
_FOUR: Final = struct.Struct(">4f")


@dataclass(frozen=True, slots=True)
class Options:
    """`{name}` in an address stands for the curve's or bone's name."""

    host: str = "127.0.0.1"
    port: int = 9000
    rig: str = "arkit"
    address: str = "/avatar/{name}"
    bone_address: str = ""
    bundle: int = osc.DATAGRAM_BYTES
    """Bytes of the longest datagram; 0 sends each message by itself, for readers that know no bundles."""


def build(options: Options, layout: RigLayout) -> Osc:
    """Open the socket. Raises ConfigError or DeviceError."""
    return Osc(options, layout)


class Osc:
    """One reader."""

    def __init__(self, options: Options, layout: RigLayout) -> None:
        self._curves = [osc.head(_address(options.address, name), ",f") for name in layout.curves]
        bones = layout.bones if options.bone_address else ()
        self._bones = [osc.head(_address(options.bone_address, name), ",ffff") for name in bones]
        self._limit = options.bundle
        self._datagrams = Datagrams(options.host, options.port)

    def send(self, epoch: int, motion: Motion, rigged: RigFrames) -> None:
        """Send a frame. Raises DeviceError."""
        curves = rigged.curves[0].tolist()
        messages = [head + _ONE.pack(value) for head, value in zip(self._curves, curves, strict=True)]
        if self._bones:
            bones = rigged.bones_wxyz[0].tolist()
            messages += [head + _FOUR.pack(x, y, z, w) for head, (w, x, y, z) in zip(self._bones, bones, strict=True)]
        for data in osc.bundles(messages, self._limit) if self._limit else messages:
            self._datagrams.send(data)

    def close(self) -> None:
        """Let go of the socket."""
        self._datagrams.close()


def _address(template: str, name: str) -> str:
    if not template.startswith("/") or "{name}" not in template:
        raise ConfigError(f"'{template}' is no template of an OSC address, such as /avatar/{{name}}.")
    address = template.replace("{name}", _FORBIDDEN.sub("_", name))
    if _FORBIDDEN.search(address):
        raise ConfigError(f"'{template}' holds a character that OSC addresses can't hold.")
    return address
