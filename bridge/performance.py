"""A take, or one in the making, to sinks in real time: frames and sound go in as fast as they come, out on the clock.

For the command line. What is live belongs to a session, which has a playout of its own.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final

import numpy as np

from bridge.clock import MonotonicClock
from bridge.errors import BridgeError, DeviceError
from bridge.outputs import Health, Outputs
from bridge.playout import START_FRAMES, Run
from bridge.rig.retarget import Retarget
from bridge.timebase import FPS_NUM, NS_PER_S, SAMPLES_PER_FRAME, Clock, Timeline
from bridge.types import F32, Motion, freeze

AHEAD_FRAMES: Final = FPS_NUM
"""How far what is written may be ahead of what is shown."""
NAP_S: Final = 0.02
LET_IN_NS: Final = 60 * NS_PER_S
"""How long the first frame waits for targets that ask a person whether to let it in."""


@contextmanager
def perform(urls: Sequence[str], retarget: Callable[[str], Retarget]) -> Iterator[Performance]:
    """A performance within a `with`, which ends when all is shown. Left by an error or Ctrl-C, it ends at once.

    What went wrong underway is logged as a warning. Raises BridgeError where a sink can't be opened, and DeviceError at
    the end where one showed nothing, or little before it failed.
    """
    performance = Performance(MonotonicClock(), retarget, urls)
    try:
        yield performance
        _check_shown(performance.finish())
    finally:
        performance.close()


def _check_shown(sinks: Sequence[Health]) -> None:
    """Raises DeviceError naming the sinks that failed.

    Nobody is known to have missed datagrams until the system says so, and it says so only at the next one. So it is the
    sink that lost most of its frames to an error, and never came back, that has failed too.
    """
    failed = [
        f"{sink.url} was sent {sink.sent or 'none'} of {sink.sent + sink.dropped} frames"
        + (f": {sink.last_error}" if sink.last_error else ".")
        for sink in sinks
        if sink.dropped and (not sink.sent or (sink.last_error and not sink.reconnects and sink.sent <= sink.dropped))
    ]
    if failed:
        raise DeviceError(" ".join(failed))


class Performance:
    """Frames and sound on their way to sinks. `write` waits while enough is ahead; `finish` until all is shown."""

    def __init__(
        self,
        clock: Clock,
        retarget: Callable[[str], Retarget],
        urls: Sequence[str],
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Open all sinks. Raises BridgeError where one can't be."""
        self.timeline = Timeline(clock.now_ns())
        self.loudspeaker: Timeline | None = None
        self._clock = clock
        self._sleep = sleep
        self._outputs = Outputs(clock, self, retarget)
        self._next_index = 0
        self._samples = np.zeros(0, np.float32)
        try:
            for url in urls:
                self._outputs.add(url)
        except BridgeError:
            self._outputs.close()
            raise

    def write(self, frames: Motion, samples: F32) -> None:
        """Show `frames` after the last ones, as soon as may be if there is a gap; a frame has 400 of the samples.

        Samples may come before their frames. The first frames wait for targets that have yet to let their sinks in.
        """
        self._samples = np.concatenate([self._samples, samples])
        if not len(frames):
            return
        if not self._next_index:
            self._wait_to_be_let_in()
        start = max(self._next_index, self._due_index + START_FRAMES)
        moved = Motion(start, frames.face, frames.head_rad, frames.gaze_rad, frames.pose_rad)
        sound, self._samples = np.split(self._samples, [len(frames) * SAMPLES_PER_FRAME])
        self._outputs.frames(Run(moved, freeze(sound)), 0, self._due_index)
        self._next_index = moved.end_index
        self._wait_until_within(AHEAD_FRAMES)

    def finish(self) -> list[Health]:
        """Wait until all is shown, close the sinks, and say how each did."""
        self._wait_until_within(0)
        # Sound is still on its way through the device when its last frame is due.
        self._sleep(START_FRAMES / FPS_NUM)
        health = self._outputs.health()
        self.close()
        return health

    def close(self) -> None:
        """Close the sinks at once. May be called twice."""
        self._outputs.close()

    @property
    def _due_index(self) -> int:
        return self.timeline.due_index(self._clock.now_ns())

    def _wait_to_be_let_in(self) -> None:
        until_ns = self._clock.now_ns() + LET_IN_NS
        while self._outputs.are_awaited() and self._clock.now_ns() < until_ns:
            self._sleep(NAP_S)

    def _wait_until_within(self, frames: int) -> None:
        while (ahead := self._next_index - self._due_index) > frames:
            self._sleep(min(NAP_S, ahead / FPS_NUM))
