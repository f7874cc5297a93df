"""The 52 shapes of the skin, by ARKit's names.

Source: developer.apple.com/documentation/arkit/arfaceanchor/blendshapelocation
"""

from __future__ import annotations

from tools.avatar.sdf import Array
from tools.avatar.shapes import brows, cheeks, eyes, jaw, mouth, tongue
from tools.avatar.shapes.flesh import Flesh

# Kept here rather than imported so that building needs nothing of the runtime package; a test holds the two equal.
ARKIT: tuple[str, ...] = (
    *("eyeBlinkLeft", "eyeLookDownLeft", "eyeLookInLeft", "eyeLookOutLeft", "eyeLookUpLeft", "eyeSquintLeft"),
    *("eyeWideLeft", "eyeBlinkRight", "eyeLookDownRight", "eyeLookInRight", "eyeLookOutRight", "eyeLookUpRight"),
    *("eyeSquintRight", "eyeWideRight", "jawForward", "jawLeft", "jawRight", "jawOpen"),
    *("mouthClose", "mouthFunnel", "mouthPucker", "mouthLeft", "mouthRight", "mouthSmileLeft", "mouthSmileRight"),
    *("mouthFrownLeft", "mouthFrownRight", "mouthDimpleLeft", "mouthDimpleRight", "mouthStretchLeft"),
    *("mouthStretchRight", "mouthRollLower", "mouthRollUpper", "mouthShrugLower", "mouthShrugUpper"),
    *("mouthPressLeft", "mouthPressRight", "mouthLowerDownLeft", "mouthLowerDownRight", "mouthUpperUpLeft"),
    *("mouthUpperUpRight", "browDownLeft", "browDownRight", "browInnerUp", "browOuterUpLeft", "browOuterUpRight"),
    *("cheekPuff", "cheekSquintLeft", "cheekSquintRight", "noseSneerLeft", "noseSneerRight", "tongueOut"),
)


def of_skin(flesh: Flesh) -> dict[str, Array]:
    """Displacement [N, 3] of every shape, millimetres, in ARKit's order."""
    found: dict[str, Array] = {}
    for part in (eyes, brows, jaw, mouth, cheeks, tongue):
        found |= part.shapes(flesh)
    return {name: found[name] for name in ARKIT}
