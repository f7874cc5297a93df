"""The ears: a shell with its rim, inner ridge, hollow, tragus and lobe, grown into the side of the head."""

from __future__ import annotations

import itertools

import numpy as np

from tools.avatar.fields import mix, ramp
from tools.avatar.parameters import Character
from tools.avatar.part import Part
from tools.avatar.sdf import Array, Solid, carve, cone, ellipsoid, gradient, join, sphere, unit
from tools.avatar.surface import nets

CELL_MM = 2.8
HEIGHT_MM, DEPTH_MM = 31.0, 18.0
PLACE = np.array([0.0, -9.0, -62.0])


def build(who: Character, skull: Solid) -> Part:
    """Both ears."""
    root = _root(skull)

    def both(p: Array) -> Array:
        return _ear(np.stack([np.abs(p[..., 0]), p[..., 1], p[..., 2]], -1), root)

    low, high = root - np.array([12.0, 40.0, 24.0]), root + np.array([24.0, 40.0, 30.0])
    place, triangles, normal = nets(both, low, high, CELL_MM)
    near = ramp(1.8, 0.0, skull(place))
    normal = unit(mix(normal, gradient(skull, place), near[:, None]))
    flip = np.array([-1.0, 1.0, 1.0])
    uv = np.stack([(place[:, 2] - low[2]) / 60.0, (place[:, 1] - low[1]) / 84.0], -1)
    return Part(
        "Ears",
        "Ear",
        np.concatenate([place, place * flip]),
        np.concatenate([triangles, triangles[:, ::-1] + len(place)]),
        np.concatenate([uv, uv]),
        np.concatenate([normal, normal * flip]),
    )


def _root(skull: Solid) -> Array:
    """The middle of the left ear's root on the skin."""
    x = np.linspace(40.0, 95.0, 400)
    p = np.stack([x, np.full_like(x, PLACE[1]), np.full_like(x, PLACE[2])], -1)
    return p[np.argmax(skull(p) > 0.0)]


def _ear(p: Array, root: Array) -> Array:
    """In the ear's own frame: u towards the back, v up, w away from the head (it stands off backwards)."""
    q = p - root
    lean = np.radians(24.0)
    back, out = -q[..., 2], q[..., 0]
    u = np.cos(lean) * back + np.sin(lean) * out
    w = np.cos(lean) * out - np.sin(lean) * back
    tilt = np.radians(8.0)
    v = np.cos(tilt) * q[..., 1] - np.sin(tilt) * u
    u = np.cos(tilt) * u + np.sin(tilt) * q[..., 1]
    e = np.stack([u, v, w], -1)
    shell = ellipsoid(e, (2.0, 3.0, 2.0), (0.86 * DEPTH_MM, 0.92 * HEIGHT_MM, 5.5))
    shell = carve(shell, ellipsoid(e, (0.5, 4.0, 9.5), (0.68 * DEPTH_MM, 0.74 * HEIGHT_MM, 7.2)), 2.5)
    rim_turn = np.linspace(-2.2, 2.05, 14)
    rim = [
        np.array([2.0 + 14.8 * np.cos(t) * (0.95 + 0.05 * np.sin(t)), 4.0 + 26.0 * np.sin(t), 4.6]) for t in rim_turn
    ]
    helix = cone(e, rim[0], rim[1], 2.3, 2.4)
    for a, b in itertools.pairwise(rim[1:]):
        helix = np.minimum(helix, cone(e, a, b, 2.4, 2.4))
    d = join(shell, helix, 3.0)
    ridge = np.minimum(
        cone(e, (6.5, -12.0, 4.0), (7.5, 8.0, 4.4), 2.2, 2.2), cone(e, (7.5, 8.0, 4.4), (0.0, 18.0, 3.6), 2.2, 1.6)
    )
    d = join(d, ridge, 3.0)
    d = carve(d, ellipsoid(e, (-1.0, -6.0, 5.5), (6.0, 9.0, 4.6)), 2.5)
    d = join(d, ellipsoid(e, (-9.0, -6.0, 3.6), (3.2, 4.6, 3.0)), 3.0)
    return join(d, sphere(e, (-2.5, -23.5, 2.2), 5.4), 5.0)
