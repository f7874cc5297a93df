"""Blinks, as people's lids do them: when, how fast, how far.

Rates: Bentivoglio et al. 1997 (Movement Disorders 12:1028) found 17 a minute at rest and 26 in conversation; Doughty
2001 (Optometry and Vision Science 78:712) much the same, with intervals skewed to the right, which a log-normal fits.
Shape: measured on the Live Link Face takes of an iPhone: lids shut in 4 to 5 frames, stay 1 to 3, open fast and then
slow down, about 200 ms in all.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from bridge.dsp.noise import F64, I64, log_normal
from bridge.layers.events import EventStream

REST_MEDIAN_S: Final = 3.3
TALK_MEDIAN_S: Final = 9.0
"""Talking adds blinks of its own to those at rest: together some 23 a minute, and seldom 30 in any one."""
SPREAD: Final = 0.6
SHORTEST_S: Final = 0.6
LONGEST_S: Final = 12.0
DOUBLE_CHANCE: Final = 0.1
DOUBLE_S: Final = 0.45
LENGTH_S: Final = 0.42
"""No blink is longer, so one that ends is never cut by the next."""


class Blinks:
    """An endless, seeded sequence of blinks, with random access."""

    def __init__(self, seed: int, median_s: float) -> None:
        self._median_s = median_s
        self._events = EventStream(seed, (160, 6), self._draw)

    def _draw(self, u: F64) -> tuple[F64, F64]:
        intervals = np.clip(log_normal(u[:, 0], u[:, 1], self._median_s, SPREAD), SHORTEST_S, LONGEST_S)
        intervals = np.where(u[:, 2] < DOUBLE_CHANCE, DOUBLE_S, intervals)
        depth = np.where(u[:, 3] < 0.1, 0.55, 0.88 + 0.12 * u[:, 3])
        closing_s = 0.06 + 0.04 * u[:, 4]
        opening_s = 0.12 + 0.14 * u[:, 5]
        return intervals, np.stack([depth, closing_s, opening_s], axis=1)

    def at(self, first_index: int, index: I64, begun_in: tuple[int, int] | None = None) -> F64:
        """[T] how far the lids are shut, 0..1, at the consecutive frames `index` that begin at `first_index`.

        `begun_in` keeps only the blinks that begin at or after one frame and before another.
        """
        events = self._events.around(first_index, len(index))
        latest = events.latest(index)
        depth, closing_s, opening_s = events.traits[latest].T
        lids: F64 = depth * _lid(events.since_s(index, latest), closing_s, opening_s)
        if begun_in is None:
            return lids
        return np.where(events.begun_in(latest, *begun_in), lids, 0.0)


HOLD_S: Final = 0.03


def _lid(since_s: F64, closing_s: F64, opening_s: F64) -> F64:
    """0..1 shut, by the time since the blink began: an even closing, a short stay, an opening that slows down."""
    closing = np.clip(since_s / closing_s, 0.0, 1.0)
    opening = np.clip((since_s - closing_s - HOLD_S) / opening_s, 0.0, 1.0)
    remaining = 1.0 - opening
    return closing * closing * (3.0 - 2.0 * closing) * remaining * remaining * (1.0 + 2.0 * opening) * remaining**0.5
