"""Undo and redo: steps of changed values, drags of one slider drawn together. Pure: the caller says what time it is.

Values are known by (scope, path), where a scope is what they belong to: a rig, or an avatar. A person sees some scopes,
and undoes the last step that lies within them, whoever made it.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass
from typing import Final, TypeAlias

from bridge.errors import InputError
from bridge.schema import Value
from bridge.timebase import NS_PER_S

DRAG_NS: Final = NS_PER_S
"""Changes of the same values by the same hand, each within this time of the last, are one step."""
STEPS: Final = 500

Key: TypeAlias = tuple[str, str]
"""(scope, path)"""
Values: TypeAlias = Mapping[Key, Value]


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """What one act changed: values before and after, over the same keys."""

    before: Values
    after: Values

    def within(self, scopes: Set[str]) -> bool:
        """Whether all of it lies in `scopes`."""
        return all(scope in scopes for scope, _ in self.before)


@dataclass(frozen=True, slots=True)
class _Drag:
    step: Step
    touched_ns: int


class History:
    """The steps that were done and undone, the oldest forgotten."""

    def __init__(self) -> None:
        self._done: list[Step] = []
        self._undone: list[Step] = []
        self._drags: dict[str, _Drag] = {}

    def record(self, before: Values, after: Values, by: str, now_ns: int, scopes: Set[str]) -> None:
        """Keep what `by`, who sees `scopes`, has changed at `now_ns`. What was undone there can't be redone now."""
        self._undone = [step for step in self._undone if not step.within(scopes)]
        drag = self._drags.get(by)
        if drag and drag.step.after == before and now_ns - drag.touched_ns < DRAG_NS and drag.step in self._done:
            self._done.remove(drag.step)
            before = drag.step.before
        if before == after:
            return
        step = Step(before, after)
        self._done = [*self._done[1 - STEPS :], step]
        self._drags[by] = _Drag(step, now_ns)

    def last_done(self, scopes: Set[str]) -> Step:
        """The step that `undo` takes back. Raises InputError where there is none."""
        for step in reversed(self._done):
            if step.within(scopes):
                return step
        raise InputError("There is nothing to undo.")

    def last_undone(self, scopes: Set[str]) -> Step:
        """The step that `redo` does again. Raises InputError where there is none."""
        for step in reversed(self._undone):
            if step.within(scopes):
                return step
        raise InputError("There is nothing to redo.")

    def undo(self, step: Step) -> None:
        """Say that `step` has been taken back."""
        self._done.remove(step)
        self._undone.append(step)
        self._drags.clear()

    def redo(self, step: Step) -> None:
        """Say that `step` has been done again."""
        self._undone.remove(step)
        self._done.append(step)
        self._drags.clear()

    def can_undo(self, scopes: Set[str]) -> bool:
        """Whether `last_done` has an answer."""
        return any(step.within(scopes) for step in self._done)

    def can_redo(self, scopes: Set[str]) -> bool:
        """Whether `last_undone` has an answer."""
        return any(step.within(scopes) for step in self._undone)

    def forget(self, by: str) -> None:
        """Somebody has gone; their steps stay."""
        self._drags.pop(by, None)
