"""What one visitor's conversation keeps, and what it knows when an answer is made."""

from __future__ import annotations

from contextlib import aclosing
from datetime import datetime
from typing import Final

from bridge.dialogue import Message, TextDelta
from bridge.errors import BridgeError, ConfigError
from bridge.memory import Fact, Turn, Visitor, extraction
from bridge.mind import Mind

EXCHANGE_CHARACTERS: Final = 1000
"""How much of the latest conversation facts are looked for in."""


class Recollection:
    """One visitor's."""

    def __init__(self, visitor: Visitor, mind: Mind) -> None:
        self._visitor = visitor
        self._store, self._facts, self._settings, self._now = mind.store, mind.facts, mind.memory, mind.now
        self._learner = mind.llm if mind.learns else None
        self._asked_id = 0
        self._forgotten = 0
        """How often. Some libraries swallow a cancellation; what was asked for before it is dropped by comparison."""

    async def asked(self, text: str, epoch: int, emotion: str, *, continues: bool) -> None:
        """The visitor said `text`; if it `continues`, in the place of what they said last. Facts in it are learnt."""
        if continues and self._asked_id:
            await self._store.amend(self._visitor, self._asked_id, text, interrupted=False)
        else:
            turn = Turn("user", text, turn_time(self._now()), epoch, emotion)
            self._asked_id = await self._store.add(self._visitor, turn)
        if self._settings.facts and (claims := extraction.extract(text)):
            await self._facts.learn(self._visitor, claims, self._asked_id, turn_time(self._now()))

    async def answered(self, heard: str, epoch: int, *, interrupted: bool) -> None:
        """The avatar answered, and this much of it was heard."""
        await self._store.add(self._visitor, Turn("assistant", heard, turn_time(self._now()), epoch, "", interrupted))

    async def learn(self) -> None:
        """Have the language model look for facts in the latest turns. One that fails is no loss."""
        if self._learner is None or not self._settings.facts:
            return
        forgotten, asked_id = self._forgotten, self._asked_id
        exchange = await self._store.recent(self._visitor, EXCHANGE_CHARACTERS)
        answer = ""
        try:
            async with aclosing(self._learner.stream(extraction.prompt(await self.facts(), exchange))) as deltas:
                async for delta in deltas:
                    answer += delta.text if isinstance(delta, TextDelta) else ""
        except BridgeError:
            return
        if forgotten == self._forgotten and (claims := extraction.parse(answer)):
            await self._facts.learn(self._visitor, claims, asked_id or None, turn_time(self._now()))

    async def facts(self) -> list[Fact]:
        """What is known of the visitor."""
        return await self._facts.known(self._visitor) if self._settings.facts else []

    async def said(self) -> list[Message]:
        """What was said lately, by both; what was cut off ends with a dash."""
        turns = await self._store.recent(self._visitor, self._settings.context_characters)
        return [Message(t.role, f"{t.text} —" if t.interrupted else t.text) for t in turns if t.text]

    def begin_anew(self) -> None:
        """The visitor was forgotten."""
        self._asked_id = 0
        self._forgotten += 1


def turn_time(now: datetime) -> int:
    """Nanoseconds since 1970 of a time with a zone. Raises ConfigError for one without."""
    if now.tzinfo is None:
        raise ConfigError("A time without a zone tells no moment.")
    return int(now.timestamp() * 1000) * 1_000_000
