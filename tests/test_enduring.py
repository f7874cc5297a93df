"""Loops that go on: an error nobody foresaw costs one round, is told with its traceback, and does not flood the log."""

import asyncio
import logging

import pytest

from bridge.enduring import TELL_EVERY_NS, Enduring
from tests.fakes.stage import TurnedClock, on_stage, settled

pytestmark = pytest.mark.law


def test_a_failing_round_is_told_at_most_once_a_minute(caplog):
    clock = TurnedClock()
    enduring = Enduring("the loop", clock)
    for _ in range(100):
        with enduring:
            raise RuntimeError("a defect")
    assert enduring.failures == 100
    [first] = caplog.records
    assert first.levelno == logging.ERROR and "the loop" in first.message and first.exc_info[0] is RuntimeError
    clock.ns += TELL_EVERY_NS
    with enduring:
        raise RuntimeError("a defect")
    assert "101 times" in caplog.records[-1].message and len(caplog.records) == 2


@pytest.mark.parametrize("ending", [asyncio.CancelledError, KeyboardInterrupt, SystemExit])
def test_what_ends_a_loop_on_purpose_ends_it(ending, caplog):
    with pytest.raises(ending), Enduring("the loop", TurnedClock()):
        raise ending
    assert not caplog.records


def test_an_avatar_whose_follower_fails_moves_on(caplog):
    class Follower:
        released = 0

        def frames(self, run, epoch, due_index):
            self.released += 1
            if self.released == 1:
                raise RuntimeError("a defect")

        def reload(self, rig):
            pass

    async def scene(stage):
        await stage.settle()
        follower = Follower()
        stage.session.follow(follower)
        await settled()  # the session's own task finds the defect
        assert follower.released == 1 and "the timeline of avatar" in caplog.text
        stage.clock.ns += 1_000_000_000
        stage.session.wake()
        await settled()
        assert follower.released > 1, "the timeline stands still"

    on_stage(scene)
