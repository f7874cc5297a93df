"""What the runtime must know of a trained face network: the file `face.json` beside its weights."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Protocol

from numpy.typing import NDArray

from bridge.dsp import logmel
from bridge.errors import ModelError
from bridge.types import ARKIT_BLENDSHAPES, EMOTIONS, SMPL_JOINTS


class FaceStream(Protocol):
    """The network, with what it has heard of one stream."""

    def __call__(self, inputs: Mapping[str, NDArray[Any]]) -> Mapping[str, NDArray[Any]]:
        """Hear the next rows and yield as many frames, those of the rows a lookahead earlier. Arrays go by their names.

        In: `mel` [1, T, 128] for any T >= 1, `noise` [1, T, N] (that of the frames which come out), `style` [1, S],
        `emotion` [1, 8], `lookahead` [] int64 (an index). Out, until the next call: `face` [1, T, 52], `head`
        [1, T, 3], `gaze` [1, T, 2], `body` [1, T, J, 3]. Raises ModelError for arrays that do not fit.
        """
        ...

    def reset(self) -> None:
        """Forget: from now on, what came before is endless silence."""
        ...


@dataclass(frozen=True, slots=True)
class FaceNetworkInfo:
    """The contract of one set of weights."""

    mel: dict[str, float]
    """`bridge.dsp.logmel.settings()` at training."""
    lookahead_frames: tuple[int, ...]
    """Frames of future audio, one for each value of the `lookahead` input."""
    styles: tuple[str, ...]
    """Names of the manners of speaking, one for each entry of the `style` input."""
    default_style: tuple[float, ...]
    """The blend of styles used unless told otherwise."""
    emotions: tuple[str, ...]
    shapes: tuple[str, ...]
    """Names of the columns of `face`."""
    states: dict[str, tuple[int, ...]]
    """What the network remembers: of each array [1, rows, width], by its input's name, how many rows at the least."""
    noise_hz: tuple[float, ...]
    """Knots a second of each channel of `noise`, as `bridge.dsp.noise.Noise` makes it."""
    joints: tuple[str, ...]
    """Names of the SMPL joints of `body`."""

    def to_json(self) -> str:
        """The text of `face.json`."""
        return json.dumps(asdict(self), indent=1)

    @staticmethod
    def from_json(text: str) -> FaceNetworkInfo:
        """Read `face.json`. Raises ModelError where it doesn't fit this program."""
        try:
            raw = json.loads(text)
            info = FaceNetworkInfo(
                mel={str(k): float(v) for k, v in raw["mel"].items()},
                lookahead_frames=tuple(int(n) for n in raw["lookahead_frames"]),
                styles=tuple(raw["styles"]),
                default_style=tuple(float(x) for x in raw["default_style"]),
                emotions=tuple(raw["emotions"]),
                shapes=tuple(raw["shapes"]),
                states={str(k): tuple(int(n) for n in v) for k, v in raw["states"].items()},
                noise_hz=tuple(float(hz) for hz in raw["noise_hz"]),
                joints=tuple(raw["joints"]),
            )
        except (ValueError, KeyError, TypeError, AttributeError) as e:
            raise ModelError(f"The description of the face network can't be read: {e}.") from e
        if any(len(shape) != 3 for shape in info.states.values()):
            raise ModelError("The face network was exported by another version of this program; export it anew.")
        if info.mel != logmel.settings():
            raise ModelError("The face network was trained on another log-mel than this program computes.")
        if info.shapes != ARKIT_BLENDSHAPES or info.emotions != EMOTIONS:
            raise ModelError("The face network has other shapes or emotions than this program.")
        if not set(info.joints) <= set(SMPL_JOINTS):
            raise ModelError("The face network moves joints that SMPL has not.")
        if len(info.default_style) != len(info.styles):
            raise ModelError("The face network's default style does not fit its styles.")
        return info
