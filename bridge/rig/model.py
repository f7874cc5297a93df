"""A rig as written in its file: which of the canonical values each curve and bone of a target takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from bridge.types import ARKIT_BLENDSHAPES

ANGLES: Final = ("headYaw", "headPitch", "headRoll", "gazeYaw", "gazePitch")
"""Angles in radians that curves may take beside the shapes.

Yaw is + to the own left, pitch + down, roll + with the top of the head to the own right.
"""

SOURCES: Final[tuple[str, ...]] = (*ARKIT_BLENDSHAPES, *ANGLES)
SOURCE_INDEX: Final[dict[str, int]] = {name: i for i, name in enumerate(SOURCES)}

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

Axes = Literal["vrm1", "vrm0", "unity"]
"""What bones are turned in: VRM 1.0's and glTF's axes (ours), VRM 0's (turned half round), Unity's left-handed ones."""
AXES: Final[tuple[Axes, ...]] = ("vrm1", "vrm0", "unity")


@dataclass(frozen=True, slots=True)
class Curve:
    """A target's curve: the weighted sum of sources, times `gain`, plus `offset`, kept within `low`..`high`."""

    name: str
    sources: tuple[tuple[str, float], ...]
    gain: float
    offset: float
    low: float
    high: float
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
