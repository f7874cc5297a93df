"""Meshes of solids given as signed distances: naive surface nets (Gibson, "Constrained elastic surface nets", 1998)."""

from __future__ import annotations

import numpy as np

from tools.avatar.sdf import Array, Point, Solid, gradient
from tools.avatar.triangulate import Ints


def nets(solid: Solid, low: Point, high: Point, cell_mm: float) -> tuple[Array, Ints, Array]:
    """Vertices, triangles and normals of the solid's surface within a box, about `cell_mm` apart."""
    low = np.asarray(low, dtype=float)
    count = np.ceil((np.asarray(high, dtype=float) - low) / cell_mm).astype(int) + 1
    axes = [low[k] + cell_mm * np.arange(count[k]) for k in range(3)]
    grid = np.stack(np.meshgrid(*axes, indexing="ij"), -1)
    value = solid(grid)
    inside = value < 0.0
    corners = [inside[_window(o, count)] for o in _CUBE]
    active = np.logical_or.reduce(corners) & ~np.logical_and.reduce(corners)
    number = np.full(active.shape, -1, np.int64)
    number[active] = np.arange(active.sum())
    cells = np.argwhere(active)
    points = low + (cells + 0.5) * cell_mm
    for _ in range(3):
        near = np.clip(solid(points), -cell_mm, cell_mm)
        points = points - near[:, None] * gradient(solid, points)
    quads = np.concatenate([_quads(inside, number, axis) for axis in range(3)])
    triangles = np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]])
    return points, triangles, gradient(solid, points)


_CUBE = [(i, j, k) for i in (0, 1) for j in (0, 1) for k in (0, 1)]


def _window(offset: tuple[int, int, int], count: Ints) -> tuple[slice, ...]:
    return tuple(slice(o, o + n - 1) for o, n in zip(offset, count, strict=True))


def _quads(inside: np.ndarray, number: Ints, axis: int) -> Ints:
    """A quad across each grid edge along `axis` whose ends differ, turned to face outwards."""
    moved, cells = np.moveaxis(inside, axis, 0), np.moveaxis(number, axis, 0)
    differs = moved[:-1, 1:-1, 1:-1] != moved[1:, 1:-1, 1:-1]
    i, j, k = np.nonzero(differs)
    ring = np.stack([cells[i, j, k], cells[i, j + 1, k], cells[i, j + 1, k + 1], cells[i, j, k + 1]], -1)
    outwards = moved[i, j + 1, k + 1] ^ (axis == 1)
    return np.where(outwards[:, None], ring, ring[:, ::-1])
