"""Hair combed close to the head: one skin of locks that run from the hairline to a pole, or from a whorl to the edges.

The hair is laid out by the meridians of a globe whose pole is the knot or the whorl: columns of vertices run along the
locks, so furrows between locks stay sharp with few triangles, and the texture's strands follow the comb.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tools.avatar.fields import mix, ramp
from tools.avatar.part import Part
from tools.avatar.sdf import Array, Solid, cast, length, unit
from tools.avatar.triangulate import Ints

# Columns of vertices across a lock, and rows along it.
ACROSS, ALONG = 5, 22
# Rows stand closer together towards the edge, where the hair curves down to the skin.
CROWDED = 0.72
# Where the rows begin: a hair's breadth off the pole, where every column would be one point without a normal.
WHORL = 0.004
# How far the skin is from the middle of the head, to turn lengths into angles; about how many locks one picture covers.
HEAD_MM, LOCKS_A_PICTURE = 90.0, 24.0
# The widest a meridian can reach from the pole before it would close under the head.
FARTHEST_RAD = np.radians(165.0)


@dataclass(frozen=True)
class Comb:
    """How one head of hair is combed; lengths in millimetres."""

    pole: tuple[float, float, float]
    """The knot or whorl, in head space."""
    locks: int
    depth: float
    """Of the furrows between locks, at their widest."""
    wave: float
    """How far locks wander sideways, as a share of a lock's width."""
    swirl_rad: float = 0.0
    """How far they turn about the pole on their way."""
    edge: float = 9.0
    """Over what length at the forehead the hair grows from nothing to its full thickness."""
    fade: float = 9.0
    """The same at the sides and the nape, where short hair is cut closer."""
    hangs: bool = False
    """Whether the hair ends in the air: its edge is then sought on the envelope, not on the skin."""
    ragged: float = 0.0
    """How far the middle of a lock stands over the hairline."""


@dataclass(frozen=True)
class Scalp:
    """Where hair can be: seen from `centre`, between `skin` and `envelope`, where `grows` is positive."""

    centre: Array
    skin: Solid
    envelope: Solid
    grows: Solid


def cap(comb: Comb, scalp: Scalp, rng: np.random.Generator) -> Part:
    """The hair as one sheet."""
    centre = scalp.centre
    turn, swell = _columns(comb, rng)
    reach = _reach(comb, scalp, turn)
    share = 1.0 - (1.0 - np.linspace(WHORL, 1.0, ALONG)) ** (1.0 / CROWDED)
    sideways = _wander(comb, share, rng)
    polar = share[:, None] * (reach + comb.ragged * swell / HEAD_MM)
    way = _meridian(comb, centre, polar, turn + sideways + comb.swirl_rad * share[:, None])
    low, high = _on(scalp.skin, centre, way), _on(scalp.envelope, centre, way)
    from_edge = (1.0 - share)[:, None] * reach * length(high - centre)
    edge = mix(comb.fade, comb.edge, ramp(0.3, 0.85, np.cos(turn)))
    risen = np.sqrt(np.clip(1.0 - (1.0 - np.clip(from_edge / edge, 0.0, 1.0)) ** 2, 0.0, 1.0))
    spread = np.sin(np.clip(polar, 0.0, 0.5 * np.pi)) * ramp(0.0, 0.25, share)[:, None]
    furrow = comb.depth * (1.0 - swell) * spread * mix(0.45, 1.0, risen)
    place = mix(low - 1.5 * way, high, risen[..., None]) - furrow[..., None] * way
    uv = np.stack(np.broadcast_arrays(turn * comb.locks / LOCKS_A_PICTURE, share[:, None]), -1)
    return Part("Hair", "Hair", place.reshape(-1, 3), _sheet(*place.shape[:2]), uv.reshape(-1, 2))


def _columns(comb: Comb, rng: np.random.Generator) -> tuple[Array, Array]:
    """The angle about the pole of each column [C], and how full its lock is there: 0 in a furrow, 1 in the middle."""
    edges = np.cumsum(rng.uniform(0.7, 1.3, comb.locks))
    edges = np.concatenate([[0.0], edges]) / edges[-1]
    across = np.arange(ACROSS) / ACROSS
    turn = (edges[:-1, None] + np.diff(edges)[:, None] * across).reshape(-1)
    swell = np.tile(1.0 - np.abs(2.0 * across - 1.0) ** 1.6, comb.locks)
    full = np.repeat(rng.uniform(0.75, 1.0, comb.locks), ACROSS)
    closed = np.concatenate([turn, [1.0]]), np.concatenate([swell * full, swell[:1] * full[:1]])
    return 2.0 * np.pi * closed[0], closed[1]


def _wander(comb: Comb, share: Array, rng: np.random.Generator) -> Array:
    """Sideways angle [R, 1] of all locks along their way: a slow wave, the same for neighbours so that none cross."""
    lag = rng.uniform(0.0, 2.0 * np.pi)
    width = 2.0 * np.pi / comb.locks
    return (comb.wave * width * np.sin(2.2 * np.pi * share + lag) * ramp(0.0, 0.3, share))[:, None]


def _meridian(comb: Comb, centre: Array, polar: Array, turn: Array) -> Array:
    """Unit directions from the centre at angles from the pole and about it; turn 0 is the front."""
    up = unit(np.asarray(comb.pole) - centre)
    side = unit(np.cross(up, [0.0, 0.0, 1.0]))
    front = np.cross(side, up)
    out: Array = np.cos(polar)[..., None] * up + np.sin(polar)[..., None] * (
        np.cos(turn)[..., None] * front + np.sin(turn)[..., None] * side
    )
    return out


def _reach(comb: Comb, scalp: Scalp, turn: Array) -> Array:
    """How far from the pole, radians, the hair reaches along each meridian [C]; evened out between neighbours."""
    polar = np.linspace(0.0, FARTHEST_RAD, 160)[:, None]
    way = _meridian(comb, scalp.centre, polar, turn + comb.swirl_rad)
    bare = scalp.grows(_on(scalp.envelope if comb.hangs else scalp.skin, scalp.centre, way)) < 0.0
    first = np.where(bare.any(0), bare.argmax(0), len(polar) - 1)
    reach = polar[first, 0]
    loop = reach[:-1]
    for _ in range(4 * ACROSS):
        loop = 0.25 * np.roll(loop, 1) + 0.5 * loop + 0.25 * np.roll(loop, -1)
    return np.append(loop, loop[0])


def _on(solid: Solid, centre: Array, way: Array) -> Array:
    return cast(solid, np.broadcast_to(centre, way.shape), way, 20.0, 240.0)


def _sheet(rows: int, columns: int) -> Ints:
    index = np.arange(rows * columns).reshape(rows, columns)
    a, b, c, d = index[:-1, :-1], index[:-1, 1:], index[1:, 1:], index[1:, :-1]
    return np.concatenate([np.stack(t, -1).reshape(-1, 3) for t in ((a, c, b), (a, d, c))])
