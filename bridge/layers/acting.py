"""The acting layer: gestures and glances that somebody asked for, laid on the timeline where they were asked for.

A gesture rises, stays and sinks as one envelope, with beats on it where it swings (a nod, a wave). They follow each
other: one that is asked for while another is shown waits for its end, unless that is far off. A glance takes the eyes
first and the head after them, holds for a while and returns to the visitor.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bridge.body.rotation import compose
from bridge.dsp.noise import F64, smoothstep
from bridge.errors import ConfigError
from bridge.layers.blend import Layer
from bridge.layers.sway import REST_POSE_DEG
from bridge.timebase import FPS_DEN, FPS_NUM
from bridge.types import F32, JOINT_COUNT, JOINT_INDEX, SHAPE_COUNT, SHAPE_INDEX, freeze, motion

MOST_TWIST_RAD: Final = 1.4
"""How far a hand turns about the forearm before the skin of a simple rig looks wrung."""
GLANCE_S: Final = 2.5
"""How long a glance away from the visitor lasts."""
LONGEST_WAIT_S: Final = 4.0
"""A gesture that would begin later than this after it was asked for is not made: its moment is over."""
EYES_S: Final = 0.08
"""How long the eyes take to what they look at, and the head after them."""
HEAD_S: Final = 0.6
HEAD_SHARE: Final = 0.4
"""The part of a glance that the head turns."""

Triple = tuple[float, float, float]


@dataclass(frozen=True)
class _Arm:
    """Where the left arm's parts point and its palm faces, in the character's axes; the right arm mirrors it."""

    upper: Triple
    fore: Triple
    palm: Triple


@dataclass(frozen=True)
class _Gesture:
    rise_s: float
    stay_s: float
    sink_s: float
    head_deg: Triple = (0.0, 0.0, 0.0)
    """Pitch down, yaw to the own left, roll."""
    eyes_stay: bool = True
    """Whether the eyes hold the visitor while the head moves, rather than going along."""
    face: dict[str, float] = field(default_factory=dict)
    joints_deg: dict[str, Triple] = field(default_factory=dict)
    """Small rotations added to what the body does."""
    left: _Arm | None = None
    right: _Arm | None = None
    beat_hz: float = 0.0
    beat_head_deg: Triple = (0.0, 0.0, 0.0)
    beat_wave_deg: float = 0.0
    """How far the right forearm swings from side to side."""

    @property
    def length_s(self) -> float:
        return self.rise_s + self.stay_s + self.sink_s


_BROWS: Final = {"browInnerUp": 0.15, "browOuterUpLeft": 0.15, "browOuterUpRight": 0.15}
_SHRUGGING: Final = _Arm((0.22, -0.92, 0.32), (0.45, 0.45, 0.77), (0.0, 1.0, 0.3))
_OFFERING: Final = _Arm((0.1, -0.92, 0.38), (0.25, 0.4, 0.88), (0.0, 1.0, 0.0))
_WAVING: Final = _Arm((-0.05, -0.66, 0.75), (0.06, 0.98, 0.2), (0.0, 0.0, 1.0))  # beside the face: in a portrait too

_GESTURES: Final[dict[str, _Gesture]] = {
    "nod": _Gesture(0.15, 0.75, 0.35, beat_hz=1.7, beat_head_deg=(8.0, 0.0, 0.0)),
    "shake": _Gesture(0.2, 0.9, 0.4, beat_hz=1.5, beat_head_deg=(0.0, 11.0, 0.0)),
    "tilt": _Gesture(0.4, 1.0, 0.6, (2.0, 0.0, 9.0), face={"browInnerUp": 0.25, "browOuterUpLeft": 0.2}),
    "shrug": _Gesture(
        *(0.4, 0.5, 0.6, (-1.0, 0.0, 5.0)),
        face={"browInnerUp": 0.4, "browOuterUpLeft": 0.4, "browOuterUpRight": 0.4},
        joints_deg={"left_collar": (0.0, 0.0, 12.0), "right_collar": (0.0, 0.0, -12.0)},
        left=_SHRUGGING,
        right=_SHRUGGING,
    ),
    "wave": _Gesture(*(0.5, 1.3, 0.6, (0.0, 0.0, -3.0)), face=_BROWS, right=_WAVING, beat_hz=2.0, beat_wave_deg=14.0),
    "open_hands": _Gesture(0.5, 0.9, 0.7, (-1.0, 0.0, 0.0), face=_BROWS, left=_OFFERING, right=_OFFERING),
    "bow": _Gesture(
        *(0.7, 0.5, 0.9, (11.0, 0.0, 0.0)),
        eyes_stay=False,
        joints_deg={name: (4.0, 0.0, 0.0) for name in ("spine1", "spine2", "spine3")},
    ),
}
GESTURES: Final = tuple(_GESTURES)

_TARGETS_DEG: Final[dict[str, tuple[float, float]]] = {
    "visitor": (0.0, 0.0),
    "left": (28.0, 0.0),
    "right": (-28.0, 0.0),
    "up": (0.0, -18.0),
    "down": (0.0, 20.0),
    "away": (-18.0, 9.0),
}
"""Yaw to the character's own left and pitch down."""
TARGETS: Final = tuple(_TARGETS_DEG)


@dataclass(frozen=True)
class _Tables:
    """A gesture's poses as arrays, in radians."""

    head: F64
    face: F64
    joints: F64
    """[24, 3] what is added to the body at rest."""
    beat_head: F64
    beat_joints: F64
    """[24, 3] what is done after that, at the beat's full swing."""
    arms: bool


def _tables(gesture: _Gesture) -> _Tables:
    face = np.zeros(SHAPE_COUNT)
    for name, value in gesture.face.items():
        face[SHAPE_INDEX[name]] = value
    joints, beat = np.zeros((JOINT_COUNT, 3)), np.zeros((JOINT_COUNT, 3))
    for name, turn_deg in gesture.joints_deg.items():
        joints[JOINT_INDEX[name]] = np.deg2rad(turn_deg)
    for side, arm in (("left", gesture.left), ("right", gesture.right)):
        for name, turn in (_arm(arm, side) if arm else {}).items():
            rest = np.deg2rad(REST_POSE_DEG[name])
            joints[JOINT_INDEX[name]] = compose(-rest, turn)
    if gesture.beat_wave_deg and gesture.right:
        forward = _upper_frame(gesture.right)[2] * _MIRROR  # the character's +Z in the upper arm's axes
        beat[JOINT_INDEX["right_elbow"]] = np.deg2rad(gesture.beat_wave_deg) * forward
    head, beat_head = np.deg2rad(gesture.head_deg), np.deg2rad(gesture.beat_head_deg)
    return _Tables(head, face, joints, beat_head, beat, bool(gesture.left or gesture.right))


_MIRROR: Final = np.array((1.0, -1.0, -1.0))
"""From a left joint's rotation vector to the right one's."""


def _upper_frame(arm: _Arm) -> F64:
    """[3, 3] the left upper arm's own axes as columns: along it, and so that the elbow bends about -Y (T-pose: +X)."""
    along, fore = _unit(arm.upper), _unit(arm.fore)
    bent = _unit(fore - (fore @ along) * along)
    return np.stack([along, np.cross(bent, along), bent], axis=1)


def _arm(arm: _Arm, side: str) -> dict[str, F64]:
    """The rotation vectors of an arm's joints, from T-pose."""
    frame = _upper_frame(arm)
    fore = _unit(arm.fore)
    bend = np.arccos(np.clip(fore @ frame[:, 0], -1.0, 1.0))
    facing, palm = -frame[:, 1], np.array(arm.palm)
    palm = _unit(palm - (palm @ fore) * fore)
    twist = np.arctan2(np.cross(facing, palm) @ fore, facing @ palm)
    turns = {
        "shoulder": _rotation_vector(frame),
        "elbow": np.array((0.0, -bend, 0.0)),
        "wrist": np.array((np.clip(twist, -MOST_TWIST_RAD, MOST_TWIST_RAD), 0.0, 0.0)),
    }
    return {f"{side}_{name}": turn if side == "left" else turn * _MIRROR for name, turn in turns.items()}


def _unit(vector: Triple | F64) -> F64:
    array = np.asarray(vector, np.float64)
    return array / np.linalg.norm(array)


def _rotation_vector(matrix: F64) -> F64:
    """[3] of a rotation matrix of less than half a turn."""
    axis = np.array((matrix[2, 1] - matrix[1, 2], matrix[0, 2] - matrix[2, 0], matrix[1, 0] - matrix[0, 1]))
    angle = np.arccos(np.clip((np.trace(matrix) - 1.0) / 2.0, -1.0, 1.0))
    vector: F64 = _unit(axis) * angle
    return vector


_TABLES: Final = {name: _tables(gesture) for name, gesture in _GESTURES.items()}


@dataclass(frozen=True, slots=True)
class _Shown:
    """A gesture on the timeline."""

    index: int
    end_index: int
    name: str


@dataclass(frozen=True, slots=True)
class _Glance:
    index: int
    target_rad: F64
    """[2] yaw and pitch."""


class ActingLayer:
    """What was asked of a subject's body and eyes. Cues are laid on the timeline, so a frame can be rendered again."""

    def __init__(self) -> None:
        self._shown: deque[_Shown] = deque()
        self._glances = deque([_Glance(0, np.zeros(2))])

    def gesture(self, name: str, index: int) -> None:
        """Make the gesture `name` from frame `index` on, or once the ones before have ended. Raises ConfigError.

        It is left out where they would take longer than `LONGEST_WAIT_S`.
        """
        if name not in _GESTURES:
            raise ConfigError(f"there is no gesture '{name}'; there are {', '.join(GESTURES)}")
        begin = max(index, self._shown[-1].end_index if self._shown else index)
        if begin - index > LONGEST_WAIT_S * FPS_NUM / FPS_DEN:
            return
        length = int(np.ceil(_GESTURES[name].length_s * FPS_NUM / FPS_DEN))
        self._shown.append(_Shown(begin, begin + length, name))

    def look(self, target: str, index: int) -> None:
        """Look at `target` from frame `index` on, and back to the visitor after a while. Raises ConfigError."""
        if target not in _TARGETS_DEG:
            raise ConfigError(f"there is nothing called '{target}' to look at; there are {', '.join(TARGETS)}")
        while len(self._glances) > 1 and self._glances[-1].index >= index:
            self._glances.pop()
        self._glances.append(_Glance(index, np.deg2rad(_TARGETS_DEG[target])))
        if target != "visitor":
            back = index + round(GLANCE_S * FPS_NUM / FPS_DEN)
            self._glances.append(_Glance(back, np.zeros(2)))

    def stop(self, index: int) -> None:
        """Drop gestures that have not begun by frame `index`, and look at the visitor from then on."""
        while self._shown and self._shown[-1].index >= index:
            self._shown.pop()
        if any(glance.index >= index or glance.target_rad.any() for glance in self._glances):
            self.look("visitor", index)

    def forget_before(self, index: int) -> None:
        """Let go of what is over by frame `index`. Bounds the memory."""
        while self._shown and self._shown[0].end_index <= index:
            self._shown.popleft()
        settled = round(HEAD_S * FPS_NUM / FPS_DEN) + 1
        while len(self._glances) > 1 and self._glances[1].index + settled <= index:
            self._glances.popleft()

    def layers(self, first_index: int, count: int) -> list[Layer]:
        """The layer for `count` frames from `first_index` on, or none."""
        index = np.arange(first_index, first_index + count)
        eyes, head = self._glance(index, EYES_S), HEAD_SHARE * self._glance(index, HEAD_S)
        shown = [s for s in self._shown if s.index < first_index + count and s.end_index > first_index]
        if not (shown or eyes.any() or head.any()):
            return []
        face, turned, held = np.zeros((count, SHAPE_COUNT)), np.zeros((count, 3)), np.zeros((count, 3))
        pose = np.zeros((count, JOINT_COUNT, 3))
        for gesture in shown:
            tables = _TABLES[gesture.name]
            weight, beat = _strength(gesture, index)
            face += weight[:, None] * tables.face
            head_rad = weight[:, None] * tables.head + beat[:, None] * tables.beat_head
            turned += head_rad
            held += head_rad * _GESTURES[gesture.name].eyes_stay
            still, beaten = weight[:, None, None] * tables.joints, beat[:, None, None] * tables.beat_joints
            pose += compose(still, beaten) if beaten.any() else still
        # Eyes hold the visitor, or what they glance at, while the head moves under them.
        gaze = eyes - head - held[:, 1::-1]
        frames = motion(first_index, face, head_rad=turned + _pitch_yaw(head), gaze_rad=gaze, pose_rad=pose)
        return [Layer("gesture", frames)]

    def free_arms(self, first_index: int, count: int) -> F32:
        """[T] how far arms are free for other gestures: 0 while an asked-for one has them."""
        index = np.arange(first_index, first_index + count)
        free = np.ones(count)
        for gesture in self._shown:
            if _TABLES[gesture.name].arms:
                free *= 1.0 - _strength(gesture, index)[0]
        return freeze(free)

    def _glance(self, index: NDArray[np.int64], ease_s: float) -> F64:
        """[T, 2] yaw and pitch of what is looked at, eased from one to the next."""
        out = np.repeat(self._glances[0].target_rad[None], len(index), axis=0)
        for glance in list(self._glances)[1:]:
            come = smoothstep(_since_s(index, glance.index) / ease_s)[:, None]
            out = out * (1.0 - come) + glance.target_rad * come
        return out


def _since_s(index: NDArray[np.int64], start_index: int) -> F64:
    return ((index - start_index) * (FPS_DEN / FPS_NUM)).astype(np.float64)


def _pitch_yaw(yaw_pitch: F64) -> F64:
    """[T, 3] the head's rotation vector for a yaw and pitch [T, 2]."""
    return np.concatenate([yaw_pitch[:, ::-1], np.zeros((len(yaw_pitch), 1))], axis=1)


def _strength(shown: _Shown, index: NDArray[np.int64]) -> tuple[F64, F64]:
    """[T] how far a gesture is there, and [T] its beat, at the frames `index`."""
    gesture = _GESTURES[shown.name]
    since_s = _since_s(index, shown.index)
    there = smoothstep(since_s / gesture.rise_s)
    there *= 1.0 - smoothstep((since_s - gesture.rise_s - gesture.stay_s) / gesture.sink_s)
    return there, there * np.sin(2.0 * np.pi * gesture.beat_hz * since_s)
