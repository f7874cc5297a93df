"""Filling a flat region with well-shaped triangles whose size varies, around holes whose rim is given.

Points push each other apart until they settle (Persson and Strang, "A simple mesh generator in MATLAB", 2004).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import Delaunay, cKDTree

from tools.avatar.sdf import Array

Ints = NDArray[np.int64]
Size = Callable[[Array], Array]
ROUNDS = 90


def fill(rim_radius: float, holes: Sequence[Array], size: Size, rng: np.random.Generator) -> tuple[Array, Ints]:
    """Points and triangles of the right half disc (x >= 0) without the holes.

    `holes` are outlines [H, 2] in order; one that begins and ends on x = 0 is cut by that line. Their points come
    first in the result, in the order given, and are not moved. Triangles are counter-clockwise.
    """
    fixed = np.concatenate(holes)
    free = _scatter(rim_radius, holes, size, rng)
    points = np.concatenate([fixed, free])
    for turn in range(ROUNDS):
        if turn % 3 == 0:
            edges = _edges(_triangles(points, holes))
        points = points + 0.2 * _push(points, edges, size, len(fixed))
        points = _keep_in(points, len(fixed), rim_radius, holes, size)
    points = np.concatenate([fixed, _clear_of_rims(points[len(fixed) :], holes)])
    return points, _triangles(points, holes)


def _clear_of_rims(free: Array, holes: Sequence[Array]) -> Array:
    """Without the points so close to a hole's rim that its edges would not be triangles' edges (Delaunay's circle)."""
    for hole in holes:
        after = np.roll(hole, -1, 0)
        middle, radius = 0.5 * (hole + after), 0.5 * np.hypot(*(after - hole).T)
        cut_by_axis = (hole[:, 0] < 1e-9) & (after[:, 0] < 1e-9)
        middle, radius = middle[~cut_by_axis], radius[~cut_by_axis]
        gap = np.sqrt(((free[:, None] - middle[None]) ** 2).sum(-1))
        free = free[(gap > 1.1 * radius).all(1)]
    return free


def inside(points: Array, outline: Array) -> NDArray[np.bool_]:
    """Which points lie within a closed outline, by the crossing rule."""
    a, b = outline, np.roll(outline, -1, 0)
    x, y = points[:, :1], points[:, 1:]
    crosses = (a[:, 1] > y) != (b[:, 1] > y)
    rise = np.where(b[:, 1] == a[:, 1], 1e-12, b[:, 1] - a[:, 1])
    at = a[:, 0] + (y - a[:, 1]) * (b[:, 0] - a[:, 0]) / rise
    return (crosses & (x < at)).sum(1) % 2 == 1


def _scatter(rim: float, holes: Sequence[Array], size: Size, rng: np.random.Generator) -> Array:
    """Hexagonal grids, each twice as coarse as the last, thinned by chance to the wanted density."""
    fixed = np.concatenate(holes)
    spacing = float(size(fixed).min()) * 0.8
    found = []
    while spacing < rim:
        rows, columns = int(2 * rim / (0.866 * spacing)) + 1, int(rim / spacing) + 2
        grid = (
            np.stack(np.meshgrid(np.arange(columns), np.arange(rows), indexing="xy"), -1).reshape(-1, 2).astype(float)
        )
        grid[:, 0] += 0.5 * (grid[:, 1] % 2)
        grid *= (spacing, 0.866 * spacing)
        grid[:, 1] -= rim
        grid = grid[np.hypot(*grid.T) < rim]
        wanted = size(grid)
        chance = np.where((wanted >= spacing) & (wanted < 2 * spacing), (spacing / wanted) ** 2, 0.0)
        found.append(grid[rng.random(len(grid)) < chance])
        spacing *= 2.0
    points = np.concatenate(found)
    for hole in holes:
        points = points[~inside(points, hole)]
    gap, _ = cKDTree(fixed).query(points)
    return points[gap > 0.6 * size(points)]


def _triangles(points: Array, holes: Sequence[Array]) -> Ints:
    found = Delaunay(points).simplices.astype(np.int64)
    a, b, c = (points[found[:, i]] for i in range(3))
    area = (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0])
    found[area < 0] = found[area < 0][:, ::-1]
    middle = (a + b + c) / 3.0
    keep = np.abs(area) > 1e-9
    for hole in holes:
        keep &= ~inside(middle, hole)
    return found[keep]


def _edges(triangles: Ints) -> Ints:
    pairs = np.sort(np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]]), 1)
    # One number a pair: rows would be sorted many times slower.
    count = int(pairs.max()) + 1
    first, second = np.divmod(np.unique(pairs[:, 0] * count + pairs[:, 1]), count)
    return np.stack([first, second], -1)


def _push(points: Array, edges: Ints, size: Size, fixed: int) -> Array:
    a, b = points[edges[:, 0]], points[edges[:, 1]]
    bar = a - b
    long = np.sqrt((bar * bar).sum(1))
    wanted = size(0.5 * (a + b))
    wanted = wanted * 1.2 * np.sqrt((long**2).sum() / (wanted**2).sum())
    force = (np.maximum(wanted - long, 0.0) / np.maximum(long, 1e-9))[:, None] * bar
    total = np.zeros_like(points)
    np.add.at(total, edges[:, 0], force)
    np.add.at(total, edges[:, 1], -force)
    total[:fixed] = 0.0
    return total


def _keep_in(points: Array, fixed: int, rim: float, holes: Sequence[Array], size: Size) -> Array:
    """Free points back inside the region; those near its straight and round rims settle on them."""
    free = points[fixed:]
    near_axis = free[:, 0] < 0.35 * size(free)
    free[near_axis, 0] = 0.0
    radius = np.hypot(free[:, 0], free[:, 1])
    near_rim = radius > rim - 0.4 * size(free)
    free[near_rim] *= (rim / radius[near_rim])[:, None]
    for hole in holes:
        caught = np.flatnonzero(inside(free, hole))
        if len(caught):
            centre = hole.mean(0) if hole[0, 0] > 1e-9 else np.array([0.0, hole[:, 1].mean()])
            away = free[caught] - centre
            nearest = hole[np.argmin(((free[caught][:, None] - hole[None]) ** 2).sum(-1), 1)]
            reach = np.hypot(*(nearest - centre).T) / np.maximum(np.hypot(*away.T), 1e-9)
            free[caught] = centre + away * (reach * 1.02)[:, None]
    free[:, 0] = np.maximum(free[:, 0], 0.0)
    points[fixed:] = free
    return points
