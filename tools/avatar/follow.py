"""Pieces that ride on the skin (brows, lashes): each vertex keeps its place in the frame of the triangle it sits on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from tools.avatar.sdf import Array, unit
from tools.avatar.skin import Skin
from tools.avatar.triangulate import Ints


@dataclass(frozen=True)
class Rider:
    """Binding of points [N, 3] to the skin: the triangle of each, and the offset in that triangle's frame."""

    corners: Ints
    offset: Array

    def carried(self, moved: Array) -> Array:
        """Where the points are when the skin's vertices are at `moved`."""
        origin, frame = _frames(moved, self.corners)
        out: Array = origin + np.einsum("nij,nj->ni", frame, self.offset)
        return out


def bind(points: Array, skin: Skin, anchors: Array | None = None, among: NDArray[np.bool_] | None = None) -> Rider:
    """Bind points to the triangles nearest to `anchors` (the points themselves unless given).

    `among` marks the vertices whose triangles may be chosen.
    """
    triangles = skin.triangles if among is None else skin.triangles[among[skin.triangles].all(1)]
    middle = skin.position[triangles].mean(1)
    _, nearest = cKDTree(middle).query(points if anchors is None else anchors)
    corners = triangles[nearest]
    origin, frame = _frames(skin.position, corners)
    return Rider(corners, np.einsum("nji,nj->ni", frame, points - origin))


def _frames(position: Array, corners: Ints) -> tuple[Array, Array]:
    """Centre [N, 3] of each triangle and an orthonormal frame [N, 3, 3] whose columns turn with it."""
    a, b, c = (position[corners[:, i]] for i in range(3))
    along = unit(b - a)
    up = unit(np.cross(b - a, c - a))
    return (a + b + c) / 3.0, np.stack([along, np.cross(up, along), up], -1)


def shapes(rider: Rider, skin: Skin, of_skin: dict[str, Array], smallest_mm: float = 0.02) -> dict[str, Array]:
    """The skin's shapes as the riding points feel them; those that do not move them are left out."""
    rest = rider.carried(skin.position)
    out = {}
    for name, delta in of_skin.items():
        moved = rider.carried(skin.position + delta) - rest
        if np.abs(moved).max(initial=0.0) > smallest_mm:
            out[name] = moved
    return out
