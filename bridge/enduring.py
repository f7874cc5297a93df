"""What loops that must go on for weeks have around each round: an error that nobody foresaw costs that round alone."""

from __future__ import annotations

import logging
from types import TracebackType
from typing import Final

from bridge.timebase import Clock

log = logging.getLogger(__name__)

TELL_EVERY_NS: Final = 60_000_000_000
"""How often a loop that fails again and again says so: its log must not fill the disk overnight."""


class Enduring:
    """`with` it around each round of a loop: what goes wrong there is logged, and the loop goes on.

    Cancellation, Ctrl-C and the like go through. For one thread.
    """

    def __init__(self, what: str, clock: Clock) -> None:
        self.failures = 0
        self._what = what
        self._clock = clock
        self._told_ns: int | None = None

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if not isinstance(error, Exception):
            return False
        self.failures += 1
        now_ns = self._clock.now_ns()
        if self._told_ns is None or now_ns - self._told_ns >= TELL_EVERY_NS:
            self._told_ns = now_ns
            log.error("%s: failed %d times by now, and goes on", self._what, self.failures, exc_info=error)
        return True
