"""The pacer on clocks that the test turns: fine timers, Windows' coarse one, threads that are held up, long stalls."""

import gc
import itertools
import threading

import numpy as np
import pytest

from bridge.pacer import CAUGHT_UP_FRAMES, Pacer, SleepAndSpin
from bridge.timebase import Timeline, frame_to_ns

pytestmark = pytest.mark.law

READING_NS = 2_000
"""What a look at the clock takes."""


class TurnedClock:
    def __init__(self, start_ns=123_456_789):
        self.ns = start_ns

    def now_ns(self):
        self.ns += READING_NS
        return self.ns


class Machine:
    """A clock, and a timer that wakes sleepers only at its ticks, each some more late."""

    def __init__(self, tick_ns, late_ns=0, held_up=()):
        self.clock = TurnedClock()
        self.slept = 0
        self._tick_ns = tick_ns
        self._late = itertools.cycle(np.random.default_rng(1).integers(0, late_ns + 1, 997).tolist())
        self._held_up = dict(held_up)

    def sleep(self, seconds):
        if seconds > 0:
            self.slept += 1
            ends = self.clock.ns + round(seconds * 1e9)
            self.clock.ns = -(-ends // self._tick_ns) * self._tick_ns + next(self._late)
            self.clock.ns += self._held_up.pop(self.slept, 0)

    def paced(self, frames, work_ns=200_000, origin_ns=0):
        """Beats as (index, clock reading), until `frames` have gone by."""
        timeline = Timeline(self.clock.ns + origin_ns)
        beats = []

        def beat(index):
            beats.append((index, self.clock.ns - timeline.clock_ns(index)))
            self.clock.ns += work_ns
            if index >= frames:
                pacer.close()

        pacer = Pacer(self.clock, lambda: timeline, beat, SleepAndSpin(self.clock, self.sleep))
        pacer.run()
        return pacer, np.array(beats)


TIMERS = {
    "Linux": Machine(1_000, 80_000),
    "Windows with fine timers": Machine(500_000, 100_000),
    "Windows' coarse timer": Machine(15_625_000, 50_000),
}


@pytest.mark.parametrize("name", TIMERS)
def test_every_frame_leaves_once_and_on_time_whatever_the_timer(name):
    pacer, beats = TIMERS[name].paced(1200)
    assert pacer.skipped == 0
    np.testing.assert_array_equal(beats[:, 0], np.arange(1, 1201))
    learned = beats[60:, 1]
    assert learned.min() >= 0, "early"
    assert np.quantile(learned, 0.99) < 500_000
    assert TIMERS[name].slept > 1000, "it spins where it could sleep"


def test_errors_do_not_add_up_over_twenty_minutes():
    _, beats = Machine(1_000, 80_000).paced(72_000, work_ns=50_000)
    assert abs(beats[-1000:, 1].mean() - beats[60:1060, 1].mean()) < 10_000


def test_after_a_stall_the_latest_frame_leaves_and_no_burst():
    machine = Machine(1_000, 80_000, held_up={100: 1_000_000_000})
    pacer, beats = machine.paced(400)
    steps = np.diff(beats[:, 0])
    assert sorted(set(steps.tolist())) == [1, 60] or sorted(set(steps.tolist())) == [1, 61]
    assert pacer.skipped == steps.max() - 1
    assert np.abs(beats[beats[:, 0] > 200, 1]).max() < 500_000


@pytest.mark.parametrize("tick_ns", [1_000, 15_625_000])
def test_a_thread_that_is_held_up_for_a_moment_loses_no_frame(tick_ns):
    """What a loaded machine does: here and there a sleep ends some tens of milliseconds late."""
    held_up = dict.fromkeys(range(90, 900, 45), 30_000_000) | {500: 48_000_000}
    machine = Machine(tick_ns, 80_000, held_up=held_up)
    pacer, beats = machine.paced(1200)
    assert pacer.skipped == 0
    np.testing.assert_array_equal(beats[:, 0], np.arange(1, 1201))
    late = beats[:, 1]
    assert 30_000_000 < late.max() < (CAUGHT_UP_FRAMES + 1) * frame_to_ns(1)
    assert np.quantile(late, 0.9) < 500_000, "it is on the grid again at once"


def test_a_machine_that_was_busy_is_trusted_again():
    machine = Machine(1_000, 80_000, held_up=dict.fromkeys(range(100, 160), 6_000_000))
    wait = SleepAndSpin(machine.clock, machine.sleep)
    for frame in range(1, 600):
        wait.until(123_456_789 + frame_to_ns(frame))
        if frame == 165:
            assert wait._spin_ns() > 5_000_000
    assert wait._spin_ns() < 200_000


def test_frames_follow_a_timeline_that_is_corrected():
    machine = Machine(1_000, 80_000)
    lines = {"now": Timeline(machine.clock.ns)}
    beats = []

    def beat(index):
        beats.append((index, machine.clock.ns))
        lines["now"] = Timeline(lines["now"].origin_ns + 10_000)
        if len(beats) == 600:
            pacer.close()

    pacer = Pacer(machine.clock, lambda: lines["now"], beat, SleepAndSpin(machine.clock, machine.sleep))
    began = machine.clock.ns
    pacer.run()
    assert [index for index, _ in beats] == list(range(1, 601))
    assert beats[-1][1] - began == pytest.approx(frame_to_ns(600) + 599 * 10_000, abs=1_000_000)


def test_a_thread_is_started_and_ended():
    beaten = threading.Event()

    class RealClock:
        now_ns = staticmethod(__import__("time").perf_counter_ns)

    clock = RealClock()
    timeline = Timeline(clock.now_ns())
    pacer = Pacer(clock, lambda: timeline, lambda index: beaten.set())
    pacer.start()
    assert gc.get_freeze_count() > 10_000, "a full collection would hold frames up"
    assert beaten.wait(30)
    pacer.close()
    pacer.close()
    assert not any(thread.name == "pacer" for thread in threading.enumerate())
