"""What the conversations of a bridge share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bridge.memory import MemorySettings
from bridge.memory.facts import Facts
from bridge.memory.knowledge import Knowledge
from bridge.memory.store import Store
from bridge.persona import Persona
from bridge.ports import Llm


@dataclass(frozen=True, slots=True)
class Mind:
    """A language model, a memory, documents and a character."""

    llm: Llm
    store: Store
    facts: Facts
    knowledge: Knowledge
    learns: bool
    """Whether the language model is asked for facts too."""
    memory: MemorySettings
    persona: Callable[[], Persona]
    """The persona as it is now: its file may have been edited."""
    now: Callable[[], datetime]
    """The time of the day, with its zone."""
