"""Networks in ONNX files. The only file that imports onnxruntime."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
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

    def stream(self, states: Mapping[str, tuple[int, ...]]) -> OnnxStream:
        """The network with a memory of its own. Those made of one network share its weights."""
        return OnnxStream(self._session, states)

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


_DTYPES: Final = {"tensor(float)": np.float32, "tensor(int64)": np.int64}
# Rows of a ring beyond those that are remembered, by how many come at a time.
_ROOMS: Final = (4, 16, 64, 256)
# A ring is left as it is while its room is at most so many times what comes: moving costs what a call does.
_LOOSE: Final = 16


class OnnxStream:
    """A network that remembers what it has heard. Keeps `bridge.face.network.FaceStream`. Not thread-safe.

    Its arrays are bound once, and its memory is written in place: with a frame a call, handing arrays over and copying
    the memory takes a fifth of the time. Each array of the memory is a ring [1, rows, width] with room for a call
    beside the rows that must be remembered; its size follows the calls, as attention looks at all of a ring.
    """

    def __init__(self, session: Any, states: Mapping[str, tuple[int, ...]]) -> None:
        """`states` holds the shape [1, rows to remember, width] of each array of the memory."""
        self._session = session
        self._binding = session.io_binding()
        self._remembered = {name: shape[1] for name, shape in states.items()}
        self._rings = {name: np.zeros(shape, np.float32) for name, shape in states.items()}
        self._inputs = [node for node in session.get_inputs() if node.name not in states]
        self._outputs = [node for node in session.get_outputs() if node.name.removeprefix("next_") not in states]
        self._given: dict[str, NDArray[Any]] = {}
        self._found: dict[str, NDArray[Any]] = {}
        self._heard = 0
        self._frames = 0
        self._room = 0

    def __call__(self, inputs: Mapping[str, NDArray[Any]]) -> Mapping[str, NDArray[Any]]:
        """Run once. The next call overwrites what is handed back. Raises ModelError where the arrays do not fit."""
        frames = inputs["mel"].shape[1]
        try:
            if frames != self._frames:
                self._expect(frames)
            for name, array in inputs.items():
                self._given[name][...] = array
            self._given["heard"][0] = self._heard
            self._session.run_with_iobinding(self._binding)
        # onnxruntime's errors have no base of their own below Exception.
        except Exception as e:
            raise ModelError(f"The network can't be run on what it was given: {e}") from e
        self._heard += frames
        return self._found

    def reset(self) -> None:
        """Forget: from now on, what came before is endless silence."""
        self._heard = 0
        for ring in self._rings.values():
            ring[:] = 0

    def _expect(self, frames: int) -> None:
        """Bind arrays for calls of so many frames."""
        if not frames <= self._room <= _LOOSE * frames:
            self._make_room(next((room for room in _ROOMS if room >= frames), frames))
        sizes = {"streams": 1, "frames": frames}
        for nodes, arrays, bind in (
            (self._inputs, self._given, self._binding.bind_ortvalue_input),
            (self._outputs, self._found, self._binding.bind_ortvalue_output),
        ):
            for node in nodes:
                if node.name not in arrays or "frames" in node.shape:
                    array = arrays[node.name] = np.zeros([sizes.get(n, n) for n in node.shape], _DTYPES[node.type])
                    bind(node.name, ort.OrtValue.ortvalue_from_numpy(array))
        self._frames = frames

    def _make_room(self, room: int) -> None:
        """Move what is remembered to rings with room for so many frames more."""
        for name, ring in self._rings.items():
            rows = np.arange(self._heard - self._remembered[name], self._heard)
            moved = np.zeros((1, len(rows) + room, ring.shape[2]), np.float32)
            moved[:, rows % moved.shape[1]] = ring[:, rows % ring.shape[1]]
            self._rings[name] = moved
            value = ort.OrtValue.ortvalue_from_numpy(moved)
            self._binding.bind_ortvalue_input(name, value)
            self._binding.bind_ortvalue_output(f"next_{name}", value)
        self._room = room


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
        return StreamingFaceModel(self._network.stream(self.info.states), self.info, lookahead_ms, seed)


def load_face_model(folder: Path, lookahead_ms: int = 100) -> StreamingFaceModel:
    """One stream of the face network of `folder`. For several at a time, share a `FaceNetwork`."""
    return FaceNetwork(folder).stream(lookahead_ms)
