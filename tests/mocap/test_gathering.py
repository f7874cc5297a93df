"""Pieces of a frame are shown together, soon, and once a frame however many they are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.mocap.gathering import PAUSE_NS, Gathering
from bridge.timebase import NS_PER_S, frame_to_ns, ns_to_frame

pytestmark = pytest.mark.law

FRAME_NS = frame_to_ns(1)


def shown(arrivals_ns):
    """When a receiver that is never late shows what comes at these moments, and how many pieces each time."""
    gathering, shows, pieces = Gathering(), [], 0

    def show_before(end_ns):
        nonlocal pieces
        due_ns = gathering.due_ns
        if due_ns is not None and due_ns <= end_ns:
            gathering.shown(due_ns)
            shows.append((due_ns, pieces))
            pieces = 0

    for now_ns in arrivals_ns:
        show_before(now_ns)
        gathering.came(now_ns)
        pieces += 1
    show_before(arrivals_ns[-1] + NS_PER_S)
    return shows


@given(st.integers(0, 10**15), st.lists(st.integers(0, 40_000_000), min_size=1, max_size=300))
def test_all_is_shown_within_two_frames_and_at_most_once_a_frame(start_ns, gaps_ns):
    arrivals, now_ns = [], start_ns
    for gap_ns in gaps_ns:
        now_ns += gap_ns
        arrivals.append(now_ns)
    shows = shown(arrivals)
    slots = [ns_to_frame(at_ns) for at_ns, _ in shows]
    assert len(set(slots)) == len(slots)
    assert sum(count for _, count in shows) == len(arrivals)
    waiting = iter(arrivals)
    for at_ns, count in shows:
        first_ns, *_ = [next(waiting) for _ in range(count)]
        assert first_ns < at_ns <= first_ns + 2 * FRAME_NS + 2


@given(st.integers(0, FRAME_NS), st.lists(st.integers(0, 3_000_000), min_size=2, max_size=100))
def test_the_frames_of_a_sender_that_pauses_are_shown_whole_one_by_one(phase_ns, late_ns):
    """A hundred pieces a frame, sixty frames a second, each frame late by as much as may be."""
    starts = [phase_ns + frame_to_ns(k) + late for k, late in enumerate(late_ns)]
    shows = shown([start + 10_000 * piece for start in starts for piece in range(100)])
    assert [count for _, count in shows] == [100] * len(starts)
    for start_ns, (at_ns, _) in zip(starts, shows, strict=True):
        assert at_ns - start_ns <= 1_000_000 + PAUSE_NS + 3_000_000, "one that was late makes no other late"


def test_nothing_is_due_where_nothing_came():
    gathering = Gathering()
    assert gathering.due_ns is None
    gathering.came(5)
    gathering.shown(7)
    assert gathering.due_ns is None
