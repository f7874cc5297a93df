"""The network with its linear layers in eight bits: weights and what they are multiplied with.

Weights are the steps in which they ship (`models.stored`). What goes into a layer is rounded as it comes, each block of
each frame by its own largest value, so no scales have to be found beforehand and frames do not weigh on each other. By
onnxruntime's MatMulNBits (ContribOperators.md) with accuracy level 4, for which there are kernels for x86-64 (AVX2 and
newer) and arm64.
"""

from __future__ import annotations

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

from models import stored

BLOCK = 64
"""How many inputs share a scale. Of 32, 64 and 128, which err alike, it is as fast as any and the smallest file."""
DOMAIN = "com.microsoft"
# What a step of zero is kept as.
ZERO = 128


def to_int8(model: onnx.ModelProto) -> onnx.ModelProto:
    """A copy of a graph in single precision, its weights in whole steps, that multiplies in eight bits."""
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    graph = copy.graph
    arrays = {t.name: a for t in graph.initializer if (a := numpy_helper.to_array(t)).size >= stored.LEAST_SIZE}
    for node in graph.node:
        name = node.input[1] if node.op_type == "MatMul" else ""
        if name not in arrays or (found := stored.in_bytes(arrays[name])) is None:
            continue
        steps, scale = found
        if scale.shape[0] != 1 or steps.ndim != 2:  # not one scale for each output
            continue
        inputs, outputs = steps.shape
        blocks = in_blocks(steps)
        scales = np.repeat(scale.reshape(outputs, 1), blocks.shape[1], 1)
        graph.initializer.append(numpy_helper.from_array(blocks, f"{name}.blocks"))
        graph.initializer.append(numpy_helper.from_array(scales, f"{name}.scales"))
        attributes = {"K": inputs, "N": outputs, "bits": 8, "block_size": BLOCK, "accuracy_level": 4}
        node.CopyFrom(
            helper.make_node(
                "MatMulNBits",
                [node.input[0], f"{name}.blocks", f"{name}.scales"],
                node.output,
                node.name,
                domain=DOMAIN,
                **attributes,
            )
        )
    _drop_unused(graph)
    copy.opset_import.append(helper.make_opsetid(DOMAIN, 1))
    return copy


def in_blocks(steps: NDArray[np.int8]) -> NDArray[np.uint8]:
    """Steps [K, N] as MatMulNBits wants them: [N, ceil(K / BLOCK), BLOCK], counted from 128, zeros at the end."""
    inputs, outputs = steps.shape
    padded = np.full((outputs, -(-inputs // BLOCK) * BLOCK), ZERO, np.uint8)
    padded[:, :inputs] = steps.T.astype(np.int16) + ZERO
    return padded.reshape(outputs, -1, BLOCK)


def _drop_unused(graph: onnx.GraphProto) -> None:
    used = {name for node in graph.node for name in node.input}
    for tensor in [t for t in graph.initializer if t.name not in used]:
        graph.initializer.remove(tensor)
