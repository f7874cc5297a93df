"""The 61 values of Live Link Face, in its packets and in its CSV takes: 52 shapes and nine angles.

Angles are radians. What their signs mean was read from recordings of the app (github.com/think-biq/LLV, examples):

- The eyes' yaw is + to the own right, their pitch + down: each follows its eyeLook shapes with r = 1.00.
- The head's yaw is + to the own left, the other way round than the eyes': with the look held on the phone they turn
  against the head, and in the recording they rise and fall together, r = 0.95. Pitch is + up, again the other way
  round (r = 0.48), and roll + leans to the own right. That is how receivers tuned by eye take them as well, and what
  ARKit's face transform gives as atan2(R02, R22), asin(R12), atan2(R10, R11): a turn about y, then x, then z.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from bridge.body.rotation import F64, multiply, quaternion, rotation_vector
from bridge.types import ARKIT_BLENDSHAPES, F32, SHAPE_COUNT, Motion, motion

ANGLE_NAMES: Final[tuple[str, ...]] = (
    *("HeadYaw", "HeadPitch", "HeadRoll"),
    *("LeftEyeYaw", "LeftEyePitch", "LeftEyeRoll", "RightEyeYaw", "RightEyePitch", "RightEyeRoll"),
)
VALUE_NAMES: Final[tuple[str, ...]] = (*(name[0].upper() + name[1:] for name in ARKIT_BLENDSHAPES), *ANGLE_NAMES)
"""As Live Link calls them, in the order of its packets."""
VALUE_COUNT: Final = len(VALUE_NAMES)


def values(frames: Motion) -> F32:
    """[T, 61] in the order of `VALUE_NAMES`."""
    out = np.zeros((len(frames), VALUE_COUNT), np.float32)
    out[:, :SHAPE_COUNT] = frames.face
    out[:, SHAPE_COUNT : SHAPE_COUNT + 3] = _head_angles(frames.head_rad)
    for eye in (SHAPE_COUNT + 3, SHAPE_COUNT + 6):
        out[:, eye] = -frames.gaze_rad[:, 0]
        out[:, eye + 1] = frames.gaze_rad[:, 1]
    return out


def motion_of(rows: NDArray[np.floating], first_index: int = 0) -> Motion:
    """The motion of values [T, 61]: shapes cut to 0..1, gaze the mean of both eyes, the body in its T-pose."""
    eyes = 0.5 * (rows[:, SHAPE_COUNT + 3 : SHAPE_COUNT + 5] + rows[:, SHAPE_COUNT + 6 : SHAPE_COUNT + 8])
    return motion(
        first_index,
        np.clip(rows[:, :SHAPE_COUNT], 0.0, 1.0),
        head_rad=_head_rotation(rows[:, SHAPE_COUNT : SHAPE_COUNT + 3]),
        gaze_rad=eyes * np.array([-1.0, 1.0]),
    )


def _head_angles(head_rad: F32) -> F64:
    """[T, 3] yaw, pitch, roll of rotation vectors [T, 3]."""
    w, x, y, z = np.moveaxis(quaternion(head_rad), -1, 0)
    yaw = np.arctan2(2 * (x * z + w * y), 1 - 2 * (x * x + y * y))
    pitch = np.arcsin(np.clip(2 * (y * z - w * x), -1, 1))
    roll = np.arctan2(2 * (x * y + w * z), 1 - 2 * (x * x + z * z))
    return np.stack([yaw, pitch, roll], axis=-1)


def _head_rotation(angles: NDArray[np.floating]) -> F64:
    """The rotation vectors [T, 3] of yaw, pitch, roll [T, 3]."""
    about_x, about_y, about_z = (np.zeros((len(angles), 3)) for _ in range(3))
    about_y[:, 1], about_x[:, 0], about_z[:, 2] = angles[:, 0], -angles[:, 1], angles[:, 2]
    return rotation_vector(multiply(quaternion(about_y), multiply(quaternion(about_x), quaternion(about_z))))
