"""A rig as written in its file: which of the canonical values each curve and bone of a target takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

# VRM 1.0's names of the humanoid bones and the SMPL joint each moves with; eyes take the gaze.
BONE_JOINTS: Final[dict[str, str]] = {
    "hips": "pelvis",
    "spine": "spine1",
    "chest": "spine2",
    "upperChest": "spine3",
    "neck": "neck",
    "head": "head",
    "leftEye": "",
    "rightEye": "",
    "leftShoulder": "left_collar",
    "leftUpperArm": "left_shoulder",
    "leftLowerArm": "left_elbow",
    "leftHand": "left_wrist",
    "rightShoulder": "right_collar",
    "rightUpperArm": "right_shoulder",
    "rightLowerArm": "right_elbow",
    "rightHand": "right_wrist",
}
UPPER_BODY: Final = tuple(BONE_JOINTS)
WHOLE_HEAD: Final = "wholeHead"
"""A bone for skeletons without a neck of their own: it takes all of the head's turn."""
BONE_SOURCES: Final = (*UPPER_BODY, WHOLE_HEAD)

Axes = Literal["vrm1", "vrm0", "unity", "unreal"]
"""What bones are turned in.

`vrm1` is VRM 1.0's and glTF's way (ours); `vrm0` is turned half round; `unity` is left-handed with X to the own right;
`unreal` is left-handed with Z up, in a character's own space, which it faces along Y.
"""
AXES: Final[tuple[Axes, ...]] = ("vrm1", "vrm0", "unity", "unreal")


@dataclass(frozen=True, slots=True)
class Curve:
    """A target's curve: the weighted sum of sources, times `gain`, plus `offset`, kept within `low`..`high`.

    `smoothing_ms` is the time constant of a low pass before the limits; 0 is none.
    """

    name: str
    sources: tuple[tuple[str, float], ...]
    gain: float
    offset: float
    low: float
    high: float
    smoothing_ms: float
    line: int


@dataclass(frozen=True, slots=True)
class Bone:
    """A target's bone, and the VRM 1.0 bone whose rotation it takes."""

    name: str
    source: str
    line: int


@dataclass(frozen=True, slots=True)
class Rig:
    """A rig file."""

    name: str
    title: str
    engine: str
    documentation: tuple[str, ...]
    axes: Axes
    curve_min: float
    curve_max: float
    curves: tuple[Curve, ...]
    bones: tuple[Bone, ...]
