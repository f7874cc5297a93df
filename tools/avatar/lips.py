"""The mouth: rings of skin from the cheeks over the lips, in between them, and down into the dark bag behind.

Columns run around the left half of the mouth, from the middle of the upper lip (0) to the left corner and on to the
middle of the lower lip (COLUMNS - 1). The lip coordinate `v` is -1 on the outermost ring, 0 on the red border, 1 where
the lips meet, up to 1.6 on their inner side, and 2 to 3 in the bag.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tools.avatar.fields import bell, mix, ramp
from tools.avatar.lids import on_face
from tools.avatar.parameters import Character
from tools.avatar.sdf import Array, Solid

QUARTER = 15
COLUMNS = 2 * QUARTER + 1
SKIN_RINGS = (-1.0, -0.78, -0.56, -0.36, -0.2, -0.08)
RED_RINGS = (0.0, 0.14, 0.3, 0.48, 0.66, 0.82, 0.93, 1.0)
INNER_RINGS = (1.2, 1.4, 1.6)
BAG_RINGS = (2.0, 2.25, 2.5, 2.75, 2.95)
BAG_DEPTH_MM = 44.0


@dataclass(frozen=True)
class LipRings:
    """position [R, C, 3], v [R], upper [C] (+1 upper lip, -1 lower, 0 corner), turn [C] (radians from top)."""

    position: Array
    v: Array
    upper: Array
    turn: Array


def parting(who: Character, x: Array) -> Array:
    """Height of the line where the closed lips meet."""
    m = who.mouth
    u = x / m.half_width
    return m.y + m.corner_lift * (u * u - 0.35) - 0.9 * bell(u, 0.0, 0.32) + 0.35 * bell(np.abs(u), 0.5, 0.22)


def build(who: Character, skull: Solid) -> LipRings:
    """The rings of the mouth's left half."""
    turn = np.pi * np.arange(COLUMNS) / (COLUMNS - 1)
    upper = np.sign(np.round(np.cos(turn), 9))
    rows = [_visible(who, skull, turn, upper, v) for v in (*SKIN_RINGS, *RED_RINGS)]
    meet = rows[-1]
    rows += [_inner(who, meet, upper, v) for v in INNER_RINGS]
    rows += [_bag(who, turn, v) for v in BAG_RINGS]
    return LipRings(np.stack(rows), np.array((*SKIN_RINGS, *RED_RINGS, *INNER_RINGS, *BAG_RINGS)), upper, turn)


def outer_loop(who: Character, turn: Array) -> tuple[Array, Array]:
    """x and y of the outermost ring."""
    m = who.mouth
    top, bottom = m.upper_height + 8.0, m.lower_height + 9.5
    return (m.half_width + 11.0) * np.sin(turn), m.y + np.where(np.cos(turn) > 0, top, bottom) * np.cos(turn)


def border(who: Character, turn: Array) -> tuple[Array, Array]:
    """x and y of the red border, with the bow of the upper lip."""
    m = who.mouth
    x = (m.half_width + 1.2) * np.sin(turn)
    u = np.sin(turn)
    bow = m.bow * (0.9 * bell(u, 0.2, 0.17) - 0.75 * bell(u, 0.0, 0.11))
    top = m.upper_height * (0.12 + 0.88 * np.abs(np.cos(turn)) ** 0.95) * (1.0 - 0.16 * u) + bow
    bottom = m.lower_height * np.abs(np.cos(turn)) ** 0.68
    rise = np.where(np.cos(turn) > 0, top, -bottom) * ramp(0.0, 0.25, np.abs(np.cos(turn)))
    return x, parting(who, x) + rise


def _visible(who: Character, skull: Solid, turn: Array, upper: Array, v: float) -> Array:
    edge_x, edge_y = border(who, turn)
    if v <= 0.0:
        far_x, far_y = outer_loop(who, turn)
        x, y = mix(edge_x, far_x, np.asarray(-v)), mix(edge_y, far_y, np.asarray(-v))
    else:
        meet_x = (who.mouth.half_width - 1.3) * np.sin(turn)
        x, y = mix(edge_x, meet_x, np.asarray(v)), mix(edge_y, parting(who, meet_x), np.asarray(v))
    skin = on_face(skull, x, y)
    skin[:, 2] += _swell(who, turn, upper, v)
    return skin


def _swell(who: Character, turn: Array, upper: Array, v: float) -> Array:
    """How far the lip stands out of the face, in millimetres."""
    u = np.sin(turn)
    full = who.mouth.fullness * np.where(upper > 0, 0.9, 1.06) * np.sqrt(np.maximum(1.0 - u**2.4, 0.0))
    if v <= 0.0:
        return full * 0.3 * np.exp(-((v / 0.42) ** 2))
    rise = np.interp(v, (0.0, 0.14, 0.3, 0.48, 0.66, 0.82, 0.93, 1.0), (0.3, 0.56, 0.8, 0.97, 1.0, 0.86, 0.56, 0.2))
    corner = -2.4 * v * ramp(0.82, 1.0, u)
    return full * rise + corner


def _inner(who: Character, meet: Array, upper: Array, v: float) -> Array:
    """The wet inner side: back from the line of contact, then parting."""
    deep = (v - 1.0) / 0.6
    out = meet.copy()
    out[:, 2] -= 5.2 * deep
    out[:, 1] += upper * 2.4 * max(deep - 0.34, 0.0) ** 1.3
    out[:, 0] *= 1.0 - 0.02 * deep
    return out


def _bag(who: Character, turn: Array, v: float) -> Array:
    """The cavity around teeth and tongue: wide behind the cheeks, closing towards the throat."""
    m = who.mouth
    deep = v - 2.0
    wide = (m.half_width + 3.0) * np.cos(0.5 * np.pi * max(deep - 0.35, 0.0) / 0.65)
    high = np.where(np.cos(turn) > 0, 11.0, 13.0) * np.cos(0.5 * np.pi * max(deep - 0.35, 0.0) / 0.65)
    x, y = wide * np.sin(turn), m.y + high * np.cos(turn)
    front = who.head.chin_z - 5.0
    z = front - 0.016 * x * x * (1.0 - deep) - BAG_DEPTH_MM * deep
    return np.stack([x, y, z], -1)
