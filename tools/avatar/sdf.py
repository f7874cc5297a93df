"""Signed distances of simple solids, and soft ways to join them: the clay of the character.

Every solid is a function of points [..., 3] in millimetres and returns [...] millimetres, negative inside.
Formulas: Inigo Quilez, "3D signed distance functions" and "smooth minimum" (iquilezles.org/articles).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

# Rounds of false position in `cast`: what is left after them is far below a micrometre.
CAST_ROUNDS = 9

Array = NDArray[np.float64]
Solid = Callable[[Array], Array]
Point = Sequence[float] | Array


def length(vector: Array) -> Array:
    """Euclidean length over the last axis."""
    out: Array = np.sqrt(np.einsum("...i,...i->...", vector, vector))
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
    q = p - a
    along = np.clip(np.einsum("...i,i->...", q, axis / max(float(axis @ axis), 1e-9)), 0.0, 1.0)
    return length(q - along[..., None] * axis) - (start_radius + (end_radius - start_radius) * along)


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
    """Unit outward normals of the level set through each point, by differences to the corners of a tetrahedron."""
    out = np.zeros_like(p)
    for corner in _TETRAHEDRON:
        out += solid(p + step_mm * corner)[..., None] * corner
    return unit(out)


_TETRAHEDRON = np.array([[1.0, -1.0, -1.0], [-1.0, -1.0, 1.0], [-1.0, 1.0, -1.0], [1.0, 1.0, 1.0]])


def cast(solid: Solid, origin: Array, direction: Array, near_mm: float, far_mm: float) -> Array:
    """Where rays first come out of the solid, as points like `origin`; at `near_mm` they must still be inside.

    Steps as long as the depth allows until a step ends outside, then false position between its two ends (the Illinois
    rule: an end that stays counts half).
    """
    begin, way = origin.reshape(-1, 3), np.broadcast_to(direction, origin.shape).reshape(-1, 3)
    low = np.full(len(begin), near_mm)
    low_value = np.full(len(begin), -1.0)
    high, high_value = low.copy(), np.ones(len(begin))
    within = np.arange(len(begin))
    while len(within):
        value = solid(begin[within] + high[within, None] * way[within])
        high_value[within] = value
        deep = (value < 0.0) & (high[within] < far_mm)
        within, value = within[deep], value[deep]
        low[within], low_value[within] = high[within], value
        high[within] += np.maximum(-0.8 * value, 0.4)
    for _ in range(CAST_ROUNDS):
        at = low + (high - low) * low_value / np.minimum(low_value - np.maximum(high_value, 0.0), -1e-12)
        value = solid(begin + at[:, None] * way)
        inside = value < 0.0
        low_value = np.where(inside, value, 0.5 * low_value)
        high_value = np.where(inside, 0.5 * high_value, value)
        low, high = np.where(inside, at, low), np.where(inside, high, at)
    nearer = np.where(np.abs(low_value) < np.abs(high_value), low, high)
    return (begin + nearer[:, None] * way).reshape(origin.shape)
