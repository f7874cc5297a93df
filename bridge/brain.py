"""From what a visitor said to what the avatar says: the language model's answer as lines, its tools called on the way.

messages ──> llm ──┬─ text ──> sentences (bridge.replies) ──> lines
                   └─ tool calls ──> `act` ──> results, and once more where the answer still wants words
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Final

from bridge import text as texts
from bridge.affect.text import of_text
from bridge.dialogue import Message, Tool, ToolCall
from bridge.errors import BridgeError
from bridge.persona import Persona
from bridge.ports import Llm
from bridge.replies import Replies, Sentence
from bridge.speaking import Line

log = logging.getLogger(__name__)

MOST_ROUNDS: Final = 4
"""How often tools may be called for one answer."""
SLOW_S: Final = 4.0
"""After so long without a word the avatar says that it is thinking."""

Act = Callable[[ToolCall], Awaitable[list[Message]]]
"""Does what is asked for. First comes its result, of the role `tool`, empty where nothing is to be told, then perhaps
a picture, of the role `user`. Raises BridgeError."""


@dataclass(slots=True)
class Answer:
    """What became of one answer: filled while it is made."""

    cited: list[int] = field(default_factory=list)
    """The passages it rests on, by their numbers in the system message."""
    error: str = ""
    """Why it is not what it should be; empty if nothing failed."""


class Brain:
    """Answers with a language model, in a persona's manner."""

    def __init__(self, llm: Llm, act: Act) -> None:
        self._llm = llm
        self._act = act

    async def answer(
        self, messages: Sequence[Message], tools: Sequence[Tool], persona: Persona, lang: str, answer: Answer
    ) -> AsyncGenerator[Line, None]:
        """The lines of an answer to the last message, as soon as each is whole. Close it early to cancel.

        A failure becomes a line of the persona, and a sentence in `answer.error`.
        """
        voice = _Voice(persona, lang)
        try:
            async with aclosing(self._sentences(messages, tools, answer)) as sentences:
                first = asyncio.ensure_future(anext(sentences, None))
                try:
                    if not (await asyncio.wait([first], timeout=SLOW_S))[0]:
                        yield voice.line(Sentence(persona.line("slow", lang)))
                    sentence = await first
                finally:
                    first.cancel()
                while sentence is not None:
                    yield voice.line(sentence)
                    sentence = await anext(sentences, None)
        except BridgeError as error:
            answer.error = str(error)
            log.warning("the language model: %s", error)
        except Exception as error:  # the boundary of a provider, which may be the user's own
            answer.error = f"The language model failed: {type(error).__name__}: {error}"
            log.exception("the language model failed")
        if not voice.has_spoken:
            answer.error = answer.error or "The language model gave no answer."
            yield voice.line(Sentence(persona.line("llm_down", lang)))

    async def _sentences(
        self, messages: Sequence[Message], tools: Sequence[Tool], answer: Answer
    ) -> AsyncGenerator[Sentence, None]:
        replies = Replies()
        thread = list(messages)
        for _ in range(MOST_ROUNDS):
            said, spoke, calls = "", False, list[ToolCall]()
            async with aclosing(self._llm.stream(thread, tools)) as deltas:
                async for delta in deltas:
                    if isinstance(delta, ToolCall):
                        calls.append(delta)
                        continue
                    said += delta.text
                    for sentence in replies.push(delta.text):
                        spoke = True
                        yield sentence
            for sentence in replies.flush():
                spoke = True
                yield sentence
            answer.cited = list(replies.cited)
            done = [await self._done(call) for call in calls]
            # What only moves the avatar needs no second thought once something was said.
            if not calls or (spoke and not any(result.text for result, *_ in done)):
                return
            results = [result for result, *_ in done]
            pictures = [picture for _, *pictures in done for picture in pictures]
            thread += [Message("assistant", said, tool_calls=tuple(calls)), *results, *pictures]

    async def _done(self, call: ToolCall) -> list[Message]:
        try:
            return await self._act(call)
        except BridgeError as error:
            return [Message("tool", str(error), tool_call_id=call.id)]


class _Voice:
    """Sentences as lines: in the language they are in, with the emotion given or read from the words."""

    def __init__(self, persona: Persona, lang: str) -> None:
        self._persona = persona
        self._lang = lang
        self.has_spoken = False

    def line(self, sentence: Sentence) -> Line:
        self.has_spoken = True
        emotion, intensity = sentence.emotion, sentence.intensity
        if not emotion:
            emotion, intensity = of_text(sentence.text)
        lang = texts.guess_language(sentence.text, self._lang or self._persona.lang)
        return Line(sentence.text, lang, emotion, intensity, self._persona.voice)
