"""Parts, skeleton and materials into a binary glTF 2.0 file (Khronos glTF 2.0 specification), by pygltflib."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
import pygltflib as g  # type: ignore[import-untyped]
from numpy.typing import NDArray

from tools.avatar.part import Part
from tools.avatar.png import encode
from tools.avatar.sdf import Array, unit
from tools.avatar.skeleton import Skeleton

METRES = 0.001
# Displacements below a hundredth of a millimetre and turns of normals below half a degree are not stored.
SMALLEST_MOVE_M = 1e-5
SMALLEST_TURN = 0.01


@dataclass(frozen=True)
class Look:
    """A material: linear base colour and opacity, roughness, and a texture [H, W, 3 or 4] of uint8 sRGB or none."""

    colour: tuple[float, float, float, float] = (1.0, 1.0, 1.0, 1.0)
    roughness: float = 0.6
    texture: NDArray[np.uint8] | None = None
    double_sided: bool = False
    blend: bool = False
    glow: tuple[float, float, float] = (0.0, 0.0, 0.0)


class Writer:
    """Collects binary data and the JSON that points into it."""

    def __init__(self) -> None:
        self.file = g.GLTF2()
        self.file.asset = g.Asset(version="2.0", generator="Avatar Bridge tools.avatar")
        self.file.scenes = [g.Scene(nodes=[0])]
        self.file.scene = 0
        self.data = bytearray()
        self.materials: dict[str, int] = {}
        self.textured: set[str] = set()

    def view(self, data: bytes, target: int | None = None) -> int:
        self.data += b"\0" * (-len(self.data) % 4)
        self.file.bufferViews.append(
            g.BufferView(buffer=0, byteOffset=len(self.data), byteLength=len(data), target=target)
        )
        self.data += data
        return len(self.file.bufferViews) - 1

    def accessor(self, array: NDArray[Any], target: int | None = None, bounds: bool = False) -> int:
        kinds = {"float32": g.FLOAT, "uint16": g.UNSIGNED_SHORT, "uint32": g.UNSIGNED_INT, "uint8": g.UNSIGNED_BYTE}
        width = 1 if array.ndim == 1 else array.shape[1]
        entry = g.Accessor(
            bufferView=self.view(np.ascontiguousarray(array).tobytes(), target),
            componentType=kinds[array.dtype.name],
            count=len(array),
            type={1: "SCALAR", 2: "VEC2", 3: "VEC3", 4: "VEC4", 16: "MAT4"}[width],
        )
        if bounds:
            entry.min, entry.max = array.min(0).tolist(), array.max(0).tolist()
        self.file.accessors.append(entry)
        return len(self.file.accessors) - 1

    def sparse(self, delta: Array, smallest: float, bounds: bool) -> int:
        """A mostly zero VEC3 accessor: only rows longer than `smallest` are stored."""
        rows = np.flatnonzero((delta * delta).sum(1) > smallest**2)
        kept = delta[rows].astype(np.float32)
        entry = g.Accessor(componentType=g.FLOAT, count=len(delta), type="VEC3")
        if len(rows):
            index = rows.astype(np.uint16 if len(delta) < 65536 else np.uint32)
            kind = g.UNSIGNED_SHORT if index.dtype == np.uint16 else g.UNSIGNED_INT
            entry.sparse = g.Sparse(
                count=len(rows),
                indices=g.AccessorSparseIndices(bufferView=self.view(index.tobytes()), componentType=kind),
                values=g.AccessorSparseValues(bufferView=self.view(kept.tobytes())),
            )
        if bounds:
            low = kept.min(0) if len(rows) else np.zeros(3, np.float32)
            high = kept.max(0) if len(rows) else np.zeros(3, np.float32)
            if len(rows) < len(delta):
                low, high = np.minimum(low, 0), np.maximum(high, 0)
            entry.min, entry.max = low.tolist(), high.tolist()
        self.file.accessors.append(entry)
        return len(self.file.accessors) - 1

    def material(self, name: str, look: Look) -> None:
        texture = None
        if look.texture is not None:
            image = g.Image(bufferView=self.view(encode(look.texture)), mimeType="image/png", name=name)
            self.file.images.append(image)
            if not self.file.samplers:
                self.file.samplers.append(g.Sampler(magFilter=9729, minFilter=9987, wrapS=10497, wrapT=10497))
            self.file.textures.append(g.Texture(source=len(self.file.images) - 1, sampler=0))
            texture = g.TextureInfo(index=len(self.file.textures) - 1)
        entry = g.Material(
            name=name,
            doubleSided=look.double_sided,
            alphaMode="BLEND" if look.blend else "OPAQUE",
            alphaCutoff=None,
            emissiveFactor=list(look.glow),
            pbrMetallicRoughness=g.PbrMetallicRoughness(
                baseColorFactor=list(look.colour), metallicFactor=0.0, roughnessFactor=look.roughness
            ),
        )
        if texture is not None:
            self.textured.add(name)
            assert entry.pbrMetallicRoughness is not None
            entry.pbrMetallicRoughness.baseColorTexture = texture
        self.materials[name] = len(self.file.materials)
        self.file.materials.append(entry)

    def skeleton(self, bones: Skeleton) -> None:
        """One node a bone, in the skeleton's order, so that bone k is node k."""
        for k, name in enumerate(bones.names):
            parent = bones.parent[k]
            here = bones.place_m[k] - (bones.place_m[parent] if parent >= 0 else 0.0)
            children = [c for c, up in enumerate(bones.parent) if up == k]
            self.file.nodes.append(g.Node(name=name, translation=[round(float(v), 6) for v in here], children=children))

    def part(self, part: Part, bones: Skeleton) -> None:
        """A mesh, its skin and the node that shows it."""
        places = part.position * METRES + bones.head_space_m
        count = len(places)
        index_type = np.uint16 if count < 65536 else np.uint32
        attributes = g.Attributes(
            POSITION=self.accessor(places.astype(np.float32), g.ARRAY_BUFFER, bounds=True),
            NORMAL=self.accessor(unit(part.normal).astype(np.float32), g.ARRAY_BUFFER),
            JOINTS_0=self.accessor(np.where(part.weights > 0, part.joints, 0).astype(np.uint8), g.ARRAY_BUFFER),
            WEIGHTS_0=self.accessor(_shares(part.weights), g.ARRAY_BUFFER),
        )
        if part.material in self.textured:
            attributes.TEXCOORD_0 = self.accessor(part.uv.astype(np.float32), g.ARRAY_BUFFER)
        primitive = g.Primitive(
            attributes=attributes,
            indices=self.accessor(part.triangles.reshape(-1).astype(index_type), g.ELEMENT_ARRAY_BUFFER),
            material=self.materials[part.material],
        )
        mesh = g.Mesh(name=part.name, primitives=[primitive])
        if part.shapes:
            primitive.targets = [
                {
                    "POSITION": self.sparse(delta * METRES, SMALLEST_MOVE_M, bounds=True),
                    "NORMAL": self.sparse(part.shape_normals(name), SMALLEST_TURN, bounds=False),
                }
                for name, delta in part.shapes.items()
            ]
            mesh.weights = [0.0] * len(part.shapes)
            mesh.extras = {"targetNames": list(part.shapes), **part.extras}
        self.file.meshes.append(mesh)
        self.file.skins.append(self._skin(part, bones))
        node = g.Node(name=part.name, mesh=len(self.file.meshes) - 1, skin=len(self.file.skins) - 1)
        self.file.nodes.append(node)
        self.file.scenes[0].nodes.append(len(self.file.nodes) - 1)

    def _skin(self, part: Part, bones: Skeleton) -> g.Skin:
        joints = [bones.names.index(b) for b in part.bones]
        inverse = np.tile(np.eye(4, dtype=np.float32), (len(joints), 1, 1))
        inverse[:, :3, 3] = -bones.place_m[joints]
        columns = inverse.transpose(0, 2, 1).reshape(-1, 16)
        return g.Skin(joints=joints, inverseBindMatrices=self.accessor(np.ascontiguousarray(columns)), skeleton=0)

    def finish(self, extensions: dict[str, Any] | None = None) -> bytes:
        """The .glb bytes."""
        self.file.extensions = extensions or {}
        self.file.extensionsUsed = sorted(extensions or {})
        self.file.buffers = [g.Buffer(byteLength=len(self.data))]
        document = json.loads(self.file.gltf_to_json())
        for accessor in document["accessors"]:
            accessor.pop("byteOffset", None)
        text = json.dumps(document, separators=(",", ":"), ensure_ascii=True).encode()
        return pack(text, bytes(self.data))


def pack(text: bytes, data: bytes) -> bytes:
    """The two chunks of a .glb (glTF 2.0, section 4.4)."""
    text += b" " * (-len(text) % 4)
    data += b"\0" * (-len(data) % 4)
    total = 12 + 8 + len(text) + 8 + len(data)
    head = b"glTF" + np.array([2, total], "<u4").tobytes()
    return (
        head
        + np.array([len(text)], "<u4").tobytes()
        + b"JSON"
        + text
        + np.array([len(data)], "<u4").tobytes()
        + b"BIN\0"
        + data
    )


def _shares(weights: Array) -> NDArray[np.float32]:
    total = weights.sum(1, keepdims=True)
    return (weights / total).astype(np.float32)
