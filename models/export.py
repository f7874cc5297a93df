"""A checkpoint as the files that ship: `face.onnx`, `face.int8.onnx`, `face.json` and `phones.npz`.

    python -m models.export models/runs/NAME/last.pt -o models/weights

Weights are kept in bytes, with a scale for each row (`models.stored`), and widened as the network is loaded, so that
the file is small and the arithmetic is in single precision; `face.int8.onnx` computes in eight bits too. The network in
torch is rounded the same way before it is compared or measured.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper

from bridge.dsp import logmel
from bridge.face.network import FaceNetworkInfo
from bridge.types import ARKIT_BLENDSHAPES, EMOTIONS
from models import command, ear, stored
from models.config import NATURAL, FaceNetConfig
from models.graph import build
from models.model import FaceNet
from models.quantise import to_int8
from models.released import load


def round_to_bytes(network: FaceNet) -> FaceNet:
    """The network with the weights that its exported file has: each row in 255 even steps."""
    with torch.no_grad():
        for p in network.parameters():
            if p.numel() >= stored.LEAST_SIZE and p.ndim > 1:
                p.copy_(torch.from_numpy(stored.rounded(p.cpu().numpy())))
    return network


def narrow(model: onnx.ModelProto) -> None:
    """Keep the large weights of a graph in bytes, with nodes behind each that widen it, once, as it is loaded."""
    nodes = []
    for tensor in list(model.graph.initializer):
        array = numpy_helper.to_array(tensor)
        if array.dtype != np.float32 or array.size < stored.LEAST_SIZE or (found := stored.in_bytes(array)) is None:
            continue
        name, (steps, scale) = tensor.name, found
        tensor.CopyFrom(numpy_helper.from_array(steps, f"{name}{stored.STEPS}"))
        model.graph.initializer.append(numpy_helper.from_array(scale, f"{name}{stored.SCALE}"))
        nodes += [
            helper.make_node("Cast", [f"{name}{stored.STEPS}"], [f"{name}.wide"], to=TensorProto.FLOAT),
            helper.make_node("Mul", [f"{name}.wide", f"{name}{stored.SCALE}"], [name]),
        ]
    for node in reversed(nodes):
        model.graph.node.insert(0, node)


def describe(config: FaceNetConfig, default_style: tuple[float, ...]) -> FaceNetworkInfo:
    """What the runtime must know."""
    return FaceNetworkInfo(
        mel=logmel.settings(),
        lookahead_frames=config.lookahead_frames,
        styles=config.styles,
        default_style=default_style,
        emotions=EMOTIONS,
        shapes=ARKIT_BLENDSHAPES,
        states=config.states,
        noise_hz=config.noise_hz,
        joints=config.joints,
    )


def export(network: FaceNet, folder: Path, default_style: tuple[float, ...]) -> None:
    """Write the files to a folder that exists."""
    graph = build(round_to_bytes(network))
    _save(to_int8(graph), folder / "face.int8.onnx")
    _save(graph, folder / "face.onnx")
    _describe(network, folder, default_style)


def export_single(network: FaceNet, folder: Path, default_style: tuple[float, ...]) -> None:
    """Write `face.onnx` with weights in single precision, as they were trained: to see what rounding them costs."""
    onnx.save(build(network), str(folder / "face.onnx"))
    _describe(network, folder, default_style)


def _save(graph: onnx.ModelProto, path: Path) -> None:
    narrow(graph)
    onnx.checker.check_model(graph)
    onnx.save(graph, str(path))


def _describe(network: FaceNet, folder: Path, default_style: tuple[float, ...]) -> None:
    ear.keep(network, folder)
    (folder / "face.json").write_text(describe(network.config, default_style).to_json() + "\n", "utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint", type=Path, help="or a folder of weights")
    parser.add_argument("-o", "--out", type=Path, required=True)
    parser.add_argument("--single", action="store_true", help="only face.onnx, four times as large, not rounded")
    parser.add_argument("--style", type=float, nargs="+", help="the default blend of styles, a weight for each")
    args = parser.parse_args()
    network = load(args.checkpoint)
    styles = network.config.styles
    style = tuple(args.style) if args.style else tuple(float(s == NATURAL) for s in styles)
    if len(style) != len(styles) or not np.isfinite(style).all() or not any(style):
        parser.error(f"--style needs {len(styles)} finite weights, not all of them 0, for {', '.join(styles)}")
    args.out.mkdir(parents=True, exist_ok=True)
    (export_single if args.single else export)(network, args.out, style)


if __name__ == "__main__":
    sys.exit(command.run(main))
