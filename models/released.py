"""Weights that ship, read back into torch, so that training can begin from them without their checkpoint."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from google.protobuf.message import DecodeError
from numpy.typing import NDArray
from onnx import numpy_helper

from bridge.errors import ModelError
from bridge.face.network import FaceNetworkInfo
from models import checkpoint, stored
from models.config import FaceNetConfig, pasts_of
from models.model import FaceNet

PREFIX = "network."
# What the exported file has not: the head that only helps in training.
LEFT_OUT = {"phones.weight", "phones.bias"}
CONSTANTS = {"predicted", "brows", "life.units", "front.lookahead_frames"}


def load(path: Path) -> FaceNet:
    """The network of a checkpoint, or of a folder with `face.onnx` and `face.json`. Raises ModelError naming it."""
    return load_exported(path) if path.is_dir() else checkpoint.load_network(path)


def load_exported(folder: Path) -> FaceNet:
    """The network of a folder that `models.export` wrote. Raises ModelError naming the file."""
    path = folder / "face.onnx"
    try:
        info = FaceNetworkInfo.from_json((folder / "face.json").read_text("utf-8"))
        if not _layers(info, "trunk"):
            raise ValueError("its layers are not those of this version, which has to export the checkpoint anew")
        network = FaceNet(_config(_weights(path, info), info))
        found = network.load_state_dict(_weights(path, info), strict=False)
    except (OSError, DecodeError, LookupError, ValueError, RuntimeError) as e:
        raise ModelError(f"{path} holds no weights that can be trained on: {e}") from e
    if set(found.missing_keys) != LEFT_OUT or found.unexpected_keys:
        raise ModelError(f"{path} holds other weights than this program's network.")
    return network.eval()


def _weights(path: Path, info: FaceNetworkInfo) -> dict[str, torch.Tensor]:
    """The parameters by their names in torch."""
    graph = onnx.load(str(path)).graph
    arrays = _widened({t.name: numpy_helper.to_array(t) for t in graph.initializer})
    named = {n.removeprefix(PREFIX): a for n, a in arrays.items() if n.startswith(PREFIX)}
    kept = {n: a for n, a in named.items() if n not in CONSTANTS}
    # Exporting turns a linear layer's weight round and takes its name; their order is that of the computation.
    second = [node.input[1] for node in graph.node if node.op_type == "MatMul"]
    turned = [arrays[name] for name in second if name in arrays and not name.startswith(PREFIX)]
    kept.update(zip(_linear_names(info), (a.T for a in turned), strict=True))
    return {name: _tensor(array) for name, array in kept.items()}


def _widened(arrays: dict[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """Those that are kept in bytes put together again; older files keep them in half precision."""
    whole = {}
    for name, array in arrays.items():
        if name.endswith(stored.STEPS):
            whole[name.removesuffix(stored.STEPS)] = stored.widened(
                array, arrays[name.replace(stored.STEPS, stored.SCALE)]
            )
        elif not name.endswith(stored.SCALE):
            whole[name.removesuffix(".half")] = array
    return whole


def _linear_names(info: FaceNetworkInfo) -> list[str]:
    def layers(name: str, count: int) -> list[str]:
        return [f"{name}.{i}.{part}" for i in range(count) for part in ("qkv", "mix", "up", "down")]

    parts = [
        *("rows.hidden", "rows.out", "front.hidden", "front.out", *layers("layers", _layers(info, "trunk"))),
        *("life.heard", "life.said", "life.noise", *layers("life.layers", _layers(info, "life")), "life.out"),
    ]
    return [f"{part}.weight" for part in parts]


def _config(weights: dict[str, torch.Tensor], info: FaceNetworkInfo) -> FaceNetConfig:
    return replace(
        FaceNetConfig(),
        styles=info.styles,
        lookahead_frames=info.lookahead_frames,
        row_hidden=len(weights["rows.hidden.bias"]),
        row_width=len(weights["rows.out.bias"]),
        front_hidden=len(weights["front.hidden.bias"]),
        width=len(weights["front.out.bias"]),
        layers=_layers(info, "trunk"),
        heads=info.states[pasts_of("trunk", 0)[0]][1],
        past_frames=info.states[pasts_of("trunk", 0)[0]][2],
        feedforward=len(weights["layers.0.up.bias"]),
        noise_hz=info.noise_hz,
        joints=info.joints,
        life_width=len(weights["life.heard.bias"]),
        life_layers=_layers(info, "life"),
        life_past_frames=info.states[pasts_of("life", 0)[0]][2],
        life_feedforward=len(weights["life.layers.0.up.bias"]),
    )


def _layers(info: FaceNetworkInfo, part: str) -> int:
    return sum(pasts_of(part, i)[0] in info.states for i in range(len(info.states)))


def _tensor(array: NDArray[Any]) -> torch.Tensor:
    return torch.from_numpy(np.array(array, np.float32))
