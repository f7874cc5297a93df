"""The skin's picture, painted from what the mesh knows about each place: lip, lid, cheek, scalp."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import LinearNDInterpolator
from scipy.ndimage import zoom

from tools.avatar.fields import bell, bump, mix, ramp
from tools.avatar.hair import STYLES, hairline
from tools.avatar.parameters import Character, rgb
from tools.avatar.sdf import Array
from tools.avatar.shapes.flesh import Flesh

SIZE = 1024
# Colours that all skins share (sRGB 0..1).
INNER_LIP, MOUTH, THROAT, NOSTRIL = (0.62, 0.26, 0.26), (0.40, 0.13, 0.13), (0.05, 0.012, 0.014), (0.32, 0.13, 0.11)


def paint_skin(flesh: Flesh) -> NDArray[np.uint8]:
    """The base colour [SIZE, SIZE, 3], sRGB."""
    skin = flesh.skin
    known = np.column_stack(
        [skin.position, skin.lip_v, flesh.from_lips, skin.lid, np.sin(skin.lid_turn), np.cos(skin.lid_turn)]
    )
    values = _over_the_picture(skin.uv, known, skin.position[:, 2])
    colour = _complexion(flesh.who, values)
    colour = _lips(flesh.who, colour, values)
    colour = _lids(flesh.who, colour, values)
    left = (np.clip(colour, 0, 1).reshape(SIZE, SIZE // 2, 3) * 255 + 0.5).astype(np.uint8)
    return np.concatenate([left[:, ::-1], left], 1)


def _over_the_picture(uv: Array, known: Array, z: Array) -> Array:
    """What the vertices know, at the pixels [SIZE * SIZE / 2, K] of the picture's right half, row by row.

    That half is the character's left; the other mirrors it. Looked up on every second pixel and filled in evenly.
    """
    coarse = SIZE // 2
    centre = (np.arange(coarse) + 0.5) / coarse
    x = centre[coarse // 2 - 1 :]
    grid = np.stack(np.meshgrid(x, centre), -1).reshape(-1, 2)
    near = np.hypot(*(grid - 0.5).T) < 0.5
    side = uv[:, 0] > 0.49
    values = np.tile(known[np.argmin(z)], (len(grid), 1))
    found = LinearNDInterpolator(uv[side], known[side])(grid[near])
    values[near] = np.where(np.isnan(found), values[:1], found)
    fine = zoom(values.reshape(coarse, len(x), -1), (2, 2, 1), order=1, grid_mode=True, mode="nearest")
    return fine[:, 2:].reshape(-1, known.shape[1]).astype(np.float32)


def _complexion(who: Character, values: Array) -> Array:
    """Base, blush, shade, the shaven beard, nostrils and scalp, laid over each other in this order."""
    s, n = who.skin, who.nose
    p = values[:, :3] * np.where(values[:, :1] < 0, [[-1.0, 1.0, 1.0]], [[1.0, 1.0, 1.0]])
    colour = np.tile(np.array(rgb(s.base)), (len(p), 1))
    colour = mix(colour, np.array(rgb(s.blush)), np.clip(_blush(who, p), 0, 1)[:, None])
    colour = mix(colour, np.array(rgb(s.shade)), np.clip(_shade(who, p), 0, 1)[:, None])
    dark = mix(np.array(rgb(who.brows.colour)) * 0.75, np.array(rgb(s.base)), np.asarray(0.25))
    off_lips = ramp(0.0, 3.0, values[:, 4])
    colour = mix(colour, dark, (s.stubble * np.clip(_beard(who, p), 0, 1) * off_lips)[:, None])
    hole = bump(p, (0.5 * n.wing_width - 6.4, -n.length - 5.6, n.tip_z - 14.5), (2.6, 2.6, 4.6))
    colour = mix(colour, np.array(NOSTRIL), (0.85 * ramp(0.3, 0.85, hole))[:, None])
    roots = mix(np.array(rgb(who.hair.colour)) * 0.8, np.array(rgb(s.shade)), np.asarray(0.25))
    return mix(colour, roots, _scalp(who, p)[:, None])


def _blush(who: Character, p: Array) -> Array:
    """Where blood shows: cheeks, tip of the nose, chin, and before the ears."""
    n, h = who.nose, who.head
    cheeks = 0.38 * bump(p, (39.0, -30.0, 12.0), (20.0, 15.0, 26.0))
    tip = 0.30 * bump(p, (0, -n.length, n.tip_z), (9.0, 7.0, 12.0))
    chin = 0.18 * bump(p, (0, h.chin_y + 10.0, h.chin_z), (14.0, 9.0, 12.0))
    return cheeks + tip + chin + 0.22 * bump(p, (76.0, -5, -62), (14, 30, 22))


def _shade(who: Character, p: Array) -> Array:
    """Where light hardly comes: throat, inner corners of the eyes, under the brows, under the lip, beside the nose."""
    n = who.nose
    throat = 0.20 * ramp(-84.0, -125.0, p[:, 1])
    inner_eye = 0.30 * bump(p, (17.0, 4.0, 12.0), (7.0, 9.0, 10.0))
    under_brow = 0.24 * bump(p, (who.eyes.spread, 18.0, 15.0), (19.0, 6.0, 14.0))
    under_lip = 0.28 * bump(p, (0, who.mouth.y - 13, 22), (13, 3.5, 14))
    wing = 0.20 * bump(p, (0.5 * n.wing_width + 3, -n.length, 14.0), (4.0, 6.0, 8.0))
    return throat + inner_eye + under_brow + under_lip + wing


def _beard(who: Character, p: Array) -> Array:
    """Where a beard would grow: chin and jaw, and above the lip."""
    jaw = bump(p, (0, who.head.chin_y + 12.0, 12.0), (44.0, 26.0, 34.0))
    return jaw + bump(p, (0, who.mouth.y + 12.0, 24.0), (18.0, 5.0, 14.0))


def _scalp(who: Character, p: Array) -> Array:
    """1 where hair grows, so that no skin shines through between the locks."""
    # Painted less far down than hair hangs: what shows under a bob is skin.
    lowest = mix(-34.0, -12.0, ramp(-85.0, -60.0, p[:, 2]))
    return ramp(1.0, 10.0, hairline(STYLES[who.hair.style], p)) * ramp(-10.0, 12.0, p[:, 1] - lowest)


def _lips(who: Character, colour: Array, values: Array) -> Array:
    """The red of the lips, brightest in its middle, a warm rim about it, and the mouth darkening inwards."""
    v, gap = values[:, 3], values[:, 4]
    red = np.array(rgb(who.skin.lips))
    across = ramp(-0.24, 0.2, v)
    tone = mix(red * 0.93, np.minimum(red * 1.08, 1.0), bell(v, 0.45, 0.3)[:, None])
    colour = mix(colour, np.array(rgb(who.skin.blush)), (0.25 * np.exp(-((gap / 3.0) ** 2)))[:, None])
    colour = mix(colour, tone, (0.7 * across)[:, None])
    colour = mix(colour, np.array(INNER_LIP), ramp(0.9, 1.25, v)[:, None])
    colour = mix(colour, np.array(MOUTH), ramp(1.4, 2.1, v)[:, None])
    return mix(colour, np.array(THROAT), ramp(2.1, 2.6, v)[:, None])


def _lids(who: Character, colour: Array, values: Array) -> Array:
    """Shadow and crease of the upper lid, the wet rim of the lower, the line of the lashes, the inner corner."""
    share, up, out = values[:, 5], values[:, 6], values[:, 7]
    on = (share < 1.5) & (values[:, 2] > -40)
    top = ramp(-0.05, 0.35, up)
    tint = np.array(rgb(who.skin.shade))
    colour = mix(colour, tint, (on * top * 0.42 * ramp(0.5, 0.1, share))[:, None])
    colour = mix(colour, tint * 0.8, (on * top * 0.35 * bell(share, 0.3, 0.05))[:, None])
    rim = mix(np.array(rgb(who.skin.base)), np.array([0.78, 0.42, 0.40]), np.asarray(0.5)) * 0.92
    colour = mix(colour, rim, (on * (1 - top) * 0.7 * ramp(0.035, -0.1, share))[:, None])
    line = on * ramp(0.105, 0.04, share) * (0.92 * top + 0.5 * (1 - top) * ramp(0.2, 0.9, out))
    colour = mix(colour, np.array(rgb(who.brows.colour)) * 0.42, np.clip(line, 0, 1)[:, None])
    return mix(
        colour,
        mix(np.array(rgb(who.skin.base)), np.array([0.86, 0.45, 0.44]), np.asarray(0.6)),
        (on * ramp(-0.93, -0.99, out) * ramp(0.1, -0.1, share))[:, None],
    )
