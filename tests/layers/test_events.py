"""Events in cells: the same whatever is asked for with them, and never two at once, seams included."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.layers.events import CELL_FRAMES, EventStream

pytestmark = pytest.mark.law


def draw(u: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return 0.5 + 3.0 * u[:, 0], u[:, 1:]


def stream(seed: int = 1) -> EventStream:
    return EventStream(seed, (130, 3), draw)


@settings(max_examples=50, deadline=None)
@given(first=st.integers(-10 * CELL_FRAMES, 10**9), before=st.integers(0, 9000), after=st.integers(0, 9000))
def test_an_event_is_the_same_to_the_bit_in_any_company(first: int, before: int, after: int) -> None:
    index = np.arange(first, first + 20)
    alone = stream().around(first, 20)
    among = stream().around(first - before, before + 20 + after)
    a, b = alone.latest(index), among.latest(index)
    assert np.array_equal(alone.since_s(index, a), among.since_s(index, b))
    assert np.array_equal(alone.traits[a - 3], among.traits[b - 3])
    assert np.array_equal(alone.begun_in(a, first, first + 10), among.begun_in(b, first, first + 10))


def test_intervals_are_as_drawn_and_seams_do_not_show() -> None:
    frames = stream().around(0, 200 * CELL_FRAMES).start_frame
    intervals = np.diff(frames) / 60
    assert intervals.min() > 0.45 and intervals.max() < 2 * 3.5
    assert intervals.mean() == pytest.approx(2.0, rel=0.03)
    seam = np.flatnonzero(np.diff(frames // CELL_FRAMES))
    assert intervals[seam].mean() == pytest.approx(2.0, rel=0.3)


def test_time_since_an_event_counts_in_seconds() -> None:
    events = stream().around(0, 600)
    index = np.arange(600)
    since_s = events.since_s(index, events.latest(index))
    assert (since_s >= 0).all() and since_s.max() < 7.0
    assert np.diff(since_s)[np.diff(since_s) > 0] == pytest.approx(1 / 60)
