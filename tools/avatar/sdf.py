"""Signed distances of simple solids, and soft ways to join them: the clay of the character.

Every solid is a function of points [..., 3] in millimetres and returns [...] millimetres, negative inside.
Formulas: Inigo Quilez, "3D signed distance functions" and "smooth minimum" (iquilezles.org/articles).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Solid = Callable[[Array], Array]
Point = Sequence[float] | Array


def length(vector: Array) -> Array:
    """Euclidean length over the last axis."""
    out: Array = np.sqrt((vector * vector).sum(-1))
    return out


def unit(vector: Array) -> Array:
    """The same direction with length one (zero stays zero)."""
    return vector / np.maximum(length(vector), 1e-12)[..., None]


def sphere(p: Array, centre: Point, radius: float) -> Array:
    return length(p - np.asarray(centre)) - radius


def ellipsoid(p: Array, centre: Point, radii: Point) -> Array:
    """First-order distance to an ellipsoid: exact on the surface, close to it near by."""
    r = np.asarray(radii, dtype=float)
    q = p - np.asarray(centre)
    k0 = length(q / r)
    k1 = length(q / (r * r))
    out: Array = k0 * (k0 - 1.0) / np.maximum(k1, 1e-9)
    return out


def cone(p: Array, start: Point, end: Point, start_radius: float, end_radius: float) -> Array:
    """A capsule whose radius goes evenly from one end to the other."""
    a, b = np.asarray(start, dtype=float), np.asarray(end, dtype=float)
    axis = b - a
    along = np.clip(((p - a) @ axis) / max(float(axis @ axis), 1e-9), 0.0, 1.0)
    return length(p - a - along[..., None] * axis) - (start_radius + (end_radius - start_radius) * along)


def box(p: Array, centre: Point, half: Point, rounding: float) -> Array:
    """A box with rounded edges; `half` are its outer half sizes."""
    q = np.abs(p - np.asarray(centre)) - (np.asarray(half, dtype=float) - rounding)
    out: Array = length(np.maximum(q, 0.0)) + np.minimum(q.max(-1), 0.0) - rounding
    return out


def join(a: Array, b: Array, blend_mm: float) -> Array:
    """Union with a fillet about `blend_mm` wide."""
    h = np.maximum(blend_mm - np.abs(a - b), 0.0) / blend_mm
    out: Array = np.minimum(a, b) - h * h * blend_mm * 0.25
    return out


def carve(a: Array, b: Array, blend_mm: float) -> Array:
    """`a` without `b`, the edge rounded over about `blend_mm`."""
    return -join(-a, b, blend_mm)


def mirrored(p: Array) -> Array:
    """Points folded onto the character's left (x >= 0): what is modelled once appears on both sides."""
    return np.stack([np.abs(p[..., 0]), p[..., 1], p[..., 2]], -1)


def gradient(solid: Solid, p: Array, step_mm: float = 0.05) -> Array:
    """Unit outward normals of the level set through each point, by central differences."""
    out = np.empty_like(p)
    for axis in range(3):
        offset = np.zeros(3)
        offset[axis] = step_mm
        out[..., axis] = solid(p + offset) - solid(p - offset)
    return unit(out)


def cast(solid: Solid, origin: Array, direction: Array, near_mm: float, far_mm: float) -> Array:
    """Where rays first come out of the solid, as points like `origin`; at `near_mm` they must still be inside."""
    low = np.full(origin.shape[:-1], near_mm)
    high = low.copy()
    within = np.ones(origin.shape[:-1], bool)
    while within.any() and high.min() < far_mm:
        depth = -solid(origin + high[..., None] * direction)
        within &= (depth > 0.0) & (high < far_mm)
        low = np.where(within, high, low)
        high = np.where(within, high + np.maximum(0.8 * depth, 0.4), high)
    for _ in range(18):
        middle = 0.5 * (low + high)
        inside = solid(origin + middle[..., None] * direction) < 0.0
        low, high = np.where(inside, middle, low), np.where(inside, high, middle)
    return origin + (0.5 * (low + high))[..., None] * direction
