"""A performance in real time: frames in order, gaps filled late rather than never, sound beside its frames."""

from __future__ import annotations

import numpy as np
import pytest

from bridge import performance
from bridge.errors import DeviceError
from bridge.outputs import Health
from bridge.performance import AHEAD_FRAMES, LET_IN_NS, Performance, perform
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


def test_the_first_frame_waits_for_targets_to_let_it_in():
    it = Listening()
    answers = [True] * 50 + [False]
    it.performance._outputs.are_awaited = lambda: answers.pop(0)
    it.performance.write(still(0, 0), tone(12))
    assert len(answers) == 51, "there is nothing to show yet"
    it.performance.write(still(0, 10), tone(0))
    it.performance.write(still(0, 10), tone(8))
    assert not answers and len(it.runs) == 2
    run, due = it.runs[0]
    assert run.motion.first_index == due + START_FRAMES and len(run.samples) == 10 * SAMPLES_PER_FRAME


def test_it_does_not_wait_for_ever():
    it = Listening()
    began_ns = it.clock.ns
    it.performance._outputs.are_awaited = lambda: True
    it.performance.write(still(0, 10), tone(10))
    assert len(it.runs) == 1 and LET_IN_NS <= it.clock.ns - began_ns < 2 * LET_IN_NS


def health(sent, dropped, last_error="", reconnects=0):
    return Health(1, "vmc://x", "open", 60.0, sent, dropped, reconnects, last_error)


@pytest.mark.parametrize(
    ("sinks", "words"),
    [
        ([health(0, 72, "It asks.")], "vmc://x was sent none of 72 frames: It asks."),
        ([health(0, 72)], "vmc://x was sent none of 72 frames."),
        ([health(1, 1, "Nobody listens.")], "vmc://x was sent 1 of 2 frames: Nobody listens."),
        ([health(90, 0), health(0, 1), health(2, 40, "Oh.")], "frames. vmc://x was sent 2 of 42 frames: Oh."),
        ([], ""),
        ([health(0, 0)], ""),
        ([health(1, 0)], ""),
        ([health(10, 80)], ""),
        ([health(80, 10, "It was lost.")], ""),
        ([health(10, 80, "It was not there at first.", reconnects=1)], ""),
        ([health(90, 0, "Another plugin holds a parameter.")], ""),
    ],
)
def test_sinks_that_showed_nothing_are_an_error_at_the_end(sinks, words, monkeypatch):
    monkeypatch.setattr(performance.Performance, "finish", lambda self: sinks)

    def done():
        with perform([], None):
            pass

    if words:
        with pytest.raises(DeviceError) as told:
            done()
        assert str(told.value).endswith(words)
    else:
        done()
