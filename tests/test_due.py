"""Frames that wait until they are due: in order, the last word for an index, nothing of an old epoch."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.due import DueBuffer
from bridge.types import motion

pytestmark = pytest.mark.law


def run(first, count, value=0.0):
    return motion(first, np.full((count, 52), value, np.float32))


def test_frames_put_ahead_leave_one_by_one_when_due():
    due = DueBuffer()
    due.put(0, run(0, 18))
    assert [due.take(index).first_index for index in range(18)] == list(range(18))
    assert due.take(18) is None and due.dropped == 0


def test_the_last_frame_put_for_an_index_is_the_one_that_leaves():
    due = DueBuffer()
    due.put(0, run(0, 18, 0.1))
    due.put(0, run(5, 13, 0.9))
    values = [due.take(index).face[0, 0] for index in range(18)]
    assert values == pytest.approx([0.1] * 5 + [0.9] * 13)


def test_a_new_epoch_drops_all_of_the_old():
    due = DueBuffer()
    due.put(0, run(0, 18, 0.9))
    assert due.take(4).first_index == 4
    due.put(1, run(2, 4, 0.1))
    due.put(0, run(6, 18, 0.9))
    assert due.epoch == 1 and len(due) == 1, "frame 5 of the new epoch alone: 2 to 4 are past"
    assert due.take(5).face[0, 0] == pytest.approx(0.1) and due.take(20) is None


def test_the_latest_wins_after_a_stall():
    due = DueBuffer()
    due.put(0, run(0, 40))
    assert due.take(3).first_index == 3
    assert due.take(33).first_index == 33
    assert due.dropped == 3 + 29


@given(st.lists(st.one_of(st.tuples(st.integers(0, 3), st.integers(0, 60), st.integers(1, 18)), st.integers(0, 80))))
def test_whatever_happens_indices_go_strictly_forward_and_epochs_never_back(moves):
    due, taken, epochs = DueBuffer(), [], []
    for move in moves:
        if isinstance(move, tuple):
            epoch, first, count = move
            due.put(epoch, run(first, count, epoch / 4))
        elif (frame := due.take(move)) is not None:
            assert frame.first_index <= move and len(frame) == 1
            taken.append(frame.first_index)
            epochs.append(frame.face[0, 0])
            assert epochs[-1] == pytest.approx(due.epoch / 4)
    assert taken == sorted(set(taken)) and epochs == sorted(epochs)
