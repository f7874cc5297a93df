"""Numbers that are set from a frame on and eased to from what they were: cues on the timeline, with random access."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from bridge.dsp.noise import F64, smoothstep

EASE_FRAMES: Final = 30


@dataclass(frozen=True, slots=True)
class _Cue:
    index: int
    values: F64


class Cues:
    """W numbers over time, each cue eased in over `EASE_FRAMES` from whatever is on by then."""

    def __init__(self, values: Sequence[float] | F64) -> None:
        self._cues = deque([_Cue(0, np.array(values, np.float64))])

    def __len__(self) -> int:
        return len(self._cues)

    def set(self, values: Sequence[float] | F64, index: int) -> None:
        """From frame `index` on it is to be `values` [W]. Replaces the cues set for `index` or later."""
        while len(self._cues) > 1 and self._cues[-1].index >= index:
            self._cues.pop()
        self._cues.append(_Cue(index, np.array(values, np.float64)))

    def forget_before(self, index: int) -> None:
        """Let go of cues that have been eased in by `index`, but for the last such. Bounds the memory."""
        while len(self._cues) > 1 and self._cues[1].index + EASE_FRAMES <= index:
            self._cues.popleft()

    def at(self, first_index: int, count: int) -> F64:
        """[T, W] what they are in `count` frames from `first_index` on."""
        index = np.arange(first_index, first_index + count)
        out = np.repeat(self._cues[0].values[None], count, axis=0)
        for cue in list(self._cues)[1:]:
            # Written so that a cue eased in leaves no trace of those before it, which may be forgotten by then.
            come = smoothstep((index - cue.index) / EASE_FRAMES)[:, None]
            out = out * (1.0 - come) + cue.values * come
        return out
