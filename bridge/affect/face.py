"""Feelings in the face: ARKit shapes read as the action units of EMFACS (Ekman and Friesen), against the face at rest.

A face that moves to speak is not read at the mouth as one that is silent; and a still face says little.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from bridge.affect import Evidence, evidence
from bridge.timebase import FPS_DEN, FPS_NUM
from bridge.types import F32, SHAPE_COUNT, SHAPE_INDEX

F64 = NDArray[np.float64]

WINDOW_FRAMES: Final = FPS_NUM // FPS_DEN // 2
"""The face is judged by the mean of the last half second: shorter is a twitch."""

_REST_FALLS_S: Final = 2.0
_REST_RISES_S: Final = 60.0
"""The face at rest is followed down quickly and up slowly, so that a long smile stays a smile."""

_TRUST: Final = 0.6
_MOUTH_WHILE_SPEAKING: Final = 0.4
_NEUTRAL_PRIOR: Final = 0.25


class FaceReader:
    """Watches one face. `push` frames as they come, `read` what they tell. Not thread-safe."""

    _recent: F32
    _rest: F64 | None

    def __init__(self) -> None:
        self.reset()

    def push(self, face: F32) -> None:
        """Take the shapes of T consecutive frames at 60 Hz, [T, 52]."""
        if not len(face):
            return
        self._recent = np.concatenate([self._recent, face])[-WINDOW_FRAMES:]
        seconds = len(face) * FPS_DEN / FPS_NUM
        mean = face.mean(axis=0, dtype=np.float64)
        if self._rest is None:
            # Nobody's rest is known at first; shapes that most faces have at rest are taken off.
            self._rest = np.minimum(mean, _USUAL_REST)
        time_s = np.where(mean < self._rest, _REST_FALLS_S, _REST_RISES_S)
        self._rest = self._rest + (mean - self._rest) * (1.0 - np.exp(-seconds / time_s))

    def read(self, *, speaking: bool = False) -> Evidence:
        """What the last half second tells. Confidence is 0 while too little was seen."""
        if self._rest is None or len(self._recent) < WINDOW_FRAMES // 3:
            return evidence("face", {}, 0.0, 0.0)
        shown = np.maximum(self._recent.mean(axis=0, dtype=np.float64) - self._rest, 0.0)
        scores = score(shown, mouth=_MOUTH_WHILE_SPEAKING if speaking else 1.0)
        strongest = max(scores.values())
        return evidence("face", scores | {"neutral": _NEUTRAL_PRIOR}, _TRUST * (0.2 + 0.8 * strongest), strongest)

    def reset(self) -> None:
        """Another face: forget everything."""
        self._recent = np.zeros((0, SHAPE_COUNT), np.float32)
        self._rest = None


def score(shown: F64, mouth: float = 1.0) -> dict[str, float]:
    """How much a face [52] shows of each emotion but neutral, 0..1; `mouth` is how far the mouth is to be believed."""

    def of(name: str, low: float, high: float) -> float:
        """How far a shape, or the mean of both its sides, is on its way from `low` to `high`."""
        sides = ("Left", "Right") if name.endswith("*") else ("",)
        value = sum(float(shown[SHAPE_INDEX[name.rstrip("*") + side]]) for side in sides) / len(sides)
        return min(max((value - low) / (high - low), 0.0), 1.0)

    smile = mouth * of("mouthSmile*", 0.12, 0.5)
    little_smile = mouth * of("mouthSmile*", 0.06, 0.22) * (1.0 - of("mouthSmile*", 0.3, 0.5))
    frown = mouth * of("mouthFrown*", 0.08, 0.35)
    inner, outer = of("browInnerUp", 0.15, 0.5), of("browOuterUp*", 0.2, 0.55)
    wide, lowered = of("eyeWide*", 0.12, 0.5), of("browDown*", 0.2, 0.6)
    sneer, lifted = of("noseSneer*", 0.12, 0.5), mouth * of("mouthUpperUp*", 0.08, 0.3)
    stretch = mouth * of("mouthStretch*", 0.12, 0.4)
    pressed = mouth * of("mouthPress*", 0.1, 0.35)
    opened = mouth * of("jawOpen", 0.08, 0.25)
    sad_brow = inner * (1.0 - outer) * (1.0 - wide)
    return {
        "happy": smile * (0.6 + 0.4 * of("cheekSquint*", 0.1, 0.4)),
        "content": 0.7 * little_smile,
        "sad": (1.0 - smile) * (0.55 * frown * (1.0 - sneer) * (1.0 - 0.7 * lowered) + 0.45 * sad_brow),
        "angry": lowered * (0.5 + 0.5 * max(pressed, wide)) * (1.0 - smile) * (1.0 - lifted),
        "surprised": min(inner, outer) * (0.5 + 0.5 * max(wide, opened)) * (1.0 - 0.7 * stretch),
        "fearful": inner * wide * (0.3 + 0.7 * stretch) * (1.0 - 0.7 * outer * (1.0 - stretch)),
        "disgusted": sneer * (0.4 + 0.6 * lifted) * (1.0 - 0.5 * pressed),
    }


def _usual_rest() -> F64:
    rest = np.full(SHAPE_COUNT, 0.05)
    for name, value in {
        "eyeBlink": 0.2,
        "eyeSquint": 0.2,
        "browDown": 0.15,
        "cheekSquint": 0.1,
        "mouthPress": 0.15,
    }.items():
        for side in ("Left", "Right"):
            rest[SHAPE_INDEX[name + side]] = value
    rest[SHAPE_INDEX["browInnerUp"]] = 0.1
    return rest


_USUAL_REST: Final = _usual_rest()
