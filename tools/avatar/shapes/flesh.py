"""What every shape is made from: the skin at rest, where its landmarks are, and soft ways to move it.

Amplitudes follow what scanned faces do (ICT-FaceKit's expressions were measured for reference), scaled to this face.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from tools.avatar import lips
from tools.avatar.fields import bump, mix, ramp
from tools.avatar.lids import margin, on_face
from tools.avatar.parameters import Character
from tools.avatar.sdf import Array, Point, Solid
from tools.avatar.skin import NOT_A_LID, NOT_A_LIP, Skin

FLIP = np.array([-1.0, 1.0, 1.0])
# How much of the lips' movement the rings behind them keep: inner lip, then the bag (lip coordinate, share).
BEHIND_LIPS = ((1.0, 1.0), (1.6, 1.0), (2.0, 0.6), (2.5, 0.15), (3.0, 0.0))


# How far around a corner of the mouth the share of the jaw is evened out, and how often.
CORNER_REACH_MM, CORNER_ROUNDS = 9.5, 6


@dataclass(frozen=True)
class Flesh:
    """A skin and its character, with the weights shapes share. All arrays are per vertex unless said."""

    who: Character
    skull: Solid
    skin: Skin

    @property
    def p(self) -> Array:
        return self.skin.position

    @cached_property
    def left(self) -> Array:
        """1 on the left half of the face, 0 on the right; soft across the midline, both sides sum to one."""
        return ramp(-7.0, 7.0, self.p[:, 0])

    @cached_property
    def left_lips(self) -> Array:
        """Like `left`, but as lips part: each muscle reaches past the middle."""
        return ramp(-18.0, 18.0, self.p[:, 0])

    @cached_property
    def in_mouth(self) -> NDArray[np.bool_]:
        """Behind the line where the lips meet."""
        return self.skin.lip_v > 1.0

    @cached_property
    def off_lids(self) -> Array:
        """0 at the lid margins, 1 away from the eyes: what moves cheeks and brows must not push lids into an eye."""
        return np.where(self.skin.lid == NOT_A_LID, 1.0, ramp(0.12, 0.95, self.skin.lid))

    @cached_property
    def above_mouth(self) -> Array:
        """Signed height over the line where the lips meet, millimetres; that line goes on level past the corners."""
        reach = np.clip(np.abs(self.p[:, 0]), 0.0, self.who.mouth.half_width)
        return self.p[:, 1] - lips.parting(self.who, reach)

    @cached_property
    def above_lips(self) -> Array:
        """Signed height beyond the red of the lips: zero on it, so that a lip moves as one piece."""
        rim = self.p[self.skin.lip_v == 0.0]
        upper = rim[self.skin.upper[self.skin.lip_v == 0.0] >= 0]
        lower = rim[self.skin.upper[self.skin.lip_v == 0.0] <= 0]
        top, bottom = (
            np.interp(
                self.p[:, 0], side[order, 0], side[order, 1] - lips.parting(self.who, side[order, 0]), left=0, right=0
            )
            for side, order in ((s, np.argsort(s[:, 0])) for s in (upper, lower))
        )
        return np.maximum(self.above_mouth - top, 0.0) + np.minimum(self.above_mouth - bottom, 0.0)

    @cached_property
    def part(self) -> Array:
        """+1 on and above the upper lip, -1 on and below the lower; by ring on the lips, by height elsewhere."""
        on_lips = self.skin.lip_v > NOT_A_LIP
        return np.where(on_lips, self.skin.upper, np.sign(self.above_mouth))

    @cached_property
    def split(self) -> Array:
        """How far upper and lower lip can part at this distance from the midline: 1 in the middle, 0 at the corner."""
        u = np.clip(np.abs(self.p[:, 0]) / (self.who.mouth.half_width - 1.2), 0.0, 1.0)
        out: Array = (1.0 - u * u) ** 0.95
        return out

    @cached_property
    def lower(self) -> Array:
        """1 on the lower lip and below, 0 on the upper and above, 0.5 at the corners, soft over the cheeks."""
        band = 9.0 + 30.0 * ramp(12.0, 75.0, np.abs(self.p[:, 0]))
        height = np.where(self.skin.lip_v >= 0.0, 0.0, self.above_lips)
        return self.softened_at_corners(ramp(band, -band, height + self.part * self.split * band))

    def softened_at_corners(self, share: Array) -> Array:
        """Shares or movements [N, ...] evened out around the corners of the mouth, where lips and cheek meet."""
        p = self.p * np.where(self.p[:, :1] < 0.0, -1.0, 1.0) ** np.array([1, 0, 0])
        near = bump(p, self.corner, CORNER_REACH_MM) * (self.skin.lip_v < 0.4)
        out = share
        for _ in range(CORNER_ROUNDS):
            out = mix(out, self.skin.neighbours @ out, near.reshape(-1, *[1] * (out.ndim - 1)))
        return out

    @cached_property
    def upper(self) -> Array:
        return 1.0 - self.lower

    @cached_property
    def from_lips(self) -> Array:
        """Distance to the red of the lips along the face, millimetres; zero on it."""
        rim = self.p[(self.skin.lip_v == 0.0)]
        gap, _ = cKDTree(rim).query(self.p)
        return np.where(self.skin.lip_v >= 0.0, 0.0, gap)

    def near_lips(self, reach_mm: float) -> Array:
        """1 on the lips, fading over `reach_mm`; bag and cavity excluded (they follow the lips)."""
        out: Array = np.exp(-((self.from_lips / reach_mm) ** 2))
        return out

    @cached_property
    def corner(self) -> Array:
        """The left corner of the mouth [3]."""
        m = self.who.mouth
        x = m.half_width
        return on_face(self.skull, np.array([x]), lips.parting(self.who, np.array([x])))[0]

    def at(self, x: float, y: float) -> Array:
        """The point [3] of the skin in front of a place of the face's plane."""
        return on_face(self.skull, np.array([x]), np.array([y]))[0]

    def pull(self, at: Point, reach: Point | float, by: Point, mask: Array | float = 1.0) -> Array:
        """Skin drawn by a vector around a point, fading like a Gaussian, on both sides of nothing but `mask`."""
        strength = bump(self.p, at, reach) * mask * self.off_lids
        return strength[:, None] * np.asarray(by, dtype=float)

    def settle(self, delta: Array) -> Array:
        """The movement with everything behind the lips following their edge."""
        share = np.interp(self.skin.lip_v, *np.array(BEHIND_LIPS).T)
        meets = self.skin.lip_meets
        follow = delta[np.maximum(meets, 0)] * share[:, None]
        inner = self.in_mouth & (meets >= 0)
        out = np.where(inner[:, None], follow, delta)
        out[self.skin.lip_v >= 3.0] = 0.0
        return out

    def mirrored(self, delta: Array) -> Array:
        """The same movement on the other side of the face."""
        return delta[self.skin.mirror] * FLIP

    # Lids -----------------------------------------------------------------------------------------------------------

    @cached_property
    def left_lid(self) -> NDArray[np.bool_]:
        """Vertices of the left eye's rings."""
        return (self.skin.lid != NOT_A_LID) & (self.p[:, 0] > 0.0)

    def move_lids(self, upper_deg: float, lower_deg: float, aside_deg: float = 0.0) -> Array:
        """The left eye's lids turned about the eyeball by angles at the middle of their margins (+ up, + outwards)."""
        turn = self.skin.lid_turn
        open_share = np.abs(np.sin(turn)) ** 1.8
        up = np.where(np.sin(turn) > 0.0, upper_deg, lower_deg) * open_share
        return self._slide(up, np.full_like(up, aside_deg) * open_share, lift_mm=0.0)

    def close_lids(self, share: float, meeting: float = 0.16) -> Array:
        """The left eye's lids brought together, at `meeting` of the opening; at the corners, level with them."""
        turn = self.skin.lid_turn
        _, top = margin(self.who, np.abs(np.angle(np.exp(1j * turn))))
        _, bottom = margin(self.who, -np.abs(np.angle(np.exp(1j * turn))))
        level = self.who.eyes.tilt_deg * np.cos(turn)
        line = mix(mix(bottom, top, np.asarray(meeting)), level, (1.0 - np.abs(np.sin(turn))) ** 1.2)
        upper = np.sin(turn) > 0.0
        overlap = 1.8 * np.sin(turn) ** 2
        up = np.where(upper, line - top - overlap, line - bottom) * share
        return self._slide(up, np.zeros_like(up), lift_mm=1.6 * share)

    def _slide(self, up_deg: Array, aside_deg: Array, lift_mm: float) -> Array:
        """Lid skin moved over the eyeball by elevation and azimuth; all of it at the margin, none at the socket's rim.

        A shape is a straight line between two poses while a lid runs on an arc, so the moved lid stands `lift_mm` off
        the ball: half way, where the line cuts deepest, it still clears it.
        """
        e = self.who.eyes
        centre = np.array([e.spread, 0.0, 0.0])
        q = self.p - centre
        radius = np.sqrt((q * q).sum(1))
        elevation = np.arcsin(np.clip(q[:, 1] / radius, -1, 1))
        azimuth = np.arctan2(q[:, 0], q[:, 2])
        share = np.where(self.skin.lid < 0.0, 0.0, self.skin.lid)
        keep = 1.0 - ramp(0.0, 0.95, share)
        elevation = elevation + np.radians(up_deg) * keep
        azimuth = azimuth + np.radians(aside_deg) * keep
        effort = np.clip(np.abs(up_deg) / 30.0, 0.0, 1.0) * keep
        cover = e.radius + e.lid_thickness + lift_mm
        goal = np.maximum(radius, cover - 0.3 * (self.skin.lid < 0.0)) if lift_mm > 0.0 else radius
        goal = mix(radius, np.minimum(goal, np.maximum(cover, radius)), effort)
        way = np.stack(
            [np.sin(azimuth) * np.cos(elevation), np.sin(elevation), np.cos(azimuth) * np.cos(elevation)], -1
        )
        moved = centre + way * goal[:, None]
        return np.where(self.left_lid[:, None], moved - self.p, 0.0)
