"""Tapering, flattened tubes along curves: locks of hair, brow hairs, lashes, fingers of cloth."""

from __future__ import annotations

import itertools

import numpy as np

from tools.avatar.sdf import Array, unit
from tools.avatar.triangulate import Ints


def sweep(curve: Array, up: Array, half_width: Array, half_thick: Array, around: int) -> tuple[Array, Ints, Array]:
    """Points, triangles and texture places of a closed tube.

    `curve` [S, 3], `up` [S, 3] the side that shows; half sizes [S]. The texture runs along v from root to tip.
    """
    along = unit(np.gradient(curve, axis=0))
    up = unit(up - (up * along).sum(1)[:, None] * along)
    side = np.cross(along, up)
    turn = 2.0 * np.pi * np.arange(around) / around
    across, high = np.cos(turn), np.sin(turn) * (0.75 + 0.25 * np.abs(np.sin(turn)))
    p = (
        curve[:, None]
        + (half_width[:, None] * across)[..., None] * side[:, None]
        + (half_thick[:, None] * high)[..., None] * up[:, None]
    )
    rows = len(curve)
    index = np.arange(rows * around).reshape(rows, around)
    caps = [
        [index[r, 0], index[r, k + 1], index[r, k]][:: (1 if r == 0 else -1)]
        for r in (0, -1)
        for k in range(1, around - 1)
    ]
    triangles = np.concatenate([wall(rows, around), np.array(caps)])
    share = np.linspace(0.0, 1.0, rows)
    uv = np.stack(
        [np.broadcast_to(0.5 + 0.5 * across, (rows, around)), np.broadcast_to(share[:, None], (rows, around))], -1
    )
    flat = p.reshape(-1, 3)
    return flat, facing_out(flat, triangles), uv.reshape(-1, 2)


def bezier(points: Array, count: int) -> Array:
    """`count` points of the Bezier curve with three or four control points [3 or 4, 3]."""
    t = np.linspace(0.0, 1.0, count)[:, None]
    while len(points) > 1:
        points = np.asarray([(1 - t) * a + t * b for a, b in itertools.pairwise(points)])
    return np.broadcast_to(points[0], (count, 3)).copy()


def wall(rows: int, around: int) -> Ints:
    """Triangles between rings of vertices that follow each other, `around` to a ring."""
    index = np.arange(rows * around).reshape(rows, around)
    a, b = index[:-1], index[1:]
    a2, b2 = np.roll(a, -1, 1), np.roll(b, -1, 1)
    return np.concatenate([np.stack(t, -1).reshape(-1, 3) for t in ((a, b2, b), (a, a2, b2))])


def facing_out(p: Array, triangles: Ints) -> Ints:
    """The triangles turned so that the closed surface has a positive volume."""
    a, b, c = (p[triangles[:, i]] - p.mean(0) for i in range(3))
    return triangles if (np.cross(a, b) * c).sum() > 0 else triangles[:, ::-1]
