"""A piece of the character on its way to a file: one mesh of one material that follows bones and shapes."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from tools.avatar.sdf import Array
from tools.avatar.skin import smooth_normals
from tools.avatar.triangulate import Ints


@dataclass
class Part:
    """Millimetres in head space. `bones` names the joints that `joints` [N, 4] index and `weights` [N, 4] share.

    `shapes` maps a shape's name to its displacement [N, 3]; one that a part does not follow is absent. `extras` go into
    the mesh of the file as they are.
    """

    name: str
    material: str
    position: Array
    triangles: Ints
    uv: Array
    normal: Array = field(default_factory=lambda: np.zeros((0, 3)))
    bones: tuple[str, ...] = ("head",)
    joints: Ints = field(default_factory=lambda: np.zeros((0, 4), np.int64))
    weights: Array = field(default_factory=lambda: np.zeros((0, 4)))
    shapes: dict[str, Array] = field(default_factory=dict)
    extras: dict[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not len(self.normal):
            self.normal = smooth_normals(self.position, self.triangles)
        if not len(self.joints):
            self.joints = np.zeros((len(self.position), 4), np.int64)
            self.weights = np.tile([1.0, 0.0, 0.0, 0.0], (len(self.position), 1))

    def shape_normals(self, name: str) -> Array:
        """How the normals change when the shape is fully on."""
        moved = smooth_normals(self.position + self.shapes[name], self.triangles)
        return moved - smooth_normals(self.position, self.triangles)


def merged(name: str, material: str, parts: list[Part]) -> Part:
    """Several parts as one mesh; a shape that only some follow is zero on the rest."""
    bones = tuple(dict.fromkeys(b for p in parts for b in p.bones))
    first = np.cumsum([0, *(len(p.position) for p in parts)])
    names = dict.fromkeys(n for p in parts for n in p.shapes)
    return Part(
        name,
        material,
        np.concatenate([p.position for p in parts]),
        np.concatenate([p.triangles + f for p, f in zip(parts, first, strict=False)]),
        np.concatenate([p.uv for p in parts]),
        np.concatenate([p.normal for p in parts]),
        bones,
        np.concatenate([np.array([bones.index(b) for b in p.bones])[p.joints] for p in parts]),
        np.concatenate([p.weights for p in parts]),
        {n: np.concatenate([p.shapes.get(n, np.zeros_like(p.position)) for p in parts]) for n in names},
    )
