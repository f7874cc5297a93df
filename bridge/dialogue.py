"""The values of a conversation: what was heard, what is said to a language model, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final, Literal

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
