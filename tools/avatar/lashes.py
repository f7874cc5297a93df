"""Lashes: broad curved points on the upper lid margins, longer outwards, riding on the lids."""

from __future__ import annotations

import numpy as np

from tools.avatar import tubes
from tools.avatar.follow import bind, shapes
from tools.avatar.part import Part, merged
from tools.avatar.sdf import Array, unit
from tools.avatar.shapes.flesh import Flesh

# Column angles of the roots (lids.py): upper lid only, closer together towards the outer corner.
TURNS = 0.05 * np.pi + 0.74 * np.pi * np.linspace(0.0, 1.0, 17) ** 1.12
STEPS, AROUND = 6, 4


def build(flesh: Flesh, of_skin: dict[str, Array]) -> Part:
    """The lashes of both eyes."""
    hairs, roots = [], []
    for turn in TURNS:
        hair, root = _lash(flesh, float(turn))
        hairs.append(hair)
        roots.append(np.tile(root, (len(hair.position), 1)))
    left = merged("Lashes", "Lash", hairs)
    anchors = np.concatenate(roots)
    flip = np.array([-1.0, 1.0, 1.0])
    right = Part("Lashes", "Lash", left.position * flip, left.triangles[:, ::-1], left.uv, left.normal * flip)
    both = merged("Lashes", "Lash", [left, right])
    margin = (flesh.skin.lid >= 0.0) & (flesh.skin.lid < 0.12)
    rider = bind(both.position, flesh.skin, np.concatenate([anchors, anchors * flip]), margin)
    both.shapes = shapes(rider, flesh.skin, of_skin)
    return both


def _lash(flesh: Flesh, turn: float) -> tuple[Part, Array]:
    """A broad lash that leaves the margin outwards and curls up; and its root."""
    skin, e = flesh.skin, flesh.who.eyes
    rim = np.flatnonzero((skin.lid == skin.lid[skin.lid >= 0].min()) & (skin.position[:, 0] > 0))
    rim = rim[np.argsort(skin.lid_turn[rim])]
    angle = np.append(skin.lid_turn[rim], skin.lid_turn[rim[0]] + 2 * np.pi)
    ring = np.append(skin.position[rim], skin.position[rim[:1]], axis=0)
    root = np.array([np.interp(turn, angle, ring[:, k]) for k in range(3)])
    out = unit(root - np.array([e.spread, 0.0, 0.0]))
    outer = 0.5 + 0.5 * np.cos(turn)
    long = e.lash_length * (0.42 + 0.75 * outer**1.5)
    aside = np.array([0.55 + 0.75 * np.cos(turn), 0.0, 0.0])
    tip = root + long * unit(0.7 * out + 0.95 * aside + np.array([0.0, 0.6, 0.0]))
    curve = tubes.bezier(np.stack([root - 0.4 * out, root + 0.5 * long * unit(out + 0.5 * aside), tip]), STEPS)
    size = np.array([0.8, 1.0, 0.88, 0.62, 0.34, 0.04])
    wide = (0.5 + 0.4 * outer) * size
    up = np.tile(np.array([0.0, 1.0, 0.35]), (STEPS, 1))
    place, triangles, uv = tubes.sweep(curve, up, wide, 0.3 * size + 0.05, AROUND)
    return Part("Lashes", "Lash", place, triangles, uv), root
