"""All that may be set while avatars live, and the one way to do it: get and set by path, undo, redo, save.

Who wants to know of changes adds a listener. Each change has a revision, one more than the last of all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from bridge.history import History, Values
from bridge.rig import tuning
from bridge.schema import (
    EMOTION_INTENSITY,
    EMOTION_NAME,
    Control,
    Value,
    check,
    curve_path,
    override_path,
    schema,
    split_curve_path,
)
from bridge.session import Session
from bridge.subjects import Subjects
from bridge.timebase import Clock
from bridge.tunings import Tunings
from bridge.types import ARKIT_BLENDSHAPES


@dataclass(frozen=True, slots=True)
class Desk:
    """What a designer has before them: an avatar, and the rig through which they see it."""

    subject: str
    rig: str

    @property
    def scopes(self) -> frozenset[str]:
        """What values belong to that are seen from here."""
        return frozenset({f"subject {self.subject}", f"rig {self.rig}"})

    def scope(self, path: str) -> str:
        """What the value of `path` belongs to."""
        return f"rig {self.rig}" if path.startswith("rig.") else f"subject {self.subject}"


@dataclass(frozen=True, slots=True)
class Change:
    """A value that was set, of `scope`, by `by`."""

    scope: str
    path: str
    value: Value
    rev: int
    by: str


Listener = Callable[[Sequence[Change]], None]


class Controls:
    """The values of all avatars and rigs."""

    def __init__(self, subjects: Subjects, tunings: Tunings, clock: Clock) -> None:
        self.rev = 0
        self.listeners: list[Listener] = []
        self.history = History()
        self._subjects = subjects
        self._tunings = tunings
        self._clock = clock

    def schema(self, desk: Desk) -> tuple[Control, ...]:
        """What may be set from `desk`. Raises ConfigError for a rig there is not."""
        return schema(self._tunings.rig(desk.rig))

    def get(self, desk: Desk, path: str) -> Value:
        """The value of a path of the schema. Raises ConfigError for a curve that the rig does not have."""
        if at := split_curve_path(path):
            return tuning.value(self._tunings.rig(desk.rig), *at)
        session = self._subjects.get(desk.subject)
        if path in (EMOTION_NAME, EMOTION_INTENSITY):
            return session.mood[path == EMOTION_INTENSITY]
        return session.mixer.override.value(path.removeprefix("override."))

    def values(self, desk: Desk) -> dict[str, Value]:
        """The values of all paths. Raises ConfigError or InputError for a rig or avatar there is not."""
        curves = tuning.values(self._tunings.rig(desk.rig))
        rest = (*map(override_path, ARKIT_BLENDSHAPES), EMOTION_NAME, EMOTION_INTENSITY)
        return {
            **{curve_path(curve, key): value for (curve, key), value in curves.items()},
            **{path: self.get(desk, path) for path in rest},
        }

    def set(self, desk: Desk, wanted: Mapping[str, Any], by: str) -> None:
        """Set the values of paths, all or none. Raises InputError or ConfigError, one sentence, and changes nothing."""
        controls = self.schema(desk)
        after = {(desk.scope(path), path): check(controls, path, value) for path, value in wanted.items()}
        before = {(scope, path): self.get(desk, path) for scope, path in after}
        self._apply(after)
        self.history.record(before, after, by, self._clock.now_ns(), desk.scopes)
        self._tell(after, by)

    def undo(self, desk: Desk, by: str) -> None:
        """Take back the last step seen from `desk`. Raises InputError where there is none."""
        step = self.history.last_done(desk.scopes)
        self._apply(step.before)
        self.history.undo(step)
        self._tell(step.before, by)

    def redo(self, desk: Desk, by: str) -> None:
        """Do again what was undone last. Raises InputError where there is nothing."""
        step = self.history.last_undone(desk.scopes)
        self._apply(step.after)
        self.history.redo(step)
        self._tell(step.after, by)

    def save(self, desk: Desk) -> None:
        """Keep the changes to the rig in the user's folder. Raises DeviceError where that fails."""
        self._tunings.save(desk.rig)
        self._tell({}, "")

    def unsaved(self, desk: Desk) -> bool:
        """Whether there are changes to the rig that are not kept yet."""
        return self._tunings.unsaved(desk.rig)

    def _apply(self, values: Values) -> None:
        """Put checked values into effect. What a rig may still refuse is tried before anything is changed."""
        rigs = _by_rig(values)
        sessions = {scope: self._subjects.get(_name(scope)) for scope, path in values if not split_curve_path(path)}
        for rig, rows in rigs.items():
            self._tunings.preview(rig, rows)
        for rig, rows in rigs.items():
            self._tunings.change(rig, rows)
            for session in self._subjects:
                session.retune(rig)
        for (scope, path), value in values.items():
            if scope in sessions:
                _set_on(sessions[scope], path, value)
        self.rev += 1

    def _tell(self, values: Values, by: str) -> None:
        changes = [Change(scope, path, value, self.rev, by) for (scope, path), value in values.items()]
        for listener in self.listeners:
            listener(changes)


def _by_rig(values: Values) -> dict[str, dict[tuple[str, str], float]]:
    rigs: dict[str, dict[tuple[str, str], float]] = {}
    for (scope, path), value in values.items():
        at = split_curve_path(path)
        if at is not None:
            rigs.setdefault(_name(scope), {})[at] = cast(float, value)
    return rigs


def _name(scope: str) -> str:
    """Whose scope it is."""
    return scope.partition(" ")[2]


def _set_on(session: Session, path: str, value: Value) -> None:
    """Set a checked value of an avatar."""
    name, intensity = session.mood
    if path == EMOTION_NAME:
        session.set_mood(str(value), intensity)
    elif path == EMOTION_INTENSITY:
        session.set_mood(name, cast(float, value))
    else:
        session.hold(path.removeprefix("override."), cast("float | None", value))
