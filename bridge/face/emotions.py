"""How an emotion changes the way of articulating, by rule, for want of recordings.

Anger and happiness move the articulators farthest, sadness least, and a smile spreads what would be rounded: after Kim,
Toutios, Lee and Narayanan, "A kinematic study of critical and non-critical articulators in emotional speech
production", JASA 137 (2015). The sizes are our choice. What an emotion shows beside speech (brows, corners of the
mouth) is laid over it by `bridge/layers/emotion.py`.

Lips that meet still meet: all changes are factors.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bridge.types import EMOTIONS, SHAPE_COUNT, SHAPE_INDEX


@dataclass(frozen=True, slots=True)
class Manner:
    """Factors at full intensity."""

    opening: float = 1.0
    """Of all that parts the lips."""
    rounding: float = 1.0
    """Of funnel and pucker."""
    corners: float = 1.0
    """Of what draws the corners of the mouth aside."""


MANNERS: Final = {
    "happy": Manner(opening=1.15, rounding=0.85, corners=1.4),
    "sad": Manner(opening=0.7, corners=0.8),
    "angry": Manner(opening=1.25, rounding=1.1, corners=1.3),
    "surprised": Manner(opening=1.2, rounding=1.1),
    "fearful": Manner(opening=0.9, rounding=0.9, corners=1.4),
    "disgusted": Manner(opening=0.9, corners=1.1),
    "content": Manner(opening=0.95, rounding=0.95, corners=1.15),
}
OPENING: Final = (
    "jawOpen",
    "mouthClose",
    *(f"mouth{where}{side}" for where in ("LowerDown", "UpperUp") for side in ("Left", "Right")),
)
ROUNDING: Final = ("mouthFunnel", "mouthPucker")
CORNERS: Final = tuple(f"mouth{what}{side}" for what in ("Smile", "Stretch", "Dimple") for side in ("Left", "Right"))


def factors(strengths: NDArray[np.float64]) -> NDArray[np.float64]:
    """[T, 52] by what each shape is multiplied, where the `EMOTIONS` are as strong as `strengths` [T, 8], 0..1 each."""
    return 1.0 + strengths @ _CHANGES


def _changes(name: str) -> NDArray[np.float64]:
    manner = MANNERS.get(name, Manner())
    out = np.zeros(SHAPE_COUNT)
    for shapes, full in ((OPENING, manner.opening), (ROUNDING, manner.rounding), (CORNERS, manner.corners)):
        out[[SHAPE_INDEX[shape] for shape in shapes]] = full - 1.0
    return out


_CHANGES: Final = np.stack([_changes(name) for name in EMOTIONS])
