"""How speakers move with what they say, for want of recordings: by rule, from the sound's prosody and drawn noise.

Brows rise and heads nod with some of the words that are stressed (Cavé et al., "About the relationship between eyebrow
movements and F0 variations", ICSLP 1996; Graf et al., "Visual prosody", FG 2002), on top of slower turns. The trunk
shifts its posture as speech goes on (Scheflen, "The significance of posture in communication systems", Psychiatry 27,
1964) and dips with the stresses. Hands rise now and then, hold for seconds, beat on what is stressed and sink in the
pause (Kendon, "Gesture: Visible Action as Utterance", 2004; McNeill, "Hand and Mind", 1992). The eyes leave the
listener as some phrases begin, and are back before they end (Kendon, "Some functions of gaze-direction in social
interaction", Acta Psychologica 26, 1967).

When is in the sound. Whether, how far and to which side is in the noise, the same noise that the network is given: so
there is one right answer, and the network learns to give it while it hears. Sizes are our choice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_closing, gaussian_filter1d
from scipy.signal import find_peaks, lfilter
from scipy.special import expit

from bridge.types import F32
from models.config import FaceNetConfig
from models.model import BROWS

F64 = NDArray[np.float64]

# In the units of the log-mel rows, 20 dB each.
LEAST_RANGE: Final = 0.3
SPOKEN_SHARE: Final = 0.35
PAUSE_FRAMES: Final = 14
SHORTEST_PHRASE_FRAMES: Final = 18
STRESS_SHARE: Final = 0.12
STRESS_APART_FRAMES: Final = 18

# Which channels of the noise (`FaceNetConfig.noise_hz`, slow ones first) decide what; each has unit variance.
HANDS, SIZE, GESTURES, UNITS, POSTURE = 0, 1, 3, 9, slice(2, 5)
GLANCES, TO_THE_SIDE, UP_OR_DOWN, BEATS = 6, 7, 8, 13
ACCENTS, ONE_BROW, NODS = 4, 2, 12
TURNS, TREMBLE = slice(5, 8), slice(14, 17)

# Degrees that a raised left arm adds to one at rest, about X, Y and Z of the parent; the right one is its mirror image.
RAISED_DEG: Final = {"collar": (0.0, 0.0, 2.0), "shoulder": (-16.0, -20.0, -4.0), "elbow": (0.0, -66.0, 0.0)}
BEAT_DEG: Final = {"shoulder": (-2.0, 0.0, 0.0), "elbow": (0.0, 12.0, 0.0)}
MIRROR: Final = np.array((1.0, -1.0, -1.0))
POSTURE_DEG: Final = (0.9, 2.2, 1.1)
DIP_DEG: Final = 0.7
TURN_DEG: Final = (1.1, 1.9, 1.2)
TREMBLE_DEG: Final = (0.45, 0.35, 0.25)
NOD_DEG: Final = 1.6
GLANCE_DEG: Final = (8.0, 4.0)
BROW_RAISE: Final = (0.8, 0.9, 0.9)
"""Of browInnerUp, left and right browOuterUp, at an accent of size 1."""

GATE: Final = 6.0
"""How steeply noise raises a hand."""
ARM_S: Final = 0.14
TRUNK_S: Final = 0.4
EYES_S: Final = 0.02
AWAKE_S: Final = 0.12


@dataclass(frozen=True)
class Phrase:
    """Frames `start` to `end` without a pause, and its stresses: frames and how strong, 0..1."""

    start: int
    end: int
    stresses: tuple[tuple[int, float], ...]


def phrases(mel: NDArray[Any]) -> list[Phrase]:
    """What is said between pauses in clean rows [T, 128]."""
    level = gaussian_filter1d(np.asarray(mel, np.float64).mean(1), 1.5)
    quiet, loud = np.percentile(level, (5, 95))
    if loud - quiet < LEAST_RANGE:
        return []
    spoken = level > quiet + SPOKEN_SHARE * (loud - quiet)
    spoken = binary_closing(np.pad(spoken, PAUSE_FRAMES), np.ones(PAUSE_FRAMES))[PAUSE_FRAMES:-PAUSE_FRAMES]
    edges = np.flatnonzero(np.diff(np.concatenate([[False], spoken, [False]]).astype(int)))
    smooth = gaussian_filter1d(level, 4.0)
    peaks, found = find_peaks(smooth, prominence=STRESS_SHARE * (loud - quiet), distance=STRESS_APART_FRAMES)
    strengths = np.clip(2 * found["prominences"] / (loud - quiet), 0, 1)
    stresses = [(int(at), float(strength)) for at, strength in zip(peaks, strengths, strict=True)]
    return [
        Phrase(int(start), int(end), tuple(s for s in stresses if start <= s[0] < end))
        for start, end in edges.reshape(-1, 2)
        if end - start >= SHORTEST_PHRASE_FRAMES
    ]


def moves(mel: NDArray[Any], noise: NDArray[Any]) -> F32:
    """Brows, head, gaze and joints [T, 5 + 3 + 2 + 3 joints] of who speaks `mel` [T, 128], as `noise` [T, N] has it.

    Brows in 0..1, the rest in radians; joints are to be added to how the character stands.
    """
    noise = np.asarray(noise, np.float64)
    said = phrases(mel)
    awake = np.zeros((len(mel), 1))
    for phrase in said:
        awake[phrase.start : phrase.end] = 1
    awake = _followed(awake, AWAKE_S)
    brows, nod = _accents(said, noise)
    head = awake * (noise[:, TURNS] * TURN_DEG + noise[:, TREMBLE] * TREMBLE_DEG)
    head[:, 0] += nod
    degrees = np.concatenate([head, _glances(said, noise), _body(said, noise)], axis=1)
    return np.concatenate([brows, np.deg2rad(degrees)], axis=1).astype(np.float32)


def _accents(said: list[Phrase], noise: F64) -> tuple[F64, F64]:
    """Brows [T, 5] in the order of ARKit's, and the nods [T] in degrees, with what is stressed."""
    up, down, nod = np.zeros((len(noise), 3)), np.zeros(len(noise)), np.zeros(len(noise))
    for at, strength in (stress for phrase in said for stress in phrase.stresses):
        size = max(0.0, noise[at, ACCENTS] + 0.3) * (0.08 + 0.22 * strength)
        sides = np.clip((1.0, 1 - noise[at, ONE_BROW], 1 + noise[at, ONE_BROW]), 0.4, 1)
        for brow in range(3):
            _pulse(up[:, brow], at + 6, 40, size * BROW_RAISE[brow] * sides[brow])
        _pulse(down, at + 4, 36, max(0.0, -noise[at, ACCENTS] - 0.6) * 0.2 * strength)
        _pulse(nod, at + 3, 30, NOD_DEG * (0.4 + 0.6 * strength) * (0.5 + noise[at, NODS]))
    return np.concatenate([down[:, None], down[:, None], up], axis=1), nod


assert len(BROWS) == 5, "browDownLeft, browDownRight, browInnerUp, browOuterUpLeft, browOuterUpRight"


def _glances(said: list[Phrase], noise: F64) -> F64:
    """[T, 2] degrees of yaw and pitch: some phrases begin with the eyes elsewhere."""
    gaze = np.zeros((len(noise), 2))
    for phrase in said:
        drawn = noise[phrase.start]
        if drawn[GLANCES] > 0.3:
            length = round(24 + 24 * min(drawn[GLANCES], 2))
            side = np.sign(drawn[TO_THE_SIDE]) * (0.4 + abs(drawn[TO_THE_SIDE]))
            gaze[phrase.start : min(phrase.end, phrase.start + length)] = (side, drawn[UP_OR_DOWN]) * np.array(
                GLANCE_DEG
            )
    return _followed(gaze, EYES_S)


def _body(said: list[Phrase], noise: F64) -> F64:
    """[T, 3 joints] degrees."""
    count = len(noise)
    speaking, dip, beaten = np.zeros((count, 1)), np.zeros(count), np.zeros(count)
    for phrase in said:
        speaking[phrase.start : phrase.end] = 1
        for at, strength in phrase.stresses:
            _pulse(dip, at + 2, 32, 0.4 + 0.8 * strength)
            _pulse(beaten, at + 3, 22, (0.5 + 0.5 * strength) * (noise[at, BEATS] > -0.8))
    raised = _followed(speaking * _hands(noise), ARM_S)
    beats = beaten[:, None] * np.minimum(raised, 1)
    out = np.zeros((count, len(_JOINTS), 3))
    for hand in (0, 1):
        out += raised[:, hand, None, None] * _arm(RAISED_DEG, hand) + beats[:, hand, None, None] * _arm(BEAT_DEG, hand)
    trunk = _followed(speaking * noise[:, POSTURE] * POSTURE_DEG, TRUNK_S)
    trunk[:, 0] += DIP_DEG * dip
    out[:, [_JOINTS.index(f"spine{i}") for i in (1, 2, 3)]] += trunk[:, None] / 3
    return out.reshape(count, -1)


def _hands(noise: F64) -> F64:
    """[T, 2] how far the left and the right hand would be up, 1 for a common gesture: for seconds, then not."""
    gesturing = expit(GATE * (noise[:, GESTURES] + 0.6 * noise[:, UNITS] - 0.1))
    # A hand that is held up is never quite still.
    size = np.clip(0.75 + 0.18 * noise[:, SIZE] + 0.06 * noise[:, NODS], 0.3, 1.15)
    left, right = expit(GATE * (0.5 - noise[:, HANDS])), expit(GATE * (0.5 + noise[:, HANDS]))
    return np.stack([left, right], axis=1) * (gesturing * size)[:, None]


def _pulse(track: F64, middle: int, width: int, size: float) -> None:
    """Add a raised cosine of `width` frames to a track [T]."""
    start = middle - width // 2
    first, last = max(0, start), min(len(track), start + width)
    if first < last and size:
        track[first:last] += size * np.hanning(width)[first - start : last - start]


def _followed(target: F64, time_s: float) -> F64:
    """Tracks [T, ...] that follow their targets as a critically damped spring does."""
    keep = np.exp(-1 / (60 * time_s))
    once = lfilter([1 - keep], [1, -keep], target, axis=0)
    return np.asarray(lfilter([1 - keep], [1, -keep], once, axis=0))


_JOINTS: Final = FaceNetConfig().joints


def _arm(degrees: dict[str, tuple[float, float, float]], hand: int) -> F64:
    """[joints, 3] degrees of one arm: 0 is the left one, 1 the right."""
    out = np.zeros((len(_JOINTS), 3))
    for joint, turn in degrees.items():
        out[_JOINTS.index(f"{('left', 'right')[hand]}_{joint}")] = np.array(turn) * (MIRROR if hand else 1)
    return out
