"""The tongue: a soft blade from the throat to the lower teeth, and the positions speech needs of it."""

from __future__ import annotations

import numpy as np

from tools.avatar import tubes
from tools.avatar.fields import ramp
from tools.avatar.parameters import Character
from tools.avatar.part import Part
from tools.avatar.sdf import Array
from tools.avatar.shapes import jaw
from tools.avatar.shapes.tongue import JAW_SHARE

AROUND, ROWS = 18, 20
LENGTH_MM = 40.0
# Share of the length from the root: height over the mouth's line, half width, half thickness, millimetres.
PROFILE = (
    (0.0, -13.0, 15.0, 6.5),
    (0.3, -8.5, 15.5, 6.0),
    (0.6, -7.2, 14.5, 4.8),
    (0.82, -8.2, 11.5, 3.4),
    (0.94, -8.8, 7.5, 2.4),
    (1.0, -9.0, 0.4, 0.4),
)
# Shapes beyond ARKit's, on this mesh only.
EXTRA = ("tongueTipUp", "tongueBetweenTeeth", "tongueBackUp")


def build(who: Character, teeth_z: float) -> Part:
    share = 1.0 - (1.0 - np.linspace(0.0, 1.0, ROWS)) ** 1.5
    profile = np.array(PROFILE).T
    height, wide, thick = (np.interp(share, profile[0], profile[k]) for k in (1, 2, 3))
    turn = 2.0 * np.pi * np.arange(AROUND) / AROUND
    x = wide[:, None] * np.cos(turn)
    groove = (
        0.9
        * np.exp(-((x / 3.0) ** 2))
        * (np.sin(turn) > 0.2)
        * ramp(0.1, 0.4, share)[:, None]
        * ramp(1, 0.8, share)[:, None]
    )
    y = who.mouth.y + height[:, None] + thick[:, None] * np.sin(turn) - groove
    z = np.broadcast_to((teeth_z - 7.5 - LENGTH_MM * (1.0 - share))[:, None], x.shape)
    p = np.stack([x, y, z], -1).reshape(-1, 3)
    triangles = tubes.facing_out(p, tubes.wall(ROWS, AROUND))
    uv = np.stack([np.tile(turn / 7.0, ROWS), np.repeat(share, AROUND)], -1)
    part = Part("Tongue", "Tongue", p, triangles, uv)
    along = np.repeat(share, AROUND)
    part.shapes = jaw.teeth_and_tongue(p) | _speech(p, along)
    part.shapes["tongueOut"] = _out(p, along)
    return part


def _bend(p: Array, along: Array, start: float, by: tuple[float, float, float]) -> Array:
    """The blade from `start` on made wider (a share), moved up and moved forward (mm), more and more to the tip."""
    spread, up, forward = by
    w = ramp(start, 1.0, along)
    return np.stack([spread * p[:, 0] * w, up * w, forward * w], -1)


def _speech(p: Array, along: Array) -> dict[str, Array]:
    back = np.exp(-(((along - 0.35) / 0.28) ** 2))
    return {
        "tongueTipUp": _bend(p, along, 0.35, (-0.05, 12.5, 2.0)),
        "tongueBetweenTeeth": _bend(p, along, 0.1, (-0.12, 7.0, 12.5)),
        "tongueBackUp": np.stack([0.0 * back, 7.0 * back, -2.5 * back], -1),
    }


def _out(p: Array, along: Array) -> Array:
    """Stretched out over the lower lip and hanging a little, on a slightly opened jaw."""
    w = ramp(-0.15, 0.95, along)
    tip = ramp(0.55, 1.0, along)
    move = np.stack([-0.06 * p[:, 0] * tip, 8.0 * ramp(0.0, 0.6, along) - 10.5 * tip**1.5, 31.0 * w], -1)
    lowered = jaw.opened(p + move, JAW_SHARE)
    return move + lowered
