"""The 60 Hz thread: calls once for each frame, when it is due.

Deadlines are absolute, so no error adds up. Sleeping ends late by as much as the system's timer is coarse (some 60
microseconds on Linux, half a millisecond on Windows, 15 ms on old ones), so the wait sleeps until that long before the
deadline and spins the rest; how long that is it learns as it goes. Where the machine held the thread up for a moment,
the frames that fell due meanwhile leave at once and in order, so that none is lost; after a longer stall only the frame
due now is sent: the latest wins, nothing comes in a burst.
"""

from __future__ import annotations

import gc
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Final, Protocol

from bridge.timebase import NS_PER_S, Clock, Timeline

SPIN_NS: Final = (100_000, 17_000_000)
"""The least and the most that is spun before a deadline."""
LEARNED_FROM: Final = 120
"""How many sleeps the wait remembers."""
OUTLIERS: Final = 3
"""How many of them say nothing about the timer: something held the thread up."""
COARSEST_NS: Final = 15_700_000
"""Where this much is left, even the coarsest timer, at 64 Hz, wakes up in time."""
PROBE_NS: Final = 1_000_000
"""What is slept to see how the timer does where there is no time for a longer sleep."""
HOLD_NS: Final = 300_000
"""The last stretch, spun without letting other threads in: getting the interpreter back takes long under load."""
CAUGHT_UP_FRAMES: Final = 3
"""How many overdue frames still leave: 50 ms, what a busy machine takes from a thread now and then."""
SWITCH_S: Final = 0.001
"""How soon a busy thread lets the pacer in; Python's own 5 ms would show in the spacing."""


class Wait(Protocol):
    """Waits for a reading of the clock."""

    def until(self, deadline_ns: int) -> None:
        """Return at `deadline_ns`, or at once if that has passed."""
        ...


class SleepAndSpin:
    """Sleeps, then spins. For one thread."""

    def __init__(self, clock: Clock, sleep: Callable[[float], None] = time.sleep) -> None:
        self._clock = clock
        self._sleep = sleep
        self._late_ns: deque[int] = deque([SPIN_NS[0]], LEARNED_FROM)

    def until(self, deadline_ns: int) -> None:
        """Return at `deadline_ns`, or at once if that has passed."""
        now_ns = self._clock.now_ns()
        wake_ns = deadline_ns - self._spin_ns()
        if wake_ns <= now_ns and deadline_ns - now_ns > COARSEST_NS:
            wake_ns = now_ns + PROBE_NS
        if wake_ns > now_ns:
            self._sleep((wake_ns - now_ns) / NS_PER_S)
            self._late_ns.append(max(0, self._clock.now_ns() - wake_ns))
        while (left_ns := deadline_ns - self._clock.now_ns()) > 0:
            if left_ns > HOLD_NS:
                self._sleep(0)

    def _spin_ns(self) -> int:
        """How long before a deadline the sleep must end."""
        late_ns = sorted(self._late_ns)[-1 - OUTLIERS :][0]
        return min(SPIN_NS[1], max(SPIN_NS[0], late_ns * 5 // 4))


class Pacer:
    """Calls `beat` with the index of each frame as it falls due, on a thread of its own."""

    def __init__(
        self, clock: Clock, timeline: Callable[[], Timeline], beat: Callable[[int], None], wait: Wait | None = None
    ) -> None:
        """`timeline` is asked again for each frame, so it may be corrected underway. `beat` must not raise."""
        self.skipped = 0
        self._clock = clock
        self._timeline = timeline
        self._beat = beat
        self._wait = wait or SleepAndSpin(clock)
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin with the next frame that falls due."""
        sys.setswitchinterval(min(SWITCH_S, sys.getswitchinterval()))
        # Looking for garbage among all that a server has loaded takes a tenth of a second, in which nothing else runs:
        # what is there now is left out from then on.
        gc.collect()
        gc.freeze()
        self._thread = threading.Thread(target=self.run, name="pacer", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End after the frame in hand. May be called twice."""
        self._ended.set()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join()

    def run(self) -> None:
        """Pace until closed, on the caller's thread."""
        index = self._timeline().due_index(self._clock.now_ns()) + 1
        while True:
            self._wait.until(self._timeline().clock_ns(index))
            if self._ended.is_set():
                return
            due = max(index, self._timeline().due_index(self._clock.now_ns()))
            if due - index > CAUGHT_UP_FRAMES:
                self.skipped += due - index
                index = due
            self._beat(index)
            index += 1
