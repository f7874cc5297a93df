"""Networks in ONNX files. The only file that imports onnxruntime."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import onnxruntime as ort  # type: ignore[import-untyped]
from numpy.typing import NDArray

from bridge.errors import ModelError
from bridge.face.model import StreamingFaceModel
from bridge.face.network import FaceNetworkInfo


class OnnxNetwork:
    """A network ready to be called: arrays by name in, arrays by name out. Thread-safe; holds no state of a stream."""

    def __init__(self, path: Path, providers: tuple[str, ...] = ("CPUExecutionProvider",)) -> None:
        """Raises ModelError for a file that is missing or is no network. One thread works, so that calls stay even."""
        options = ort.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 3
        if not path.is_file():
            raise ModelError(f"There is no network at {path}.")
        try:
            self._session = ort.InferenceSession(str(path), options, providers=list(providers))
        # onnxruntime's errors have no base of their own below Exception.
        except Exception as e:
            raise ModelError(f"{path} is no network that can be run: {e}") from e
        self._outputs = [output.name for output in self._session.get_outputs()]

    @property
    def provider(self) -> str:
        """What runs the network, in onnxruntime's words, such as CPUExecutionProvider."""
        return str(self._session.get_providers()[0])

    def __call__(self, inputs: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
        """Run once. Raises ModelError where the arrays do not fit."""
        try:
            return dict(zip(self._outputs, self._session.run(self._outputs, dict(inputs)), strict=True))
        except Exception as e:
            raise ModelError(f"The network can't be run on what it was given: {e}") from e


PRECISIONS: Final = {"single": "face.onnx", "int8": "face.int8.onnx"}
"""What the face network can multiply in, and the file that does. In eight bits a call of few frames is quicker, most of
all on a busy machine; a shape then differs by up to 0.01 from single precision's, and by a tenth of that with how sound
is cut.
"""


class FaceNetwork:
    """The face network of a folder, from which any number of streams can be made. Thread-safe."""

    def __init__(
        self, folder: Path, providers: tuple[str, ...] = ("CPUExecutionProvider",), precision: str = "single"
    ) -> None:
        """`folder` holds `face.json` and the file of the `PRECISIONS` wanted. Raises ModelError for what is missing."""
        description = folder / "face.json"
        if not description.is_file():
            raise ModelError(f"There is no description of a face network at {description}.")
        self.info = FaceNetworkInfo.from_json(description.read_text("utf-8"))
        self._network = OnnxNetwork(folder / PRECISIONS[precision], providers)

    @property
    def provider(self) -> str:
        """What runs the network, in onnxruntime's words."""
        return self._network.provider

    def stream(self, lookahead_ms: int = 100, seed: int = 0) -> StreamingFaceModel:
        """A stream of its own, sharing the weights. Raises InputError for a lookahead that is not offered."""
        return StreamingFaceModel(self._network, self.info, lookahead_ms, seed)


def load_face_model(folder: Path, lookahead_ms: int = 100) -> StreamingFaceModel:
    """One stream of the face network of `folder`. For several at a time, share a `FaceNetwork`."""
    return FaceNetwork(folder).stream(lookahead_ms)
