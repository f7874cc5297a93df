"""Things that happen now and then (blinks, glances), with random access and any distribution of intervals.

Time is cut into fixed cells. Within a cell the events are a renewal process drawn from hashed numbers, so intervals
follow whatever distribution the maker draws from; a cell never needs another's outcome, so weeks cost nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bridge.dsp.noise import F64, I64, hashed
from bridge.timebase import FPS_DEN, FPS_NUM

CELL_S: Final = 60
CELL_FRAMES: Final = CELL_S * FPS_NUM // FPS_DEN
SEAM_S: Final = 0.25


@dataclass(frozen=True, slots=True)
class Events:
    """E events in order. Each is timed from its own cell, so that it is the same to the bit whatever lies around it."""

    first_index: I64
    """[E] the first frame of the event's cell."""
    start_s: F64
    """[E] when it begins, from there."""
    start_frame: F64
    """[E] the same as a frame of the timeline, fractions included."""
    traits: F64
    """[E, K] whatever it was drawn with."""

    def latest(self, index: I64) -> NDArray[np.intp]:
        """[T] the last event that has begun at each of the frames `index`."""
        return np.searchsorted(self.start_frame, index, side="right") - 1

    def since_s(self, index: I64, event: NDArray[np.intp]) -> F64:
        """The time at the frames `index` since the events `event` began; shapes broadcast."""
        return (index - self.first_index[event]) * (FPS_DEN / FPS_NUM) - self.start_s[event]

    def begun_in(self, event: NDArray[np.intp], start_index: int, end_index: int) -> NDArray[np.bool_]:
        """Whether the events began at or after one frame and before another."""
        return (self.start_frame[event] >= start_index) & (self.start_frame[event] < end_index)


Maker = Callable[[F64], tuple[F64, F64]]
"""From uniform numbers [N, K] to N intervals in seconds, each that before its event, and N rows of traits."""


class EventStream:
    """An endless sequence of events. `draws` (N, K): enough intervals to fill a cell, and numbers for each."""

    def __init__(self, seed: int, draws: tuple[int, int], maker: Maker) -> None:
        self._seed = seed
        self._draws = draws
        self._maker = maker
        self._of_cell = lru_cache(maxsize=4)(self._make)
        self._of_pair = lru_cache(maxsize=2)(self._join)

    def around(self, first_index: int, count: int) -> Events:
        """The events of the cells that the frames touch and of the cell before them."""
        return self._of_pair(first_index // CELL_FRAMES - 1, (first_index + max(count, 1) - 1) // CELL_FRAMES)

    def _join(self, first_cell: int, last_cell: int) -> Events:
        cells = [self._of_cell(cell) for cell in range(first_cell, last_cell + 1)]
        return Events(
            np.concatenate([cell.first_index for cell in cells]),
            np.concatenate([cell.start_s for cell in cells]),
            np.concatenate([cell.start_frame for cell in cells]),
            np.concatenate([cell.traits for cell in cells]),
        )

    def _make(self, cell: int) -> Events:
        rows, columns = self._draws
        n = np.arange(rows * columns, dtype=np.int64) + np.int64(cell) * (rows * columns)
        intervals, traits = self._maker(hashed(self._seed, n).reshape(rows, columns))
        # Half an interval before the first event and some room after the last: a seam must neither be longer than
        # other intervals are nor bring two events together.
        start_s = np.cumsum(intervals) - 0.5 * intervals[0]
        inside = start_s < CELL_S - SEAM_S
        start_s = start_s[inside]
        first_index = np.full(len(start_s), cell * CELL_FRAMES, np.int64)
        return Events(first_index, start_s, first_index + start_s * (FPS_NUM / FPS_DEN), traits[inside])
