"""Which of a visitor's microphones is heard: somebody may open a second page, or come back before the first is gone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from bridge.hearing import Hearing

DISPLACED: Final = "Another microphone of this visitor is heard now; this one is heard again once that one is closed."


@dataclass(frozen=True, slots=True, eq=False)
class Microphone:
    """One that is open, and how its owner is told something: by the messages of `/ws/mic`."""

    sample_rate_hz: int
    tell: Callable[[dict[str, Any]], None]


class Microphones:
    """The open ones of a conversation, in the order they came. The latest is heard."""

    def __init__(self) -> None:
        self._open: list[Microphone] = []

    @property
    def heard(self) -> Microphone | None:
        """The one that is heard."""
        return self._open[-1] if self._open else None

    def plug(self, microphone: Microphone, ears: Hearing) -> None:
        """Hear `microphone`, and tell the one before so. Raises InputError for a rate out of range."""
        ears.plug(microphone.sample_rate_hz)
        if self.heard is not None:
            self.heard.tell({"type": "problem", "text": DISPLACED})
        self._open.append(microphone)

    def unplug(self, microphone: Microphone, ears: Hearing) -> None:
        """`microphone` is gone: the latest of the others is heard. May be said twice."""
        was_heard = microphone is self.heard
        self._open = [other for other in self._open if other is not microphone]
        if was_heard:
            ears.unplug()
        if was_heard and self.heard is not None:
            ears.plug(self.heard.sample_rate_hz)
