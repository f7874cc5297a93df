"""The VMC protocol: humanoid poses and blend shapes over OSC. Specification: protocol.vmc.info (sh-akira, MIT).

Coordinates are Unity's: left-handed, Y up, Z out of the face, metres; quaternions travel as x y z w. A bone's pose is
local to its parent. `Sender` writes the same curves and bones frame after frame; `decode` reads what a VMC application
sends. By the protocol a reader passes over addresses it does not know, and over messages with too few arguments or
arguments of another type.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np

from bridge.types import F32
from bridge.wire import osc

MARIONETTE_PORT: Final = 39539
"""Where an application that shows a model listens."""
PERFORMER_PORT: Final = 39540
"""Where an application that solves motion listens for more."""

BONES: Final[tuple[str, ...]] = (
    *("Hips", "LeftUpperLeg", "RightUpperLeg", "LeftLowerLeg", "RightLowerLeg", "LeftFoot", "RightFoot", "Spine"),
    *("Chest", "Neck", "Head", "LeftShoulder", "RightShoulder", "LeftUpperArm", "RightUpperArm", "LeftLowerArm"),
    *("RightLowerArm", "LeftHand", "RightHand", "LeftToes", "RightToes", "LeftEye", "RightEye", "Jaw"),
    *(
        f"{side}{finger}{joint}"
        for side in ("Left", "Right")
        for finger in ("Thumb", "Index", "Middle", "Ring", "Little")
        for joint in ("Proximal", "Intermediate", "Distal")
    ),
    "UpperChest",
)
"""Unity's HumanBodyBones, in their order."""

_SEVEN: Final = struct.Struct(">7f")
_ONE: Final = struct.Struct(">f")
_OK: Final = osc.encode(osc.Message("/VMC/Ext/OK", (1,)))
_TIME: Final = osc.head("/VMC/Ext/T", ",f")
_ROOT: Final = osc.head("/VMC/Ext/Root/Pos", ",sfffffff") + osc.text("root") + _SEVEN.pack(0, 0, 0, 0, 0, 0, 1)
_APPLY: Final = osc.head("/VMC/Ext/Blend/Apply", ",")


class Sender:
    """Writes frames of the same blend shapes and bones. Their names and the bones' places go out with each frame."""

    def __init__(self, blends: Sequence[str], bones: Sequence[str], places_m: F32) -> None:
        """`places_m` [B, 3] is where each bone stands in its parent."""
        self._blends = [osc.head("/VMC/Ext/Blend/Val", ",sf") + osc.text(name) for name in blends]
        self._bones = [osc.head("/VMC/Ext/Bone/Pos", ",sfffffff") + osc.text(name) for name in bones]
        self._places_m = places_m.astype(np.float32)

    def frame(self, time_s: float, values: F32, bones_wxyz: F32) -> list[bytes]:
        """The messages of one frame, in the order of the reference sender: values [C], bones [B, 4].

        `Apply` is the last, so they may be cut into bundles anywhere.
        """
        poses = np.concatenate([self._places_m, bones_wxyz[:, 1:], bones_wxyz[:, :1]], axis=1).tolist()
        return [
            _OK,
            _TIME + _ONE.pack(time_s),
            _ROOT,
            *(head + _SEVEN.pack(*pose) for head, pose in zip(self._bones, poses, strict=True)),
            *(head + _ONE.pack(value) for head, value in zip(self._blends, values.tolist(), strict=True)),
            _APPLY,
        ]


@dataclass(frozen=True, slots=True)
class Available:
    """Whether the sender has a model loaded."""

    loaded: bool


@dataclass(frozen=True, slots=True)
class Time:
    """The sender's clock."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Pose:
    """Where a bone stands in its parent, or the root in the world."""

    name: str
    place_m: tuple[float, float, float]
    xyzw: tuple[float, float, float, float]
    is_root: bool = False


@dataclass(frozen=True, slots=True)
class Blend:
    """A blend shape's value, to be shown with the next `Apply`."""

    name: str
    value: float


@dataclass(frozen=True, slots=True)
class Apply:
    """Show all blend shapes sent since the last `Apply`."""


Item: TypeAlias = Available | Time | Pose | Blend | Apply


def decode(data: bytes) -> list[Item]:
    """What a datagram says, in order. Raises WireError for what is not OSC."""
    items = (_item(message) for message in osc.messages(osc.decode(data)))
    return [item for item in items if item is not None]


def _item(message: osc.Message) -> Item | None:
    """None for a message of no interest, or one to be ignored."""
    arguments = message.arguments
    match message.address:
        case "/VMC/Ext/Blend/Apply":
            return Apply()
        case "/VMC/Ext/OK":
            return Available(arguments[0] != 0) if _are(arguments, int) else None
        case "/VMC/Ext/T":
            return Time(_float(arguments[0])) if _are(arguments, float) else None
        case "/VMC/Ext/Blend/Val":
            return Blend(str(arguments[0]), _float(arguments[1])) if _are(arguments, str, float) else None
        case "/VMC/Ext/Bone/Pos" | "/VMC/Ext/Root/Pos" if _are(arguments, str, *(float,) * 7):
            x, y, z, qx, qy, qz, qw = (_float(argument) for argument in arguments[1:8])
            return Pose(str(arguments[0]), (x, y, z), (qx, qy, qz, qw), message.address == "/VMC/Ext/Root/Pos")
    return None


def _are(arguments: tuple[osc.Argument, ...], *kinds: type) -> bool:
    """Whether there are at least these arguments, of these types and finite."""
    return len(arguments) >= len(kinds) and all(
        type(argument) is kind and (not isinstance(argument, float) or math.isfinite(argument))
        for argument, kind in zip(arguments, kinds, strict=False)
    )


def _float(argument: osc.Argument) -> float:
    assert isinstance(argument, float)
    return argument
