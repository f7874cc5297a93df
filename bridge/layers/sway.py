"""The slow life of a body that stands and waits: breath, a swaying spine, a head that is never quite still, arms down.

Adults at rest breathe 12 to 18 times a minute, in for some 40 % of it. Rotation vectors in radians, from T-pose.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bridge.dsp.noise import F64, I64, Noise, derived
from bridge.timebase import FPS_DEN, FPS_NUM
from bridge.types import JOINT_COUNT, JOINT_INDEX

BREATH_HZ: Final = 15 / 60

REST_POSE_DEG: Final[dict[str, tuple[float, float, float]]] = {
    "left_collar": (0.0, 0.0, -4.0),
    "right_collar": (0.0, 0.0, 4.0),
    "left_shoulder": (6.0, 0.0, -66.0),
    "right_shoulder": (6.0, 0.0, 66.0),
    "left_elbow": (0.0, -16.0, 0.0),
    "right_elbow": (0.0, 16.0, 0.0),
    "left_wrist": (0.0, 0.0, -4.0),
    "right_wrist": (0.0, 0.0, 4.0),
}
"""Arms by the sides with loose elbows: a T-pose is where rotations count from, not how anybody stands."""

_HEAD_SLOW_DEG: Final = (1.0, 1.5, 0.9)
_HEAD_QUICK_DEG: Final = (0.25, 0.3, 0.2)
_SPINE_DEG: Final = (0.5, 0.7, 0.5)
_HEAD_BREATH_DEG: Final = -0.35
_CHEST_BREATH_DEG: Final = -0.9
_COLLAR_BREATH_DEG: Final = 1.1
_SPINE: Final = tuple(JOINT_INDEX[name] for name in ("spine1", "spine2", "spine3"))


def _rest_pose() -> F64:
    pose = np.zeros((JOINT_COUNT, 3))
    for joint, degrees in REST_POSE_DEG.items():
        pose[JOINT_INDEX[joint]] = np.deg2rad(degrees)
    return pose


REST_POSE_RAD: Final = _rest_pose()


@dataclass(frozen=True, slots=True)
class Stance:
    """Head [T, 3] and joints [T, 24, 3], rotation vectors."""

    head_rad: F64
    pose_rad: F64


class Sway:
    """Endless seeded standing, with random access."""

    def __init__(self, seed: int) -> None:
        self._noise = Noise(derived(seed, "sway"), (0.45, 0.35, 0.4, 1.6, 1.3, 1.5, 0.2, 0.17, 0.22, 0.12, 0.15))

    def at(self, index: I64, size: F64 | float = 1.0) -> Stance:
        """The stance at the frames `index` [T]; `size` [T] scales the sway, but neither the breath nor the arms."""
        noise = self._noise.at(index)
        swaying = noise[:, 0:9] * np.broadcast_to(size, len(index))[:, None]
        slow, quick, spine = swaying[:, 0:3], swaying[:, 3:6], swaying[:, 6:9]
        breath = _breath(index, noise[:, 9]) * (1.0 + 0.2 * noise[:, 10])

        head = slow * _HEAD_SLOW_RAD + quick * _HEAD_QUICK_RAD
        head[:, 0] += np.deg2rad(_HEAD_BREATH_DEG) * breath
        pose = np.repeat(REST_POSE_RAD[None], len(index), axis=0)
        pose[:, _SPINE] += (spine * _SPINE_RAD / len(_SPINE))[:, None]
        # The head stays level while the spine leans under it: balance keeps the eyes still.
        head -= 0.5 * spine * _SPINE_RAD
        pose[:, JOINT_INDEX["spine3"], 0] += np.deg2rad(_CHEST_BREATH_DEG) * breath
        lift = np.deg2rad(_COLLAR_BREATH_DEG) * breath
        pose[:, JOINT_INDEX["left_collar"], 2] += lift
        pose[:, JOINT_INDEX["right_collar"], 2] -= lift
        return Stance(head, pose)


_HEAD_SLOW_RAD: Final = np.deg2rad(_HEAD_SLOW_DEG)
_HEAD_QUICK_RAD: Final = np.deg2rad(_HEAD_QUICK_DEG)
_SPINE_RAD: Final = np.deg2rad(_SPINE_DEG)


def _breath(index: I64, wander: NDArray[np.float64]) -> F64:
    """[T] from -1 (out) to 1 (in). `wander` [T] lets the rate vary from breath to breath."""
    turn = index * (BREATH_HZ * FPS_DEN / FPS_NUM) + 0.25 * wander
    phase = 2.0 * np.pi * (turn - np.floor(turn))
    # Leaning the phase forward makes the way in shorter than the way out.
    return np.sin(phase + 0.3 * np.sin(phase) + 0.3)
