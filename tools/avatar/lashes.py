"""Lashes: curved points in a row on the lid margins, longer outwards, riding on the lids."""

from __future__ import annotations

import numpy as np

from tools.avatar import tubes
from tools.avatar.follow import bind, shapes
from tools.avatar.part import Part, merged
from tools.avatar.sdf import Array, unit
from tools.avatar.shapes.flesh import Flesh

UPPER_TURNS = np.linspace(0.06, 0.86, 15) * np.pi
LOWER_TURNS = np.pi + np.linspace(0.50, 0.92, 6) * np.pi
STEPS, AROUND = 5, 3


def build(flesh: Flesh, of_skin: dict[str, Array]) -> Part:
    """The lashes of both eyes."""
    hairs, roots = [], []
    for turns, upper in ((UPPER_TURNS, True), (LOWER_TURNS, False)):
        for turn in turns:
            hair, root = _lash(flesh, float(turn), upper)
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


def _lash(flesh: Flesh, turn: float, upper: bool) -> tuple[Part, Array]:
    """A lash that leaves the margin outwards and curls up (down on the lower lid); and its root."""
    skin, e = flesh.skin, flesh.who.eyes
    rim = np.flatnonzero((skin.lid == skin.lid[skin.lid >= 0].min()) & (skin.position[:, 0] > 0))
    rim = rim[np.argsort(skin.lid_turn[rim])]
    angle = np.append(skin.lid_turn[rim], skin.lid_turn[rim[0]] + 2 * np.pi)
    ring = np.append(skin.position[rim], skin.position[rim[:1]], axis=0)
    root = np.array([np.interp(turn, angle, ring[:, k]) for k in range(3)])
    out = unit(root - np.array([e.spread, 0.0, 0.0]))
    outer = 0.5 + 0.5 * np.cos(turn)
    long = e.lash_length * (0.55 + 0.6 * outer**1.2) * (1.0 if upper else 0.32)
    aside = np.array([0.95 * (np.cos(turn) + 0.25), 0.0, 0.0])
    curl = np.array([0.0, 1.0 if upper else -0.7, 0.0])
    first = unit(out + 0.35 * aside + (0.1 if upper else 0.3) * curl)
    tip = root + long * unit(0.62 * out + 0.85 * aside + 0.85 * curl)
    curve = tubes.bezier(np.stack([root - 0.5 * out, root + 0.55 * long * first, tip]), STEPS)
    size = np.linspace(1.0, 0.08, STEPS) ** 0.8
    wide = (1.25 if upper else 0.4) * size
    place, triangles, uv = tubes.sweep(curve, np.tile(out, (STEPS, 1)) + 0.3 * curl, wide, 0.5 * wide, AROUND)
    return Part("Lashes", "Lash", place, triangles, uv), root
