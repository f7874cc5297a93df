"""The bones: a VRM 1.0 humanoid in T-pose, named as VRM names them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tools.avatar.parameters import Character
from tools.avatar.sdf import Array

# How far the arms of the T-pose lie below the collar.
ARM_DROP_MM = 63.0
FINGERS = ("Thumb", "Index", "Middle", "Ring", "Little")


@dataclass(frozen=True)
class Skeleton:
    """Bone k has a name, a parent (-1 for the root) and a place in metres, world space, feet at the origin.

    `head_space_m` is where head space (parameters.py) has its origin in the world.
    """

    names: tuple[str, ...]
    parent: tuple[int, ...]
    place_m: Array
    head_space_m: Array

    def at_mm(self, name: str) -> Array:
        """A bone's place in head space, millimetres."""
        out: Array = (self.place_m[self.names.index(name)] - self.head_space_m) * 1000.0
        return out


def build(who: Character) -> Skeleton:
    eye_height = who.body.height_m - 0.001 * who.head.skull_top - 0.012
    head_space = np.array([0.0, eye_height, 0.075])
    rows = [("root", "", np.array([0.0, -1000.0 * eye_height, -75.0])), *_spine(who), *_arms(who), *_legs(who)]
    names = tuple(r[0] for r in rows)
    parents = tuple(names.index(r[1]) if r[1] else -1 for r in rows)
    return Skeleton(names, parents, np.stack([r[2] for r in rows]) * 0.001 + head_space, head_space)


Row = tuple[str, str, Array]
"""A bone, its parent and its place in head space, millimetres."""


def _spine(who: Character) -> list[Row]:
    x, collar = who.eyes.spread, who.body.collar_y

    def below(y: float, z: float) -> Array:
        return np.array([0.0, collar + y, z])

    return [
        ("hips", "root", below(-491.0, -78.0)),
        ("spine", "hips", below(-400.0, -80.0)),
        ("chest", "spine", below(-270.0, -86.0)),
        ("upperChest", "chest", below(-144.0, -92.0)),
        ("neck", "upperChest", below(-4.0, -92.0)),
        ("head", "neck", np.array([0, -85.0, -72.0])),
        ("leftEye", "head", np.array([x, 0.0, 0.0])),
        ("rightEye", "head", np.array([-x, 0.0, 0.0])),
    ]


def _arms(who: Character) -> list[Row]:
    rows: list[Row] = []
    wide, collar = who.body.shoulder_half_width, who.body.collar_y
    for side, s in (("left", 1.0), ("right", -1.0)):

        def at(x: float, y: float, z: float, s: float = s) -> Array:
            return np.array([s * x, y, z])

        rows += [
            (f"{side}Shoulder", "upperChest", at(26.0, collar - 39.0, -92.0)),
            (f"{side}UpperArm", f"{side}Shoulder", at(wide - 22.0, collar - ARM_DROP_MM, -94.0)),
            (f"{side}LowerArm", f"{side}UpperArm", at(wide + 194.0, collar - ARM_DROP_MM, -98.0)),
            (f"{side}Hand", f"{side}LowerArm", at(wide + 400.0, collar - ARM_DROP_MM, -96.0)),
        ]
        for finger, joints in finger_joints(who).items():
            parent = f"{side}Hand"
            for k, place in enumerate(joints[:3]):
                part = ("Metacarpal", "Proximal", "Distal") if finger == "Thumb" else _FINGER_PARTS
                name = f"{side}{finger}{part[k]}"
                rows.append((name, parent, at(*place)))
                parent = name
    return rows


_FINGER_PARTS = ("Proximal", "Intermediate", "Distal")


def finger_joints(who: Character) -> dict[str, Array]:
    """Three joints and the tip of each finger of the left hand [4, 3]: palm down, fingers along +X, thumb forward."""
    wrist = np.array([who.body.shoulder_half_width + 400.0, who.body.collar_y - ARM_DROP_MM, -96.0])
    knuckles = {"Index": (78, 2, 25), "Middle": (81, 3, 7), "Ring": (78, 2, -11), "Little": (71, 0, -27)}
    lengths = {"Index": (36, 24, 19), "Middle": (40, 27, 20), "Ring": (37, 25, 19), "Little": (28, 19, 17)}
    spread = {"Index": 0.06, "Middle": 0.0, "Ring": -0.05, "Little": -0.12}
    out = {"Thumb": wrist + np.array([[18, -6, 22], [46, -9, 45], [70, -10, 58], [92, -10, 67]], dtype=float)}
    for name, knuckle in knuckles.items():
        along = np.array([1.0, -0.02, spread[name]])
        reach = np.cumsum([0, *lengths[name]])[:, None]
        out[name] = wrist + np.array(knuckle, dtype=float) + reach * along
    return out


def _legs(who: Character) -> list[Row]:
    x, hip = 0.5 * who.body.hip_half_width, who.body.collar_y - 545.0
    ground = -1000.0 * (who.body.height_m - 0.001 * who.head.skull_top - 0.012)
    rows: list[Row] = []
    for side, s in (("left", 1.0), ("right", -1.0)):
        rows += [
            (f"{side}UpperLeg", "hips", np.array([s * x, hip, -78.0])),
            (f"{side}LowerLeg", f"{side}UpperLeg", np.array([s * x * 0.98, 0.5 * (hip + ground) + 42.0, -76.0])),
            (f"{side}Foot", f"{side}LowerLeg", np.array([s * x * 0.96, ground + 82.0, -92.0])),
            (f"{side}Toes", f"{side}Foot", np.array([s * x * 0.96, ground + 26.0, 32.0])),
        ]
    return rows
