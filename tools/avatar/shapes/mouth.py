"""The lips and the muscles that draw on them."""

from __future__ import annotations

import numpy as np

from tools.avatar.fields import bell, bump, ramp
from tools.avatar.sdf import Array
from tools.avatar.shapes.flesh import Flesh


def shapes(flesh: Flesh) -> dict[str, Array]:
    out = {
        "mouthFunnel": funnel(flesh),
        "mouthPucker": pucker(flesh),
        "mouthRollLower": roll(flesh, -1.0),
        "mouthRollUpper": roll(flesh, 1.0),
        "mouthShrugLower": shrug_lower(flesh),
        "mouthShrugUpper": shrug_upper(flesh),
    }
    one_sided = {
        "mouth": aside(flesh),
        "mouthSmile": smile(flesh),
        "mouthFrown": frown(flesh),
        "mouthDimple": dimple(flesh),
        "mouthStretch": stretch(flesh),
        "mouthPress": press(flesh),
        "mouthLowerDown": lower_down(flesh),
        "mouthUpperUp": upper_up(flesh),
    }
    for name, delta in one_sided.items():
        out[f"{name}Left"], out[f"{name}Right"] = delta, flesh.mirrored(delta)
    return {name: flesh.settle(delta) for name, delta in out.items()}


def _corner(
    flesh: Flesh, by: tuple[float, float, float], reach: tuple[float, float, float] = (14.0, 13.0, 22.0)
) -> Array:
    """The left corner drawn somewhere; the lip follows less and less towards the middle."""
    x = flesh.p[:, 0]
    along = np.clip((x + 4.0) / (flesh.corner[0] + 4.0), 0.0, 1.0) ** 1.9 * flesh.near_lips(9.0)
    along *= x < flesh.corner[0] + 1e-6
    weight = np.maximum(bump(flesh.p, flesh.corner, reach) * ramp(-4.0, 14.0, x), 0.95 * along)
    return (weight * flesh.off_lids)[:, None] * np.asarray(by)


def _wrap(flesh: Flesh, delta: Array, backwards: float = 0.5) -> Array:
    """Sideways movement turned about the teeth: what goes out also goes back along the round of the jaw."""
    bend = np.clip(flesh.p[:, 0] / 45.0, -1.0, 1.0)
    out = delta.copy()
    out[:, 2] -= backwards * bend * delta[:, 0]
    return out


def smile(flesh: Flesh) -> Array:
    left = flesh.left
    m = flesh.who.mouth
    delta = _corner(flesh, (7.8, 6.6, -5.6))
    delta += flesh.pull(flesh.at(36.0, -33.0), (17.0, 15.0, 22.0), (1.6, 4.6, 2.6), left)
    delta += flesh.pull(flesh.at(0.9 * m.half_width, m.y + 16.0), (9.0, 12.0, 20.0), (2.4, 3.0, -0.6), left)
    delta += flesh.pull(flesh.at(30.0, m.y + 4.0), (7.0, 10.0, 20.0), (2.2, 2.0, 0.8), left)
    delta += flesh.pull(flesh.at(0.0, m.y + 4.0), (16.0, 7.0, 20.0), (0.3, 1.6, -0.5), left * flesh.upper)
    delta += flesh.pull(flesh.at(0.0, m.y - 5.0), (16.0, 7.0, 20.0), (0.3, 1.5, -0.9), left * flesh.lower)
    delta += _fold(flesh, 1.15)[:, None] * np.array([0.25, 0.1, -1.0])
    return delta + flesh.move_lids(0.0, 3.5)


def _fold(flesh: Flesh, depth_mm: float) -> Array:
    """The furrow from the wing of the nose past the corner of the mouth, left side."""
    m, n = flesh.who.mouth, flesh.who.nose
    top, bottom = np.array([0.5 * n.wing_width + 4.0, -n.length + 2.0]), np.array([m.half_width + 8.5, m.y - 3.0])
    along = np.clip(((flesh.p[:, :2] - top) @ (bottom - top)) / ((bottom - top) @ (bottom - top)), 0.0, 1.0)
    bow = 2.5 * np.sin(np.pi * along)
    off = flesh.p[:, :2] - (top + along[:, None] * (bottom - top)) - bow[:, None] * np.array([0.8, 0.6])
    gap = np.sqrt((off * off).sum(1))
    taper = ramp(0.0, 0.25, along) * ramp(1.0, 0.75, along)
    out: Array = depth_mm * bell(gap, 0.0, 4.2) * taper * (flesh.p[:, 2] > -5.0) * (flesh.p[:, 0] > 0)
    return out * (flesh.skin.lip_v <= 0)


def frown(flesh: Flesh) -> Array:
    m = flesh.who.mouth
    delta = _corner(flesh, (1.0, -7.8, -2.2))
    delta += flesh.pull(flesh.at(m.half_width + 4.0, m.y - 14.0), (12.0, 11.0, 20.0), (0.8, -3.2, -0.4), flesh.left)
    return delta + flesh.pull(flesh.at(0.0, m.y - 18.0), (12.0, 7.0, 20.0), (0.0, 1.2, 0.9), flesh.left)


def dimple(flesh: Flesh) -> Array:
    m = flesh.who.mouth
    delta = _corner(flesh, (4.6, 1.0, -4.6), (11.0, 10.0, 20.0))
    return delta + flesh.pull(flesh.at(m.half_width + 8.0, m.y + 1.0), (5.0, 6.0, 20.0), (0.6, 0.2, -2.2), flesh.left)


def stretch(flesh: Flesh) -> Array:
    m = flesh.who.mouth
    delta = _wrap(flesh, _corner(flesh, (7.6, -3.0, -2.4), (16.0, 13.0, 24.0)))
    delta += flesh.pull(flesh.at(m.half_width, m.y - 18.0), (14.0, 12.0, 24.0), (2.6, -2.6, -1.0), flesh.left)
    return delta + flesh.pull(flesh.at(4.0, m.y - 4.0), (14.0, 6.0, 20.0), (1.2, -1.0, -0.8), flesh.left * flesh.lower)


def press(flesh: Flesh) -> Array:
    """Lips pressed thin: the red turned in, the corner tight."""
    v = flesh.skin.lip_v
    red = ramp(-0.6, 0.5, v) * flesh.left * ramp(0.0, 0.5, flesh.split)
    delta = np.stack([0.0 * red, -flesh.part * 0.9 * red * (v < 0.95), -2.2 * red], -1)
    delta += flesh.pull(flesh.at(0.0, flesh.who.mouth.y - 14.0), (15.0, 8.0, 20.0), (0.0, 1.6, 1.2), flesh.left)
    return delta + _corner(flesh, (1.6, 0.4, -1.8), (9.0, 9.0, 18.0))


def lower_down(flesh: Flesh) -> Array:
    m = flesh.who.mouth
    drop = flesh.near_lips(10.0) * flesh.lower * (flesh.part < 0) * flesh.split**0.6 * flesh.left_lips
    delta = drop[:, None] * np.array([0.7, -6.4, 0.4])
    return delta + flesh.pull(flesh.at(10.0, m.y - 15.0), (13.0, 9.0, 20.0), (0.4, -1.6, 0.8), flesh.left * flesh.lower)


def upper_up(flesh: Flesh) -> Array:
    m, n = flesh.who.mouth, flesh.who.nose
    rise = flesh.near_lips(8.0) * flesh.upper * (flesh.part > 0) * flesh.split**0.6 * flesh.left_lips
    delta = rise[:, None] * np.array([0.4, 5.2, 0.8])
    delta += flesh.pull(flesh.at(20.0, m.y + 15.0), (11.0, 12.0, 20.0), (0.8, 3.4, 0.9), flesh.left * flesh.upper)
    delta += flesh.pull(flesh.at(0.5 * n.wing_width, -n.length), (7.0, 8.0, 16.0), (0.5, 1.4, 0.0), flesh.left)
    return delta + _fold(flesh, 0.8)[:, None] * np.array([0.2, 0.1, -1.0])


def aside(flesh: Flesh) -> Array:
    """The whole mouth drawn to the left."""
    weight = flesh.near_lips(17.0) * flesh.off_lids
    delta = weight[:, None] * np.array([8.6, 0.3, 0.0])
    delta = _wrap(flesh, delta, 0.62)
    delta[:, 2] += 2.0 * weight * ramp(6.0, -flesh.corner[0], flesh.p[:, 0])
    return delta + flesh.pull(flesh.at(33.0, flesh.who.mouth.y + 3.0), (9.0, 13.0, 20.0), (1.0, 1.2, 2.0))


def pucker(flesh: Flesh) -> Array:
    """A kiss: corners to the middle, both lips forward and fuller, still shut."""
    x = flesh.p[:, 0]
    u = np.clip(np.abs(x) / flesh.who.mouth.half_width, 0.0, 1.4)
    weight = flesh.near_lips(13.0) * flesh.off_lids
    v = np.clip(flesh.skin.lip_v, 0.0, 1.0) * (flesh.skin.lip_v > -1.0)
    thicker = flesh.part * 2.2 * bell(v, 0.25, 0.5) * flesh.split * (flesh.skin.lip_v >= -0.4)
    narrow = -0.44 * x * weight * ramp(0.0, 0.2, np.abs(x) / 10.0 + 0.2)
    forward = weight * (8.2 - 1.6 * u * u)
    flare = 1.2 * bell(v, 0.75, 0.35) * (flesh.skin.lip_v > 0)
    return np.stack([narrow, weight * thicker + 0.4 * weight, forward + flare * flesh.split], -1)


def funnel(flesh: Flesh) -> Array:
    """The mouth of "sh" and "o": lips forward, apart and turned outwards like a trumpet."""
    x = flesh.p[:, 0]
    weight = flesh.near_lips(12.0) * flesh.off_lids
    u = np.clip(np.abs(x) / flesh.who.mouth.half_width, 0.0, 1.4)
    ring = np.clip(1.0 - u**2.4, 0.0, 1.0) ** 0.75
    part = flesh.part * ring * np.where(flesh.part > 0, 3.6, 5.4) * flesh.near_lips(9.0) - 1.8 * u * u * weight
    v = np.clip(flesh.skin.lip_v, 0.0, 1.0) * (flesh.skin.lip_v > -1.0)
    flare = 2.0 * v * (flesh.skin.lip_v > 0) * flesh.split
    narrow = -0.36 * x * weight
    return np.stack([narrow, part, weight * (7.0 - 1.5 * u * u) + flare], -1)


def roll(flesh: Flesh, side: float) -> Array:
    """One lip rolled in over the teeth: its red disappears, the skin beside it is drawn after."""
    v = flesh.skin.lip_v
    mine = (flesh.part == side) * ramp(0.0, 0.7, flesh.split)
    inward = ramp(-0.9, 0.75, v) * mine
    around = flesh.near_lips(8.0) * ramp(0.5, -0.5, v) * mine
    m = flesh.who.mouth
    depth, turned = (4.6, 0.35 * m.lower_height) if side < 0 else (4.0, 0.38 * m.upper_height)
    rise = (-side) * (turned * bell(v, 0.1, 0.5) * mine * (v > -1.0) + 1.4 * around)
    return np.stack([np.zeros_like(v), rise, -depth * inward - 0.8 * around], -1)


def shrug_lower(flesh: Flesh) -> Array:
    """Chin and lower lip pushed up; the upper lip is carried along where they meet."""
    h = flesh.who.head
    low = flesh.near_lips(11.0) * (flesh.part < 0) * (0.35 + 0.65 * flesh.split)
    high = flesh.near_lips(6.0) * (flesh.part >= 0) * (0.35 + 0.65 * flesh.split)
    delta = low[:, None] * np.array([0.0, 3.6, 1.6]) + high[:, None] * np.array([0.0, 3.6, 1.0])
    return delta + flesh.pull(
        (0, h.chin_y + 15.0, h.chin_z),
        (16.0, 14.0, 20.0),
        (0.0, 4.4, 1.2),
        flesh.lower * ramp(0.1, -0.9, flesh.skin.lip_v),
    )


def shrug_upper(flesh: Flesh) -> Array:
    """The upper lip pushed up and out, the lower following it."""
    high = flesh.near_lips(8.0) * (flesh.part >= 0) * (0.3 + 0.7 * flesh.split)
    low = flesh.near_lips(6.0) * (flesh.part < 0) * (0.3 + 0.7 * flesh.split)
    return high[:, None] * np.array([0.0, 3.4, 2.4]) + low[:, None] * np.array([0.0, 2.6, 0.8])
