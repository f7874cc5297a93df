"""The left eye's opening: rings of skin from the cheek to the lid margin, over its edge and in behind it.

A ring is a closed row of columns. Column angle `a` runs from the outer corner (0) over the upper lid (90 degrees) and
the inner corner (180) to the lower lid (270). Places are azimuth (+ outwards) and elevation about the eyeball.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tools.avatar.fields import bell, mix, ramp
from tools.avatar.parameters import Character
from tools.avatar.sdf import Array, Solid, cast, unit

COLUMNS = 44
# The socket's rim, in front view, relative to the eyeball's centre; its inner end lies on the flank of the nose.
SOCKET_OUTER_MM, SOCKET_UPPER_MM, SOCKET_LOWER_MM = 25.0, 22.5, 20.5
SOCKET_INNER_X_MM = 8.5
# How far each ring stands between the margin (0) and the rim of the socket (1).
SKIN_RINGS = (1.0, 0.78, 0.6, 0.46, 0.35, 0.27, 0.21, 0.16, 0.11, 0.06, 0.02)
# Rings on the margin's edge and behind the lid: radius beyond the eyeball (share of the thickness), degrees back.
EDGE_RINGS = ((1.0, 0.0), (0.55, -0.3), (0.2, 0.6), (0.16, 5.0))


@dataclass(frozen=True)
class LidRings:
    """Rows are rings from the socket's rim inwards: position [R, C, 3], spread [R] (1 rim .. 0 margin), angle [C]."""

    position: Array
    spread: Array
    angle: Array


def margin(who: Character, angle: Array) -> tuple[Array, Array]:
    """Azimuth and elevation in degrees of the lid margin at column angles."""
    e = who.eyes
    t = np.cos(angle)
    middle, half = 0.5 * (e.outer_deg - e.inner_deg), 0.5 * (e.outer_deg + e.inner_deg)
    upper = np.sin(angle) > 0
    height = np.where(upper, e.upper_deg * (1.0 + 0.10 * t), -e.lower_deg * (1.0 + 0.16 * t))
    opened = np.abs(np.sin(angle)) ** np.where(upper, 1.35, 1.5)
    return middle + half * t, e.tilt_deg * t + height * opened


def socket(who: Character, angle: Array) -> tuple[Array, Array]:
    """x and y in millimetres of the outermost ring."""
    inner, outer = SOCKET_INNER_X_MM, who.eyes.spread + SOCKET_OUTER_MM
    reach = np.where(np.sin(angle) > 0, SOCKET_UPPER_MM, SOCKET_LOWER_MM)
    return 0.5 * (inner + outer) + 0.5 * (outer - inner) * np.cos(angle), reach * np.sin(angle)


def towards(azimuth_deg: Array, elevation_deg: Array) -> Array:
    """Unit directions [..., 3] from the eyeball's centre."""
    az, el = np.radians(azimuth_deg), np.radians(elevation_deg)
    return np.stack([np.sin(az) * np.cos(el), np.sin(el), np.cos(az) * np.cos(el)], -1)


def build(who: Character, skull: Solid) -> LidRings:
    """The rings of the left eye."""
    e = who.eyes
    angle = 2.0 * np.pi * np.arange(COLUMNS) / COLUMNS
    centre = np.array([e.spread, 0.0, 0.0])
    edge = centre + towards(*margin(who, angle)) * (e.radius + e.lid_thickness)
    out_x, out_y = socket(who, angle)
    rings, spread = [], []
    for share in SKIN_RINGS:
        x, y = mix(edge[:, 0], out_x, np.asarray(share)), mix(edge[:, 1], out_y, np.asarray(share))
        skin = on_face(skull, x, y)
        rings.append(skin - unit(skin - centre) * crease(angle, share)[..., None])
        spread.append(share)
    for thick, back_deg in EDGE_RINGS:
        azimuth, elevation = margin(who, angle)
        way = towards(azimuth + back_deg * np.cos(angle), elevation + back_deg * np.sin(angle))
        rings.append(centre + way * (e.radius + thick * e.lid_thickness))
        spread.append(0.0)
    return LidRings(np.stack(rings), np.array(spread), angle)


def on_face(skull: Solid, x: Array, y: Array) -> Array:
    """The skin straight in front of places of the face's plane."""
    start = np.stack([x, y, np.full_like(x, -25.0)], -1)
    return cast(skull, start, np.broadcast_to([0.0, 0.0, 1.0], start.shape), 0.0, 75.0)


def crease(angle: Array, share: float) -> Array:
    """Depth in millimetres of the fold above the upper lid, and of the softer one under the lower lid."""
    upper = ramp(0.05, 0.6, np.sin(angle)) * 1.1 * bell(np.asarray(share), 0.3, 0.075)
    lower = ramp(0.3, 0.9, -np.sin(angle)) * 0.35 * bell(np.asarray(share), 0.36, 0.1)
    out: Array = upper + lower
    return out
