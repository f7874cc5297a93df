"""VRChat's OSC: avatar parameters and eye tracking. Source: docs.vrchat.com/docs/osc-overview and its neighbours.

An avatar has parameters of 8 bits for those who watch, so a smaller change is not worth a message; and it may be loaded
or the game started at any time, so each value is sent again now and then. One message a datagram: whether the game
reads bundles is not documented.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np

from bridge.types import F32
from bridge.wire import osc

PORT: Final = 9000
"""Where the game listens."""
STEP: Final = 1 / 127
"""What watchers see of a parameter that goes from -1 to 1."""
REFRESH_FRAMES: Final = 60
"""Within how many frames each parameter is sent at least once."""
ACTIVE: Final = ("EyeTrackingActive", "ExpressionTrackingActive", "LipTrackingActive")
"""Parameters that tell an avatar made for face tracking to listen."""

_PARAMETERS: Final = "/avatar/parameters/"


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter's new value; an avatar takes any of the types and turns it into its own."""

    name: str
    value: float | int | bool


@dataclass(frozen=True, slots=True)
class AvatarChange:
    """Another avatar has been loaded."""

    avatar: str


@dataclass(frozen=True, slots=True)
class Eyes:
    """Where each eye looks, degrees, pitch + down and yaw + to the own right."""

    left_pitch_deg: float
    left_yaw_deg: float
    right_pitch_deg: float
    right_yaw_deg: float


@dataclass(frozen=True, slots=True)
class EyesClosed:
    """How far both eyes are shut, 0..1."""

    amount: float


Item: TypeAlias = Parameter | AvatarChange | Eyes | EyesClosed


def encode(item: Item) -> bytes:
    """The datagram that says `item`."""
    match item:
        case Parameter(name, value):
            return osc.encode(osc.Message(_PARAMETERS + name, (value,)))
        case AvatarChange(avatar):
            return osc.encode(osc.Message("/avatar/change", (avatar,)))
        case Eyes():
            angles = (item.left_pitch_deg, item.left_yaw_deg, item.right_pitch_deg, item.right_yaw_deg)
            return osc.encode(osc.Message("/tracking/eye/LeftRightPitchYaw", tuple(map(float, angles))))
        case EyesClosed(amount):
            return osc.encode(osc.Message("/tracking/eye/EyesClosedAmount", (float(amount),)))


def decode(data: bytes) -> list[Item]:
    """What a datagram says. Addresses and types of no interest are passed over. Raises WireError for no OSC."""
    items = (_item(message) for message in osc.messages(osc.decode(data)))
    return [item for item in items if item is not None]


def _item(message: osc.Message) -> Item | None:
    match message:
        case osc.Message(address, (bool() | int() | float() as value, *_)) if address.startswith(_PARAMETERS):
            return Parameter(address.removeprefix(_PARAMETERS), value)
        case osc.Message("/avatar/change", (str() as avatar, *_)):
            return AvatarChange(avatar)
        case osc.Message("/tracking/eye/LeftRightPitchYaw", (float() as a, float() as b, float() as c, float() as d)):
            return Eyes(a, b, c, d)
        case osc.Message("/tracking/eye/EyesClosedAmount", (float() as amount,)):
            return EyesClosed(amount)
    return None


def binary_names(names: Sequence[str], bits: int) -> list[str]:
    """What avatars call parameters that are made of bools: name1 name2 name4 ... and nameNegative, for each name."""
    ends = [*(str(1 << bit) for bit in range(bits)), "Negative"]
    return [name + end for name in names for end in ends]


def binary(values: F32, bits: int) -> F32:
    """Values [C] in -1..1 as bools [C * (bits + 1)], 0 or 1, in the order of `binary_names`.

    As VRCFaceTracking does it (docs.vrcft.io, Binary Parameters; its BinaryBaseParameter): the whole part of the
    value's magnitude times 2 to the power of `bits`, and all ones for 1.
    """
    levels = 1 << bits
    steps = np.minimum((np.abs(values.astype(np.float64)) * levels).astype(np.int64), levels - 1)
    columns = [steps >> bit & 1 for bit in range(bits)]
    return np.stack([*columns, values < 0], axis=1).astype(np.float32).reshape(-1)


class Changes:
    """Which of a row of values are worth sending: those that moved by a step, and in turn every one once in a while."""

    def __init__(self, count: int, step: float = STEP, refresh_frames: int = REFRESH_FRAMES) -> None:
        self._sent = np.full(count, np.inf, np.float32)
        self._step = step
        self._turn = np.arange(count) % refresh_frames
        self._refresh_frames = refresh_frames
        self._frame = 0

    def of(self, values: F32) -> Sequence[int]:
        """The columns of `values` [C] to send with this frame; they count as sent."""
        # At rest and at the ends a value must be right, not only close.
        landed = (values != self._sent) & ((values == 0) | (values == 1) | (values == -1))
        moved = ~(np.abs(values - self._sent) < self._step) | landed
        chosen = np.flatnonzero(moved | (self._turn == self._frame % self._refresh_frames))
        self._sent[chosen] = values[chosen]
        self._frame += 1
        columns: list[int] = chosen.tolist()
        return columns
