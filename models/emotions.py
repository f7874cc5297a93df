"""The curves that are learned from, as an emotion would change them: `bridge/face/emotions.py` has the rule."""

from __future__ import annotations

import numpy as np

from bridge.face.emotions import MANNERS, Manner, factors
from bridge.types import EMOTIONS, F32


def coloured(face: F32, gap: F32, emotion: str, intensity: float) -> tuple[F32, F32]:
    """Faces [T, 52] and the lip gaps [T] that belong to them as an emotion of intensity 0..1 would change them."""
    strengths = np.array([[intensity * (name == emotion) for name in EMOTIONS]])
    opening = 1 + (MANNERS.get(emotion, Manner()).opening - 1) * intensity
    return np.minimum(face * factors(strengths).astype(np.float32), 1), gap * np.float32(opening)
