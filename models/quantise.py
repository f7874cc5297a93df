"""The network with the weights and inputs of its large linear layers in eight bits.

Scales are fixed beforehand, from packed features, and not taken anew at each call: frames must not depend on how a
recording was cut into calls. What reads the log-mel rows, whose quiet parts say much, attention, normalisation, the
styles' last layers and what is drawn from noise stay in single precision.
"""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static

from bridge.errors import InputError
from models.config import FaceNetConfig
from models.data.pack import Pack

CALLS = 32
FRAMES = 240


class _Calls(CalibrationDataReader):
    """Calls of the network on stretches of packed features, in all styles, emotions and lookaheads."""

    def __init__(self, packs: Sequence[Pack], config: FaceNetConfig) -> None:
        self._calls = _calls([p for p in packs if len(p) > FRAMES], config)

    def get_next(self) -> dict[str, NDArray[Any]] | None:
        return next(self._calls, None)


def _calls(packs: Sequence[Pack], config: FaceNetConfig) -> Iterator[dict[str, NDArray[Any]]]:
    rng = np.random.default_rng(0)
    styles, emotions = (np.eye(n, dtype=np.float32) for n in (len(config.styles), config.emotion_count))
    for i in range(CALLS):
        source = packs[i % len(packs)]
        start = int(rng.integers(0, len(source) - FRAMES))
        yield {
            "mel": source.arrays["mel"][None, start : start + FRAMES].astype(np.float32),
            "style": rng.choice(styles)[None],
            "emotion": rng.choice(emotions)[None] * np.float32(rng.uniform(0, 1)),
            "lookahead": np.asarray(i % len(config.lookahead_frames), np.int64),
            "noise": rng.normal(size=(1, FRAMES, len(config.noise_hz))).astype(np.float32),
            **{name: np.zeros(shape, np.float32) for name, shape in config.states.items()},
        }


def to_int8(model: onnx.ModelProto, path: Path, packs: Sequence[Pack], config: FaceNetConfig) -> None:
    """Write `model`, with weights in single precision, to `path` in eight bits. Raises InputError without packs."""
    if not any(len(p) > FRAMES for p in packs):
        raise InputError(f"Eight bits need packed features to find their scales in: {FRAMES} frames or more.")
    # It recommends steps that change nothing here.
    logging.getLogger().addFilter(_not_recommending)
    try:
        with tempfile.TemporaryDirectory() as folder:
            single = Path(folder) / "single.onnx"
            onnx.save(model, str(single))
            quantize_static(
                str(single),
                str(path),
                _Calls(packs, config),
                quant_format=QuantFormat.QDQ,
                op_types_to_quantize=["MatMul"],
                nodes_to_exclude=_exact(model, config),
                per_channel=True,
                activation_type=QuantType.QUInt8,
                weight_type=QuantType.QInt8,
                extra_options={"MatMulConstBOnly": True},
            )
    finally:
        logging.getLogger().removeFilter(_not_recommending)


def _exact(model: onnx.ModelProto, config: FaceNetConfig) -> list[str]:
    """The names of the multiplications that stay as they are.

    All but those of the front and, in the trunk's layers, those after attention: what attention compares is spared.
    """
    weights = {tensor.name for tensor in model.graph.initializer}
    linear = [n.name for n in model.graph.node if n.op_type == "MatMul" and n.input[1] in weights]
    layers = [4 + 4 * i + part for i in range(config.layers) for part in (1, 2, 3)]
    return [name for i, name in enumerate(linear) if i not in {2, 3, *layers}]


def _not_recommending(record: logging.LogRecord) -> bool:
    return "pre-processing" not in record.getMessage()
