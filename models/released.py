"""Weights that ship, read back into torch, so that training can begin from them without their checkpoint."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import torch
from google.protobuf.message import DecodeError
from numpy.typing import NDArray
from onnx import numpy_helper
from torch import nn

from bridge.errors import ModelError
from bridge.face.network import FaceNetworkInfo
from models import checkpoint, ear, stored
from models.config import FaceNetConfig, pasts_of
from models.graph import PREFIX
from models.model import FaceNet

# What the exported file has not: the head that only helps in training.
LEFT_OUT = {"phones.weight", "phones.bias"}


def load(path: Path) -> FaceNet:
    """The network of a checkpoint, or of a folder with `face.onnx` and `face.json`. Raises ModelError naming it."""
    if not path.is_dir():
        return checkpoint.load_network(path)
    network = load_exported(path)
    if ear.is_kept(path):
        ear.restore(network, path)
    else:
        ear.forget(network)
    return network


def load_exported(folder: Path) -> FaceNet:
    """The network of a folder that `models.export` wrote, its head for phones aside. Raises ModelError."""
    path = folder / "face.onnx"
    try:
        info = FaceNetworkInfo.from_json((folder / "face.json").read_text("utf-8"))
        graph = onnx.load(str(path)).graph
        weights = _weights(graph)
        network = FaceNet(_config(weights, info, _heads(graph)))
        if other := set(weights) - {*network.state_dict(), *(name for name, _ in network.named_buffers())}:
            raise ValueError(f"this program's network has no {', '.join(sorted(other))}")
        network.load_state_dict(_parameters(weights, network), strict=False)
    except (ModelError, OSError, DecodeError, LookupError, ValueError, RuntimeError) as e:
        raise ModelError(f"{path} holds no weights that can be trained on: {e}") from e
    return network.eval()


def _weights(graph: onnx.GraphProto) -> dict[str, NDArray[np.float32]]:
    """The parameters by their names in torch, those kept in bytes put together again."""
    arrays = {
        t.name.removeprefix(PREFIX): numpy_helper.to_array(t) for t in graph.initializer if t.name.startswith(PREFIX)
    }
    narrow = {name.removesuffix(stored.STEPS) for name in arrays if name.endswith(stored.STEPS)}
    wide = {n: stored.widened(arrays.pop(f"{n}{stored.STEPS}"), arrays.pop(f"{n}{stored.SCALE}")) for n in narrow}
    return arrays | wide


def _parameters(weights: dict[str, NDArray[np.float32]], network: FaceNet) -> dict[str, torch.Tensor]:
    """The parameters as torch has them."""
    linear = {f"{name}.weight" for name, module in network.named_modules() if isinstance(module, nn.Linear)}
    found = {n: weights[n].T if n in linear else weights[n] for n in network.state_dict() if n not in LEFT_OUT}
    return {n: torch.from_numpy(np.array(array, np.float32)) for n, array in found.items()}


def _heads(graph: onnx.GraphProto) -> int:
    heads = {a.i for node in graph.node for a in node.attribute if a.name == "q_num_heads"}
    if len(heads) != 1:
        raise ValueError("its attention is not that of this version")
    return int(heads.pop())


def _config(weights: dict[str, NDArray[np.float32]], info: FaceNetworkInfo, heads: int) -> FaceNetConfig:
    return replace(
        FaceNetConfig(),
        styles=info.styles,
        lookahead_frames=info.lookahead_frames,
        row_hidden=len(weights["rows.hidden.bias"]),
        row_width=len(weights["rows.out.bias"]),
        front_hidden=len(weights["front.hidden.bias"]),
        width=len(weights["front.out.bias"]),
        layers=_layers(info, "trunk"),
        heads=heads,
        past_frames=info.states[pasts_of("trunk", 0)[0]][1],
        feedforward=len(weights["layers.0.up.bias"]),
        noise_hz=info.noise_hz,
        joints=info.joints,
        life_width=len(weights["life.heard.bias"]),
        life_layers=_layers(info, "life"),
        life_past_frames=info.states[pasts_of("life", 0)[0]][1],
        life_feedforward=len(weights["life.layers.0.up.bias"]),
    )


def _layers(info: FaceNetworkInfo, part: str) -> int:
    return sum(pasts_of(part, i)[0] in info.states for i in range(len(info.states)))
