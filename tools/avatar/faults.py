"""What must not happen to a face however its shapes combine, measured on the moved mesh, millimetres."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tools.avatar.part import Part
from tools.avatar.sdf import Array, length, unit
from tools.avatar.shapes.flesh import Flesh
from tools.avatar.skin import smooth_normals
from tools.avatar.triangulate import Ints

# The lips' part that shows, by lip coordinate: from the skin beside them to where they turn to face each other.
VISIBLE_LIP = (-0.4, 0.82)
# Lid columns nearer a corner of the eye than this (sine of the column's angle) touch there by nature.
CORNER = 0.25
# Shapes move nothing behind the ears (millimetres, head space).
EARS_Z = -70.0
# The depth of the dental arch that lips can cover.
ARCH_MM = 14.0


@dataclass(frozen=True)
class Face:
    """A face to be posed: the skin with its labels, the displacement [N, 3] of each shape, and the teeth."""

    flesh: Flesh
    moves: dict[str, Array]
    teeth: Part

    def posed(self, weights: dict[str, float]) -> tuple[Array, Array]:
        """The vertices of the skin, and of the teeth's fronts, at weights of shapes."""
        front = self.teeth.normal[:, 2] > 0.3
        skin, hard = self.flesh.p.copy(), self.teeth.position[front]
        for name, weight in weights.items():
            skin += weight * self.moves.get(name, 0.0)
            if name in self.teeth.shapes:
                hard = hard + weight * self.teeth.shapes[name][front]
        return skin, hard


def folds(flesh: Flesh, moved: Array) -> Ints:
    """The triangles of the face outside the mouth and before the lids that face against the skin around them."""
    skin = flesh.skin
    shown = (skin.lip_v[skin.triangles] <= VISIBLE_LIP[1]).all(1) & (skin.lid[skin.triangles] >= 0.0).all(1)
    shown &= (skin.position[skin.triangles, 2] > EARS_Z).all(1)
    shown_triangles = np.flatnonzero(shown)
    a, b, c = (moved[skin.triangles[shown][:, i]] for i in range(3))
    face = unit(np.cross(b - a, c - a))
    around = smooth_normals(moved, skin.triangles[shown])[skin.triangles[shown]].mean(1)
    turned: Ints = shown_triangles[(face * around).sum(1) < 0.0]
    return turned


def lid_in_eye(flesh: Flesh, moved: Array) -> float:
    """How deep the left eye's lids are in its ball."""
    lid = flesh.left_lid & (flesh.skin.lid >= 0.0)
    e = flesh.who.eyes
    return float(max(0.0, e.radius - length(moved[lid] - np.array([e.spread, 0.0, 0.0])).min()))


def lids_crossed(flesh: Flesh, moved: Array) -> float:
    """How far the left eye's upper margin lies below the lower."""
    skin = flesh.skin
    rim = flesh.left_lid & (skin.lid == skin.lid[skin.lid >= 0.0].min())
    p, turn = moved[rim], skin.lid_turn[rim]
    upper, lower = np.sin(turn) > CORNER, np.sin(turn) < -CORNER
    order = np.argsort(p[lower, 0])
    below = np.interp(p[upper, 0], p[lower, 0][order], p[lower, 1][order])
    return float(max(0.0, (below - p[upper, 1]).max()))


def lips_crossed(flesh: Flesh, moved: Array) -> float:
    """How far the upper lip's edge lies below the lower's where they meet at rest."""
    top, bottom = flesh.skin.contact.T
    return float(max(0.0, (moved[bottom, 1] - moved[top, 1]).max()))


def teeth_through(flesh: Flesh, moved: Array, teeth: Array) -> float:
    """How far a tooth stands out of a lip that covers it, seen from the front."""
    v = flesh.skin.lip_v[flesh.skin.triangles]
    lips = flesh.skin.triangles[((v >= VISIBLE_LIP[0]) & (v <= VISIBLE_LIP[1])).all(1)]
    a, b, c = (moved[lips[:, i]] for i in range(3))
    front = teeth[teeth[:, 2] > teeth[:, 2].max() - ARCH_MM]
    p = front[:, None, :2]
    area = _cross(b[:, :2] - a[:, :2], c[:, :2] - a[:, :2])
    area = np.where(np.abs(area) < 1e-9, 1e-9, area)
    of_b = _cross(p - a[:, :2], c[:, :2] - a[:, :2]) / area
    of_c = _cross(b[:, :2] - a[:, :2], p - a[:, :2]) / area
    covers = (of_b >= 0.0) & (of_c >= 0.0) & (of_b + of_c <= 1.0)
    z = a[:, 2] + of_b * (b[:, 2] - a[:, 2]) + of_c * (c[:, 2] - a[:, 2])
    lip_z = np.where(covers, z, -np.inf).max(1)
    covered = covers.any(1)
    return float(max(0.0, (front[:, 2] - lip_z)[covered].max(initial=0.0)))


def _cross(a: Array, b: Array) -> Array:
    out: Array = a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0]
    return out
