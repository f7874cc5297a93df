"""The real clock, handed to whatever needs one; everything below reads time only through `timebase.Clock`."""

from __future__ import annotations

import time


class MonotonicClock:
    """The process's monotonic clock at its finest: on Windows `time.monotonic` may step by 15 ms, this does not."""

    def now_ns(self) -> int:
        return time.perf_counter_ns()
