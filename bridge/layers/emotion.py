"""The emotion layer: eight emotions as offsets of the face, as strong as they are set, eased from one to the next.

Faces follow the action units of the emotions in Ekman and Friesen's EMFACS (happy 6+12, sad 1+4+15, angry 4+5+7+23,
surprised 1+2+5+26, fearful 1+2+4+5+20+26, disgusted 9+10+15), each unit as the ARKit shapes that move the same skin.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from bridge.dsp.noise import F64
from bridge.errors import ConfigError
from bridge.layers.blend import Layer
from bridge.layers.cues import Cues
from bridge.layers.speech import Hold
from bridge.types import EMOTIONS, SHAPE_COUNT, SHAPE_INDEX, motion

_FACES: Final[dict[str, dict[str, float]]] = {
    "happy": {"mouthSmile*": 0.6, "cheekSquint*": 0.5, "eyeSquint*": 0.25, "mouthDimple*": 0.12, "browOuterUp*": 0.1},
    "sad": {"browInnerUp": 0.7, "browDown*": 0.2, "mouthFrown*": 0.5, "mouthShrugLower": 0.25, "eyeSquint*": 0.1},
    "angry": {
        **{"browDown*": 0.9, "eyeWide*": 0.2, "eyeSquint*": 0.3, "mouthPress*": 0.4, "noseSneer*": 0.35},
        **{"mouthFrown*": 0.2, "mouthRollLower": 0.15},
    },
    "surprised": {"browInnerUp": 0.7, "browOuterUp*": 0.7, "eyeWide*": 0.7, "jawOpen": 0.22, "mouthFunnel": 0.1},
    "fearful": {
        **{"browInnerUp": 0.8, "browOuterUp*": 0.25, "browDown*": 0.25, "eyeWide*": 0.7, "mouthStretch*": 0.5},
        **{"jawOpen": 0.08},
    },
    "disgusted": {
        **{"noseSneer*": 0.7, "browDown*": 0.45, "cheekSquint*": 0.35, "eyeSquint*": 0.3, "mouthUpperUp*": 0.3},
        **{"mouthFrown*": 0.3, "mouthShrugLower": 0.2},
    },
    "content": {"mouthSmile*": 0.28, "cheekSquint*": 0.15, "eyeSquint*": 0.12, "mouthDimple*": 0.05},
}
# Head pitch, yaw and roll in degrees, and how far the eyes go down.
_HEAD_DEG: Final[dict[str, tuple[float, float, float]]] = {
    "happy": (-1.5, 0.0, 1.0),
    "sad": (5.0, 0.0, 1.5),
    "angry": (2.5, 0.0, 0.0),
    "surprised": (-3.0, 0.0, 0.0),
    "fearful": (-2.0, 1.5, 0.0),
    "disgusted": (-2.0, -2.5, 1.0),
    "content": (-0.5, 0.0, 1.0),
}
_GAZE_DOWN_DEG: Final[dict[str, float]] = {"sad": 5.0}

# How much larger or smaller gestures become: joy and anger widen them, sadness takes them back (Wallbott 1998).
_ENERGY: Final[dict[str, float]] = {
    **{"happy": 0.25, "sad": -0.5, "angry": 0.35, "surprised": 0.15, "fearful": -0.2, "disgusted": -0.2},
    **{"content": -0.1},
}

_WHILE_SPEAKING: Final[dict[str, float]] = {
    **{"mouthSmile*": 0.55, "mouthDimple*": 0.5, "mouthFrown*": 0.5, "mouthStretch*": 0.3, "mouthUpperUp*": 0.0},
    **{"mouthShrugLower": 0.0, "mouthPress*": 0.0, "mouthRollLower": 0.0, "mouthFunnel": 0.0, "jawOpen": 0.0},
    **{"noseSneer*": 0.5},
}
"""What is left of a shape while the voice has the mouth: corners stay, what parts or shuts lips does not."""


def _row(shapes: dict[str, float], rest: float) -> F64:
    row = np.full(SHAPE_COUNT, rest)
    for name, value in shapes.items():
        for side in ("Left", "Right") if name.endswith("*") else ("",):
            row[SHAPE_INDEX[name.rstrip("*") + side]] = value
    return row


_FACE_TABLE: Final = np.stack([_row(_FACES.get(name, {}), 0.0) for name in EMOTIONS])
_HEAD_TABLE: Final = np.deg2rad([_HEAD_DEG.get(name, (0.0, 0.0, 0.0)) for name in EMOTIONS])
_GAZE_TABLE: Final = np.deg2rad([(0.0, _GAZE_DOWN_DEG.get(name, 0.0)) for name in EMOTIONS])
_ENERGY_TABLE: Final = np.array([[_ENERGY.get(name, 0.0)] for name in EMOTIONS])
_YIELDED: Final = 1.0 - _row(_WHILE_SPEAKING, 1.0)
_LIPS: Final = np.where(_YIELDED == 1.0, 1.0, 0.0)
_CORNERS: Final = np.where(_YIELDED < 1.0, _YIELDED, 0.0)


class EmotionLayer:
    """The emotion a subject shows. Cues are laid on the timeline, so a frame can be rendered again."""

    def __init__(self) -> None:
        self._cues = Cues(np.zeros(len(EMOTIONS)))

    def set(self, name: str, intensity: float, index: int) -> None:
        """Show emotion `name` at `intensity` 0..1, eased in from frame `index` on. Raises ConfigError.

        A cue replaces those set for `index` or later.
        """
        if name not in EMOTIONS:
            raise ConfigError(f"there is no emotion '{name}'; there are {', '.join(EMOTIONS)}")
        if not 0.0 <= intensity <= 1.0:
            raise ConfigError(f"an emotion's intensity lies between 0 and 1, and {intensity:g} does not")
        strengths = np.zeros(len(EMOTIONS))
        strengths[EMOTIONS.index(name)] = intensity
        self._cues.set(strengths, index)

    def forget_before(self, index: int) -> None:
        """Let go of cues that have been eased in by `index`, but for the last such. Bounds the memory."""
        self._cues.forget_before(index)

    def layers(self, first_index: int, count: int, voice: Hold) -> list[Layer]:
        """The layer for `count` frames from `first_index` on, or none; `voice` is how far it has the face."""
        strengths = self._cues.at(first_index, count)
        if not strengths.any():
            return []
        frames = motion(
            first_index,
            # What would part or shut the lips makes way at once, corners of the mouth gently.
            _weighted(strengths, _FACE_TABLE)
            * (1.0 - voice.mouth[:, None] * _LIPS)
            * (1.0 - voice.face[:, None] * _CORNERS),
            head_rad=_weighted(strengths, _HEAD_TABLE),
            gaze_rad=_weighted(strengths, _GAZE_TABLE),
        )
        return [Layer("emotion", frames)]

    def energy(self, first_index: int, count: int) -> F64:
        """[T] how large gestures are in `count` frames from `first_index` on, against those without an emotion."""
        return 1.0 + _weighted(self._cues.at(first_index, count), _ENERGY_TABLE)[:, 0]


def _weighted(strengths: F64, table: F64) -> F64:
    """[T, K] the rows of `table` [8, K] by `strengths` [T, 8], summed in one order whatever T is."""
    out = np.zeros((len(strengths), table.shape[1]))
    for k in range(len(table)):
        out += strengths[:, k, None] * table[k]
    return out
