"""Clock arithmetic: samples, frames and nanoseconds on one timeline.

Everything counts from the session's start. Sample n stands at n / 24000 s and frame k at k / 60 s, both as exact
integer fractions (`k * 10**9 * den // num`, never a running sum of steps), so an hour later they still agree.
A frame covers the 400 samples that follow its time. Nothing here reads a clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Protocol

NS_PER_S: Final = 1_000_000_000
SAMPLE_RATE_HZ: Final = 24_000
FPS_NUM: Final = 60
FPS_DEN: Final = 1
SAMPLES_PER_FRAME: Final = SAMPLE_RATE_HZ * FPS_DEN // FPS_NUM
assert SAMPLES_PER_FRAME * FPS_NUM == SAMPLE_RATE_HZ * FPS_DEN, "a frame must be a whole number of samples"


def frame_to_ns(index: int) -> int:
    """The time of frame `index`, in nanoseconds from the session's start, rounded down."""
    return index * NS_PER_S * FPS_DEN // FPS_NUM


def ns_to_frame(t_ns: int) -> int:
    """The index of the last frame whose time is at or before `t_ns`."""
    # frame_to_ns rounds down, so frame k may carry a time a fraction of a nanosecond early: look one ahead.
    index = t_ns * FPS_NUM // (NS_PER_S * FPS_DEN)
    return index + 1 if frame_to_ns(index + 1) <= t_ns else index


def sample_to_ns(sample: int) -> int:
    """The time of sample `sample`, in nanoseconds from the session's start, rounded down."""
    return sample * NS_PER_S // SAMPLE_RATE_HZ


def frame_to_sample(index: int) -> int:
    """The first sample of frame `index`."""
    return index * SAMPLES_PER_FRAME


def sample_to_frame(sample: int) -> int:
    """The frame that sample `sample` belongs to."""
    return sample // SAMPLES_PER_FRAME


def frames_for_samples(count: int) -> int:
    """How many frames `count` samples make: ceil(count / 400)."""
    return -(-count // SAMPLES_PER_FRAME)


class Clock(Protocol):
    """A source of time. Code above floor 1 is handed one; floors 0 and 1 never see one."""

    def now_ns(self) -> int:
        """Nanoseconds on a clock that never goes back. The origin means nothing."""
        ...


@dataclass(frozen=True, slots=True)
class Timeline:
    """A subject's timeline: the clock reading at which frame 0 and sample 0 stand."""

    origin_ns: int

    def due_index(self, now_ns: int) -> int:
        """The frame due at the clock reading `now_ns`."""
        return ns_to_frame(now_ns - self.origin_ns)

    def due_sample(self, now_ns: int) -> int:
        """The last sample whose time is at or before the clock reading `now_ns`."""
        return (now_ns - self.origin_ns) * SAMPLE_RATE_HZ // NS_PER_S

    def clock_ns(self, index: int) -> int:
        """The clock reading at which frame `index` is due."""
        return self.origin_ns + frame_to_ns(index)
