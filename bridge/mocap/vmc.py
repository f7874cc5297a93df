"""What a VMC application sends, as canonical motion.

Expressions with ARKit's names are taken as they are. VRM's presets have no shape of their own: each becomes the shapes
that look like it, unless the sender has ARKit's too, which is finer. Bones are in Unity's axes and local to their
parents, as ours are; their places are not used. A sender may load another model, with other names, and nothing says so:
what it tells no more is forgotten.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Generic, TypeVar

import numpy as np

from bridge.body.rotation import F64, multiply, rotation_vector, yaw_pitch_roll
from bridge.layers.capture import Captured
from bridge.layers.gaze import gaze_of_look_shapes
from bridge.layers.regions import FACE_REGIONS, Region
from bridge.types import F32, JOINT_COUNT, JOINT_INDEX, SHAPE_COUNT, SHAPE_INDEX, freeze, motion
from bridge.wire import vmc

_SHAPES: Final = {name.lower(): index for name, index in SHAPE_INDEX.items()}
_BOTH: Final = ("Left", "Right")


def _pair(name: str, value: float) -> dict[str, float]:
    return {f"{name}{side}": value for side in _BOTH}


_PRESETS: Final[dict[str, dict[str, float]]] = {
    "aa": {"jawOpen": 0.6},
    "ih": _pair("mouthStretch", 0.4) | {"jawOpen": 0.1},
    "ou": {"mouthPucker": 0.8, "jawOpen": 0.1},
    "ee": _pair("mouthStretch", 0.4) | {"jawOpen": 0.3},
    "oh": {"mouthFunnel": 0.6, "jawOpen": 0.4},
    "blink": _pair("eyeBlink", 1.0),
    "blinkleft": {"eyeBlinkLeft": 1.0},
    "blinkright": {"eyeBlinkRight": 1.0},
    "happy": _pair("mouthSmile", 0.7) | _pair("cheekSquint", 0.5),
    "angry": _pair("browDown", 0.8) | _pair("noseSneer", 0.3),
    "sad": _pair("mouthFrown", 0.5) | {"browInnerUp": 0.7},
    "relaxed": _pair("mouthSmile", 0.4),
    "surprised": _pair("eyeWide", 0.6) | _pair("browOuterUp", 0.6) | {"browInnerUp": 0.5},
    "lookup": _pair("eyeLookUp", 1.0),
    "lookdown": _pair("eyeLookDown", 1.0),
    "lookleft": {"eyeLookOutLeft": 1.0, "eyeLookInRight": 1.0},
    "lookright": {"eyeLookInLeft": 1.0, "eyeLookOutRight": 1.0},
}
"""VRM 1.0's presets, lower case."""
_VRM0: Final = {
    **{"a": "aa", "i": "ih", "u": "ou", "e": "ee", "o": "oh", "joy": "happy", "sorrow": "sad", "fun": "relaxed"},
    **{"blink_l": "blinkleft", "blink_r": "blinkright"},
}
_JOINTS: Final[dict[str, str]] = {
    **{"Hips": "pelvis", "Spine": "spine1", "Chest": "spine2", "UpperChest": "spine3"},
    **{
        f"{side}{theirs}": f"{side.lower()}_{ours}"
        for side in _BOTH
        for theirs, ours in (
            *(("Shoulder", "collar"), ("UpperArm", "shoulder"), ("LowerArm", "elbow"), ("Hand", "wrist")),
            *(("UpperLeg", "hip"), ("LowerLeg", "knee"), ("Foot", "ankle"), ("Toes", "foot")),
        )
    },
}
_BLENDS: Final = frozenset((*_SHAPES, *_PRESETS, *_VRM0))
_BONES: Final = frozenset((*_JOINTS, "Neck", "Head", *(f"{side}Eye" for side in _BOTH)))
KEPT_ROUNDS: Final = 60
"""How often a sender may tell its other values before one that it leaves out is forgotten: for a second, mostly."""

T = TypeVar("T")


class _Told(Generic[T]):
    """What a sender tells, by name. When a name comes again, a new round has begun.

    Rounds, as not every sender tells its time or ends its frames. While nothing comes nothing is forgotten.
    """

    def __init__(self) -> None:
        self._round = 0
        self._rows: dict[str, tuple[int, T]] = {}

    def tell(self, name: str, value: T) -> None:
        """Take a value in the place of the last one of that name."""
        if name in self._rows and self._rows[name][0] == self._round:
            self._round += 1
        self._rows[name] = (self._round, value)

    def values(self) -> dict[str, T]:
        """The last value of each name, but for what was left out for too long."""
        return {name: value for name, (told, value) in self._rows.items() if self._round - told <= KEPT_ROUNDS}


class Performer:
    """Gathers what one sender says, message by message. Names that mean nothing here are passed over."""

    def __init__(self) -> None:
        self._waiting: dict[str, float] = {}
        self._blends = _Told[float]()
        self._bones = _Told[F64]()

    def take(self, items: Iterable[vmc.Item]) -> bool:
        """Take messages; whether something new is to be shown."""
        new = False
        for item in items:
            match item:
                case vmc.Blend(name, value) if name.lower() in _BLENDS:
                    self._waiting[name.lower()] = value
                case vmc.Apply():
                    for name, value in self._waiting.items():
                        self._blends.tell(name, value)
                    self._waiting.clear()
                    new = True
                case vmc.Pose(name, _, (x, y, z, w), is_root=False) if name in _BONES:
                    # Unity's axes mirror X; a mirrored turn goes the other way about the other two.
                    length = float(np.linalg.norm((x, y, z, w)))
                    if length > 1e-6:
                        self._bones.tell(name, np.array((w, x, -y, -z)) / length)
                        new = True
        return new

    def captured(self, regions: frozenset[Region]) -> Captured:
        """What is known now, in `regions`."""
        bones = self._bones.values()
        face, known = _face(self._blends.values())
        gaze = _gaze(bones)
        if gaze is None:
            gaze = gaze_of_look_shapes(face)
        pose = np.zeros((1, JOINT_COUNT, 3))
        for bone, joint in _JOINTS.items():
            if bone in bones:
                pose[0, JOINT_INDEX[joint]] = rotation_vector(bones[bone])
        told: set[Region] = set(FACE_REGIONS) if known.any() or "LeftEye" in bones else set()
        if "Head" in bones:
            told.add("head")
        if pose.any():
            told.add("body")
        frame = motion(0, face, head_rad=_head(bones), gaze_rad=gaze, pose_rad=pose)
        return Captured(frame, known, regions & told)


def _face(blends: dict[str, float]) -> tuple[F32, F32]:
    """[1, 52] the shapes, and [52] which of them are told."""
    face, known = np.zeros((1, SHAPE_COUNT), np.float32), np.zeros(SHAPE_COUNT, np.float32)
    exact = {name: value for name, value in blends.items() if name in _SHAPES}
    for name, value in exact.items():
        face[0, _SHAPES[name]], known[_SHAPES[name]] = value, 1.0
    if not exact:
        for name, value in blends.items():
            for shape, gain in _PRESETS[_VRM0.get(name, name)].items():
                face[0, SHAPE_INDEX[shape]] += gain * value
                known[SHAPE_INDEX[shape]] = 1.0
    return freeze(np.clip(face, 0.0, 1.0)), freeze(known)


def _head(bones: dict[str, F64]) -> F64:
    """[1, 3] the head's turn against the upper chest: the neck's and its own."""
    still = np.array((1.0, 0.0, 0.0, 0.0))
    return rotation_vector(multiply(bones.get("Neck", still), bones.get("Head", still)))[None]


def _gaze(bones: dict[str, F64]) -> F64 | None:
    """[1, 2] yaw and pitch, the mean of both eyes; None where eyes are not told."""
    eyes = [bones[f"{side}Eye"] for side in _BOTH if f"{side}Eye" in bones]
    if not eyes:
        return None
    angles: F64 = yaw_pitch_roll(np.array(eyes))[:, :2].mean(axis=0, keepdims=True)
    return angles
