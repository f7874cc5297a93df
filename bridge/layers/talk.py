"""The life that speaking adds above the mouth: blinks, brows that rise on what matters, a head that goes along.

Speakers raise their brows at some of the words they stress and nod or lift the head with them (Cavé et al. 1996, ICSLP;
Graf et al. 2002, Visual prosody, FG), on top of slower turns from phrase to phrase. Which words cannot be told from a
mouth, so the moments are drawn: they only fall within speech, and what has begun is finished after it.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from bridge.dsp.noise import F64, I64, Noise, derived, log_normal, smoothstep
from bridge.layers.blink import LENGTH_S, TALK_MEDIAN_S, Blinks
from bridge.layers.events import Events, EventStream
from bridge.timebase import FPS_DEN, FPS_NUM
from bridge.types import SHAPE_COUNT, SHAPE_INDEX, Motion, motion

ACCENT_MEDIAN_S: Final = 2.4
ACCENT_SHORTEST_S: Final = 1.6
ACCENT_LONGEST_S: Final = 8.0
FROWN_CHANCE: Final = 0.2
ONE_BROW_CHANCE: Final = 0.15

TAIL_FRAMES: Final = int(max(ACCENT_SHORTEST_S, LENGTH_S) * FPS_NUM / FPS_DEN)
"""What begins with the last spoken frame is over after as many more: no accent outlasts the shortest interval."""

_LIDS: Final = [SHAPE_INDEX["eyeBlinkLeft"], SHAPE_INDEX["eyeBlinkRight"]]
_RAISED: Final = [SHAPE_INDEX[name] for name in ("browInnerUp", "browOuterUpLeft", "browOuterUpRight")]
_LOWERED: Final = [SHAPE_INDEX[name] for name in ("browDownLeft", "browDownRight")]
_PHRASE_RAD: Final = np.deg2rad((1.1, 1.9, 1.2))
_WORD_RAD: Final = np.deg2rad((0.7, 0.6, 0.4))


class Talk:
    """Endless seeded life of a speaker, with random access."""

    def __init__(self, seed: int) -> None:
        seed = derived(seed, "talk")
        self._blinks = Blinks(seed, TALK_MEDIAN_S)
        self._accents = EventStream(derived(seed, "accents"), (60, 8), _draw_accents)
        self._head = Noise(derived(seed, "head"), (0.5, 0.45, 0.5, 2.2, 1.9, 1.7))

    def at(self, first_index: int, index: I64, begun_in: tuple[int, int], head_weight: F64) -> Motion:
        """What talking from one frame until before another adds to the consecutive frames `index` [T].

        The gaze turns against the head: a speaker's eyes stay with the listener.
        `head_weight` [T], 0..1, is how far the head is the speaker's: it must come and go gently.
        """
        face = np.zeros((len(index), SHAPE_COUNT))
        face[:, _LIDS] = self._blinks.at(first_index, index, begun_in)[:, None]
        noise = self._head.at(index)
        head = (noise[:, :3] * _PHRASE_RAD + noise[:, 3:] * _WORD_RAD) * head_weight[:, None]
        events = self._accents.around(first_index, len(index))
        accents = _accents(events, index, begun_in)
        face[:, _RAISED] = accents[:, 0:3]
        face[:, _LOWERED] = accents[:, 3:4]
        head[:, 0] += accents[:, 4]
        return motion(first_index, face, head_rad=head, gaze_rad=-head[:, 1::-1])


def _draw_accents(u: F64) -> tuple[F64, F64]:
    """Traits of an accent: inner, left and right brow up, brows down, nod (radians), rise, stay and fall (seconds)."""
    intervals = np.clip(log_normal(u[:, 0], u[:, 1], ACCENT_MEDIAN_S, 0.5), ACCENT_SHORTEST_S, ACCENT_LONGEST_S)
    frowns = u[:, 2] < FROWN_CHANCE
    size = 0.12 + 0.4 * u[:, 3] ** 2
    raised = np.where(frowns, 0.0, size)
    left = np.where(u[:, 4] < ONE_BROW_CHANCE, 0.3, 1.0)
    right = np.where(u[:, 4] > 1.0 - ONE_BROW_CHANCE, 0.3, 1.0)
    # Most accents nod; some lift the chin.
    nod = np.deg2rad(np.where(u[:, 5] < 0.7, 1.0 + 2.0 * u[:, 3], -1.2))
    rise_s, stay_s, fall_s = 0.14 + 0.12 * u[:, 6], 0.05 + 0.5 * u[:, 7] ** 2, 0.25 + 0.3 * u[:, 6]
    return intervals, np.stack(
        [
            *(0.8 * raised, 0.9 * raised * left, 0.9 * raised * right, np.where(frowns, 0.7 * size, 0.0)),
            *(nod, rise_s, stay_s, fall_s),
        ],
        axis=1,
    )


def _accents(events: Events, index: I64, begun_in: tuple[int, int]) -> F64:
    """[T, 5] the first five traits of the accent that is on at the frames `index` [T], as far as it has come."""
    latest = events.latest(index)
    traits, since_s = events.traits[latest], events.since_s(index, latest)
    rise_s, stay_s, fall_s = traits[:, 5], traits[:, 6], traits[:, 7]
    shown = smoothstep(since_s / rise_s) * (1.0 - smoothstep((since_s - rise_s - stay_s) / fall_s))
    shown = np.where(events.begun_in(latest, *begun_in), shown, 0.0)
    return traits[:, :5] * shown[:, None]
