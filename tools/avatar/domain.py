"""The flat map of the skin: where a direction from inside the head meets the surface, and back.

Directions are seen from a point behind the nose. The sphere of directions is punctured downwards, where the neck
leaves the head, and laid flat by stereographic projection from the puncture: the crown becomes the centre of a disc,
the base of the neck its rim. The projection keeps angles, so a good triangulation of the disc is one of the head.
"""

from __future__ import annotations

import numpy as np

from tools.avatar.sdf import Array, Solid, cast, unit

ORIGIN = np.array([0.0, -20.0, -45.0])
DOWN = unit(np.array([0.0, -0.97, -0.243]))
FRONT = unit(np.cross(DOWN, [1.0, 0.0, 0.0]))
NECK_BEGINS_RAD = np.radians(50.0)
NECK_ENDS_RAD = np.radians(22.0)
NECK_LENGTH_MM = 150.0
RIM = 1.0 / np.tan(0.5 * NECK_ENDS_RAD)
NECK_RING = 1.0 / np.tan(0.5 * NECK_BEGINS_RAD)


def flatten(direction: Array) -> Array:
    """Plane points [..., 2] of unit directions [..., 3]; +y is the face, +x the character's left."""
    down = direction @ DOWN
    scale = 1.0 / np.maximum(1.0 - down, 1e-9)
    return np.stack([direction[..., 0] * scale, (direction @ FRONT) * scale], -1)


def direction(q: Array) -> Array:
    """The inverse of `flatten`."""
    rr = (q * q).sum(-1)
    side = 2.0 / (1.0 + rr)
    down = (rr - 1.0) / (1.0 + rr)
    left = np.array([1.0, 0.0, 0.0])
    return (side * q[..., 0])[..., None] * left + (side * q[..., 1])[..., None] * FRONT + down[..., None] * DOWN


def rays(q: Array) -> tuple[Array, Array]:
    """Where the ray of each plane point begins, and its direction; down the neck the beginning slides along."""
    d = direction(q)
    radius = np.sqrt((q * q).sum(-1))
    slide = np.clip(np.log(np.maximum(radius, 1e-9) / NECK_RING) / np.log(RIM / NECK_RING), 0.0, 1.0)
    angle = NECK_BEGINS_RAD + (0.5 * np.pi - NECK_BEGINS_RAD) * slide
    around = unit(d - (d @ DOWN)[..., None] * DOWN)
    along_neck = np.cos(angle)[..., None] * DOWN + np.sin(angle)[..., None] * around
    d = np.where((radius > NECK_RING)[..., None], along_neck, d)
    return ORIGIN + (NECK_LENGTH_MM * slide)[..., None] * DOWN, d


def surface(solid: Solid, q: Array) -> Array:
    """Skin points [..., 3] of plane points [..., 2]."""
    begin, d = rays(q)
    return cast(solid, begin, d, 8.0, 190.0)


def seen_from_inside(p: Array) -> Array:
    """Plane points of skin points of the head (above the neck)."""
    return flatten(unit(p - ORIGIN))
