"""The field's own figures, on a head whose skin is known: how far the lips' and the upper face's points are off.

Lip vertex error: the largest distance of any lip vertex, averaged over the frames (Richard et al., "MeshTalk", ICCV
2021, as used by Fan et al., "FaceFormer", CVPR 2022). Upper-face dynamics deviation: how much less, over time, a vertex
of the upper face moves than the recorded one does, in standard deviations of its distance from rest, averaged over the
vertices (Xing et al., "CodeTalker", CVPR 2023); below zero it moves more. Papers give them on their own scans and
units, so that only figures of one head may be compared.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from bridge.errors import InputError
from bridge.types import ARKIT_BLENDSHAPES, F32

# Of the ICT-FaceKit head: the first vertices are the face's skin (its README), lengths are centimetres.
FACE_VERTICES: Final = 9409
MM_PER_UNIT: Final = 10.0
LIPS_MOVED_BY: Final = ("mouthRollLower", "mouthRollUpper")
UPPER_MOVED_BY: Final = ("browDown", "browInnerUp", "browOuterUp", "eyeBlink", "eyeWide")
# A vertex belongs to a region if a shape of the region moves it by this share of what it moves any.
LIPS_SHARE: Final = 0.55
UPPER_SHARE: Final = 0.3


class Head:
    """How each ARKit shape moves the vertices of lips and upper face."""

    def __init__(self, deltas: Mapping[str, NDArray[Any]], face_vertices: int = FACE_VERTICES) -> None:
        """`deltas` [N, 3] by the shape's name, in cm; the sides of a shape as `NAME_L` and `NAME_R`."""
        basis = np.zeros((len(ARKIT_BLENDSHAPES), face_vertices, 3), np.float32)
        for i, name in enumerate(ARKIT_BLENDSHAPES):
            for part in _parts(name):
                if part in deltas:
                    basis[i] += MM_PER_UNIT * deltas[part][:face_vertices].astype(np.float32)
        lips, upper = _moved(basis, LIPS_MOVED_BY, LIPS_SHARE), _moved(basis, UPPER_MOVED_BY, UPPER_SHARE)
        self.lips = np.flatnonzero(lips)
        self.upper = np.flatnonzero(upper & ~lips)
        self._lips, self._upper = basis[:, self.lips], basis[:, self.upper]

    @staticmethod
    def read(path: Path) -> Head:
        """The head of an `.npz` with `V` and deltas by name. Raises InputError naming the file."""
        try:
            with np.load(path, allow_pickle=False) as z:
                deltas = {name: z[name] for name in z.files if name != "V"}
        except (OSError, ValueError) as e:
            raise InputError(f"{path} is no head: {e}") from e
        return Head(deltas)

    def lip_vertex_error(self, face: F32, recorded: F32) -> float:
        """Millimetres, for faces [T, 52] of the same frames."""
        off = _displaced(face - recorded, self._lips)
        return float(np.sqrt((off**2).sum(2)).max(1).mean())

    def upper_face_deviation(self, face: F32, recorded: F32) -> float | None:
        """Millimetres, for faces [T, 52]; None where the upper face was not recorded."""
        wanted = self._dynamics(recorded)
        return float((wanted - self._dynamics(face)).mean()) if wanted.max() > 0 else None

    def _dynamics(self, face: F32) -> NDArray[np.float64]:
        moved = _displaced(face, self._upper)
        return np.asarray(np.sqrt((moved**2).sum(2)).std(0), np.float64)


def figures(head: Head, face: F32, recorded: F32) -> dict[str, float]:
    """Both figures, over the frames that both have."""
    count = min(len(face), len(recorded))
    found = {"lve_mm": head.lip_vertex_error(face[:count], recorded[:count])}
    deviation = head.upper_face_deviation(face[:count], recorded[:count])
    return found if deviation is None else {**found, "fdd_mm": deviation}


def _parts(name: str) -> tuple[str, ...]:
    """The names under which the head has a shape: as a whole, as one side, or as both."""
    for side in ("Left", "Right"):
        if name.endswith(side):
            return (name, f"{name.removesuffix(side)}_{side[0]}")
    return (name, f"{name}_L", f"{name}_R")


def _displaced(face: F32, basis: NDArray[np.float32]) -> NDArray[np.float32]:
    """How far faces [T, 52] move the vertices of a basis [52, N, 3]: [T, N, 3]."""
    return np.asarray((face @ basis.reshape(len(basis), -1)).reshape(len(face), *basis.shape[1:]), np.float32)


def _moved(basis: NDArray[np.float32], shapes: tuple[str, ...], share: float) -> NDArray[np.bool_]:
    lengths = np.linalg.norm(basis[[i for i, n in enumerate(ARKIT_BLENDSHAPES) if n.startswith(shapes)]], axis=2)
    largest = lengths.max(1, keepdims=True)
    return np.asarray((lengths > np.maximum(share * largest, 1e-6)).any(0))
