"""What a rig's curves may be made of: shapes, angles of head and eyes, and mouth classes worked out from the shapes.

Mouths without ARKit shapes know vowels (VRM: aa ih ou ee oh) or the 15 visemes of Oculus Lipsync. Both are found the
same way. Three movements decide: how open the mouth is, how round, how wide. Each class is a corner of that space and
gets the share of its corner, so the weights of a set never add up past 1, as VRM's mouth group asks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bridge.body.rotation import quaternion, yaw_pitch_roll
from bridge.types import ARKIT_BLENDSHAPES, F32, SHAPE_INDEX, Motion

ANGLES: Final = ("headYaw", "headPitch", "headRoll", "gazeYaw", "gazePitch")
"""In radians: yaw is + to the own left, pitch + down, roll + with the top of the head to the own right."""
VOWELS: Final = ("vowelAa", "vowelIh", "vowelOu", "vowelEe", "vowelOh")
VISEMES: Final[tuple[str, ...]] = (
    *("visemeSil", "visemePP", "visemeFF", "visemeTH", "visemeDD", "visemekk", "visemeCH", "visemeSS"),
    *("visemenn", "visemeRR", "visemeaa", "visemeE", "visemeI", "visemeO", "visemeU"),
)
"""DD, kk, nn and RR stay 0: lips do not tell them from a mouth that opens a little."""

SOURCES: Final[tuple[str, ...]] = (*ARKIT_BLENDSHAPES, *ANGLES, *VOWELS, *VISEMES)
SOURCE_INDEX: Final[dict[str, int]] = {name: i for i, name in enumerate(SOURCES)}


def values(motion: Motion) -> F32:
    """[T, S] in the order of `SOURCES`."""
    angles = yaw_pitch_roll(quaternion(motion.head_rad)).astype(np.float32)
    mouth = _mouth(motion.face)
    return np.concatenate([motion.face, angles, motion.gaze_rad, _vowels(mouth), _visemes(motion.face, mouth)], axis=1)


@dataclass(frozen=True, slots=True)
class _Mouth:
    """[T] each, 0..1."""

    open: F32
    round: F32
    wide: F32


def _mouth(face: F32) -> _Mouth:
    # Speech seldom opens the jaw more than half of what ARKit calls 1, nor rounds or spreads the lips to the full.
    return _Mouth(
        open=_unit(1.7 * (_of(face, "jawOpen") - _of(face, "mouthClose"))),
        round=_unit(1.4 * np.maximum(_of(face, "mouthPucker"), _of(face, "mouthFunnel"))),
        wide=_unit(2.2 * _of(face, "mouthStretch") + 1.3 * _of(face, "mouthSmile") + 1.1 * _of(face, "mouthDimple")),
    )


def _vowels(mouth: _Mouth) -> F32:
    """[T, 5] in the order of `VOWELS`: open, shut and wide, shut and round, open and wide, open and round."""
    shut, flat, narrow = 1 - mouth.open, 1 - mouth.round, 1 - mouth.wide
    return np.stack(
        [
            mouth.open * flat * narrow,
            shut * flat * mouth.wide,
            shut * mouth.round,
            mouth.open * flat * mouth.wide,
            mouth.open * mouth.round,
        ],
        axis=1,
    )


def _visemes(face: F32, mouth: _Mouth) -> F32:
    """[T, 15] in the order of `VISEMES`, adding up to 1. Constrictions come first and leave the rest to the vowels."""
    # Rounded lips come half as near to each other as lips that meet: only the second half counts.
    met = 3 * _of(face, "mouthPress") + 3 * _of(face, "mouthRollUpper") + 5 * _of(face, "mouthClose")
    lips = _unit(2 * met - 1)
    teeth = _unit(2.2 * (_of(face, "mouthRollLower") - _of(face, "mouthRollUpper"))) * (1 - lips)
    tongue = _unit(8 * _of(face, "tongueOut")) * (1 - lips - teeth)
    rest = 1 - lips - teeth - tongue
    shut, flat, narrow = 1 - mouth.open, 1 - mouth.round, 1 - mouth.wide
    # A jaw that drops draws the lower lip along; what goes beyond shows the teeth.
    bared = _unit(5 * (_of(face, "mouthLowerDown") - 0.28 * _of(face, "jawOpen")))
    pushed = _unit(3 * (_of(face, "mouthFunnel") - _of(face, "mouthPucker")))
    aa, ih, ou, ee, oh = (rest[:, None] * _vowels(mouth)).T
    none = np.zeros_like(rest)
    ss = rest * shut * flat * narrow * bared
    sil = rest * shut * flat * narrow * (1 - bared)
    return np.stack(
        [sil, lips, teeth, tongue, none, none, ou * pushed, ss, none, none, aa, ee, ih, oh, ou * (1 - pushed)], axis=1
    )


def _of(face: F32, shape: str) -> F32:
    """[T] the shape, or the mean of its left and right."""
    columns = [SHAPE_INDEX[name] for name in (shape, f"{shape}Left", f"{shape}Right") if name in SHAPE_INDEX]
    mean: F32 = np.mean(face[:, columns], axis=1, dtype=np.float32)
    return mean


def _unit(value: NDArray[np.floating]) -> F32:
    unit: F32 = np.clip(value, 0.0, 1.0).astype(np.float32)
    return unit
