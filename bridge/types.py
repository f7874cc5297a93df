"""The values that flow through the bridge: names, audio, motion, phones.

All are frozen; arrays are float32 (unless said), C-contiguous and read-only. Axes are right-handed, in metres, Y up,
+Z out of the face, +X to the character's own left (ARKit's, glTF's and VRM 1.0's way). Rotations of joints are from
T-pose and local to the parent. A rotation vector is the axis times the angle in radians.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from bridge.timebase import SAMPLE_RATE_HZ

F32 = NDArray[np.float32]

# The order of the Live Link Face packet (its CSV files have left and right of jaw and mouth the other way round,
# so files are always mapped by name). Names: developer.apple.com/documentation/arkit/arfaceanchor/blendshapelocation
ARKIT_BLENDSHAPES: Final[tuple[str, ...]] = (
    *("eyeBlinkLeft", "eyeLookDownLeft", "eyeLookInLeft", "eyeLookOutLeft", "eyeLookUpLeft", "eyeSquintLeft"),
    *("eyeWideLeft", "eyeBlinkRight", "eyeLookDownRight", "eyeLookInRight", "eyeLookOutRight", "eyeLookUpRight"),
    *("eyeSquintRight", "eyeWideRight", "jawForward", "jawLeft", "jawRight", "jawOpen"),
    *("mouthClose", "mouthFunnel", "mouthPucker", "mouthLeft", "mouthRight", "mouthSmileLeft", "mouthSmileRight"),
    *("mouthFrownLeft", "mouthFrownRight", "mouthDimpleLeft", "mouthDimpleRight", "mouthStretchLeft"),
    *("mouthStretchRight", "mouthRollLower", "mouthRollUpper", "mouthShrugLower", "mouthShrugUpper"),
    *("mouthPressLeft", "mouthPressRight", "mouthLowerDownLeft", "mouthLowerDownRight", "mouthUpperUpLeft"),
    *("mouthUpperUpRight", "browDownLeft", "browDownRight", "browInnerUp", "browOuterUpLeft", "browOuterUpRight"),
    *("cheekPuff", "cheekSquintLeft", "cheekSquintRight", "noseSneerLeft", "noseSneerRight", "tongueOut"),
)
SHAPE_COUNT: Final = len(ARKIT_BLENDSHAPES)
SHAPE_INDEX: Final[dict[str, int]] = {name: i for i, name in enumerate(ARKIT_BLENDSHAPES)}

EMOTIONS: Final = ("neutral", "happy", "sad", "angry", "surprised", "fearful", "disgusted", "content")

# SMPL's 24 joints, in its order (Loper et al. 2015; vchoutas/smplx joint_names.py).
SMPL_JOINTS: Final[tuple[str, ...]] = (
    *("pelvis", "left_hip", "right_hip", "spine1", "left_knee", "right_knee", "spine2", "left_ankle"),
    *("right_ankle", "spine3", "left_foot", "right_foot", "neck", "left_collar", "right_collar", "head"),
    *("left_shoulder", "right_shoulder", "left_elbow", "right_elbow", "left_wrist", "right_wrist"),
    *("left_hand", "right_hand"),
)
JOINT_COUNT: Final = len(SMPL_JOINTS)
JOINT_INDEX: Final[dict[str, int]] = {name: i for i, name in enumerate(SMPL_JOINTS)}


def freeze(array: Any) -> F32:
    """A read-only float32 view of `array`, copied only where its type or layout differs. The caller hands it over."""
    out = np.ascontiguousarray(array, dtype=np.float32).view()
    out.flags.writeable = False
    return out


@dataclass(frozen=True, slots=True)
class AudioChunk:
    """A piece of mono audio. `samples` [N] lie in -1..1; the first is sample `start_sample` of its stream."""

    start_sample: int
    sample_rate_hz: int
    samples: F32

    @property
    def end_sample(self) -> int:
        """One past the last sample."""
        return self.start_sample + len(self.samples)


@dataclass(frozen=True, slots=True)
class Phone:
    """A phone of known speech: an IPA label, stress and length marks included; a pause has an empty one."""

    start_s: float
    end_s: float
    ipa: str


@dataclass(frozen=True, slots=True)
class Word:
    """When a word of known speech is said."""

    start_s: float
    end_s: float
    text: str


@dataclass(frozen=True, slots=True)
class Speech:
    """What a voice yields, piece by piece: samples [N] that follow the last piece's, and the phones within them.

    Times count from the utterance's first sample. `phones` and `words` are empty for a voice that does not tell.
    A phone comes with the piece it starts in; a word with any piece, in order.
    """

    samples: F32
    phones: tuple[Phone, ...] = ()
    sample_rate_hz: int = SAMPLE_RATE_HZ
    words: tuple[Word, ...] = ()


@dataclass(frozen=True, slots=True)
class Motion:
    """T consecutive frames of the 60 Hz grid, one row each: the one truth about how the character moves.

    Columns rather than an object a frame: an hour is mixed in array operations, live use has T of 1 to 18.
    """

    first_index: int
    face: F32
    """[T, 52] in the order of `ARKIT_BLENDSHAPES`, 0..1."""
    head_rad: F32
    """[T, 3] rotation vector relative to the upper chest; zero looks straight ahead."""
    gaze_rad: F32
    """[T, 2] yaw (+ to the own left) and pitch (+ down) of both eyes, relative to the head."""
    pose_rad: F32
    """[T, 24, 3] rotation vectors of the `SMPL_JOINTS`. Neck and head rows are zero: the rig shares `head_rad` out."""

    def __len__(self) -> int:
        return len(self.face)

    @property
    def end_index(self) -> int:
        """One past the last frame."""
        return self.first_index + len(self.face)

    def __getitem__(self, rows: slice) -> Motion:
        start, _, step = rows.indices(len(self))
        assert step == 1, "frames of a motion are consecutive"
        return Motion(
            self.first_index + start, self.face[rows], self.head_rad[rows], self.gaze_rad[rows], self.pose_rad[rows]
        )


def still(first_index: int, count: int) -> Motion:
    """`count` frames of the neutral face and the T-pose."""
    return motion(first_index, np.zeros((count, SHAPE_COUNT), np.float32))


def motion(
    first_index: int,
    face: Any,
    *,
    head_rad: Any = None,
    gaze_rad: Any = None,
    pose_rad: Any = None,
) -> Motion:
    """A `Motion` from its arrays; those left out are zero (straight ahead, T-pose)."""
    count = len(face)

    def frozen(array: Any, *shape: int) -> F32:
        out = freeze(np.zeros((count, *shape), np.float32) if array is None else array)
        assert out.shape == (count, *shape), f"{out.shape} is not {(count, *shape)}"
        return out

    return Motion(
        first_index,
        frozen(face, SHAPE_COUNT),
        frozen(head_rad, 3),
        frozen(gaze_rad, 2),
        frozen(pose_rad, JOINT_COUNT, 3),
    )


def concatenate(parts: list[Motion]) -> Motion:
    """Motions that follow one another, as one. Needs at least one."""
    assert all(a.end_index == b.first_index for a, b in itertools.pairwise(parts)), "a gap between motions"
    return Motion(
        parts[0].first_index,
        freeze(np.concatenate([p.face for p in parts])),
        freeze(np.concatenate([p.head_rad for p in parts])),
        freeze(np.concatenate([p.gaze_rad for p in parts])),
        freeze(np.concatenate([p.pose_rad for p in parts])),
    )


@dataclass(frozen=True, slots=True)
class RigLayout:
    """What a target calls its curves and bones: sent once, after which frames carry numbers only."""

    curves: tuple[str, ...]
    bones: tuple[str, ...]
    curve_min: float = 0.0
    curve_max: float = 1.0
    axes: str = "vrm1"
    """What the bones' rotations are written in: one of `bridge.rig.model.AXES`."""


@dataclass(frozen=True, slots=True)
class RigFrames:
    """T consecutive frames retargeted to a rig: `curves` [T, C] and `bones_wxyz` [T, B, 4], unit quaternions."""

    first_index: int
    curves: F32
    bones_wxyz: F32

    def __len__(self) -> int:
        return len(self.curves)

    def __getitem__(self, rows: slice) -> RigFrames:
        start, _, step = rows.indices(len(self))
        assert step == 1, "frames are consecutive"
        return RigFrames(self.first_index + start, self.curves[rows], self.bones_wxyz[rows])
