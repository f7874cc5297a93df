"""Undo and redo: back and forth is the identity, drags are one step, and a person undoes only what they see."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.errors import InputError
from bridge.history import DRAG_NS, STEPS, History

pytestmark = pytest.mark.law

HERE = {"rig a", "subject x"}
THERE = {"rig a", "subject y"}


class Sheet:
    """Values, changed through a history as the controls do it."""

    def __init__(self):
        self.history = History()
        self.values = {}
        self.now_ns = 0

    def set(self, scope, path, value, by="me", wait_ns=DRAG_NS, scopes=HERE):
        self.now_ns += wait_ns
        key = (scope, path)
        before, after = {key: self.values.get(key, 0.0)}, {key: value}
        self.values |= after
        self.history.record(before, after, by, self.now_ns, scopes)

    def undo(self, scopes=HERE):
        step = self.history.last_done(scopes)
        self.values |= step.before
        self.history.undo(step)

    def redo(self, scopes=HERE):
        step = self.history.last_undone(scopes)
        self.values |= step.after
        self.history.redo(step)


def undone(sheet, scopes=HERE):
    """How many steps can be undone."""
    count = 0
    while sheet.history.can_undo(scopes):
        sheet.undo(scopes)
        count += 1
    return count


@given(
    st.lists(
        st.tuples(
            st.sampled_from(sorted(HERE)),
            st.sampled_from("pq"),
            st.floats(0, 1),
            st.sampled_from(["me", "you"]),
            st.sampled_from([0, DRAG_NS // 2, DRAG_NS]),
        )
    )
)
def test_all_undone_is_as_it_began_and_all_redone_as_it_was(acts):
    sheet = Sheet()
    for act in acts:
        sheet.set(*act)
    after = dict(sheet.values)
    count = undone(sheet)
    assert set(sheet.values.values()) <= {0.0} and not sheet.history.can_undo(HERE)
    for _ in range(count):
        sheet.redo()
    assert sheet.values == after and not sheet.history.can_redo(HERE)


def test_a_drag_is_one_step():
    sheet = Sheet()
    sheet.set("rig a", "p", 0.5)
    for value in range(1, 60):
        sheet.set("rig a", "p", value / 60, wait_ns=DRAG_NS // 60)
    sheet.undo()
    assert sheet.values["rig a", "p"] == 0.0 and not sheet.history.can_undo(HERE)


@pytest.mark.parametrize("between", ["another path", "a pause", "another hand on the same", "an undo"])
def test_a_drag_ends_with(between):
    sheet = Sheet()
    sheet.set("rig a", "p", 0.1)
    if between == "another path":
        sheet.set("rig a", "q", 0.1, wait_ns=1)
    elif between == "another hand on the same":
        sheet.set("rig a", "p", 0.15, by="you", wait_ns=1)
    elif between == "an undo":
        sheet.undo()
        sheet.redo()
    sheet.set("rig a", "p", 0.2, wait_ns=DRAG_NS if between == "a pause" else 1)
    sheet.undo()
    assert sheet.values["rig a", "p"] == (0.15 if between == "another hand on the same" else 0.1)


def test_two_hands_on_two_sliders_make_two_steps():
    sheet = Sheet()
    for value in range(1, 30):
        sheet.set("rig a", "p", value / 30, by="me", wait_ns=1)
        sheet.set("rig a", "q", value / 30, by="you", wait_ns=1)
    assert undone(sheet) == 2


def test_one_undoes_what_one_sees():
    sheet = Sheet()
    sheet.set("subject x", "p", 0.3)
    sheet.set("subject y", "p", 0.4, by="you", scopes=THERE)
    sheet.undo(HERE)
    assert sheet.values == {("subject x", "p"): 0.0, ("subject y", "p"): 0.4}
    with pytest.raises(InputError, match="nothing to undo"):
        sheet.undo(HERE)


def test_what_was_undone_is_gone_after_something_new():
    sheet = Sheet()
    sheet.set("rig a", "p", 0.3)
    sheet.set("subject x", "q", 0.3)
    sheet.undo()
    sheet.set("rig a", "p", 0.6)
    with pytest.raises(InputError, match="nothing to redo"):
        sheet.redo()


def test_a_drag_that_ends_where_it_began_is_no_step():
    sheet = Sheet()
    sheet.set("rig a", "p", 0.3)
    sheet.set("rig a", "p", 0.0, wait_ns=1)
    assert not sheet.history.can_undo(HERE)


def test_the_oldest_steps_are_forgotten():
    sheet = Sheet()
    for value in range(STEPS + 20):
        sheet.set("rig a", "p", float(value + 1))
    assert undone(sheet) == STEPS and sheet.values["rig a", "p"] == 20.0
