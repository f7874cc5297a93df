"""Rotations as arrays: rotation vectors [..., 3] in radians and unit quaternions [..., 4] as w x y z.

Elementwise over any leading shape, and the same to the bit whatever that shape is: nothing here calls a matrix
product, whose order of summation changes with the size.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]


def quaternion(rotvec: NDArray[np.floating]) -> F64:
    """[..., 3] rotation vectors to [..., 4] unit quaternions with w >= 0 (for angles up to a half turn)."""
    v = np.asarray(rotvec, np.float64)
    half = 0.5 * np.sqrt(v[..., 0] ** 2 + v[..., 1] ** 2 + v[..., 2] ** 2)
    out = np.empty((*v.shape[:-1], 4))
    out[..., 0] = np.cos(half)
    # sin(half)/angle, which tends to a half; numpy's sinc is sin(pi x)/(pi x).
    out[..., 1:] = v * (0.5 * np.sinc(half / np.pi))[..., None]
    return canonical(out)


def rotation_vector(wxyz: NDArray[np.floating]) -> F64:
    """[..., 4] unit quaternions to the shortest rotation vectors [..., 3]."""
    q = canonical(np.asarray(wxyz, np.float64))
    sine = np.sqrt(q[..., 1] ** 2 + q[..., 2] ** 2 + q[..., 3] ** 2)
    angle = 2.0 * np.arctan2(sine, q[..., 0])
    scale = np.where(sine > 1e-12, angle / np.maximum(sine, 1e-12), 2.0)
    return q[..., 1:] * scale[..., None]


def canonical(wxyz: F64) -> F64:
    """The same rotations with w >= 0: q and -q turn alike, and receivers blend better when the sign is steady."""
    return np.where(wxyz[..., :1] < 0.0, -wxyz, wxyz)


def multiply(a: F64, b: F64) -> F64:
    """The rotation that does `b` first, then `a` (both seen from the parent); [..., 4] each."""
    aw, ax, ay, az = a[..., 0], a[..., 1], a[..., 2], a[..., 3]
    bw, bx, by, bz = b[..., 0], b[..., 1], b[..., 2], b[..., 3]
    out = np.empty(np.broadcast_shapes(a.shape, b.shape))
    out[..., 0] = aw * bw - ax * bx - ay * by - az * bz
    out[..., 1] = aw * bx + ax * bw + ay * bz - az * by
    out[..., 2] = aw * by - ax * bz + ay * bw + az * bx
    out[..., 3] = aw * bz + ax * by - ay * bx + az * bw
    return out


def compose(first: NDArray[np.floating], second: NDArray[np.floating]) -> F64:
    """Rotation vectors of `second` done after `first`, both in the parent's axes; [..., 3] each."""
    return rotation_vector(multiply(quaternion(second), quaternion(first)))


def toward(start: NDArray[np.floating], end: NDArray[np.floating], fraction: NDArray[np.floating]) -> F64:
    """Rotation vectors on the shortest way from `start` to `end` [..., 3]; `fraction` broadcasts over [..., 1].

    A fraction of 0 is `start`, of 1 `end`: what slerp gives, written as one partial turn.
    """
    a, b = quaternion(start), quaternion(end)
    turn = rotation_vector(multiply(b, a * np.array([1.0, -1.0, -1.0, -1.0])))
    return rotation_vector(multiply(quaternion(turn * fraction), a))


def yaw_pitch_roll(wxyz: NDArray[np.floating]) -> F64:
    """[..., 3] the angles in radians that turn about Y, then the turned X, then the turned Z, of quaternions [..., 4].

    Yaw is + to the own left, pitch + down, roll + with the top of the head to the own right.
    """
    q = np.asarray(wxyz, np.float64)
    w, x, y, z = q[..., 0], q[..., 1], q[..., 2], q[..., 3]
    yaw = np.arctan2(2.0 * (x * z + w * y), 1.0 - 2.0 * (x * x + y * y))
    pitch = np.arcsin(np.clip(2.0 * (w * x - y * z), -1.0, 1.0))
    roll = np.arctan2(2.0 * (x * y + w * z), 1.0 - 2.0 * (x * x + z * z))
    return np.stack([yaw, pitch, roll], axis=-1)
