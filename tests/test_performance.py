"""A performance in real time: frames in order, gaps filled late rather than never, sound beside its frames."""

from __future__ import annotations

import numpy as np
import pytest

from bridge.performance import AHEAD_FRAMES, Performance
from bridge.playout import START_FRAMES
from bridge.timebase import SAMPLES_PER_FRAME, frame_to_ns
from bridge.types import freeze, still

pytestmark = pytest.mark.law


class TurnedClock:
    ns = 3_000_000_000

    def now_ns(self):
        return self.ns

    def sleep(self, seconds):
        self.ns += round(seconds * 1e9)


class Listening:
    """Notes what the performance hands to its sinks."""

    def __init__(self):
        self.clock = TurnedClock()
        self.performance = Performance(self.clock, None, [], self.clock.sleep)
        self.runs = []
        self.performance._outputs.frames = lambda run, epoch, due: self.runs.append((run, due))

    @property
    def due(self):
        return self.performance.timeline.due_index(self.clock.ns)


def tone(frames):
    return freeze(np.arange(frames * SAMPLES_PER_FRAME) / 1e6)


def test_frames_follow_one_another_with_their_sound_and_never_far_ahead():
    it = Listening()
    for _ in range(20):
        it.performance.write(still(0, 30), tone(30))
        assert it.runs[-1][0].motion.end_index - it.due <= AHEAD_FRAMES
    firsts = [run.motion.first_index for run, _ in it.runs]
    assert np.diff(firsts).tolist() == [30] * 19 and firsts[0] == START_FRAMES
    assert all(len(run.samples) == 30 * SAMPLES_PER_FRAME for run, _ in it.runs)


def test_sound_waits_for_its_frames():
    it = Listening()
    it.performance.write(still(0, 0), tone(12))
    it.performance.write(still(0, 5), tone(3))
    it.performance.write(still(0, 10), tone(0))
    heard = np.concatenate([run.samples for run, _ in it.runs])
    np.testing.assert_array_equal(heard, np.concatenate([tone(12), tone(3)]))
    assert [len(run.samples) // SAMPLES_PER_FRAME for run, _ in it.runs] == [5, 10]


def test_after_a_gap_frames_still_have_time_to_arrive():
    it = Listening()
    it.performance.write(still(0, 10), tone(10))
    it.clock.ns += frame_to_ns(300)
    it.performance.write(still(0, 10), tone(10))
    run, due = it.runs[-1]
    assert run.motion.first_index == due + START_FRAMES


def test_it_ends_when_all_has_been_shown():
    it = Listening()
    it.performance.write(still(0, 40), tone(40))
    it.performance.finish()
    assert it.due >= it.runs[-1][0].motion.end_index
