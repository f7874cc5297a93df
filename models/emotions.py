"""How an emotion changes the way of articulating, for want of recordings: by rule, on the curves that are learned from.

Anger and happiness move the articulators farthest, sadness least, and a smile spreads what would be rounded: after Kim,
Toutios, Lee and Narayanan, "A kinematic study of critical and non-critical articulators in emotional speech
production", JASA 137 (2015). The sizes are our choice. What an emotion shows beside speech (brows, corners of the
mouth) is laid over it by `bridge/layers/emotion.py` and is not learned here.

Lips that meet still meet: all changes are factors.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bridge.types import F32, SHAPE_INDEX


@dataclass(frozen=True)
class Manner:
    """Factors at full intensity."""

    opening: float = 1.0
    """Of all that parts the lips."""
    rounding: float = 1.0
    """Of funnel and pucker."""
    corners: float = 1.0
    """Of what draws the corners of the mouth aside."""


MANNERS = {
    "happy": Manner(opening=1.15, rounding=0.85, corners=1.4),
    "sad": Manner(opening=0.7, corners=0.8),
    "angry": Manner(opening=1.25, rounding=1.1, corners=1.3),
    "surprised": Manner(opening=1.2, rounding=1.1),
    "fearful": Manner(opening=0.9, rounding=0.9, corners=1.4),
    "disgusted": Manner(opening=0.9, corners=1.1),
    "content": Manner(opening=0.95, rounding=0.95, corners=1.15),
}
OPENING = (
    "jawOpen",
    "mouthClose",
    *(f"mouth{where}{side}" for where in ("LowerDown", "UpperUp") for side in ("Left", "Right")),
)
ROUNDING = ("mouthFunnel", "mouthPucker")
CORNERS = tuple(f"mouth{what}{side}" for what in ("Smile", "Stretch", "Dimple") for side in ("Left", "Right"))


def coloured(face: F32, gap: F32, emotion: str, intensity: float) -> tuple[F32, F32]:
    """Faces [T, 52] and the lip gaps [T] that belong to them as an emotion of intensity 0..1 would change them."""
    manner = MANNERS.get(emotion, Manner())
    factors = np.ones(face.shape[1], np.float32)
    for names, full in ((OPENING, manner.opening), (ROUNDING, manner.rounding), (CORNERS, manner.corners)):
        factors[[SHAPE_INDEX[n] for n in names]] = 1 + (full - 1) * intensity
    return np.minimum(face * factors, 1), gap * np.float32(1 + (manner.opening - 1) * intensity)
