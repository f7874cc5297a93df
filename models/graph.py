"""The network of `models.model` as an ONNX graph, operation by operation.

At a frame a call, the number of operations and what they copy take as long as the arithmetic. So the graph is written
by hand, with fewer operations than an exporter makes of the Python, and its state is kept where it is: each array is a
ring of rows, in which a call overwrites the oldest (ONNX's TensorScatter, which onnxruntime does in place where the
array that comes out is bound to the one that goes in). It computes the same as torch, which a test holds.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from models.config import pasts_of
from models.model import MASKED, FaceNet

OPSET: Final = 24
"""The first with TensorScatter."""
IR_VERSION: Final = 11
"""The format that goes with the opset."""
PREFIX: Final = "network."
"""Of the names of parameters and buffers. Weights of linear layers are turned round: [inputs, outputs]."""


def build(network: FaceNet) -> onnx.ModelProto:
    """The network as a graph, for any number of streams and frames a call."""
    graph = _FaceGraph(network)
    graph.face()
    return graph.model()


class _Graph:
    """Operations in the order they are made, and the constants they read. Values go by their names."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: dict[str, NDArray[Any]] = {}

    def constant(self, name: str, value: Any, dtype: Any = np.float32) -> str:
        self.constants[name] = np.asarray(value, dtype)
        return name

    def integers(self, *values: int) -> str:
        return self.constant("_".join(["integers", *map(str, values)]), values, np.int64)

    def integer(self, value: int) -> str:
        return self.constant(f"integer_{value}", value, np.int64)

    def ops(self, kind: str, *inputs: str, outs: tuple[str, ...], **settings: Any) -> tuple[str, ...]:
        """One operation with several results, whose names are handed back."""
        self.nodes.append(helper.make_node(kind, inputs, outs, f"{kind}_{len(self.nodes)}", **settings))
        return outs

    def op(self, kind: str, *inputs: str, out: str = "", **settings: Any) -> str:
        """One operation with one result."""
        return self.ops(kind, *inputs, outs=(out or f"{kind}_{len(self.nodes)}.out",), **settings)[0]

    def size(self, array: str, axis: int) -> str:
        """The size of an axis, as a list of one."""
        return self.op("Shape", array, start=axis, end=axis + 1)

    def range(self, size: str) -> str:
        """The integers from 0 to below a size."""
        return self.op("Range", self.integer(0), self.op("Squeeze", size), self.integer(1))


class _FaceGraph(_Graph):
    """The parts of `FaceNet`, named as there."""

    def __init__(self, network: FaceNet) -> None:
        super().__init__()
        self.config = network.config
        self.weights = {n: p.detach().cpu().numpy() for n, p in (*network.named_parameters(), *network.named_buffers())}
        # Of each frame, which row of the stream it is [T, 1]; all streams of a call have heard as many.
        frame = self.op("Unsqueeze", self.range(self.size("mel", 1)), self.integers(1))
        self.row = self.op("Add", frame, self.op("Gather", "heard", self.integer(0)))

    def weight(self, name: str) -> str:
        return self.constant(f"{PREFIX}{name}", self.weights[name])

    def turned(self, name: str) -> str:
        """The weight of a linear layer, [inputs, outputs]."""
        return self.constant(f"{PREFIX}{name}.weight", self.weights[f"{name}.weight"].T)

    def product(self, x: str, name: str) -> str:
        """A linear layer without its bias."""
        return self.op("MatMul", x, self.turned(name))

    def linear(self, x: str, name: str) -> str:
        return self.op("Add", self.product(x, name), self.weight(f"{name}.bias"))

    def gelu(self, x: str, bias: str) -> str:
        return self.op("Gelu", self.op("Add", x, bias))

    def norm(self, x: str, name: str) -> str:
        return self.op("LayerNormalization", x, self.weight(f"{name}.weight"), self.weight(f"{name}.bias"), axis=-1)

    def remember(self, state: str, new: str) -> str:
        """The ring of a state with new rows in the place of its oldest."""
        return self.op("TensorScatter", state, new, "heard", out=f"next_{state}", axis=1, mode="circular")

    def windows(self, ring: str, offsets: str) -> str:
        """The rows at the offsets [n] from each frame's newest one: [B, T, n, width]."""
        place = self.op("Mod", self.op("Add", self.row, offsets), self.size(ring, 1))
        return self.op("Gather", ring, place, axis=1)

    def bias(self, part: str, past: int) -> str:
        """`models.model.distance_bias` on the keys as they lie in their ring, [1, heads, T, ring]."""
        count = self.size(pasts_of(part, 0)[0], 1)
        distance = self.op("Mod", self.op("Sub", self.row, self.range(count)), count)
        distance = self.op("Min", distance, self.integer(past + 1))
        table = np.full((1, self.config.heads, past + 2), MASKED, np.float32)
        table[0, :, :-1] = -self.weights["slopes"][:, None] * np.arange(past + 1)
        return self.op("Gather", self.constant(f"{part}.distances", table), distance, axis=2)

    def rows(self) -> str:
        c = self.config
        offsets = self.integers(*range(1 - c.row_taps, 1))
        window = self.windows(self.remember("mel_past", "mel"), offsets)
        stacked = self.op("Reshape", window, self.integers(0, 0, c.row_taps * c.mel_width))
        return self.linear(self.gelu(self.product(stacked, "rows.hidden"), self.weight("rows.hidden.bias")), "rows.out")

    def front(self) -> str:
        c = self.config
        ring = self.remember("row_past", self.rows())
        # Of each lookahead, where the window lies, and which of its rows have been heard.
        unheard = c.future_rows - self.weights["front.lookahead_frames"][:, None]
        offsets = unheard + np.arange(1 - c.window_rows, 1)
        chosen = self.op("Gather", self.constant("front.offsets", offsets, np.int64), "lookahead")
        heard = self.op("Gather", self.constant("front.heard", offsets[..., None] <= 0), "lookahead")
        window = self.op("Mul", self.windows(ring, chosen), heard)
        window = self.op("Reshape", window, self.integers(0, 0, c.window_rows * c.row_width))
        of_lookahead = self.op("Gather", self.weight("front.lookahead.weight"), "lookahead")
        return self.linear(self.gelu(self.linear(window, "front.hidden"), of_lookahead), "front.out")

    def layers(self, part: str, path: str, x: str, count: int, past: int) -> str:
        bias = self.bias(part, past)
        heads = {"q_num_heads": self.config.heads, "kv_num_heads": self.config.heads}
        for i in range(count):
            here = f"{path}.{i}"
            qkv = self.linear(self.norm(x, f"{here}.attention_norm"), f"{here}.qkv")
            q, *new = self.ops("Split", qkv, outs=(f"{here}.q", f"{here}.k", f"{here}.v"), axis=2, num_outputs=3)
            keys, values = map(self.remember, pasts_of(part, i), new)
            mixed = self.linear(self.op("Attention", q, keys, values, bias, **heads), f"{here}.mix")
            x = self.op("Add", x, mixed)
            spread = self.product(self.norm(x, f"{here}.feedforward_norm"), f"{here}.up")
            x = self.op("Add", x, self.linear(self.gelu(spread, self.weight(f"{here}.up.bias")), f"{here}.down"))
        return x

    def said(self, heard: str) -> str:
        c = self.config
        of_emotion = self.op("Gemm", "emotion", self.turned("emotion"))
        manner = self.op("Gemm", "style", self.turned("style"), of_emotion)
        x = self.op("Add", heard, self.op("Unsqueeze", manner, self.integers(1)))
        return self.norm(self.layers("trunk", "layers", x, c.layers, c.past_frames), "norm")

    def lips(self, said: str) -> str:
        in_each = self.op("MatMul", self.op("Unsqueeze", said, self.integers(1)), self.weight("face"))
        in_each = self.op("Add", in_each, self.op("Unsqueeze", self.weight("face_bias"), self.integers(1)))
        weighed = self.op("Mul", in_each, self.op("Unsqueeze", "style", self.integers(2, 3)))
        blended = self.op("ReduceSum", weighed, self.integers(1), keepdims=0)
        return self.op("Mul", self.op("Sigmoid", blended), self.weight("predicted"))

    def life(self, heard: str, said: str) -> tuple[str, ...]:
        c = self.config
        x = self.linear(self.norm(heard, "life.heard_norm"), "life.heard")
        x = self.op("Add", x, self.linear(said, "life.said"))
        x = self.op("Add", x, self.linear("noise", "life.noise"))
        x = self.norm(self.layers("life", "life.layers", x, c.life_layers, c.life_past_frames), "life.norm")
        moved = self.op("Mul", self.linear(x, "life.out"), self.weight("life.units"))
        sizes = self.integers(len(self.weights["brows"]), 3, 2, 3 * len(c.joints))
        return self.ops("Split", moved, sizes, outs=("life.brows", "head", "gaze", "life.body"), axis=2)

    def face(self) -> None:
        heard = self.front()
        said = self.said(heard)
        brows, _, _, body = self.life(heard, said)
        brows = self.op("Clip", brows, self.constant("shut", 0), self.constant("full", 1))
        self.op("Add", self.lips(said), self.op("MatMul", brows, self.weight("brows")), out="face")
        self.op("Reshape", body, self.integers(0, 0, len(self.config.joints), 3), out="body")

    def model(self) -> onnx.ModelProto:
        c = self.config

        def array(name: str, *shape: int | str, kind: int = TensorProto.FLOAT) -> onnx.ValueInfoProto:
            return helper.make_tensor_value_info(name, kind, shape)

        each = "streams", "frames"
        states = {name: ("streams", f"{name}_rows", width) for name, (_, _, width) in c.states.items()}
        inputs = [
            array("mel", *each, c.mel_width),
            array("style", "streams", len(c.styles)),
            array("emotion", "streams", c.emotion_count),
            array("lookahead", kind=TensorProto.INT64),
            array("noise", *each, len(c.noise_hz)),
            array("heard", "streams", kind=TensorProto.INT64),
            *(array(name, *shape) for name, shape in states.items()),
        ]
        outputs = [
            array("face", *each, c.shape_count),
            array("head", *each, 3),
            array("gaze", *each, 2),
            array("body", *each, len(c.joints), 3),
            *(array(f"next_{name}", *shape) for name, shape in states.items()),
        ]
        constants = [numpy_helper.from_array(np.ascontiguousarray(a), name) for name, a in self.constants.items()]
        return helper.make_model(
            helper.make_graph(self.nodes, "face", inputs, outputs, constants),
            opset_imports=[helper.make_opsetid("", OPSET)],
            ir_version=IR_VERSION,
        )
