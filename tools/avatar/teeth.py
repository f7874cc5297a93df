"""Teeth and gums: two arches of rounded crowns behind the lips; the lower ones ride on the jaw."""

from __future__ import annotations

import numpy as np

from tools.avatar import tubes
from tools.avatar.parameters import Character
from tools.avatar.part import Part, merged
from tools.avatar.sdf import Array
from tools.avatar.shapes import jaw
from tools.avatar.shapes.tongue import JAW_SHARE

# Width and height of the crowns from the middle to the molars, millimetres.
UPPER = ((7.6, 10.4), (5.9, 9.2), (6.6, 9.8), (6.2, 8.4), (6.2, 8.0), (8.6, 7.6))
LOWER = ((4.8, 7.2), (5.2, 7.2), (6.0, 7.6), (6.2, 6.6), (6.4, 6.2), (9.0, 5.8))
ARCH_HALF_WIDTH, ARCH_DEPTH = 22.0, 30.0
BEHIND_LIPS_MM = 5.4
# Below 1 the front of the arch is flatter than an ellipse.
FLATNESS = 0.7
ACROSS, AROUND = 6, 10


def front_z(lips_meet_z: float) -> float:
    """Where the upper incisors' faces stand, given where the lips meet in the middle."""
    return lips_meet_z - BEHIND_LIPS_MM


def build(who: Character, lips_meet_z: float) -> list[Part]:
    """The Teeth and the Gums."""
    z = front_z(lips_meet_z)
    upper_edge, lower_edge = who.mouth.y - 4.4, who.mouth.y - 4.4
    crowns, flesh = [], []
    for rows, edge, side, back in ((UPPER, upper_edge, 1.0, 0.0), (LOWER, lower_edge, -1.0, 2.2)):
        arch = _Arch(ARCH_HALF_WIDTH - 0.6 * back, ARCH_DEPTH, z - back)
        fixed = [_crown(arch, s, spot, edge, side) for s in (1.0, -1.0) for spot in _places(rows)]
        crowns.append(_moved(merged("Teeth", "Teeth", fixed), side))
        flesh.append(_moved(_gum(arch, edge + side * (10.6 if side > 0 else 8.6), side), side))
    return [merged("Teeth", "Teeth", crowns), merged("Gums", "Gums", flesh)]


def _moved(part: Part, side: float) -> Part:
    if side < 0:
        part.shapes = jaw.teeth_and_tongue(part.position)
        part.shapes["tongueOut"] = jaw.opened(part.position, JAW_SHARE)
    return part


class _Arch:
    """The curve the teeth stand on, seen from above: half an ellipse, a little squarer."""

    def __init__(self, half_width: float, depth: float, front: float) -> None:
        turn = np.linspace(0.0, 0.5 * np.pi, 200)
        self.x, self.z = half_width * np.sin(turn), front - depth * (1.0 - np.cos(turn) ** FLATNESS)
        self.run = np.concatenate([[0.0], np.cumsum(np.hypot(np.diff(self.x), np.diff(self.z)))])

    def at(self, run_mm: Array | float) -> tuple[Array, Array]:
        """Place (x, z) and outward direction (x, z) at a length along the arch from the middle."""
        x, z = np.interp(run_mm, self.run, self.x), np.interp(run_mm, self.run, self.z)
        dx, dz = np.gradient(self.x, self.run), np.gradient(self.z, self.run)
        tangent = np.stack([np.interp(run_mm, self.run, dx), np.interp(run_mm, self.run, dz)], -1)
        normal = np.stack([-tangent[..., 1], tangent[..., 0]], -1)
        return np.stack([x, z], -1), normal / np.maximum(np.hypot(*np.moveaxis(normal, -1, 0)), 1e-9)[..., None]


def _places(rows: tuple[tuple[float, float], ...]) -> list[tuple[float, float, float]]:
    widths = np.array([r[0] for r in rows])
    ends = np.cumsum(widths)
    return [(float(e - 0.5 * w), w, h) for e, (w, h) in zip(ends, rows, strict=True)]


def _crown(arch: _Arch, s: float, spot: tuple[float, float, float], edge: float, side: float) -> Part:
    """A rounded block: flat in front, thinner towards its edge; `side` +1 hangs from above.

    `spot` is its place along the arch, its width and its height.
    """
    run, width, height = spot
    polar = np.linspace(-0.5 * np.pi, 0.5 * np.pi, ACROSS)
    turn = 2.0 * np.pi * np.arange(AROUND) / AROUND
    u, v = np.meshgrid(turn, polar)
    across = _bent(np.cos(v), 0.5) * _bent(np.cos(u), 0.55)
    deep = _bent(np.cos(v), 0.5) * _bent(np.sin(u), 0.8)
    tall = _bent(np.sin(v), 0.65)
    thick = 2.4 * (0.72 + 0.28 * side * tall * np.sign(height)) if height else 2.4
    place, normal = arch.at(run)
    tangent = np.array([normal[1], -normal[0]])
    flat = place + across[..., None] * (0.49 * width) * tangent + (deep * thick - 2.2)[..., None] * normal
    y = edge + side * (0.5 * height) * (1.0 + tall * side)
    p = np.stack([s * flat[..., 0], y, flat[..., 1]], -1).reshape(-1, 3)
    triangles = tubes.wall(ACROSS, AROUND)
    return Part("Teeth", "Teeth", p, tubes.facing_out(p, triangles), np.full((len(p), 2), 0.5))


def _gum(arch: _Arch, y: float, side: float) -> Part:
    """A ridge of flesh along the roots, scalloped a little between the teeth."""
    runs = np.linspace(-0.96, 0.96, 37) * arch.run[-1]
    place, normal = arch.at(np.abs(runs))
    turn = 2.0 * np.pi * np.arange(AROUND) / AROUND
    out = 2.6 * np.cos(turn)[None] - 2.4
    up = 4.6 * np.sin(turn)[None] + 0.45 * np.cos(runs * 2 * np.pi / 6.6)[:, None] * (-side * np.sin(turn) > 0.3)
    flat = place[:, None] + out[..., None] * normal[:, None]
    x = np.sign(runs)[:, None] * flat[..., 0]
    p = np.stack([x, y + up, flat[..., 1]], -1).reshape(-1, 3)
    triangles = tubes.wall(len(runs), AROUND)
    return Part("Gums", "Gums", p, tubes.facing_out(p, triangles), np.full((len(p), 2), 0.5))


def _bent(x: Array, power: float) -> Array:
    bent: Array = np.sign(x) * np.abs(x) ** power
    return bent
