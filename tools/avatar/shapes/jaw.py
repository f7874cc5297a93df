"""The lower jaw: a hinge before the ear, and how much of the skin goes with it."""

from __future__ import annotations

import numpy as np

from tools.avatar.fields import ramp, turn_x, turn_y
from tools.avatar.sdf import Array
from tools.avatar.shapes.flesh import Flesh

HINGE = np.array([0.0, -16.0, -60.0])
OPEN_RAD = np.radians(21.0)
ASIDE_RAD = np.radians(5.5)
FORWARD_MM = np.array([0.0, -0.8, 6.5])
# Where the lips meet when mouthClose undoes jawOpen: share of the way from the upper lip's place to the lower's, by
# axis. The upper lip is drawn down but, with the teeth behind it, hardly back.
CLOSE_AT = np.array([0.5, 0.4, 0.1])


def opened(p: Array, share: float | Array = 1.0) -> Array:
    """Displacement of points fixed to the jaw bone when it opens."""
    return turn_x(p, HINGE, OPEN_RAD * np.asarray(share)) - p


def aside(p: Array, share: float | Array = 1.0) -> Array:
    """Displacement of points fixed to the jaw bone when it goes to the own left."""
    return turn_y(p, HINGE, ASIDE_RAD * np.asarray(share)) - p


def jaw_share(flesh: Flesh) -> Array:
    """How much each vertex of the skin belongs to the jaw: chin and lower lip 1, cheeks less, throat fading out."""
    p, h = flesh.p, flesh.who.head
    jawline = h.chin_y + 0.62 * (h.chin_z - 12.0 - p[:, 2])
    under_jaw = ramp(66.0, -4.0, jawline - p[:, 1])
    behind = ramp(-84.0, -18.0, p[:, 2])
    share = flesh.lower * under_jaw * behind
    bag = flesh.skin.lip_v >= 2.0
    return np.where(bag, flesh.skin.upper < 0, share)


def shapes(flesh: Flesh) -> dict[str, Array]:
    share = jaw_share(flesh)
    open_all = opened(flesh.p, share)
    left = aside(flesh.p, share)
    return {
        "jawForward": share[:, None] * FORWARD_MM,
        "jawLeft": left,
        "jawRight": flesh.mirrored(left),
        "jawOpen": open_all,
        "mouthClose": _close(flesh, open_all),
    }


def _close(flesh: Flesh, jaw_open: Array) -> Array:
    """Both lips brought to one line again: exactly there where they met, so any equal share of both shapes is shut."""
    top, bottom = flesh.skin.contact.T
    meet = jaw_open[top] + CLOSE_AT * (jaw_open[bottom] - jaw_open[top])
    order = np.argsort(flesh.p[top, 0])
    x = flesh.p[top, 0][order]
    need = {1.0: (meet - jaw_open[top])[order], -1.0: (meet - jaw_open[bottom])[order]}
    delta = np.zeros_like(flesh.p)
    for side, fade_mm in ((1.0, 15.0), (-1.0, 27.0)):
        mine = (flesh.part == side) & ~flesh.in_mouth
        fade = ramp(fade_mm, 0.0, flesh.from_lips)
        for axis in range(3):
            moved = np.interp(flesh.p[:, 0], x, need[side][:, axis], left=0.0, right=0.0) * fade
            delta[mine, axis] = moved[mine]
    delta = flesh.softened_at_corners(delta)
    delta[top], delta[bottom] = meet - jaw_open[top], meet - jaw_open[bottom]
    return flesh.settle(delta)


def teeth_and_tongue(p: Array) -> dict[str, Array]:
    """The jaw's shapes for what is fixed to the bone."""
    left = aside(p)
    return {
        "jawForward": np.broadcast_to(FORWARD_MM, p.shape).copy(),
        "jawLeft": left,
        "jawRight": aside(p, -1.0),
        "jawOpen": opened(p),
    }
