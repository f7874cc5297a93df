"""Hair: combed close to the skull (combed.py), with locks laid over it where a style asks for them.

A style is an envelope (the solid where the hair ends outwards), a hairline, a way to comb and rows of locks: tapering
tubes that follow the envelope. A row names where its roots and tips begin and end, in head millimetres; its locks lie
evenly between.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tools.avatar import combed, tubes
from tools.avatar.combed import Comb, Scalp
from tools.avatar.fields import mix, ramp
from tools.avatar.parameters import Character, rgb
from tools.avatar.part import Part, merged
from tools.avatar.sdf import Array, Solid, cast, cone, ellipsoid, gradient, join, mirrored, unit
from tools.avatar.skin import smooth_normals
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
    line: float
    """Height of the hairline in the middle of the forehead, millimetres."""
    hem: float
    """Height of the lower edge beside the ears."""
    nape: float
    """How much lower that edge lies for each millimetre further back."""
    comb: Comb
    rows: Sequence[Row] = ()
    """Locks that lie over the combed hair."""
    sink: float = 0.0
    """How deep under the envelope their roots lie, millimetres."""
    extra: Callable[[Character, np.random.Generator], list[Part]] | None = None
    """What stands off the head: a bun."""


def build(who: Character, skull: Solid) -> Part:
    """The hair of the character's style."""
    style = STYLES[who.hair.style]

    def envelope(p: Array) -> Array:
        return style.envelope(who, p)

    def grows(p: Array) -> Array:
        return hairline(style, p)

    rng = np.random.default_rng(who.seed + 5)
    scalp = Scalp(CENTRE, skull, envelope, grows)
    parts = [combed.cap(style.comb, scalp, rng)]
    for row in style.rows:
        parts += [_lock(envelope, row, k, style.sink, rng) for k in range(row.count)]
    if style.extra:
        parts += style.extra(who, rng)
    return merged("Hair", "Hair", parts)


def hairline(style: Style, p: Array) -> Array:
    """Millimetres inside the hair, negative outside: around the face, over the ears, at the nape."""
    q = mirrored(p)
    face = ellipsoid(q, (0, style.line - 82.0, 20.0), (72.0, 84.0, 66.0))
    over_ear = q[..., 1] - style.hem - style.nape * (q[..., 2] + 62.0) * (q[..., 2] < -62.0)
    sideburn = ellipsoid(q, (70.0, style.hem - 14.0, -36.0), (30.0, 24.0, 10.0))
    out: Array = np.minimum(face, np.maximum(over_ear, -sideburn))
    return out


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
    off = row.lift * np.sin(np.pi * np.clip(along * 1.1, 0, 1)) + 0.9 * (k % 2) + rng.uniform(-0.4, 0.4)
    off = off + row.flick * ramp(0.65, 1.0, along) - sink * ramp(0.22, 0.0, along)
    # The first of a row is tucked under the hair behind it, so that no edge stands up there.
    off = off - 0.55 * row.thick * (k == 0)
    curve = curve + off[:, None] * up
    body = np.interp(along, (0.0, 0.12, 0.45, 0.75, 1.0), (0.7, 0.88, 1.0, 0.78, 0.06 + 0.3 * (1.0 - row.taper)))
    full = np.interp(along, (0.0, 0.1, 0.3, 0.75, 1.0), (0.08, 0.4, 1.0, 0.82, 0.3))
    size = rng.uniform(0.88, 1.12)
    place, triangles, uv = tubes.sweep(curve, up, 0.5 * row.width * size * body, 0.5 * row.thick * size * full, AROUND)
    uv = uv * np.array([0.3, 1.0]) + np.array([rng.uniform(0.0, 0.7), 0.0])
    # Shaded half as the head beneath: light would else catch on each lock's edge.
    lie = np.repeat(up, len(place) // STEPS, 0)
    normal = unit(mix(smooth_normals(place, triangles), lie, np.asarray(0.55)))
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


_BOB_COMB = Comb((15.0, 118.0, -34.0), locks=42, depth=3.2, wave=0.35, edge=12.0, fade=14.0, hangs=True, ragged=2.0)
_BOB_LOCKS = (
    # The fringe: swept across the forehead from the parting.
    Row(
        count=6,
        roots=((21, 114, -14), (22, 103, 16)),
        via=((-44, 116, 16), (0, 92, 46)),
        tips=((-74, 16, 10), (-30, 46, 42)),
        width=27,
        thick=9,
        lift=4.5,
        flick=1.0,
    ),
    # The shorter way, to the left temple.
    Row(
        count=5,
        roots=((19, 114, -22), (20, 102, 17)),
        via=((62, 96, -2), (40, 90, 38)),
        tips=((78, 0, -4), (58, 36, 26)),
        width=28,
        thick=4,
        lift=0.2,
    ),
)


def _short_envelope(who: Character, p: Array) -> Array:
    """Close at the sides, full on top, a little forward."""
    q = mirrored(p)
    top = ellipsoid(q, (0, 92.0, -30.0), (60.0, 38.0, 66.0))
    return join(_over_skull(who, q, 5.5), top, 26.0)


_SHORT_COMB = Comb((8.0, 112.0, -96.0), locks=34, depth=4.0, wave=0.5, swirl_rad=0.45, edge=12.0, fade=60.0, ragged=3.0)


def _bun_envelope(who: Character, p: Array) -> Array:
    return _over_skull(who, mirrored(p), 4.5)


BUN = np.array([0.0, 128.0, -104.0])
_BUN_COMB = Comb((0.0, 112.0, -98.0), locks=34, depth=3.0, wave=0.15, edge=8.0, fade=14.0)


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
    "bob": Style(_bob_envelope, line=80.0, hem=-86.0, nape=0.0, comb=_BOB_COMB, rows=_BOB_LOCKS, sink=2.0),
    "short": Style(_short_envelope, line=72.0, hem=24.0, nape=0.9, comb=_SHORT_COMB),
    "bun": Style(_bun_envelope, line=70.0, hem=24.0, nape=0.9, comb=_BUN_COMB, extra=_bun),
}
