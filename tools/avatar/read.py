"""Reading back a .glb that carries morph targets: places, triangles and displacements as arrays."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tools.avatar.sdf import Array

_KINDS = {5126: "<f4", 5125: "<u4", 5123: "<u2", 5121: "<u1"}
_WIDTHS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4, "MAT4": 16}


@dataclass(frozen=True)
class Mesh:
    """One mesh: `position` [N, 3] metres, `triangles` [M, 3], `shapes` name -> displacement [N, 3] metres."""

    name: str
    position: Array
    triangles: NDArray[np.int64]
    shapes: dict[str, Array]
    extras: dict[str, Any]

    def moved(self, weights: dict[str, float]) -> Array:
        """The places with shapes on."""
        out = self.position.copy()
        for name, weight in weights.items():
            if name in self.shapes:
                out += weight * self.shapes[name]
        return out


@dataclass(frozen=True)
class File:
    """The two halves of a .glb."""

    document: dict[str, Any]
    data: bytes

    def accessor(self, index: int) -> NDArray[Any]:
        """An accessor's values [count, width], its sparse rows filled in."""
        entry = self.document["accessors"][index]
        width, kind = _WIDTHS[entry["type"]], _KINDS[entry["componentType"]]
        out = np.zeros((entry["count"], width), kind)
        if "bufferView" in entry:
            out[:] = self._view(entry["bufferView"], kind).reshape(-1, width)[: entry["count"]]
        if "sparse" in entry:
            part = entry["sparse"]
            rows = self._view(part["indices"]["bufferView"], _KINDS[part["indices"]["componentType"]])[: part["count"]]
            out[rows] = self._view(part["values"]["bufferView"], kind).reshape(-1, width)[: part["count"]]
        return out

    def _view(self, index: int, kind: str) -> NDArray[Any]:
        view = self.document["bufferViews"][index]
        start = view.get("byteOffset", 0)
        return np.frombuffer(self.data[start : start + view["byteLength"]], kind)

    def mesh(self, name: str) -> Mesh:
        """The mesh of that name; raises KeyError when there is none."""
        for entry in self.document["meshes"]:
            if entry.get("name") == name:
                return self._mesh(entry)
        raise KeyError(f"The file has no mesh named {name!r}.")

    def _mesh(self, entry: dict[str, Any]) -> Mesh:
        primitive = entry["primitives"][0]
        extras = entry.get("extras", {})
        targets = [t["POSITION"] for t in primitive.get("targets", [])]
        return Mesh(
            entry.get("name", ""),
            self.accessor(primitive["attributes"]["POSITION"]).astype(float),
            self.accessor(primitive["indices"]).astype(np.int64).reshape(-1, 3),
            {n: self.accessor(t).astype(float) for n, t in zip(extras.get("targetNames", []), targets, strict=True)},
            extras,
        )


def parse(content: bytes) -> File:
    """The file of .glb or .vrm bytes; raises ValueError for anything else."""
    if content[:4] != b"glTF" or len(content) < 20:
        raise ValueError("This is not a binary glTF file.")
    size = int.from_bytes(content[12:16], "little")
    return File(json.loads(content[20 : 20 + size]), content[28 + size :])


def load(path: Path) -> File:
    return parse(path.read_bytes())
