"""The acting layer: gestures and glances that somebody asked for, laid on the timeline where they were asked for.

A gesture rises, stays and sinks as one envelope, with beats on it where it swings (a nod, a wave). They follow each
other: one that is asked for while another is shown waits for its end. A glance takes the eyes first and the head after
them, holds for a while and returns to the visitor (eyes lead by some 200 ms: Freedman and Sparks 1997).
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bridge.body.rotation import compose
from bridge.errors import ConfigError
from bridge.layers.blend import Layer
from bridge.layers.noise import F64, smoothstep
from bridge.layers.sway import REST_POSE_DEG
from bridge.timebase import FPS_DEN, FPS_NUM
from bridge.types import F32, JOINT_COUNT, JOINT_INDEX, SHAPE_COUNT, SHAPE_INDEX, freeze, motion

GLANCE_S: Final = 2.5
"""How long a glance away from the visitor lasts."""
EYES_S: Final = 0.08
HEAD_S: Final = 0.6
HEAD_SHARE: Final = 0.4
"""The part of a glance that the head turns."""

Turn = tuple[float, float, float]


@dataclass(frozen=True)
class _Pose:
    """Degrees of the head (pitch down, yaw to the own left, roll), face shapes, and where joints go, seen from T-pose.

    A joint's rotation is about X first, then Y, then Z.
    """

    head: Turn = (0.0, 0.0, 0.0)
    face: dict[str, float] = field(default_factory=dict)
    joints: dict[str, Turn] = field(default_factory=dict)


@dataclass(frozen=True)
class _Gesture:
    rise_s: float
    stay_s: float
    sink_s: float
    pose: _Pose = _Pose()
    beat: _Pose = _Pose()
    """What swings about the pose; its joints are small rotation vectors on top."""
    beat_hz: float = 0.0

    @property
    def length_s(self) -> float:
        return self.rise_s + self.stay_s + self.sink_s


def _mirrored(joints: dict[str, Turn]) -> dict[str, Turn]:
    """The same on both sides, from the left one."""
    right = {f"right_{name}": (x, -y, -z) for name, (x, y, z) in joints.items()}
    return {f"left_{name}": turn for name, turn in joints.items()} | right


_GESTURES: Final[dict[str, _Gesture]] = {
    "nod": _Gesture(0.15, 0.75, 0.35, beat=_Pose(head=(8.0, 0.0, 0.0)), beat_hz=1.7),
    "shake": _Gesture(0.2, 0.9, 0.4, beat=_Pose(head=(0.0, 11.0, 0.0)), beat_hz=1.5),
    "tilt": _Gesture(0.4, 1.0, 0.6, _Pose((2.0, 0.0, 9.0), {"browInnerUp": 0.25, "browOuterUpLeft": 0.2})),
    "shrug": _Gesture(
        *(0.35, 0.5, 0.55),
        _Pose(
            (-1.0, 0.0, 5.0),
            {"browInnerUp": 0.4, "browOuterUpLeft": 0.4, "browOuterUpRight": 0.4},
            _mirrored(
                {
                    "collar": (0.0, 0.0, 14.0),
                    "shoulder": (-38.0, 0.0, -68.0),
                    "elbow": (0.0, -85.0, 0.0),
                    "wrist": (-50.0, 0.0, 0.0),
                }
            ),
        ),
    ),
    "wave": _Gesture(
        *(0.5, 1.3, 0.6),
        _Pose(
            (0.0, 0.0, -3.0),
            {"browOuterUpLeft": 0.15, "browOuterUpRight": 0.15},
            {"right_shoulder": (-80.0, 0.0, 42.0), "right_elbow": (0.0, 108.0, 0.0), "right_wrist": (0.0, 0.0, 0.0)},
        ),
        beat=_Pose(joints={"right_elbow": (0.0, 15.0, 0.0)}),
        beat_hz=2.0,
    ),
    "open_hands": _Gesture(
        *(0.45, 0.9, 0.7),
        _Pose(
            (-1.0, 0.0, 0.0),
            {"browInnerUp": 0.15, "browOuterUpLeft": 0.15, "browOuterUpRight": 0.15},
            _mirrored({"shoulder": (-30.0, 0.0, -62.0), "elbow": (0.0, -70.0, 0.0), "wrist": (-50.0, 0.0, 0.0)}),
        ),
    ),
    "bow": _Gesture(
        *(0.7, 0.5, 0.9),
        _Pose((14.0, 0.0, 0.0), joints={name: (9.0, 0.0, 0.0) for name in ("spine1", "spine2", "spine3")}),
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


def _row(face: dict[str, float]) -> F64:
    row = np.zeros(SHAPE_COUNT)
    for name, value in face.items():
        row[SHAPE_INDEX[name]] = value
    return row


def _from_rest(joints: dict[str, Turn]) -> F64:
    """[24, 3] what the layer must add to the body at rest for its joints to stand where they are said to."""
    pose = np.zeros((JOINT_COUNT, 3))
    for name, (x, y, z) in joints.items():
        about_x, about_y, about_z = np.deg2rad(np.diag((x, y, z)))
        target = compose(compose(about_x, about_y), about_z)
        rest = np.deg2rad(REST_POSE_DEG.get(name, (0.0, 0.0, 0.0)))
        pose[JOINT_INDEX[name]] = compose(-rest, target)
    return pose


def _beaten(joints: dict[str, Turn]) -> F64:
    pose = np.zeros((JOINT_COUNT, 3))
    for name, turn in joints.items():
        pose[JOINT_INDEX[name]] = np.deg2rad(turn)
    return pose


@dataclass(frozen=True)
class _Tables:
    """A gesture's poses as arrays."""

    head: F64
    face: F64
    joints: F64
    beat_head: F64
    beat_joints: F64
    arms: bool


def _tables(gesture: _Gesture) -> _Tables:
    joints = _from_rest(gesture.pose.joints)
    arms = any(name.endswith(("shoulder", "elbow")) for name in gesture.pose.joints)
    head, beat_head = np.deg2rad(gesture.pose.head), np.deg2rad(gesture.beat.head)
    return _Tables(head, _row(gesture.pose.face), joints, beat_head, _beaten(gesture.beat.joints), arms)


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
        """Make the gesture `name` from frame `index` on, or once the one before has ended. Raises ConfigError."""
        if name not in _GESTURES:
            raise ConfigError(f"there is no gesture '{name}'; there are {', '.join(GESTURES)}")
        begin = max(index, self._shown[-1].end_index if self._shown else index)
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
        face, turned = np.zeros((count, SHAPE_COUNT)), np.zeros((count, 3))
        pose = np.zeros((count, JOINT_COUNT, 3))
        for gesture in shown:
            tables = _TABLES[gesture.name]
            weight, beat = _strength(gesture, index)
            face += weight[:, None] * tables.face
            turned += weight[:, None] * tables.head + beat[:, None] * tables.beat_head
            pose += weight[:, None, None] * tables.joints + beat[:, None, None] * tables.beat_joints
        # Eyes hold the visitor, or what they glance at, while the head moves under them.
        gaze = eyes - head - turned[:, 1::-1]
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
