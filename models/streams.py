"""Many streams of the face network as one batch on a device, their states kept there from tick to tick."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import onnxruntime as ort  # type: ignore[import-untyped]
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from bridge.errors import DeviceError, ModelError
from models.model import Face, FaceNet, Query, State

PROVIDERS = {"cpu": "CPUExecutionProvider", "cuda": "CUDAExecutionProvider"}
WARM_UP_CALLS = 3

Frames = dict[str, NDArray[np.float32]]


class Streams(Protocol):
    """A batch of streams: whoever runs it writes what they hear into `mel` and `noise`, then ticks."""

    mel: NDArray[np.float32]
    """[N, T, 128] in the host's memory, where a GPU fetches it quickest"""
    noise: NDArray[np.float32]
    """[N, T, channels]"""

    def tick(self) -> Frames:
        """The frames of `mel` and `noise` by the network's names, [N, T, ...] in the host's memory until the next."""
        ...


class OnnxStreams:
    """By onnxruntime: all arrays are bound on the device, where the states are rings that are written in place."""

    def __init__(self, session: Any, query: Query, state: State, device: str) -> None:
        """`session` is `onnx_session`'s; `query` and `state` are arrays of a call."""
        self._session = session
        self._frames = query.mel.shape[1]
        self.mel, self.noise = (_on_host(array, device).numpy() for array in (query.mel, query.noise))
        self._heard = np.zeros(len(query.mel), np.int64)
        # The oldest rows come first, and behind them lies what is remembered.
        room = {name: array.new_zeros(len(array), self._frames, array.shape[2]) for name, array in state.items()}
        rings = {name: _ort_value(torch.cat([room[name], array], 1), device) for name, array in state.items()}
        arrays = {name: _ort_value(array, device) for name, array in query._asdict().items()}
        arrays["heard"] = _ort_value(torch.from_numpy(self._heard), device)
        self._fresh = (arrays["mel"], self.mel), (arrays["noise"], self.noise), (arrays["heard"], self._heard)
        self._binding = session.io_binding()
        for name, array in (arrays | rings).items():
            self._binding.bind_ortvalue_input(name, array)
        for name in Face._fields:
            self._binding.bind_output(name, device)
        for name, array in rings.items():
            self._binding.bind_ortvalue_output(f"next_{name}", array)

    def tick(self) -> Frames:
        for array, host in self._fresh:
            array.update_inplace(host)
        self._binding.synchronize_inputs()
        self._session.run_with_iobinding(self._binding)
        self._binding.synchronize_outputs()
        self._heard += self._frames
        return {name: array.numpy() for name, array in zip(Face._fields, self._binding.get_outputs(), strict=False)}


def onnx_session(path: Path, device: str, threads: int = 1, tf32: bool = False) -> Any:
    """The network of a file, loaded on the device. Raises DeviceError without the provider, ModelError for the file.

    `tf32` lets a GPU round the factors of matrix products to ten bits of mantissa.
    """
    provider = PROVIDERS[device]
    if provider not in ort.get_available_providers():
        raise DeviceError(f"onnxruntime has no {provider} here: put onnxruntime-gpu in onnxruntime's place.")
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    # torch, imported above, has loaded the CUDA libraries that this provider looks for.
    settings = {"use_tf32": str(int(tf32)), "arena_extend_strategy": "kSameAsRequested"} if device == "cuda" else {}
    try:
        session = ort.InferenceSession(str(path), options, providers=[(provider, settings)])
    # onnxruntime's errors have no base of their own below Exception.
    except Exception as e:
        raise ModelError(f"{path} is no network that {provider} can run: {e}") from e
    # It falls back on the CPU without a word.
    if session.get_providers()[0] != provider:
        raise DeviceError(f"onnxruntime could not start its {provider}: its log says why.")
    return session


def _ort_value(array: Tensor, device: str) -> Any:
    return ort.OrtValue.ortvalue_from_numpy(array.cpu().numpy(), device, 0)


def _on_host(array: Tensor, device: str) -> Tensor:
    return torch.zeros(array.shape, dtype=array.dtype, pin_memory=device == "cuda")


class TorchStreams:
    """By torch, where the network is. On a GPU the whole call is replayed as one CUDA graph, unless `eager`."""

    @torch.no_grad()
    def __init__(self, network: FaceNet, query: Query, state: State, *, eager: bool = False, compiled: bool = False):
        """`query` and `state` are arrays of a call, on the network's device, and are used up."""
        self._device = network.face.device
        self._query, self._state = query._replace(lookahead=int(query.lookahead)), state
        network = with_one_lookahead(network, query.lookahead)
        self._network = torch.compile(network) if compiled else network
        frames, _ = self._network(self._query, self._state)
        self._faces = [_on_host(array, self._device.type) for array in frames]
        self._fresh = [(array, _on_host(array, self._device.type)) for array in (query.mel, query.noise)]
        self.mel, self.noise = (host.numpy() for _, host in self._fresh)
        self._call = self._step if eager or self._device.type != "cuda" else self._captured()

    def _step(self) -> Face:
        frames, self._state = self._network(self._query, self._state)
        return frames

    def _captured(self) -> Callable[[], Face]:
        """The call as a graph, which reads and writes the same arrays each time it is replayed."""
        kept = self._state

        def step() -> Face:
            frames, following = self._network(self._query, kept)
            for name, array in kept.items():
                array.copy_(following[name])
            return frames

        # As torch's notes on CUDA graphs ask: some calls on a stream of their own, so that libraries are set up.
        aside = torch.cuda.Stream()
        aside.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(aside):
            for _ in range(WARM_UP_CALLS):
                step()
        torch.cuda.current_stream().wait_stream(aside)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            frames = step()
        for array in kept.values():
            array.zero_()

        def replay() -> Face:
            graph.replay()
            return frames

        return replay

    @torch.no_grad()
    def tick(self) -> Frames:
        for array, host in self._fresh:
            array.copy_(host, non_blocking=True)
        for host, array in zip(self._faces, self._call(), strict=True):
            host.copy_(array, non_blocking=True)
        if self._device.type == "cuda":
            torch.cuda.synchronize(self._device)
        return {name: host.numpy() for name, host in zip(Face._fields, self._faces, strict=True)}


def with_one_lookahead(network: FaceNet, lookahead: Tensor) -> FaceNet:
    """A copy whose embedding of the lookahead is looked up beforehand, so that it can be called with a plain number.

    An index on the device is read back by the host in each call, which waits for it; no CUDA graph may do that.
    """
    fixed = copy.deepcopy(network).eval()
    fixed.front.lookahead = _Row(network.front.lookahead(lookahead))
    return fixed


class _Row(nn.Module):
    def __init__(self, row: Tensor) -> None:
        super().__init__()
        self.register_buffer("row", row.detach())

    def forward(self, _: Tensor) -> Tensor:
        return self.row
