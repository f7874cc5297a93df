"""Hair: a cap over the skull and locks laid over it, each a tapering tube that follows the head from root to tip.

A style is an envelope (the solid the locks lie on) and rows of locks. A row names where its roots and tips begin and
end, in head millimetres; its locks lie evenly between.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tools.avatar import tubes
from tools.avatar.fields import mix, ramp
from tools.avatar.parameters import Character, rgb
from tools.avatar.part import Part, merged
from tools.avatar.sdf import Array, Solid, carve, cast, cone, ellipsoid, gradient, join, mirrored, unit
from tools.avatar.surface import nets

CENTRE = np.array([0.0, 18.0, -52.0])
STEPS, AROUND = 12, 6
Place = tuple[float, float, float]


@dataclass(frozen=True)
class Row:
    """`count` locks from roots to tips by way of `via`; sizes in millimetres; `lift` lets the middle stand off."""

    count: int
    roots: tuple[Place, Place]
    via: tuple[Place, Place]
    tips: tuple[Place, Place]
    width: float
    thick: float
    lift: float = 2.0
    flick: float = 0.0
    taper: float = 1.0


@dataclass(frozen=True)
class Style:
    envelope: Callable[[Character, Array], Array]
    rows: Sequence[Row]
    line: float
    """Height of the painted hairline in the middle of the forehead; the cap begins a finger behind it."""
    hem: float
    """Height of the cap's lower edge beside the ears, above the tips of the locks."""
    sink: float
    """How deep under the envelope the roots lie, millimetres."""
    nape: float = 0.0
    """How much lower that edge lies for each millimetre further back."""
    extra: Callable[[Character, np.random.Generator], list[Part]] | None = None
    """What stands off the head: a bun."""


def build(who: Character) -> Part:
    style = STYLES[who.hair.style]

    def envelope(p: Array) -> Array:
        return style.envelope(who, p)

    rng = np.random.default_rng(who.seed + 5)
    locks = [_cap(envelope, style)]
    for row in style.rows:
        for k in range(row.count):
            locks.append(_lock(envelope, row, k, style.sink, rng))
    if style.extra:
        locks += style.extra(who, rng)
    return merged("Hair", "Hair", locks)


def _lock(envelope: Solid, row: Row, k: int, sink: float, rng: np.random.Generator) -> Part:
    """The k-th lock of a row; its root lies `sink` millimetres under the envelope, where it grows out of the skin."""

    share = (k + 0.5) / row.count

    def between(pair: tuple[Place, Place]) -> Array:
        return mix(np.asarray(pair[0], dtype=float), np.asarray(pair[1], dtype=float), np.asarray(share))

    path = tubes.bezier(
        np.stack([between(row.roots), between(row.via), between(row.tips) + rng.normal(0, 2.0, 3)]), STEPS
    )
    way = unit(path - CENTRE)
    curve = cast(envelope, np.broadcast_to(CENTRE, way.shape), way, 20.0, 240.0)
    up = gradient(envelope, curve)
    along = np.linspace(0.0, 1.0, STEPS)
    off = row.lift * np.sin(np.pi * np.clip(along * 1.1, 0, 1)) + 1.6 * (k % 2) + rng.uniform(-0.6, 0.6)
    off = off + row.flick * ramp(0.65, 1.0, along) - sink * ramp(0.22, 0.0, along)
    curve = curve + off[:, None] * up
    body = np.interp(along, (0.0, 0.12, 0.45, 0.75, 1.0), (0.7, 0.88, 1.0, 0.78, 0.06 + 0.3 * (1.0 - row.taper)))
    full = np.interp(along, (0.0, 0.1, 0.3, 0.75, 1.0), (0.08, 0.4, 1.0, 0.82, 0.3))
    size = rng.uniform(0.88, 1.12)
    place, triangles, uv = tubes.sweep(curve, up, 0.5 * row.width * size * body, 0.5 * row.thick * size * full, AROUND)
    uv = uv * np.array([0.3, 1.0]) + np.array([rng.uniform(0.0, 0.7), 0.0])
    return Part("Hair", "Hair", place, triangles, uv)


def _cap(envelope: Solid, style: Style) -> Part:
    """A close layer under the locks: the envelope drawn in a little, cut free of face and throat."""

    def solid(p: Array) -> Array:
        d = envelope(p) + 3.0
        face = ellipsoid(p, (0, style.line - 76.0, 26.0), (64.0, 92.0, 62.0))
        throat = ellipsoid(p, (0, -120.0, -40.0), (60.0, 60.0, 62.0))
        d = np.maximum(d, style.hem + style.nape * (p[..., 2] + 62.0) - p[..., 1])
        return carve(carve(d, face, 10.0), throat, 10.0)

    place, triangles, normal = nets(solid, (-105, -150, -175), (105, 135, 60), 10.0)
    turn = np.arctan2(place[:, 0], -(place[:, 2] - CENTRE[2]))
    uv = np.stack([0.5 + turn / (2 * np.pi) * 3.0, 0.5 - 0.004 * place[:, 1]], -1)
    return Part("Hair", "Hair", place, triangles, uv, normal)


def paint(who: Character) -> NDArray[np.uint8]:
    """Fine strands along v, darker at the root and the tip, with a band of light."""
    high, wide = 256, 256
    v, u = np.meshgrid(np.linspace(0, 1, high), np.linspace(0, 1, wide, endpoint=False), indexing="ij")
    rng = np.random.default_rng(who.seed + 3)
    strands = sum(
        np.sin(2 * np.pi * (k * u + phase) + 1.5 * np.sin(2 * np.pi * (v * 1.0 + phase))) / np.sqrt(k)
        for k, phase in zip((9, 17, 31, 47), rng.uniform(0, 1, 4), strict=True)
    )
    dark, light = np.array(rgb(who.hair.colour)), np.array(rgb(who.hair.light))
    shine = 0.42 * np.exp(-(((v - 0.34) / 0.16) ** 2)) + 0.22 * ramp(0.5, 1.0, v)
    colour = mix(dark, light, np.clip(0.22 + shine + 0.14 * strands, 0, 1)[..., None])
    colour = colour * (0.78 + 0.22 * ramp(0.0, 0.2, v))[..., None]
    return (np.clip(colour, 0, 1) * 255 + 0.5).astype(np.uint8)


def _over_skull(who: Character, p: Array, grow: float) -> Array:
    """The cranium grown by the hair's thickness."""
    h = who.head
    depth = 0.5 * (h.forehead_z - 6.0 - h.skull_back)
    radii = (0.5 * h.skull_width + grow, h.skull_top - 38.0 + grow, depth + grow)
    crown = ellipsoid(p, (0, 38.0, h.forehead_z - 6.0 - depth), radii)
    brow = ellipsoid(p, (0, 40.0, h.forehead_z - 58.0), (66.0 + 0.5 * grow, 54.0 + grow, 58.0 + 0.75 * grow))
    return join(crown, brow, 20.0)


def _bob_envelope(who: Character, p: Array) -> Array:
    q = mirrored(p)
    d = _over_skull(who, q, 9.0)
    long = who.hair.length
    sides = cone(q, (58.0, 12.0, -48.0), (57.0, -62.0 * long, -40.0), 29.0, 25.0)
    back = ellipsoid(q, (0, -38.0 * long, -88.0), (78.0, 70.0, 58.0))
    return join(join(d, sides, 26.0), back, 26.0)


_BOB = (
    # Left side: from the parting over the ear to the jaw.
    Row(
        7,
        ((20, 112, 2), (14, 118, -70)),
        ((84, 78, 0), (92, 60, -80)),
        ((62, -80, 4), (84, -96, -78)),
        31,
        12,
        2.5,
        -5.0,
    ),
    # Right side, the longer way over the crown.
    Row(
        7,
        ((18, 113, 0), (10, 118, -70)),
        ((-80, 96, -4), (-92, 66, -80)),
        ((-62, -80, 4), (-84, -96, -78)),
        32,
        12,
        2.5,
        -5.0,
    ),
    # The back, from the crown to the nape.
    Row(
        10,
        ((16, 118, -72), (4, 118, -72)),
        ((62, 60, -160), (-62, 60, -160)),
        ((84, -96, -92), (-84, -96, -92)),
        34,
        12,
        2.0,
        -8.0,
    ),
    Row(
        6,
        ((12, 120, -66), (6, 120, -66)),
        ((40, 50, -170), (-40, 50, -170)),
        ((56, -92, -128), (-56, -92, -128)),
        38,
        12,
        2.5,
        -9.0,
    ),
    # The fringe: swept across the forehead from the parting.
    Row(
        6,
        ((21, 114, -14), (22, 103, 16)),
        ((-44, 116, 16), (0, 92, 46)),
        ((-74, 16, 10), (-30, 46, 42)),
        27,
        9,
        4.5,
        1.0,
    ),
    Row(4, ((19, 114, -10), (20, 102, 17)), ((56, 98, 14), (40, 90, 38)), ((75, 4, 4), (56, 40, 28)), 25, 9, 4.0, 1.0),
    # Locks before the ears frame the face.
    Row(
        2,
        ((30, 108, -8), (26, 106, 2)),
        ((86, 60, 10), (82, 62, 20)),
        ((67, -86, 10), (62, -70, 16)),
        27,
        11,
        3.5,
        -3.0,
    ),
    Row(
        2,
        ((-20, 108, -8), (-16, 106, 2)),
        ((-88, 64, 10), (-84, 66, 20)),
        ((-67, -86, 10), (-62, -70, 16)),
        27,
        11,
        3.5,
        -3.0,
    ),
)


def _short_envelope(who: Character, p: Array) -> Array:
    """Close at the sides, full on top, a little forward."""
    q = mirrored(p)
    top = ellipsoid(q, (0, 92.0, -30.0), (60.0, 38.0, 66.0))
    return join(_over_skull(who, q, 5.5), top, 26.0)


_SHORT = (
    # Sides: from the temples back over the ears, the lower layer first.
    *(
        Row(
            7,
            ((s * 65, 30, 0), (s * 72, 2, -92)),
            ((s * 82, 36, -40), (s * 84, 20, -112)),
            ((s * 74, 4, -78), (s * 66, -44, -116)),
            25,
            9,
            1.0,
            -1.0,
        )
        for s in (1, -1)
    ),
    *(
        Row(
            7,
            ((s * 59, 38, 12), (s * 44, 84, 10)),
            ((s * 82, 66, -30), (s * 72, 96, -90)),
            ((s * 80, 34, -104), (s * 56, 62, -140)),
            31,
            11,
            2.0,
        )
        for s in (1, -1)
    ),
    Row(
        9,
        ((40, 104, -92), (-40, 104, -92)),
        ((64, 44, -160), (-64, 44, -160)),
        ((64, -46, -112), (-64, -46, -112)),
        31,
        9,
        1.0,
        -2.0,
    ),
    # Top: from the forehead up and back.
    Row(
        9,
        ((50, 60, 8), (-44, 60, 10)),
        ((38, 124, 26), (-46, 124, 26)),
        ((30, 112, -100), (-44, 112, -96)),
        26,
        12,
        7.0,
    ),
    Row(
        5,
        ((34, 64, 14), (-32, 64, 14)),
        ((20, 134, 22), (-40, 134, 22)),
        ((16, 122, -70), (-36, 122, -66)),
        24,
        12,
        11.0,
    ),
)


def _bun_envelope(who: Character, p: Array) -> Array:
    return _over_skull(who, mirrored(p), 4.5)


BUN = np.array([0.0, 128.0, -104.0])
_BUN_ROWS = (
    # All the hairline drawn up and back to the knot.
    Row(9, ((54, 56, 8), (-54, 56, 8)), ((30, 112, 0), (-30, 112, 0)), ((12, 122, -84), (-12, 122, -84)), 25, 8, 1.0),
    *(
        Row(
            8,
            ((s * 60, 42, 2), (s * 70, -22, -98)),
            ((s * 78, 84, -30), (s * 82, 66, -112)),
            ((s * 12, 122, -86), (s * 14, 116, -120)),
            26,
            8,
            1.0,
        )
        for s in (1, -1)
    ),
    Row(
        8,
        ((58, -40, -108), (-58, -40, -108)),
        ((56, 62, -160), (-56, 62, -160)),
        ((14, 112, -124), (-14, 112, -124)),
        27,
        8,
        1.0,
    ),
)


def _bun(who: Character, rng: np.random.Generator) -> list[Part]:
    """The knot: locks wound about a ball, and the ball within."""
    size = 37.0 * who.hair.length
    parts = []
    for k in range(15):
        tilt, start = rng.uniform(-0.9, 0.9), 2.0 * np.pi * k / 15
        turn = start + np.linspace(0.0, 3.4, STEPS)
        axis = unit(np.array([np.sin(tilt) * np.cos(start), np.cos(tilt), np.sin(tilt) * np.sin(start)]))
        u = unit(np.cross(axis, [0.3, 0.1, 1.0]))
        v = np.cross(axis, u)
        high = rng.uniform(-0.55, 0.75)
        way = np.sqrt(1 - high**2) * (np.cos(turn)[:, None] * u + np.sin(turn)[:, None] * v) + high * axis
        body = np.sin(np.pi * np.linspace(0.06, 0.94, STEPS)) ** 0.6
        place, triangles, uv = tubes.sweep(
            BUN + way * size * rng.uniform(0.93, 1.04), way, 11.5 * body, 6.5 * body, AROUND
        )
        parts.append(
            Part("Hair", "Hair", place, triangles, uv * np.array([0.3, 1.0]) + np.array([rng.uniform(0, 0.7), 0.0]))
        )

    def ball(p: Array) -> Array:
        return ellipsoid(p, BUN, (size, size, size))

    place, triangles, normal = nets(ball, tuple(BUN - size - 12), tuple(BUN + size + 12), 13.0)
    return [*parts, Part("Hair", "Hair", place, triangles, np.full((len(place), 2), 0.4), normal)]


STYLES: dict[str, Style] = {
    "bob": Style(_bob_envelope, _BOB, 70.0, -78.0, 2.0),
    "short": Style(_short_envelope, _SHORT, 72.0, 24.0, 5.5, 0.9),
    "bun": Style(_bun_envelope, _BUN_ROWS, 70.0, 24.0, 4.5, 0.9, _bun),
}
