"""iFacialMocap's UDP text: what its iPhone app streams to Blender, Maya, Unity, Warudo and others.

    jawOpen-35|eyeBlink_L-10|...|=head#rx,ry,rz,px,py,pz|rightEye#rx,ry,rz|leftEye#rx,ry,rz|

Shapes are whole percents, angles degrees about X, Y and Z, the head's place metres. A receiver asks the phone for it by
sending `REQUEST` to port 49983 and gets the frames on its own port of that number. What the signs of the angles are is
not documented; here X is + down, Y + to the own left, Z + to the own right shoulder. Source:
ifacialmocap.com/for-developer
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from bridge.errors import WireError
from bridge.types import ARKIT_BLENDSHAPES, F32, SHAPE_COUNT, SHAPE_INDEX, freeze

PORT: Final = 49983
REQUEST: Final = b"iFacialMocap_sahuasouryya9218sauhuiayeta91555dy3719"

_UNSUFFIXED: Final = ("jawLeft", "jawRight", "mouthLeft", "mouthRight")
FRAME_BYTES: Final = 8192
"""Far more than any frame has."""


def _theirs(name: str) -> str:
    """eyeBlinkLeft is eyeBlink_L there, but jawLeft is jawLeft."""
    for side in ("Left", "Right"):
        if name.endswith(side) and name not in _UNSUFFIXED:
            return f"{name.removesuffix(side)}_{side[0]}"
    return name


NAMES: Final[tuple[str, ...]] = tuple(map(_theirs, ARKIT_BLENDSHAPES))
"""Their names of `ARKIT_BLENDSHAPES`, in that order."""
_INDEX: Final = {name: i for i, name in enumerate(NAMES)} | SHAPE_INDEX

Three = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame. `face` [52] in the order of `ARKIT_BLENDSHAPES`, 0..1."""

    face: F32
    head_deg: Three
    place_m: Three
    right_eye_deg: Three
    left_eye_deg: Three


def encode(frame: Frame) -> bytes:
    """The text of a frame. What is not finite becomes 0."""
    percents = np.round(100 * np.clip(np.nan_to_num(frame.face), 0.0, 1.0)).astype(int).tolist()
    shapes = "".join(f"{name}-{value}|" for name, value in zip(NAMES, percents, strict=True))
    head = _numbers((*frame.head_deg, *frame.place_m))
    eyes = f"rightEye#{_numbers(frame.right_eye_deg)}|leftEye#{_numbers(frame.left_eye_deg)}|"
    return f"{shapes}=head#{head}|{eyes}".encode()


def decode(data: bytes) -> Frame:
    """The frame in `data`; shapes that it does not name are 0, names that are not known are passed over.

    Reads the second version too, which puts `&` between name and value. Raises WireError, and nothing else.
    """
    if len(data) > FRAME_BYTES:
        raise WireError(f"An iFacialMocap frame has at most {FRAME_BYTES} bytes, this has {len(data)}.")
    try:
        shapes, mark, rest = data.decode().partition("=")
    except UnicodeDecodeError:
        raise WireError("The iFacialMocap frame is not text.") from None
    poses = dict(_pose(part) for part in rest.split("|") if part)
    if not mark or not {"head", "rightEye", "leftEye"} <= poses.keys():
        raise WireError("The iFacialMocap frame lacks the head or an eye.")
    face = np.zeros(SHAPE_COUNT, np.float32)
    for item in filter(None, shapes.split("|")):
        separator = "&" if "&" in item else "-"
        name, found, value = item.partition("&") if separator == "&" else item.rpartition("-")
        if not found:
            raise WireError(f"'{item[:40]}' is no shape of iFacialMocap.")
        if name in _INDEX:
            face[_INDEX[name]] = min(1.0, max(0.0, _number(value) / 100))
    head = _count(poses["head"], 6)
    return Frame(
        face=freeze(face),
        head_deg=(head[0], head[1], head[2]),
        place_m=(head[3], head[4], head[5]),
        right_eye_deg=_three(poses["rightEye"]),
        left_eye_deg=_three(poses["leftEye"]),
    )


def is_request(data: bytes) -> bool:
    """Whether a receiver asks for the stream; it may put options behind."""
    return data.startswith(REQUEST)


def _numbers(values: Sequence[float]) -> str:
    return ",".join(f"{value if math.isfinite(value) else 0.0:.6f}" for value in values)


def _pose(part: str) -> tuple[str, list[float]]:
    name, _, numbers = part.partition("#")
    return name, [_number(number) for number in numbers.split(",")] if numbers else []


def _number(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        raise WireError(f"'{text[:40]}' is no number in an iFacialMocap frame.") from None
    if not math.isfinite(number):
        raise WireError("The iFacialMocap frame holds a value that is not a finite number.")
    return number


def _three(values: list[float]) -> Three:
    x, y, z = _count(values, 3)
    return (x, y, z)


def _count(values: list[float], count: int) -> list[float]:
    if len(values) != count:
        raise WireError(f"A pose in the iFacialMocap frame has {len(values)} numbers where {count} belong.")
    return values
