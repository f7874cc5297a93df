"""Lids: closing, narrowing, widening, and following the gaze."""

from __future__ import annotations

import numpy as np

from tools.avatar.sdf import Array
from tools.avatar.shapes.flesh import Flesh

# Gaze at full shape, in radians: the eyeballs turn this far (up and down, in and out).
LOOK_PITCH_RAD = np.radians(24.0)
LOOK_YAW_RAD = np.radians(29.0)


def shapes(flesh: Flesh) -> dict[str, Array]:
    left = {
        "eyeBlink": flesh.close_lids(1.0) + brow_fat(flesh, -1.0),
        "eyeLookDown": flesh.move_lids(-16.0, -5.0) + brow_fat(flesh, -0.5),
        "eyeLookIn": flesh.move_lids(0.0, 0.0, -3.0),
        "eyeLookOut": flesh.move_lids(0.0, 0.0, 3.0),
        "eyeLookUp": flesh.move_lids(8.0, 3.5) + brow_fat(flesh, 0.8),
        "eyeSquint": squint(flesh),
        "eyeWide": flesh.move_lids(9.5, -3.0) + brow_fat(flesh, 1.6),
    }
    out = {}
    for name, delta in left.items():
        out[f"{name}Left"], out[f"{name}Right"] = delta, flesh.mirrored(delta)
    return out


def brow_fat(flesh: Flesh, up_mm: float) -> Array:
    """The soft part between upper lid and brow."""
    e = flesh.who.eyes
    return flesh.pull((e.spread, 19.0, 18.0), (17.0, 6.0, 16.0), (0.0, up_mm, 0.2 * abs(up_mm)), flesh.left)


def squint(flesh: Flesh) -> Array:
    e = flesh.who.eyes
    delta = flesh.move_lids(-5.0, 8.5)
    delta += flesh.pull((e.spread + 2.0, -20.0, 16.0), (18.0, 8.0, 18.0), (0.0, 2.4, 1.0), flesh.left)
    return delta + flesh.pull((e.spread + 22.0, 0.0, 2.0), (8.0, 10.0, 14.0), (-1.6, 0.4, 0.4), flesh.left)
