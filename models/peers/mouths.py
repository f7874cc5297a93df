"""What a peer's mouth shapes are in ARKit's.

Most peers name sounds, or mouths told by the sounds they are for, and leave the face to the avatar. They all get the
same face: each mouth is the mean of what the articulation model makes of its sounds. So they are measured by what they
hear, not by how somebody once drew their mouths. `TALKINGHEAD` is such a drawing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from bridge.errors import InputError
from bridge.face.articulation import curves
from bridge.types import F32, SHAPE_COUNT, SHAPE_INDEX, Phone

Mouths = Mapping[str, F32]

_OCULUS_SOUNDS: Final[dict[str, tuple[str, ...]]] = {
    "sil": (),
    "PP": ("m",),  # of p b m the one that stays shut
    "FF": ("f", "v"),
    "TH": ("θ", "ð"),
    "DD": ("t", "d"),
    "kk": ("k", "ɡ"),
    "CH": ("ʃ", "ʒ"),  # and the affricates, which end so
    "SS": ("s", "z"),
    "nn": ("n", "l"),
    "RR": ("ɹ",),
    "aa": ("ɑː",),
    "E": ("ɛ",),
    "I": ("ɪ", "iː"),
    "O": ("ɔː", "o"),
    "U": ("ʊ", "uː"),
}
"""developers.meta.com/horizon/documentation/unity/audio-ovrlipsync-viseme-reference"""

_RHUBARB_SOUNDS: Final[dict[str, tuple[str, ...]]] = {
    "A": ("m",),
    "B": ("k", "s", "t", "iː"),
    "C": ("ɛ", "æ"),
    "D": ("ɑː",),
    "E": ("ɔː", "ɝ"),
    "F": ("uː", "oʊ", "w"),
    "G": ("f", "v"),
    "H": ("l",),
    "X": (),
}
"""github.com/DanielSWolf/rhubarb-lip-sync, README, "Mouth shapes\""""

VOWELS: Final[dict[str, tuple[str, ...]]] = {
    "A": ("ɑː",),
    "I": ("iː",),
    "U": ("uː",),
    "E": ("ɛ",),
    "O": ("oʊ", "ɔː"),
    "N": ("m", "n", "ŋ"),
}
"""The sounds of a profile of uLipSync (github.com/hecomi/uLipSync, README, "Calibration"), in English phones."""

_BOTH_SIDES: Final = ("mouthPress", "mouthDimple", "mouthUpperUp", "mouthLowerDown")
_TALKINGHEAD: Final[dict[str, dict[str, float]]] = {
    "sil": {},
    "PP": {"mouthRollLower": 0.8, "mouthRollUpper": 0.8, "mouthUpperUp": 0.3},
    "FF": {"mouthPucker": 1, "mouthShrugUpper": 1, "mouthLowerDown": 0.2, "mouthDimple": 1, "mouthRollLower": 1},
    "TH": {"mouthRollUpper": 0.6, "jawOpen": 0.2, "tongueOut": 0.4},
    "DD": {"mouthPress": 0.8, "mouthFunnel": 0.5, "jawOpen": 0.2},
    "kk": {"mouthLowerDown": 0.4, "mouthDimple": 0.3, "mouthFunnel": 0.3, "mouthPucker": 0.3, "jawOpen": 0.15},
    "CH": {"mouthPucker": 0.5, "jawOpen": 0.2},
    "SS": {"mouthPress": 0.8, "mouthLowerDown": 0.5, "jawOpen": 0.1},
    "nn": {
        **{"mouthLowerDown": 0.4, "mouthDimple": 0.3, "mouthFunnel": 0.3},
        **{"mouthPucker": 0.3, "jawOpen": 0.15, "tongueOut": 0.2},
    },
    "RR": {"mouthPucker": 0.5, "jawOpen": 0.2},
    "aa": {"jawOpen": 0.6},
    "E": {"mouthPress": 0.8, "mouthDimple": 1, "jawOpen": 0.3},
    "I": {"mouthPress": 0.6, "mouthDimple": 0.6, "jawOpen": 0.2},
    "O": {"mouthPucker": 1, "jawForward": 0.6, "jawOpen": 0.2},
    "U": {"mouthFunnel": 1},
}
"""As github.com/met4citizen/TalkingHead, blender/build-visemes-from-arkit.py (MIT), makes visemes for its avatars."""


def _posture(ipa: str) -> F32:
    """The face [52] in the middle of a sound that is held for a second."""
    return np.asarray(curves([Phone(0.0, 1.0, ipa)], 60)[30])


def _articulated(sounds: Mapping[str, Sequence[str]]) -> dict[str, F32]:
    rest = np.zeros(SHAPE_COUNT, np.float32)
    return {name: np.mean([_posture(ipa) for ipa in said], 0) if said else rest for name, said in sounds.items()}


def _drawn(table: Mapping[str, Mapping[str, float]]) -> dict[str, F32]:
    mouths = {name: np.zeros(SHAPE_COUNT, np.float32) for name in table}
    for name, parts in table.items():
        for part, value in parts.items():
            for shape in (f"{part}Left", f"{part}Right") if part in _BOTH_SIDES else (part,):
                mouths[name][SHAPE_INDEX[shape]] = value
    return mouths


OCULUS: Final[Mouths] = _articulated(_OCULUS_SOUNDS)
RHUBARB: Final[Mouths] = _articulated(_RHUBARB_SOUNDS)
# The N of Japanese is a mouth at rest.
ULIPSYNC: Final[Mouths] = _articulated({**VOWELS, "N": ()})
TALKINGHEAD: Final[Mouths] = _drawn(_TALKINGHEAD)


def face(shapes: Sequence[str], weights: F32, mouths: Mouths) -> F32:
    """Face [T, 52] of weights [T, len(shapes)], 0..1. Raises InputError for a shape that `mouths` does not know."""
    unknown = [name for name in shapes if name not in mouths]
    if unknown:
        raise InputError(f"No mouth is known for {', '.join(unknown)}.")
    return np.asarray(np.clip(weights @ np.stack([mouths[name] for name in shapes]), 0, 1), np.float32)
