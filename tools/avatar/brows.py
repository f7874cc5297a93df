"""Brows: short tapering hairs in a soft arch, riding on the forehead."""

from __future__ import annotations

import numpy as np

from tools.avatar import tubes
from tools.avatar.follow import bind, shapes
from tools.avatar.lids import on_face
from tools.avatar.parameters import Character
from tools.avatar.part import Part, merged
from tools.avatar.sdf import Array, gradient
from tools.avatar.shapes.flesh import Flesh

HAIRS, STEPS, AROUND = 24, 5, 5
HAIR_MM = 11.0


def build(flesh: Flesh, of_skin: dict[str, Array]) -> Part:
    """Both brows with the shapes the skin gives them."""
    rng = np.random.default_rng(flesh.who.seed + 11)
    shares = np.linspace(0.0, 1.0, HAIRS)
    rows = np.stack([_row(flesh.who, share, rng) for share in shares])
    curves = on_face(flesh.skull, rows[..., 0], rows[..., 1])
    ups = gradient(flesh.skull, curves)
    hairs = [_hair(flesh.who, *one) for one in zip(shares, curves, ups, strict=True)]
    left = merged("Brows", "Brow", hairs)
    flip = np.array([-1.0, 1.0, 1.0])
    right = Part("Brows", "Brow", left.position * flip, left.triangles[:, ::-1], left.uv, left.normal * flip)
    both = merged("Brows", "Brow", [left, right])
    skin = flesh.skin
    rider = bind(both.position, skin, among=np.abs(skin.position[:, 1] - flesh.who.brows.height) < 30.0)
    both.shapes = shapes(rider, skin, of_skin)
    return both


def line(who: Character, share: float) -> tuple[float, float]:
    """x and y of the brow's middle line, from the inner end (0) to the outer (1)."""
    b = who.brows
    x = who.eyes.spread + b.length * (share - 0.52)
    return x, b.height + b.arch * (1.0 - ((share - 0.62) / 0.62) ** 2) - 1.2


def _row(who: Character, share: float, rng: np.random.Generator) -> Array:
    """x and y [STEPS, 2] along one hair: upright at the inner end of the brow, lying along it further out."""
    x, y = line(who, share)
    lie = np.interp(share, (0.0, 0.12, 0.3, 1.0), (0.8, 0.55, 0.32, -0.42)) + rng.uniform(-0.06, 0.06)
    long = HAIR_MM * np.interp(share, (0.0, 0.15, 0.8, 1.0), (0.72, 1.0, 1.0, 0.85))
    step = np.linspace(-0.45, 0.55, STEPS) * long
    droop = -0.012 * step**2
    return np.stack([x + step * np.cos(lie), y + step * np.sin(lie) + droop], -1)


def _hair(who: Character, share: float, curve: Array, up: Array) -> Part:
    """One hair along a curve on the skin, thickest in its middle."""
    body = np.sin(np.pi * np.linspace(0.06, 0.985, STEPS)) ** 0.7
    wide = 0.5 * who.brows.thickness * np.interp(share, (0.0, 0.2, 0.6, 1.0), (0.62, 0.72, 0.6, 0.3))
    place, triangles, uv = tubes.sweep(curve + 0.35 * up, up, wide * body, 1.0 * body + 0.15, AROUND)
    return Part("Brows", "Brow", place, triangles, uv)
