"""Phones to face curves: a coarticulation model that knows what lips, jaw and tongue do in each sound of speech.

Three kinds of movement are put together.

- Postures (jaw height, rounding, spreading, parted lips) blend: each sound's target counts by its dominance, which is
  flat within the sound and falls off exponentially before and after it (Cohen & Massaro 1993, Modeling coarticulation
  in synthetic visual speech). So rounding comes early, and short sounds between strong ones don't reach their targets.
- Constrictions (lips met, lip to teeth, tongue between teeth) are reached whatever surrounds them.
- In a pause the mouth comes to rest, and parts just before speech.

Jaw and lips are two axes (Edwards et al. 2016, JALI): `mouthClose` undoes what the open jaw does to the lips.

The curves serve as targets to train on, as a baseline, and to drive a face where a voice tells its phones.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bridge.face.phones import PAUSE, Sound, sounds
from bridge.timebase import FPS_DEN, FPS_NUM
from bridge.types import F32, SHAPE_COUNT, SHAPE_INDEX, Phone, freeze

F64 = NDArray[np.float64]

JAW, PUCKER, FUNNEL, SPREAD, PART = range(5)
_HOLD_OF: Final = (0, 1, 1, 2, 2)  # which hold (jaw, rounding, spreading) each posture goes by

# Seconds in which dominance falls to 1/e: before a sound (anticipation) and after it, for each of the holds.
_AHEAD_S: Final = np.array([0.045, 0.060, 0.045])
_AFTER_S: Final = np.array([0.070, 0.055, 0.050])
_ROUNDED_DOMINANCE: Final = 1.4  # a rounded sound spreads its lips' shape further than an unrounded one
_CORE_EDGE_S: Final = 0.045  # dominance is flat within a sound, but for this much at either end
_NEIGHBOURS: Final = 9  # on either side: beyond, dominance is nothing

# A constriction closes and opens in this time, or half of its neighbour's where that is short, and holds for a frame.
_CLOSING_S: Final = 0.07
_MIN_CLOSING_S: Final = 0.03
_MIN_HOLD_S: Final = 0.02

_SHUT_S: Final = 0.09  # from the last sound to the mouth at rest
_PART_S: Final = 0.13  # from rest to the first sound
_ONSET_S: Final = 0.08  # an utterance that begins at once still begins at rest
_GAP_S: Final = 1e-3  # phones further apart than this have a pause between them

_SMOOTHING_S: Final = 0.015  # standard deviation of the Gaussian that takes off the corners
_BLOCK_FRAMES: Final = 4096

_PUCKER_NARROWS: Final = 0.85  # of the way to lips that meet, at full pucker


@dataclass(frozen=True, slots=True)
class _Score:
    """The sounds of an utterance in order, as columns of P: pauses included, from before it to after it."""

    start_s: F64
    end_s: F64
    targets: F64  # [P, 5]
    holds: F64  # [P, 5]
    closures: F64  # [P, 3] lips, teeth, tongue
    release: F64
    speaking: NDArray[np.bool_]


def curves(phones: Sequence[Phone], frame_count: int, first_index: int = 0) -> F32:
    """Face curves [frame_count, 52] at 60 frames a second, 0..1, from frame `first_index` on; frame i is at i/60 s.

    `phones` are in order and do not overlap; a pause has an empty label, or none: time without a phone is silence.
    The mouth is at rest before frame 0. A frame depends on the sounds around it alone, so speech may be cut at pauses.
    """
    out = np.zeros((frame_count, SHAPE_COUNT), np.float32)
    score = _score(phones)
    if score is None or frame_count == 0:
        return freeze(out)
    margin = int(np.ceil(3 * _SMOOTHING_S * FPS_NUM / FPS_DEN))
    for first in range(0, frame_count, _BLOCK_FRAMES):
        last = min(first + _BLOCK_FRAMES, frame_count)
        time_s = np.arange(first_index + first - margin, first_index + last + margin) * FPS_DEN / FPS_NUM
        raw = _shapes(_postures(score, time_s), _constrictions(score, time_s), _awake(score, time_s))
        out[first:last] = _smooth(raw, margin)
    return freeze(np.clip(out, 0, 1))


def _score(phones: Sequence[Phone]) -> _Score | None:
    """The sounds with their times, pauses put between and around; None where nothing is said."""
    spans: list[tuple[float, float, Sound]] = []
    for phone in phones:
        if spans and phone.start_s - spans[-1][1] > _GAP_S:
            spans.append((spans[-1][1], phone.start_s, PAUSE))
        spans += _split(phone)
    if all(sound.pause for *_, sound in spans):
        return None
    spans = [(spans[0][0] - 1e3, spans[0][0], PAUSE), *spans, (spans[-1][1], spans[-1][1] + 1e3, PAUSE)]
    said = [sound for *_, sound in spans]
    holds = np.array([(s.hold_jaw, s.hold_round, s.hold_spread) for s in said])
    targets = np.array([(s.jaw, s.pucker, s.funnel, s.spread, s.part) for s in said])
    rounded = np.maximum(targets[:, PUCKER], targets[:, FUNNEL]) > 0.3
    holds[rounded, 1] *= _ROUNDED_DOMINANCE
    return _Score(
        start_s=np.array([start for start, *_ in spans]),
        end_s=np.array([end for _, end, _ in spans]),
        targets=targets,
        holds=holds[:, _HOLD_OF],
        closures=np.array([(s.lips, s.teeth, s.tongue) for s in said]),
        release=np.array([s.release for s in said]),
        speaking=np.array([not s.pause for s in said]),
    )


def _split(phone: Phone) -> list[tuple[float, float, Sound]]:
    """A phone's sounds, its time shared out by their weights."""
    parts = sounds(phone.ipa)
    shares = np.cumsum([0.0, *(part.weight for part in parts)])
    edges = phone.start_s + (phone.end_s - phone.start_s) * shares / shares[-1]
    return [(start, end, part) for (start, end), part in zip(pairwise(edges), parts, strict=True)]


def _postures(score: _Score, time_s: F64) -> F64:
    """[T, 5]: the targets around each moment, blended by dominance."""
    at = np.clip(np.searchsorted(score.start_s, time_s, side="right") - 1, 0, len(score.start_s) - 1)
    near = at[:, None] + np.arange(-_NEIGHBOURS, _NEIGHBOURS + 1)
    inside = (near >= 0) & (near < len(score.start_s))
    near = np.clip(near, 0, len(score.start_s) - 1)
    inside &= score.speaking[near]
    duration_s = score.end_s - score.start_s
    edge_s = np.minimum(_CORE_EDGE_S, 0.3 * duration_s)
    before_s = np.maximum((score.start_s + edge_s)[near] - time_s[:, None], 0)
    after_s = np.maximum(time_s[:, None] - (score.end_s - edge_s)[near], 0)
    fall = before_s[..., None] / _AHEAD_S + after_s[..., None] / _AFTER_S
    dominance = np.exp(-np.minimum(fall, 60.0))[..., _HOLD_OF] * score.holds[near] * inside[..., None]
    blended = np.einsum("tkp,tkp->tp", dominance, score.targets[near])
    return np.asarray(blended / np.maximum(dominance.sum(1), 1e-30))


def _constrictions(score: _Score, time_s: F64) -> F64:
    """[T, 3]: how far lips, lip and teeth, tongue and teeth are closed."""
    out = np.zeros((len(time_s), 3))
    hold_end_s = score.start_s + score.release * (score.end_s - score.start_s)
    for kind in range(3):
        which = np.flatnonzero(score.closures[:, kind])
        if not len(which):
            continue
        start_s, end_s = score.start_s[which], hold_end_s[which]
        short_s = np.maximum(_MIN_HOLD_S - (end_s - start_s), 0) / 2
        # Beside a pause the mouth comes from rest, or goes to rest, with its lips met.
        start_s = start_s - short_s - _pause_s(score, which - 1, _PART_S)
        end_s = end_s + short_s + _pause_s(score, which + 1, _SHUT_S)
        # The nearest closure before and the nearest after decide.
        after = np.clip(np.searchsorted(start_s, time_s), 0, len(which) - 1)
        closing_s = _neighbour_s(score, which - 1)
        opening_s = _neighbour_s(score, which + 1)
        for near in (np.maximum(after - 1, 0), after):
            away = np.maximum((start_s[near] - time_s) / closing_s[near], (time_s - end_s[near]) / opening_s[near])
            closed = score.closures[which[near], kind] * _ease(1 - np.maximum(away, 0))
            out[:, kind] = np.maximum(out[:, kind], closed)
    return out


def _neighbour_s(score: _Score, index: NDArray[np.intp]) -> F64:
    """The time there is to close or open within the neighbouring sounds `index`."""
    return np.clip(0.5 * (score.end_s - score.start_s)[index], _MIN_CLOSING_S, _CLOSING_S)


def _pause_s(score: _Score, index: NDArray[np.intp], most_s: float) -> F64:
    """How long the neighbours `index` are at rest, up to a limit; 0 where they are sounds."""
    return np.where(score.speaking[index], 0, np.minimum((score.end_s - score.start_s)[index], most_s))


def _awake(score: _Score, time_s: F64) -> F64:
    """[T]: 1 while there is speech, 0 at rest in a pause; a short pause only dips."""
    speech = np.flatnonzero(score.speaking)
    start_s, end_s = score.start_s[speech], score.end_s[speech]
    after = np.searchsorted(start_s, time_s, side="right")
    ended_s = time_s - end_s[np.maximum(after - 1, 0)]
    begins_s = start_s[np.minimum(after, len(speech) - 1)] - time_s
    parting = np.where(after < len(speech), _ease(1 - begins_s / _PART_S), 0)
    shutting = np.where(after > 0, _ease(1 - ended_s / _SHUT_S), 0)
    from_rest = _ease(time_s / _ONSET_S)
    return np.maximum(parting, shutting) * from_rest


def _ease(x: F64) -> F64:
    """0 to 1 with a smooth start and end."""
    x = np.clip(x, 0, 1)
    return np.asarray(x * x * (3 - 2 * x))


def _shapes(postures: F64, constrictions: F64, awake: F64) -> F64:
    """[T, 52]: the axes as ARKit shapes. Lips that meet leave nothing of what would part them."""
    jaw, pucker, funnel, spread, part = (postures * awake[:, None]).T
    met, teeth, tongue = constrictions.T
    lips = np.maximum(met, _PUCKER_NARROWS * pucker)
    jaw = jaw * (1 - 0.25 * met) * (1 - 0.35 * teeth)
    apart = 1 - lips
    free = apart * (1 - teeth)
    out = np.zeros((len(jaw), SHAPE_COUNT))

    def put(name: str, value: F64) -> None:
        for side in ("Left", "Right") if f"{name}Left" in SHAPE_INDEX else ("",):
            out[:, SHAPE_INDEX[name + side]] = value

    put("jawOpen", jaw)
    put("jawForward", 0.15 * funnel)
    put("mouthClose", lips * jaw)
    put("mouthPucker", pucker)
    put("mouthFunnel", funnel * (1 - 0.7 * lips) * (1 - 0.5 * teeth))
    put("mouthStretch", 0.25 * spread * apart)
    put("mouthDimple", 0.12 * spread)
    put("mouthSmile", 0.1 * spread)
    put("mouthLowerDown", free * (0.28 * jaw + 0.35 * part))
    put("mouthUpperUp", apart * (0.1 * jaw + 0.2 * part) + 0.2 * teeth * awake)
    put("mouthRollLower", (0.12 * met + 0.45 * teeth * apart) * awake)
    put("mouthRollUpper", 0.08 * met * awake)
    put("mouthPress", 0.14 * met * awake)
    put("mouthShrugLower", 0.1 * met * awake)
    put("tongueOut", 0.12 * tongue * apart * awake)
    return out


def _smooth(raw: F64, margin: int) -> F64:
    """A short Gaussian over time; `margin` frames at either end of [T + 2 margin, 52] are used up."""
    at = np.arange(-margin, margin + 1) * FPS_DEN / FPS_NUM
    kernel = np.exp(-0.5 * (at / _SMOOTHING_S) ** 2)
    kernel /= kernel.sum()
    count = len(raw) - 2 * margin
    return np.asarray(sum(weight * raw[i : i + count] for i, weight in enumerate(kernel)))
