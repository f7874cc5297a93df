"""Cheeks and nose."""

from __future__ import annotations

import numpy as np

from tools.avatar.fields import bump, ramp
from tools.avatar.sdf import Array, unit
from tools.avatar.shapes.flesh import Flesh


def shapes(flesh: Flesh) -> dict[str, Array]:
    lift, sneer = squint(flesh), nose_sneer(flesh)
    return {
        "cheekPuff": flesh.settle(puff(flesh)),
        "cheekSquintLeft": lift,
        "cheekSquintRight": flesh.mirrored(lift),
        "noseSneerLeft": flesh.settle(sneer),
        "noseSneerRight": flesh.settle(flesh.mirrored(sneer)),
    }


def puff(flesh: Flesh) -> Array:
    """Cheeks blown full of air behind closed lips."""
    m = flesh.who.mouth
    # Straight out of the mouth rather than along the normals, which cross in an old face's folds.
    outwards = unit(flesh.p - np.array([0.0, m.y, -22.0]))
    p = np.abs(flesh.p) * np.array([1.0, 0.0, 0.0]) + flesh.p * np.array([0.0, 1.0, 1.0])
    outward = 8.5 * bump(p, flesh.at(38.0, m.y + 4.0), (20.0, 19.0, 26.0)) * ramp(0.1, -0.9, flesh.skin.lip_v)
    delta = outwards * (outward * flesh.off_lids)[:, None]
    lips = flesh.near_lips(9.0) * (0.4 + 0.6 * flesh.split)
    delta += lips[:, None] * np.array([0.0, 0.0, 1.6])
    side = np.sign(flesh.p[:, 0]) * bump(p, flesh.corner, (14.0, 12.0, 20.0))
    delta[:, 0] -= 1.2 * side
    return delta


def squint(flesh: Flesh) -> Array:
    e = flesh.who.eyes
    delta = flesh.pull(flesh.at(e.spread + 4.0, -27.0), (18.0, 12.0, 22.0), (0.4, 4.6, 2.0), flesh.left)
    delta += flesh.pull((e.spread + 22.0, -6.0, 4.0), (9.0, 10.0, 16.0), (-0.8, 1.6, 0.6), flesh.left)
    return delta + flesh.move_lids(-1.0, 5.5)


def nose_sneer(flesh: Flesh) -> Array:
    n, m = flesh.who.nose, flesh.who.mouth
    wing = flesh.at(0.5 * n.wing_width - 2.0, -n.length)
    delta = flesh.pull(wing, (7.5, 8.0, 14.0), (1.0, 3.6, -0.2), flesh.left)
    delta += flesh.pull(flesh.at(17.0, m.y + 14.0), (10.0, 10.0, 18.0), (0.6, 2.8, 0.8), flesh.left * flesh.upper)
    delta += flesh.pull(flesh.at(9.0, -14.0), (6.0, 9.0, 14.0), (-0.4, 2.0, 1.4), flesh.left)
    delta += flesh.pull(flesh.at(12.0, 22.0), (9.0, 8.0, 20.0), (-0.8, -1.8, 0.6), flesh.left)
    lift = flesh.near_lips(7.0) * (flesh.part > 0) * flesh.split * flesh.left
    return delta + lift[:, None] * np.array([0.3, 2.0, 0.5])
