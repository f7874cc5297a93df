"""Soft weights over space: where a movement or a colour is felt, and how it fades."""

from __future__ import annotations

import numpy as np

from tools.avatar.sdf import Array, Point


def ramp(edge0: float | Array, edge1: float | Array, x: Array) -> Array:
    """0 before `edge0`, 1 after `edge1`, a smooth S (zero slope and curvature at both ends) between."""
    u = np.clip((x - edge0) / (np.asarray(edge1) - edge0), 0.0, 1.0)
    return u * u * u * (u * (6.0 * u - 15.0) + 10.0)


def bump(p: Array, centre: Point, radii: Point | float) -> Array:
    """A Gaussian in space, one at `centre`, 0.37 at `radii` away."""
    q = (p - np.asarray(centre)) / np.asarray(radii, dtype=float)
    out: Array = np.exp(-np.einsum("...i,...i->...", q, q))
    return out


def bell(x: Array, centre: float | Array, width: float | Array) -> Array:
    """A Gaussian over a line."""
    out: Array = np.exp(-(((x - centre) / width) ** 2))
    return out


def mix(a: Array | float, b: Array | float, w: Array) -> Array:
    """From `a` (w = 0) to `b` (w = 1)."""
    out: Array = np.asarray(a) * (1.0 - w) + np.asarray(b) * w
    return out


def turn_x(p: Array, pivot: Point, angle_rad: float | Array) -> Array:
    """Points turned about the x axis through `pivot`; a positive angle takes the front (+z) down."""
    c, s = np.cos(angle_rad), np.sin(angle_rad)
    q = p - np.asarray(pivot)
    return np.asarray(pivot) + np.stack([q[..., 0], c * q[..., 1] - s * q[..., 2], s * q[..., 1] + c * q[..., 2]], -1)


def turn_y(p: Array, pivot: Point, angle_rad: float | Array) -> Array:
    """Points turned about the y axis through `pivot`; a positive angle takes the front (+z) to the own left (+x)."""
    c, s = np.cos(angle_rad), np.sin(angle_rad)
    q = p - np.asarray(pivot)
    return np.asarray(pivot) + np.stack([c * q[..., 0] + s * q[..., 2], q[..., 1], c * q[..., 2] - s * q[..., 0]], -1)
