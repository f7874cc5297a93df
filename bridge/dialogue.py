"""The values of a conversation: what was heard, what is said to a language model, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final, Literal

from bridge.types import F32

HEARING_RATE_HZ: Final = 16_000
"""What recognisers and speech detectors take: mono float32 in -1..1 at this rate."""

Role = Literal["system", "user", "assistant", "tool"]


@dataclass(frozen=True, slots=True)
class Transcript:
    """What a recogniser makes of a turn so far. Each replaces the last one, until a `final` one."""

    text: str
    final: bool
    lang: str = ""
    """A language tag, where the recogniser tells."""
    confidence: float = 1.0
    """0..1, where it tells."""


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A language model asks for something to be done. `arguments` have the shape that the tool's schema gives."""

    id: str
    name: str
    arguments: dict[str, Any]


@dataclass(frozen=True, slots=True)
class TextDelta:
    """A piece of a language model's answer, in order; pieces put together are the text."""

    text: str


Delta = TextDelta | ToolCall


@dataclass(frozen=True, slots=True)
class Tool:
    """What a language model may ask for."""

    name: str
    description: str
    parameters: dict[str, Any]
    """JSON Schema of an object."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a conversation with a language model, in the chat-completions form."""

    role: Role
    text: str
    tool_calls: tuple[ToolCall, ...] = ()
    """With the role `assistant`: what it asked for."""
    tool_call_id: str = ""
    """With the role `tool`: what this answers."""
    image_jpeg: bytes = field(default=b"", repr=False)
    """With the role `user`: a picture to look at."""


@dataclass(frozen=True, slots=True)
class SpeechStarted:
    """The far side of a speech-to-speech dialogue hears the user begin to speak: time to fall silent."""


@dataclass(frozen=True, slots=True)
class SpeechStopped:
    """It hears the user's turn end."""


@dataclass(frozen=True, slots=True)
class AnswerStarted:
    """An answer begins. `answer` is its name; all that belongs to it carries that."""

    answer: str


@dataclass(frozen=True, slots=True)
class AnswerSound:
    """A piece of an answer's voice: samples [N] at 24 kHz that follow its last piece's, faster than they play."""

    answer: str
    samples: F32


@dataclass(frozen=True, slots=True)
class AnswerText:
    """A piece of what the answer's voice says; it need not be in step with the sound."""

    answer: str
    text: str


@dataclass(frozen=True, slots=True)
class AnswerCall:
    """The answer asks for something to be done."""

    answer: str
    call: ToolCall


@dataclass(frozen=True, slots=True)
class AnswerEnded:
    """The answer is whole, was cancelled (by `cancel` or by the user's voice), was cut short by a limit, or failed."""

    answer: str
    how: Literal["whole", "cancelled", "short", "failed"]


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something went wrong and the dialogue goes on: one sentence for a person."""

    text: str


RealtimeEvent = (
    SpeechStarted
    | SpeechStopped
    | Transcript
    | AnswerStarted
    | AnswerSound
    | AnswerText
    | AnswerCall
    | AnswerEnded
    | Trouble
)
"""What comes out of a speech-to-speech dialogue. A `Transcript` is of the user, and may come after the answer began."""
