"""The VRM 1.0 extension of a file: bones, expressions, gaze, terms.

Source: github.com/vrm-c/vrm-specification, VRMC_vrm-1.0
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from tools.avatar.part import Part
from tools.avatar.shapes import ARKIT
from tools.avatar.shapes.eyes import LOOK_PITCH_RAD, LOOK_YAW_RAD
from tools.avatar.skeleton import Skeleton

Weights = Mapping[str, float]


def both(name: str, weight: float) -> dict[str, float]:
    """A shape's left and right at one weight."""
    return {f"{name}Left": weight, f"{name}Right": weight}


# Mouth shapes of the five vowels, and the emotions, as ARKit weights.
VOWELS: dict[str, Weights] = {
    "aa": {"jawOpen": 0.55, **both("mouthLowerDown", 0.2), **both("mouthUpperUp", 0.15)},
    "ih": {"jawOpen": 0.16, **both("mouthStretch", 0.3), **both("mouthSmile", 0.2), **both("mouthLowerDown", 0.25)},
    "ou": {"jawOpen": 0.12, "mouthPucker": 0.75, "mouthFunnel": 0.2},
    "ee": {"jawOpen": 0.12, **both("mouthSmile", 0.4), **both("mouthStretch", 0.25), **both("mouthLowerDown", 0.3)},
    "oh": {"jawOpen": 0.34, "mouthFunnel": 0.6, "mouthPucker": 0.2},
}
EMOTIONS: dict[str, Weights] = {
    "happy": {
        **both("mouthSmile", 0.8),
        **both("cheekSquint", 0.5),
        **both("eyeSquint", 0.2),
        **both("mouthUpperUp", 0.25),
        "browInnerUp": 0.15,
        "jawOpen": 0.08,
    },
    "angry": {
        **both("browDown", 0.95),
        **both("eyeSquint", 0.45),
        **both("noseSneer", 0.4),
        **both("mouthFrown", 0.45),
        **both("mouthPress", 0.5),
        "jawForward": 0.15,
    },
    "sad": {
        "browInnerUp": 0.95,
        **both("mouthFrown", 0.75),
        **both("eyeLookDown", 0.25),
        **both("eyeSquint", 0.15),
        "mouthShrugLower": 0.35,
    },
    "relaxed": {**both("mouthSmile", 0.35), **both("eyeBlink", 0.22), **both("cheekSquint", 0.12), "browInnerUp": 0.12},
    "surprised": {
        "browInnerUp": 0.85,
        **both("browOuterUp", 0.85),
        **both("eyeWide", 0.9),
        "jawOpen": 0.34,
        "mouthFunnel": 0.15,
    },
}
OTHER: dict[str, Weights] = {
    "blink": both("eyeBlink", 1.0),
    "blinkLeft": {"eyeBlinkLeft": 1.0},
    "blinkRight": {"eyeBlinkRight": 1.0},
    "lookUp": both("eyeLookUp", 1.0),
    "lookDown": both("eyeLookDown", 1.0),
    "lookLeft": {"eyeLookOutLeft": 1.0, "eyeLookInRight": 1.0},
    "lookRight": {"eyeLookInLeft": 1.0, "eyeLookOutRight": 1.0},
    "neutral": {},
}


def extension(who_name: str, parts: Sequence[Part], bones: Skeleton) -> dict[str, Any]:
    """The JSON of VRMC_vrm. Bone k is node k; the parts' nodes follow the bones in order."""
    presets = {**VOWELS, **EMOTIONS, **OTHER}
    return {
        "specVersion": "1.0",
        "meta": _terms(who_name),
        "humanoid": {"humanBones": {n: {"node": k} for k, n in enumerate(bones.names) if n != "root"}},
        "expressions": {
            "preset": {name: _expression(name, weights, parts, bones) for name, weights in presets.items()},
            "custom": {name: _expression(name, {name: 1.0}, parts, bones) for name in ARKIT},
        },
        "lookAt": _look_at(),
        "firstPerson": {"meshAnnotations": [{"node": _node(k, bones), "type": "auto"} for k in range(len(parts))]},
    }


def _node(part: int, bones: Skeleton) -> int:
    return len(bones.names) + part


def _expression(name: str, weights: Weights, parts: Sequence[Part], bones: Skeleton) -> dict[str, Any]:
    """One expression. The gaze is the eye bones', as lookAt says: gaze shapes move the lids, never the eyeballs."""
    binds = [
        {"node": _node(k, bones), "index": list(part.shapes).index(shape), "weight": weight}
        for k, part in enumerate(parts)
        for shape, weight in weights.items()
        if shape in part.shapes and "leftEye" not in part.bones
    ]
    emotion = name in EMOTIONS
    entry: dict[str, Any] = {
        "isBinary": False,
        "overrideBlink": "none",
        "overrideLookAt": "none",
        "overrideMouth": "none",
    }
    if emotion and any(w > 0.15 for s, w in weights.items() if s.startswith("eyeBlink")):
        entry["overrideBlink"] = "blend"
    if binds:
        entry["morphTargetBinds"] = binds
    return entry


def _look_at() -> dict[str, Any]:
    yaw, pitch = float(np.degrees(LOOK_YAW_RAD)), float(np.degrees(LOOK_PITCH_RAD))

    def ranged(most: float) -> dict[str, float]:
        return {"inputMaxValue": 90.0, "outputScale": round(most, 3)}

    return {
        "type": "bone",
        "offsetFromHeadBone": [0.0, 0.085, 0.1],
        "rangeMapHorizontalInner": ranged(yaw * 0.8),
        "rangeMapHorizontalOuter": ranged(yaw),
        "rangeMapVerticalDown": ranged(pitch),
        "rangeMapVerticalUp": ranged(pitch),
    }


def _terms(name: str) -> dict[str, Any]:
    """Use it for anything; no credit is asked."""
    return {
        "name": f"Avatar Bridge {name}",
        "version": "1.0",
        "authors": ["The Avatar Bridge developers"],
        "licenseUrl": "https://vrm.dev/licenses/1.0/",
        "avatarPermission": "everyone",
        "allowExcessivelyViolentUsage": True,
        "allowExcessivelySexualUsage": False,
        "commercialUsage": "corporation",
        "allowPoliticalOrReligiousUsage": True,
        "allowAntisocialOrHateUsage": False,
        "creditNotation": "unnecessary",
        "allowRedistribution": True,
        "modification": "allowModificationRedistribution",
        "otherLicenseUrl": "https://www.apache.org/licenses/LICENSE-2.0",
    }
