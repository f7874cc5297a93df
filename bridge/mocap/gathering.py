"""When to show what comes in pieces: a frame may be a hundred datagrams, and nothing marks its last one for sure.

An application sends the pieces of a frame at once and then pauses, so a pause ends a frame. One that never pauses is
shown once a frame all the same.
"""

from __future__ import annotations

from typing import Final

from bridge.timebase import frame_to_ns, ns_to_frame

PAUSE_NS: Final = 2_000_000
"""How long after the last piece a frame counts as whole."""


class Gathering:
    """Says when to show. Times are readings of one clock that never goes back.

    What has come is shown after a pause, but no later than 1/60 s after its first piece, and both wait while something
    has been shown in the same 1/60 s of the clock. A fixed grid, as a least distance would keep a sender of 60 frames a
    second late for ever once one of them was late.
    """

    def __init__(self) -> None:
        self._first_ns: int | None = None
        self._last_ns = 0
        self._free_ns: int | None = None

    def came(self, now_ns: int) -> None:
        """Something new has come."""
        if self._first_ns is None:
            self._first_ns = now_ns
        self._last_ns = now_ns

    @property
    def due_ns(self) -> int | None:
        """When to show what has come, unless more comes; None where all has been shown."""
        if self._first_ns is None:
            return None
        due_ns = min(self._last_ns + PAUSE_NS, self._first_ns + frame_to_ns(1))
        return due_ns if self._free_ns is None else max(due_ns, self._free_ns)

    def shown(self, now_ns: int) -> None:
        """All that has come is shown."""
        self._first_ns = None
        self._free_ns = frame_to_ns(ns_to_frame(now_ns) + 1)
