"""Eyeballs: white, iris set in behind the cornea, pupil; the clear cornea over them; the catch-light in front."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tools.avatar.fields import bell, mix, ramp
from tools.avatar.parameters import Character, rgb
from tools.avatar.part import Part, merged
from tools.avatar.sdf import Array
from tools.avatar.triangulate import Ints

AROUND = 36
IRIS_DEPTH_MM = 1.5
PUPIL_SHARE = 0.42
CORNEA_RISE_MM = 0.55
TEXTURE = 512
# Catch-lights stand this far off the eyeball: less than any lid on its way over it.
HIGHLIGHT_MM = 0.3
# Where the picture's radius (0 centre .. 1 edge) has the rims of pupil and iris.
PUPIL_AT, IRIS_AT = 0.2, 0.48


def limbus_rad(who: Character) -> float:
    """Angle between the eye's axis and the rim of the iris."""
    return float(np.arcsin(who.eyes.iris_radius / who.eyes.radius))


def eyeballs(who: Character) -> Part:
    """Both eyeballs, each on its own bone."""
    left = _ball(who)
    return merged("Eyes", "Eye", [_placed(left, who, 1.0), _placed(left, who, -1.0)])


def corneas(who: Character) -> Part:
    """The clear domes: they catch the light of the stage."""
    e = who.eyes
    rim = limbus_rad(who) * 1.12
    angle = rim * np.linspace(0.02, 1.0, 8)
    rise = CORNEA_RISE_MM * ramp(1.0, 0.0, angle / rim)
    profile = np.stack([(e.radius + 0.12 + rise) * np.sin(angle), (e.radius + 0.12 + rise) * np.cos(angle)], -1)
    dome = _turned("Corneas", "Cornea", profile, np.linspace(0.0, 0.4, 8))
    return merged("Corneas", "Cornea", [_placed(dome, who, 1.0), _placed(dome, who, -1.0)])


def highlights(who: Character) -> Part:
    """Two catch-lights an eye, on the same side of both eyes as one window would set them."""
    spots = []
    size = 0.105 * who.eyes.iris_radius / 8.0
    for s in (1.0, -1.0):
        for turn, rise, radius in ((0.17, 0.21, 1.15), (-0.16, -0.2, 0.5)):
            spots.append(_spot(who, s, (turn, rise), size * radius))
    return merged("EyeHighlights", "Highlight", spots)


def _spot(who: Character, side: float, at: tuple[float, float], size: float) -> Part:
    """A round spot at an azimuth and elevation, of an angular radius (radians)."""
    (turn, rise), bone = at, "leftEye" if side > 0 else "rightEye"
    count = 14
    around = 2.0 * np.pi * np.arange(count) / count
    az = turn + size * np.concatenate([[0.0], np.cos(around)])
    el = rise + 1.12 * size * np.concatenate([[0.0], np.sin(around)])
    way = np.stack([np.sin(az) * np.cos(el), np.sin(el), np.cos(az) * np.cos(el)], -1)
    centre = np.array([side * who.eyes.spread, 0.0, 0.0])
    ring = np.arange(count)
    triangles = np.stack([np.zeros(count, np.int64), 1 + ring, 1 + (ring + 1) % count], -1)
    place = centre + way * (who.eyes.radius + HIGHLIGHT_MM)
    return Part("EyeHighlights", "Highlight", place, triangles, np.full((count + 1, 2), 0.5), way, (bone,))


def _ball(who: Character) -> Part:
    e = who.eyes
    rim = limbus_rad(who)
    back = np.linspace(0.93 * np.pi, rim, 11) if rim else np.zeros(0)
    white = np.stack([e.radius * np.sin(back), e.radius * np.cos(back)], -1)
    share = np.array([0.965, 0.9, 0.75, 0.58, PUPIL_SHARE, PUPIL_SHARE - 0.02, 0.2, 0.01])
    sunk = IRIS_DEPTH_MM * np.array([0.45, 0.75, 0.95, 1.05, 1.1, 1.35, 1.5, 1.5])
    iris = np.stack([e.iris_radius * share, e.radius * np.cos(rim) - sunk], -1)
    picture = np.concatenate(
        [
            IRIS_AT + (1.0 - IRIS_AT) * (back - rim) / (np.pi - rim),
            np.interp(share, (0.0, PUPIL_SHARE - 0.02, PUPIL_SHARE, 1.0), (0.0, PUPIL_AT - 0.02, PUPIL_AT, IRIS_AT)),
        ]
    )
    return _turned("Eyes", "Eye", np.concatenate([white, iris])[::-1], picture[::-1])


def _turned(name: str, material: str, profile: Array, picture: Array) -> Part:
    """A surface of revolution about z from (radius, z) rows that begin at the axis in front."""
    turn = 2.0 * np.pi * np.arange(AROUND) / AROUND
    ring = np.stack([np.cos(turn), np.sin(turn)], -1)
    place = np.concatenate(
        [profile[:, None, :1] * ring, np.broadcast_to(profile[:, None, 1:], (len(profile), AROUND, 1))], -1
    )
    uv = 0.5 + 0.49 * picture[:, None, None] * ring * np.array([1.0, -1.0])
    return Part(name, material, place.reshape(-1, 3), _rings(len(profile)), uv.reshape(-1, 2))


def _rings(rows: int) -> Ints:
    index = np.arange(rows * AROUND).reshape(rows, AROUND)
    a, b = index[:-1], index[1:]
    a2, b2 = np.roll(a, -1, 1), np.roll(b, -1, 1)
    return np.concatenate([np.stack(t, -1).reshape(-1, 3) for t in ((a, b, b2), (a, b2, a2))])


def _placed(part: Part, who: Character, side: float) -> Part:
    flip = np.array([side, 1.0, 1.0])
    triangles = part.triangles if side > 0 else part.triangles[:, ::-1]
    place = part.position * flip + np.array([side * who.eyes.spread, 0.0, 0.0])
    bone = "leftEye" if side > 0 else "rightEye"
    return Part(part.name, part.material, place, triangles, part.uv, part.normal * flip, (bone,))


def paint(who: Character) -> NDArray[np.uint8]:
    """The eye's picture: fibres in the iris, a dark rim, a lighter lower half, warmth in the corners of the white."""
    axis = (np.arange(TEXTURE) + 0.5) / TEXTURE * 2.0 - 1.0
    x, y = np.meshgrid(axis, axis)
    radius, turn = np.hypot(x, y) / 0.98, np.arctan2(y, x)
    inward = np.clip((radius - PUPIL_AT) / (IRIS_AT - PUPIL_AT), 0.0, 1.0)
    rng = np.random.default_rng(who.seed)
    fibres = sum(
        np.sin(k * turn + phase + 2.2 * inward * np.sin(3 * turn + phase)) / k**0.35
        for k, phase in zip((23, 37, 51, 67, 90), rng.uniform(0.0, 6.28, 5), strict=True)
    )
    iris, rim = np.array(rgb(who.eyes.iris)), np.array(rgb(who.eyes.iris_rim))
    light = (
        1.0
        + 0.12 * fibres * inward * (1.0 - inward) * 3.0
        + 0.38 * ramp(-0.1, 0.45, y)
        + 0.18 * bell(inward, 0.25, 0.2)
    )
    colour = np.clip(iris * light[..., None], 0, 1)
    colour = mix(
        colour, rim, (0.92 * ramp(0.66, 1.0, inward) + 0.55 * ramp(0.05, -0.42, y) * (inward < 1))[..., None].clip(0, 1)
    )
    white = mix(np.array([0.965, 0.955, 0.95]), np.array([0.93, 0.80, 0.77]), ramp(0.66, 0.95, radius)[..., None])
    colour = mix(colour, white, ramp(IRIS_AT - 0.012, IRIS_AT + 0.014, radius)[..., None])
    colour = mix(np.array([0.015, 0.013, 0.018]), colour, ramp(PUPIL_AT - 0.012, PUPIL_AT + 0.014, radius)[..., None])
    return (np.clip(colour, 0, 1) * 255 + 0.5).astype(np.uint8)


def turned_to(part: Part, who: Character, bone: str, yaw_rad: float, pitch_rad: float) -> Array:
    """Displacement of the vertices on one eye's bone when it looks aside: yaw + to the own left, pitch + down."""
    side = 1.0 if bone == "leftEye" else -1.0
    centre = np.array([side * who.eyes.spread, 0.0, 0.0])
    c, s = np.cos(yaw_rad), np.sin(yaw_rad)
    cp, sp = np.cos(pitch_rad), np.sin(pitch_rad)
    q = part.position - centre
    down = np.stack([q[:, 0], cp * q[:, 1] - sp * q[:, 2], sp * q[:, 1] + cp * q[:, 2]], -1)
    moved = np.stack([c * down[:, 0] + s * down[:, 2], down[:, 1], c * down[:, 2] - s * down[:, 0]], -1)
    mine = np.array([part.bones[j] == bone for j in part.joints[:, 0]])
    return np.where(mine[:, None], moved - q, 0.0)
