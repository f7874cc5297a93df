"""Silero VAD (github.com/snakers4/silero-vad, MIT), from the ONNX file that the package faster-whisper carries.

The network takes 512 samples at 16 kHz with the 64 before them, and carries the state of an LSTM, `h` and `c`
[1, 1, 128], from window to window (faster_whisper/vad.py, version 6 of the network).
"""

from __future__ import annotations

import functools
import importlib.util
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from bridge.errors import ModelError
from bridge.onnx import OnnxNetwork
from bridge.types import F32

WINDOW: Final = 512
_CONTEXT: Final = 64
_STATE: Final = (1, 1, 128)


@dataclass(frozen=True, slots=True)
class Options:
    """Where the network is."""

    model: str = ""
    """An ONNX file with the inputs `input`, `h` and `c`; empty: the one that faster-whisper carries."""


class Silero:
    """The detector as a `Vad`. Windows are run one by one, so that any chunking gives the same numbers."""

    def __init__(self, network: OnnxNetwork) -> None:
        self._network = network
        self._held: F32 = np.zeros(_CONTEXT, np.float32)
        self._h = self._c = np.zeros(_STATE, np.float32)

    @property
    def window(self) -> int:
        """512 samples, 32 ms."""
        return WINDOW

    def push(self, samples: F32) -> list[float]:
        """Take samples [N] at 16 kHz and return the probability of each window they complete. Raises ModelError."""
        joined = np.concatenate([self._held, samples], dtype=np.float32)
        count = (len(joined) - _CONTEXT) // WINDOW
        self._held = joined[count * WINDOW :].copy()
        return [self._run(joined[i * WINDOW : (i + 1) * WINDOW + _CONTEXT]) for i in range(count)]

    def reset(self) -> None:
        """Forget everything heard."""
        self._held = np.zeros(_CONTEXT, np.float32)
        self._h = self._c = np.zeros(_STATE, np.float32)

    def _run(self, samples: F32) -> float:
        out = self._network({"input": samples[None], "h": self._h, "c": self._c})
        self._h, self._c = out["hn"], out["cn"]
        return float(out["speech_probs"][0])


def build(options: Options) -> Silero:
    """A detector for one microphone; the network behind it is opened once. Raises ModelError where there is none."""
    return Silero(_network(Path(options.model) if options.model else _carried()))


@functools.cache
def _network(path: Path) -> OnnxNetwork:
    return OnnxNetwork(path)


def _carried() -> Path:
    """The file in faster-whisper's folder, found without importing it, which takes seconds."""
    spec = importlib.util.find_spec("faster_whisper")
    folders = spec.submodule_search_locations if spec else None
    for folder in folders or ():
        if found := sorted(Path(folder, "assets").glob("silero_vad*.onnx")):
            return found[-1]
    raise ModelError("The speech detector's network is not here: it comes with the package faster-whisper.")
