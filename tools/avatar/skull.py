"""The surface of head and neck, as one solid put together from named volumes; lips and lid openings are cut later."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tools.avatar.fields import bell, bump, ramp
from tools.avatar.parameters import Character
from tools.avatar.sdf import Array, carve, cone, ellipsoid, join, mirrored, sphere


@dataclass(frozen=True)
class Skull:
    """Call it with points [..., 3] in head millimetres for the signed distance to the skin."""

    who: Character

    def __call__(self, points: Array) -> Array:
        p = mirrored(points)
        d = self.cranium(p)
        d = join(d, self.face(p), 26.0)
        d = join(d, self.jaw(p), 20.0)
        d = join(d, self.cheeks(p), 20.0)
        d = join(d, self.muzzle(p), 14.0)
        d = carve(d, self.socket(p), 12.0)
        d = join(d, self.brow_ridge(p), 16.0)
        d = join(d, self.nose(p), 7.5)
        d = join(d, self.lid_bulge(p), 5.0)
        d = carve(d, self.nostril(p), 2.6)
        d = join(d, self.neck(p), 24.0)
        if self.who.skin.lines > 0.0:
            d = d - self.who.skin.lines * self.lines(p)
        return d - self.relief(p)

    def cranium(self, p: Array) -> Array:
        h = self.who.head
        front = h.forehead_z - 6.0
        depth = 0.5 * (front - h.skull_back)
        return ellipsoid(p, (0, 38.0, front - depth), (0.5 * h.skull_width, h.skull_top - 38.0, depth))

    def face(self, p: Array) -> Array:
        """Forehead down to the upper jaw: the mask the features sit on."""
        h = self.who.head
        forehead = ellipsoid(p, (0, 40.0, h.forehead_z - 58.0), (64.0, 52.0, 58.0))
        mask = ellipsoid(p, (0, -18.0, -38.0), (0.5 * h.cheek_width + 8.0, 64.0, 57.0))
        return join(forehead, mask, 30.0)

    def jaw(self, p: Array) -> Array:
        h = self.who.head
        angle = np.array([0.5 * h.jaw_width, h.chin_y + 40.0, -42.0])
        chin = np.array([0.5 * h.chin_width, h.chin_y + 15.0, h.chin_z - 15.0])
        body = cone(p, angle, chin, 14.0, 13.0)
        ramus = cone(p, (0.5 * h.jaw_width + 8.0, -8.0, -58.0), angle, 13.0, 14.0)
        return join(join(body, ramus, 12.0), sphere(p, (0, chin[1], chin[2] + 0.5), 14.5), 16.0)

    def cheeks(self, p: Array) -> Array:
        h = self.who.head
        full = 1.0 + 0.1 * (h.cheek_fullness - 1.0)
        return ellipsoid(p, (0.345 * h.cheek_width, -29.0, -7.0), (24.5 * full, 25.0 * full, 24.0 * full))

    def muzzle(self, p: Array) -> Array:
        return ellipsoid(p, (0, self.who.mouth.y + 2.0, -6.0), (30.0, 25.0, 29.0))

    def socket(self, p: Array) -> Array:
        e = self.who.eyes
        return ellipsoid(p, (e.spread - 1.0, 1.0, 25.0), (20.0, 14.0, 13.0))

    def brow_ridge(self, p: Array) -> Array:
        e, strength = self.who.eyes, self.who.head.brow_ridge
        inner, outer = (12.0, 21.0, 13.0 + strength), (e.spread + 9.0, 22.0, 3.0 + strength)
        return cone(p, inner, outer, 7.0, 5.0)

    def nose(self, p: Array) -> Array:
        n = self.who.nose
        tip = np.array([0.0, -n.length + 1.0, n.tip_z - n.tip_radius])
        bridge = cone(p, (0, 6.0, n.bridge_z), tip + np.array([0, 2.0, -1.0]), n.bridge_radius, n.tip_radius - 0.6)
        ball = sphere(p, tip, n.tip_radius)
        wing = ellipsoid(p, (0.5 * n.wing_width - 5.2, -n.length - 0.5, n.tip_z - 16.0), (5.6, 5.2, 7.0))
        column = cone(p, tip + np.array([0, -3.5, -3.0]), (0, -n.length - 5.0, n.tip_z - 19.0), 3.6, 4.2)
        return join(join(join(bridge, ball, 6.0), wing, 5.0), column, 4.0)

    def nostril(self, p: Array) -> Array:
        n = self.who.nose
        return ellipsoid(p, (0.5 * n.wing_width - 6.6, -n.length - 6.6, n.tip_z - 14.0), (2.3, 3.0, 4.2))

    def lid_bulge(self, p: Array) -> Array:
        e = self.who.eyes
        return sphere(p, (e.spread, 0, 0), e.radius + e.lid_thickness)

    def neck(self, p: Array) -> Array:
        r = self.who.head.neck_radius
        return cone(p, (0, -55.0, -72.0), (0, -200.0, -90.0), r, r + 7.0)

    def relief(self, p: Array) -> Array:
        """Small rises (+) and hollows (-), in millimetres: philtrum, chin dimple line, temples, throat muscles."""
        h, m = self.who.head, self.who.mouth
        front = ramp(-20.0, 5.0, p[..., 2])
        philtrum = -0.9 * bell(p[..., 0], 0, 3.2) * bell(p[..., 1], m.y + 14.0, 6.0) * front
        philtrum_edges = 0.5 * bell(p[..., 0], 5.0, 2.6) * bell(p[..., 1], m.y + 12.0, 6.0) * front
        under_lip = -2.2 * bump(p, (0, m.y - 13.5, 24.0), (17.0, 5.0, 20.0))
        chin = 0.8 * bump(p, (0, h.chin_y + 14.0, h.chin_z), (12.0, 10.0, 16.0))
        temple = -3.0 * bump(p, (66.0, 18.0, -28.0), (16.0, 22.0, 24.0))
        cord = 1.6 * bell(p[..., 0] - 0.10 * (p[..., 1] + 180.0), 15.0, 7.0) * ramp(-105.0, -135.0, p[..., 1])
        return philtrum + philtrum_edges + under_lip + chin + temple + cord * ramp(-90.0, -60.0, p[..., 2])

    def lines(self, p: Array) -> Array:
        """The folds of age at full strength: furrows of the brow, bags under the eyes, the fold beside the mouth."""
        m, n, e = self.who.mouth, self.who.nose, self.who.eyes
        brow = sum(bell(p[..., 1], y + 0.0012 * p[..., 0] ** 2, 1.5) for y in (47.0, 55.0, 63.0))
        furrows = -0.45 * brow * bell(p[..., 0], 0.0, 34.0)
        bags = 0.8 * bump(p, (e.spread, -22.0, 14.0), (14.0, 4.0, 14.0)) - 0.25 * bump(
            p, (e.spread - 3.0, -28.0, 14.0), (14.0, 3.6, 14.0)
        )
        top, bottom = np.array([0.5 * n.wing_width + 5.0, -n.length + 3.0]), np.array([m.half_width + 8.0, m.y - 4.0])
        along = np.clip(((p[..., :2] - top) @ (bottom - top)) / ((bottom - top) @ (bottom - top)), 0.0, 1.0)
        off = (
            p[..., :2]
            - (top + along[..., None] * (bottom - top))
            - 3.0 * np.sin(np.pi * along)[..., None] * np.array([0.8, 0.6])
        )
        fold = -1.5 * bell(np.sqrt((off * off).sum(-1)), 0.0, 2.6) * ramp(0.0, 0.2, along) * ramp(1.0, 0.8, along)
        frown = -0.5 * bell(p[..., 0], 6.0, 1.4) * bell(p[..., 1], 22.0, 8.0)
        return (furrows + bags + fold + frown) * ramp(-20.0, 5.0, p[..., 2])
