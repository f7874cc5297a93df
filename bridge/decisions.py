"""What turn taking decides, as values: `bridge.turns` makes them, ears and the conversation act on them.

A turn is a stretch of one user's speech, for one call of a recogniser, numbered from 1 on. Times are nanoseconds on the
microphone's own timeline.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

State = Literal["idle", "listening", "thinking", "speaking", "interrupted"]
"""`idle`: not listening for what is not addressed to it; `interrupted`: silenced by a user who is still talking."""
Cause = Literal["quiet", "released", "full", "unplugged"]
Reason = Literal["short", "talked over", "nothing recognised", "unrecognised", "not addressed", "stopped"]


@dataclass(frozen=True, slots=True)
class StateChanged:
    """What the conversation is doing now."""

    state: State


@dataclass(frozen=True, slots=True)
class TurnBegan:
    """A user may be speaking: recognise from `start_ns` on. Followed by one TurnEnded or TurnDiscarded of the turn."""

    turn: int
    start_ns: int


@dataclass(frozen=True, slots=True)
class TurnEnded:
    """The turn is over, and its final transcript is wanted. After `full`, the next begins at `end_ns`."""

    turn: int
    end_ns: int
    speech_end_ns: int
    """The end of the last window with speech: the decision came `end_ns - speech_end_ns` later."""
    cause: Cause


@dataclass(frozen=True, slots=True)
class TurnDiscarded:
    """The turn comes to nothing; its recognition, if it still goes on, is to be cancelled."""

    turn: int
    reason: Reason


@dataclass(frozen=True, slots=True)
class Answer:
    """The user has said `text`, in `turns`, and waits for an answer.

    `continues`: the user went on before a sound of the last answer was heard, or was only thought to. The text begins
    with the last one and takes its place.
    """

    turns: tuple[int, ...]
    text: str
    continues: bool = False


@dataclass(frozen=True, slots=True)
class Interrupt:
    """A user talks over the avatar, or goes on while an answer is made: cancel it now."""

    turn: int


@dataclass(frozen=True, slots=True)
class FalseAlarm:
    """What interrupted the avatar was nothing: it may go on."""

    turn: int


@dataclass(frozen=True, slots=True)
class Woken:
    """The wake phrase was said, and nothing after it."""

    turn: int


@dataclass(frozen=True, slots=True)
class GaveUp:
    """The answer to `turns` did not come in time."""

    turns: tuple[int, ...]


Decision = StateChanged | TurnBegan | TurnEnded | TurnDiscarded | Answer | Interrupt | FalseAlarm | Woken | GaveUp
