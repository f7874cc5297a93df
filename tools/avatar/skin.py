"""The skin of head and neck as one mesh: rings around eyes and mouth, a fill between them, mirrored to both sides."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from scipy.sparse import coo_array, csr_array

from tools.avatar import domain, lids, lips
from tools.avatar.fields import ramp
from tools.avatar.parameters import Character
from tools.avatar.sdf import Array, Solid, gradient, length, unit
from tools.avatar.triangulate import Ints, Size, fill

NOT_A_LIP = -2.0
NOT_A_LID = 2.0
SETTLE_ROUNDS = 12


@dataclass(frozen=True)
class Skin:
    """N vertices of both sides, millimetres; `mirror` gives each vertex's counterpart (itself on the midline).

    `lip_v` is the lip coordinate (lips.py; NOT_A_LIP elsewhere), `upper` +1 above the mouth and -1 below where that is
    known, `lid` the share from margin (0) to socket rim (1; NOT_A_LID elsewhere, negative behind the margin),
    `lid_turn` its column angle. `contact` [K, 2] pairs the vertices of upper and lower lip that meet.
    """

    position: Array
    triangles: Ints
    uv: Array
    mirror: Ints
    lip_v: Array
    upper: Array
    lip_meets: Ints
    lid: Array
    lid_turn: Array
    contact: Ints

    @cached_property
    def neighbours(self) -> csr_array:
        """A matrix [N, N] that averages over the vertices joined by an edge."""
        count = len(self.position)
        a, b = np.concatenate([self.triangles[:, [0, 1]], self.triangles[:, [1, 2]], self.triangles[:, [2, 0]]]).T
        near = coo_array((np.ones(2 * len(a)), (np.r_[a, b], np.r_[b, a])), shape=(count, count)).tocsr()
        return csr_array(near / near.sum(1)[:, None])

    def normals(self, position: Array | None = None) -> Array:
        """Smooth vertex normals of the mesh, at rest or moved."""
        return smooth_normals(self.position if position is None else position, self.triangles)


def smooth_normals(position: Array, triangles: Ints) -> Array:
    """Area-weighted vertex normals."""
    a, b, c = (position[triangles[:, i]] for i in range(3))
    face = np.cross(b - a, c - a)
    total = np.zeros_like(position)
    for i in range(3):
        for axis in range(3):
            total[:, axis] += np.bincount(triangles[:, i], face[:, axis], len(position))
    return unit(total)


def build(who: Character, skull: Solid) -> Skin:
    """The neutral skin."""
    eye, mouth = lids.build(who, skull), lips.build(who, skull)
    eye_rim = domain.seen_from_inside(eye.position[0])
    mouth_rim = domain.seen_from_inside(mouth.position[0])
    mouth_rim[[0, -1], 0] = 0.0
    rng = np.random.default_rng(who.seed)
    flat, triangles = fill(domain.RIM, [eye_rim, mouth_rim], _triangle_size(who), rng)
    half = _Half(flat, domain.surface(skull, flat), triangles)
    half.position[: len(eye_rim)] = eye.position[0]
    half.position[len(eye_rim) : len(eye_rim) + len(mouth_rim)] = mouth.position[0]
    half.add_lids(eye)
    half.add_lips(mouth, len(eye_rim))
    return _settle(half.both_sides(), skull)


def _settle(skin: Skin, skull: Solid) -> Skin:
    """Evens out the fill's triangles along the surface, and takes its normals from the solid itself."""
    moving = (skin.lip_v == NOT_A_LIP) & (skin.lid == NOT_A_LID)
    moving &= ~np.isin(np.arange(len(moving)), _open_edge(skin.triangles))
    moving &= skin.position[:, 0] >= 0.0
    p = skin.position.copy()
    right, middle = p[:, 0] < 0.0, skin.mirror == np.arange(len(p))
    for round_ in range(SETTLE_ROUNDS + 1):
        if round_ < SETTLE_ROUNDS:
            p[moving] += 0.5 * ((skin.neighbours @ p) - p)[moving]
        p[moving] -= skull(p[moving])[:, None] * gradient(skull, p[moving])
        p[middle, 0] = 0.0
        p[right] = p[skin.mirror[right]] * (-1.0, 1.0, 1.0)
    return replace(skin, position=p)


def _open_edge(triangles: Ints) -> Ints:
    """Vertices on the mesh's own rims: the neck's base and behind the lids."""
    pairs = np.sort(np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]]), 1)
    edges, uses = np.unique(pairs, axis=0, return_counts=True)
    return np.unique(edges[uses == 1])


def _triangle_size(who: Character) -> Size:
    """Wanted edge lengths on the flat map: finest around the nose, coarse under the hair and down the neck."""
    nose = unit(np.array([0.0, -who.nose.length, 34.0]) - domain.ORIGIN)

    def size(q: Array) -> Array:
        radius = np.hypot(q[..., 0], q[..., 1])
        angle = np.degrees(np.arccos(np.clip(domain.direction(q) @ nose, -1.0, 1.0)))
        wanted_mm = 1.7 + 1.2 * ramp(12.0, 40.0, angle) + 5.0 * ramp(70.0, 120.0, angle)
        wanted_mm = np.where(radius > domain.NECK_RING, np.clip(wanted_mm, 4.0, 7.0), wanted_mm)
        mm_per_unit = np.where(radius > domain.NECK_RING, 48.0 / np.maximum(radius, 0.1), 170.0 / (1.0 + radius**2))
        return wanted_mm / mm_per_unit

    return size


class _Half:
    """The left half while it grows: the fill first, then the rings of eye and mouth."""

    def __init__(self, flat: Array, position: Array, triangles: Ints) -> None:
        self.flat, self.position, self.triangles = flat, position, triangles
        count = len(flat)
        self.lip_v = np.full(count, NOT_A_LIP)
        self.upper = np.zeros(count)
        self.lip_meets = np.full(count, -1)
        self.lid = np.full(count, NOT_A_LID)
        self.lid_turn = np.zeros(count)
        self.contact: list[tuple[int, int]] = []

    def _append(self, position: Array, flat: Array) -> int:
        first = len(self.position)
        count = len(position)
        self.position = np.concatenate([self.position, position])
        self.flat = np.concatenate([self.flat, flat])
        for name, value in (("lip_v", NOT_A_LIP), ("upper", 0.0), ("lid", NOT_A_LID), ("lid_turn", 0.0)):
            setattr(self, name, np.concatenate([getattr(self, name), np.full(count, value)]))
        self.lip_meets = np.concatenate([self.lip_meets, np.full(count, -1)])
        return first

    def add_lids(self, rings: lids.LidRings) -> None:
        columns = len(rings.angle)
        index = np.arange(columns)[None]
        rim = self.flat[:columns]
        middle = rim.mean(0)
        for k in range(1, len(rings.spread)):
            flat = middle + (rim - middle) * (1.0 - 0.94 * k / (len(rings.spread) - 1))
            first = self._append(rings.position[k], flat)
            index = np.concatenate([index, first + np.arange(columns)[None]])
        self.triangles = np.concatenate([self.triangles, _strips(index, closed=True)])
        behind = np.maximum(np.arange(len(rings.spread)) - len(lids.SKIN_RINGS) + 1, 0)
        self.lid[index] = np.where(behind > 0, -behind / 4.0, rings.spread)[:, None]
        self.lid_turn[index] = rings.angle[None]

    def add_lips(self, rings: lips.LipRings, start: int) -> None:
        columns = len(rings.turn)
        rim = self.flat[start : start + columns]
        middle = np.array([0.0, 0.5 * (rim[0, 1] + rim[-1, 1])])
        index = start + np.arange(columns)[None]
        for k in range(1, len(rings.v)):
            flat = middle + (rim - middle) * (1.0 - 0.94 * k / (len(rings.v) - 1))
            first = self._append(rings.position[k], flat)
            index = np.concatenate([index, first + np.arange(columns)[None]])
        self.triangles = np.concatenate([self.triangles, _strips(index, closed=False), self._throat(index[-1])])
        self.lip_v[index] = rings.v[:, None]
        self.upper[index] = rings.upper[None]
        meet = int(np.flatnonzero(rings.v == 1.0)[0])
        self.lip_meets[index] = index[meet][None]
        self.contact = [(int(a), int(b)) for a, b in zip(index[meet], index[meet][::-1], strict=True)][: lips.QUARTER]

    def _throat(self, last: Ints) -> Ints:
        """Closes the bag's end with a fan to a point on the midline."""
        centre = self.position[[last[0], last[-1]]].mean(0)[None]
        first = self._append(centre, self.flat[[last[0], last[-1]]].mean(0)[None])
        self.lip_v[first] = 3.0
        self.lip_meets[first] = -1
        return np.array([[last[i], first, last[i + 1]] for i in range(len(last) - 1)])

    def _face_up(self) -> None:
        """All triangles turned the same way: seen from outside the head, counter-clockwise."""
        a, b, c = (self.flat[self.triangles[:, i]] for i in range(3))
        area = (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0])
        self.triangles[area > 0] = self.triangles[area > 0][:, ::-1]

    def both_sides(self) -> Skin:
        on_axis = self.flat[:, 0] <= 1e-9
        self._face_up()
        self.position[on_axis, 0] = 0.0
        count = len(self.position)
        other = np.arange(count)
        other[~on_axis] = count + np.arange((~on_axis).sum())
        flip = np.array([-1.0, 1.0, 1.0])
        off = ~on_axis
        position = np.concatenate([self.position, self.position[off] * flip])
        mirror = np.concatenate([other, np.flatnonzero(off)])
        self._face_up()
        triangles = np.concatenate([self.triangles, other[self.triangles][:, ::-1]])
        contact = np.array(self.contact)
        half_uv = _texture_place(self.flat)
        uv = np.concatenate([half_uv, np.stack([1.0 - half_uv[off, 0], half_uv[off, 1]], -1)])
        twice = {
            name: np.concatenate([getattr(self, name), getattr(self, name)[off]])
            for name in ("lip_v", "upper", "lid", "lid_turn")
        }
        meets = np.where(self.lip_meets >= 0, other[self.lip_meets], -1)[off]
        return Skin(
            position=position,
            triangles=triangles,
            uv=uv,
            mirror=mirror,
            lip_meets=np.concatenate([self.lip_meets, meets]),
            contact=np.concatenate([contact, other[contact[1:]]]),
            **twice,
        )


def _strips(index: Ints, closed: bool) -> Ints:
    """Two triangles for each cell between neighbouring rings [R, C]."""
    a, b = index[:-1], index[1:]
    a2, b2 = np.roll(a, -1, 1), np.roll(b, -1, 1)
    if not closed:
        a, b, a2, b2 = a[:, :-1], b[:, :-1], a2[:, :-1], b2[:, :-1]
    cells = [np.stack([a, b, b2], -1), np.stack([a, b2, a2], -1)]
    return np.concatenate([c.reshape(-1, 3) for c in cells])


def _texture_place(flat: Array) -> Array:
    """Texture coordinates: the face in the middle of the picture, the back of the head, under the hair, at its rim."""
    d = domain.direction(flat)
    forward = unit(np.array([0.0, -0.42, 1.0]))
    up = unit(np.array([0.0, 1.0, 0.42]))
    angle = np.arccos(np.clip(d @ forward, -1.0, 1.0))
    across = np.stack([d[:, 0], d @ up], -1)
    across = across / np.maximum(length(across), 1e-9)[:, None]
    reach = 0.49 * np.sin(0.5 * angle) ** 0.8
    return np.stack([0.5 + across[:, 0] * reach, 0.5 - across[:, 1] * reach], -1)
