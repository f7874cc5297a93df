"""Feelings in the voice: pitch, level, rate and colour of a turn against the same speaker's turns before it.

Directions follow the tables of Juslin and Laukka (2003, Psychological Bulletin 129(5)) and Scherer (2003, Speech
Communication 40). A voice tells how aroused somebody is far better than whether they like it: anger, joy and fear raise
the same measures. So the confidence stays low by design, and is none for the first turn, which has nothing to stand
against.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass, fields
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from bridge.affect import Evidence, evidence
from bridge.affect.pitch import BAND_EDGES_HZ, HOP, Frames, frames, joined
from bridge.dialogue import HEARING_RATE_HZ
from bridge.types import EMOTIONS, F32

F64 = NDArray[np.float64]

LONGEST_S: Final = 60.0
"""A turn is judged by its last minute."""

SHORTEST_VOICED_S: Final = 0.4
"""With less voice than this a turn tells nothing."""

MEMORY_TURNS: Final = 20
"""Over how many turns the baseline follows the speaker."""

_FRAMES_PER_S: Final = HEARING_RATE_HZ / HOP
_LONGEST: Final = round(LONGEST_S * _FRAMES_PER_S)
_BLOCK: Final = 5 * HEARING_RATE_HZ
"""Samples looked at together: a frame's measures need forty times its samples in memory."""
_RANGE_DB: Final = 30.0
"""Frames further below the loud ones are pauses."""
_FLOOR_DB: Final = -65.0
_BAND_RANGE_DB: Final = 50.0
_CHANGE_FRAMES: Final = 4
_SMOOTHING: Final = np.hanning(7)[1:-1] / np.hanning(7).sum()
_BRIGHT: Final = BAND_EDGES_HZ.index(1000)
"""The first band that counts as bright."""
_TRUST: Final = 0.5
_PRIOR_TURNS: Final = 3.0


@dataclass(frozen=True, slots=True)
class Voice:
    """Measures of one turn."""

    pitch_st: float
    """The median pitch in semitones above 55 Hz."""
    range_st: float
    """Between the tenth and the ninetieth percentile of the pitch."""
    level_db: float
    """Of the voiced frames, in dB of full scale."""
    bright_db: float
    """The level above 1 kHz less that below, of the voiced frames: a pressed voice is bright, a breathy one dull."""
    change_db: float
    """How much the sound's colour changes within 40 ms: this rises with the rate of speech, not with pitch or level."""
    voiced_s: float


MEASURES: Final = tuple(f.name for f in fields(Voice))[:5]

# How far a speaker's turns lie apart in an even mood: what is assumed until they are known.
_USUAL_SPREAD: Final = np.array([1.3, 2.0, 2.5, 1.5, 0.8])

# Where emotions lie, in spreads from the speaker's own middle; the order of MEASURES.
_PROTOTYPES: Final[dict[str, tuple[float, ...]]] = {
    "neutral": (0.0, 0.0, 0.0, 0.0, 0.0),
    "happy": (1.4, 1.3, 0.8, 0.4, 0.4),
    "content": (-0.3, 0.3, -0.3, -0.4, -0.3),
    "sad": (-0.9, -0.9, -1.3, -0.8, -1.0),
    "angry": (1.0, 0.6, 1.6, 1.3, 0.6),
    "surprised": (2.0, 1.8, 0.6, 0.2, 0.0),
    "fearful": (1.6, -0.4, 0.2, 0.3, 1.2),
    "disgusted": (-0.3, 0.2, 0.2, 0.2, -0.8),
}
_PRIOR: Final[dict[str, float]] = {name: 3.0 if name == "neutral" else 1.0 for name in EMOTIONS}
_WIDTH: Final = 1.4
"""How far, in spreads, turns of an emotion lie from its place."""
_AROUSAL: Final = np.array([0.3, 0.2, 0.3, 0.1, 0.1])


class Prosody:
    """Listens to one speaker, turn by turn. Not thread-safe."""

    _baseline: Baseline
    _rest: F32
    _frames: list[Frames]
    _count: int

    def __init__(self) -> None:
        self.reset()

    def push(self, samples: F32) -> None:
        """Take samples [N] of the turn at 16 kHz."""
        for start in range(0, len(samples), _BLOCK):
            held = np.concatenate([self._rest, samples[start : start + _BLOCK]])
            found = frames(held)
            self._rest = held[HOP * len(found) :]
            self._frames.append(found)
            self._count += len(found)
        while self._count - len(self._frames[0]) >= _LONGEST:
            self._count -= len(self._frames.pop(0))

    def end(self) -> Evidence:
        """The turn is over: what it tells. The next one is compared with it too."""
        voice = measure(joined(self._frames).last(_LONGEST))
        self.drop()
        if voice is None:
            return evidence("voice", {}, 0.0, 0.0)
        told = judge(voice, self._baseline)
        self._baseline.learn(voice)
        return told

    def drop(self) -> None:
        """Forget the turn so far: it was none."""
        self._rest = np.zeros(0, np.float32)
        self._frames = [frames(self._rest)]
        self._count = 0

    def reset(self) -> None:
        """Another speaker: forget everything."""
        self._baseline = Baseline()
        self.drop()


class Baseline:
    """How one speaker usually sounds: running middle and spread of each measure."""

    def __init__(self) -> None:
        self.turns = 0
        self._mean = np.zeros(len(MEASURES))
        self._variance = np.zeros(len(MEASURES))

    def learn(self, voice: Voice) -> None:
        """Take a turn into account. The latest `MEMORY_TURNS` or so count."""
        self.turns += 1
        share = 1.0 / min(self.turns, MEMORY_TURNS)
        off = _vector(voice) - self._mean
        self._mean = self._mean + share * off
        self._variance = (1.0 - share) * (self._variance + share * off**2)

    def standard_scores(self, voice: Voice) -> F64:
        """[5] how many spreads each measure lies off its middle; zeros as long as no turn is known."""
        if not self.turns:
            return np.zeros(len(MEASURES))
        known = min(self.turns, MEMORY_TURNS)
        variance = (known * self._variance + _PRIOR_TURNS * _USUAL_SPREAD**2) / (known + _PRIOR_TURNS)
        # A single turn's middle is itself off by a spread or so.
        return (_vector(voice) - self._mean) / np.sqrt(variance * (1.0 + 1.0 / known))


def measure(turn: Frames) -> Voice | None:
    """The measures of a turn; None where there is too little voice in it."""
    if not len(turn):
        return None
    level_db = turn.level_db
    loud = level_db > max(float(np.percentile(level_db, 95)) - _RANGE_DB, _FLOOR_DB)
    voiced = loud & (turn.pitch_hz > 0.0)
    if np.count_nonzero(voiced) < SHORTEST_VOICED_S * _FRAMES_PER_S:
        return None
    semitones = 12.0 * np.log2(turn.pitch_hz[voiced] / 55.0)
    low, middle, high = np.percentile(semitones, (10, 50, 90))
    return Voice(
        pitch_st=float(middle),
        range_st=float(high - low),
        level_db=float(10.0 * np.log10(np.mean(10.0 ** (level_db[voiced] / 10.0)))),
        bright_db=_brightness(turn.bands_db[voiced]),
        change_db=_change(turn.bands_db, loud),
        voiced_s=float(np.count_nonzero(voiced) / _FRAMES_PER_S),
    )


def _brightness(bands_db: F64) -> float:
    """The mean level above 1 kHz less that below, of the bands [T, B]."""
    power = 10.0 ** (bands_db / 10.0)
    return float(np.mean(10.0 * np.log10(power[:, _BRIGHT:].sum(axis=1) / power[:, :_BRIGHT].sum(axis=1))))


def _change(bands_db: F64, loud: NDArray[np.bool_]) -> float:
    """How much the bands [T, B] change between frames that are both loud, on the mean.

    Counting the peaks of loudness, which is usual, misses syllables of fast speech and of vowels that follow vowels.
    """
    heard = np.maximum(bands_db, bands_db.max() - _BAND_RANGE_DB)
    smooth = ndimage.convolve1d(heard, _SMOOTHING, axis=0, mode="nearest")
    step = np.sqrt(np.mean(np.square(smooth[_CHANGE_FRAMES:] - smooth[:-_CHANGE_FRAMES]), axis=1))
    both = loud[_CHANGE_FRAMES:] & loud[:-_CHANGE_FRAMES]
    return float(step[both].mean()) if both.any() else 0.0


def judge(voice: Voice, baseline: Baseline) -> Evidence:
    """What a turn tells against the speaker's other turns."""
    z = np.clip(baseline.standard_scores(voice), -4.0, 4.0)
    scores = {
        name: _PRIOR[name] * float(np.exp(-0.5 * np.sum((z - np.array(place)) ** 2) / _WIDTH**2))
        for name, place in _PROTOTYPES.items()
    }
    known = baseline.turns / (baseline.turns + _PRIOR_TURNS)
    excited = abs(arousal(z))
    # That a voice sounds as ever says little.
    confidence = _TRUST * known * (0.3 + 0.7 * excited) * voice.voiced_s / (voice.voiced_s + 1.0)
    return evidence("voice", scores, confidence, excited)


def arousal(z: F64) -> float:
    """How excited (towards 1) or subdued (towards -1) standard scores [5] sound."""
    return float(np.tanh(_AROUSAL @ z))


def _vector(voice: Voice) -> F64:
    return np.array(astuple(voice)[: len(MEASURES)])


assert set(_PROTOTYPES) == set(EMOTIONS)
