"""The built-in companion: no model and no network, a script that people wrote. It says so when it is asked.

It finds what was spoken of by words, in English, Chinese, and a little Japanese, German, French and Spanish, and
answers from `_companion`; where this place's documents or its persona know better, it quotes them. It streams, feels
and moves as a language model does, so that everything around it is the same. Nothing is drawn by chance: the same
conversation gets the same answer, and the same question another one later in it.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from bridge.dialogue import Delta, Message, TextDelta, Tool, ToolCall
from bridge.providers.llm._briefing import Briefing, read
from bridge.providers.llm._companion import Book, Topic, chinese, english, french, german, japanese, spanish
from bridge.providers.llm._understanding import language, mentions, subject, telling_sentence, topic, words

BOOKS: Final = {book.lang: book for book in (m.BOOK for m in (english, chinese, japanese, german, french, spanish))}

_GESTURE: Final = re.compile(r"^\((\w+)\)\s*")
_TAG: Final = re.compile(r"\[\w+(?::[\d.]+)?\]\s*|\s*\[\d+\]")
_PIECE: Final = re.compile(r"[^\s\u3040-\u30ff\u3400-\u9fff]+\s*|[\u3040-\u30ff\u3400-\u9fff]{1,2}\s*|\s+")
_CALMED: Final = {"sad": "sad", "fearful": "sad", "angry": "angry", "happy": "happy"}
_GESTURE_TOOL: Final = ("gesture", "name")
_SEARCH_TOOL: Final = ("search", "query")


@dataclass(frozen=True)
class Options:
    """It has no settings."""


class Scripted:
    """The companion as an `Llm`. Answers may overlap."""

    async def stream(self, messages: Sequence[Message], tools: Sequence[Tool] = ()) -> AsyncGenerator[Delta, None]:
        """Answer the last message word by word. Never fails.

        Where it has asked to look something up, the result is the next message, and the answer goes on from there.
        """
        turn = _Turn(messages, tools)
        for delta in turn.answer():
            yield delta
            await asyncio.sleep(0)  # so that others get their turn, and a listener may interrupt

    async def aclose(self) -> None:
        """Nothing is open."""


class _Turn:
    """One answer: what was said, in which language, and what there is to say to it."""

    def __init__(self, messages: Sequence[Message], tools: Sequence[Tool]) -> None:
        self._messages = messages
        self._tools = tools
        asked = [message for message in messages if message.role == "user"]
        self._said = asked[-1].text if asked else ""
        self._number = max(len(asked) - 1, 0)
        self._briefing: Briefing = read("\n".join(m.text for m in messages if m.role == "system"))
        self._book: Book = language(self._said, BOOKS, self._briefing.lang)
        self._greets = not asked

    def answer(self) -> Iterator[Delta]:
        """The deltas of the answer, as a language model would give them."""
        if self._is_done:
            return
        result = self._messages[-1].text if self._messages and self._messages[-1].role == "tool" else None
        about = topic(self._said, self._book)
        if result is None and (query := self._lookup(about)):
            yield query
            return
        script = self._script(about, result or "")
        gesture, text = self._filled(script)
        if gesture and self._offers(_GESTURE_TOOL, gesture):
            yield ToolCall(f"call_{len(self._messages)}", _GESTURE_TOOL[0], {_GESTURE_TOOL[1]: gesture})
        for piece in _PIECE.findall(text):
            yield TextDelta(piece)

    @property
    def _is_done(self) -> bool:
        """Whether this only reports that what was asked for is done, and all was said before."""
        last = self._messages[-1] if self._messages else None
        before = [message for message in self._messages if message.role == "assistant"]
        return last is not None and last.role == "tool" and not last.text and bool(before and before[-1].text.strip())

    def _lookup(self, about: Topic | None) -> ToolCall | None:
        """A search for what the script knows nothing of, where one can be made and was not made for it already."""
        unknown = about is None or about.known
        if not (unknown and words(self._said)) or self._briefing.passages or not self._offers(_SEARCH_TOOL):
            return None
        return ToolCall(f"call_{len(self._messages)}", _SEARCH_TOOL[0], {_SEARCH_TOOL[1]: self._said})

    def _script(self, about: Topic | None, result: str) -> str:
        book, briefing = self._book, self._briefing
        if mentions(self._said, briefing.taboo, book):
            return self._choice(book.taboo)
        if (about is None or about.known) and (quote := self._quote(about, result)):
            return self._choice(book.quote) + quote
        about = about or self._hinted()
        if about is None:
            return self._choice(book.other if subject(self._said, book) else book.pardon)
        if about.name in ("time", "date") and briefing.now is None:
            return book.no_clock
        if about.name == "again" and not self._last:
            return self._choice(book.pardon)
        return self._with_question(self._choice(about.answers), about)

    def _hinted(self) -> Topic | None:
        """Where nothing that was said is a topic: a greeting to who said nothing yet, else how the visitor feels."""
        name = _CALMED.get(self._briefing.feeling, "") if subject(self._said, self._book) else ""
        return self._book.topic("greeting" if self._greets else name)

    def _quote(self, about: Topic | None, result: str) -> str:
        """The sentence of a document, a search's result or the persona that answers what was said; or none."""
        for number, passage in self._briefing.passages:
            if found := telling_sentence(passage, self._said, self._book, about=about):
                return _cited(found, number)
        if result:
            return telling_sentence(result, self._said, self._book, about=about) or result[:240]
        notes = " ".join(line for line in self._briefing.notes.splitlines() if line.strip())
        found = telling_sentence(notes, self._said, self._book, about=about)
        return "" if found.lower().startswith(("you ", "your ", "you're", "你")) else found

    def _with_question(self, answer: str, about: Topic) -> str:
        """Now and then it asks back, where it does not anyway and nobody is about to leave."""
        if self._number % 3 != 2 or answer.rstrip()[-1] in "?？" or about.name == "goodbye":
            return answer
        blank = " " if self._book.spaced else ""
        return f"{answer}{blank}{self._choice(self._book.asks)}"

    def _choice(self, ways: Sequence[str]) -> str:
        return ways[self._number % len(ways)]

    def _filled(self, script: str) -> tuple[str, str]:
        """The gesture and the text of a script, its gaps filled."""
        found = _GESTURE.match(script)
        text = script[found.end() :] if found else script
        gaps = {
            "name": self._briefing.name,
            "visitor": self._visitor,
            "word": subject(self._said, self._book),
            "last": self._last,
        }
        if now := self._briefing.now:
            book = self._book
            gaps["time"] = book.clock.format(hour=now.hour, minute=now.minute)
            weekday, month = book.days[now.weekday()], book.months[now.month - 1]
            gaps["date"] = book.date.format(weekday=weekday, day=now.day, month=month, year=now.year)
        for gap, value in gaps.items():  # not str.format: a document that is quoted may hold brackets of its own
            text = text.replace(f"{{{gap}}}", value)
        return (found[1] if found else ""), text

    @property
    def _visitor(self) -> str:
        for pattern in self._book.introductions:
            if found := re.search(pattern, self._said, re.IGNORECASE):
                return found[1] if self._said[found.start(1)].isupper() else found[1].capitalize()
        return ""

    @property
    def _last(self) -> str:
        """What the companion said before, without its tags."""
        said = [message.text for message in self._messages if message.role == "assistant" and message.text.strip()]
        return _TAG.sub("", said[-1]).strip() if said else ""

    def _offers(self, sought: tuple[str, str], value: str = "") -> bool:
        """Whether a tool with this parameter is on offer, and takes the value."""
        name, parameter = sought
        for tool in self._tools:
            taken = tool.parameters.get("properties", {}).get(parameter)
            if tool.name == name and taken is not None:
                return not value or value in taken.get("enum", ())
        return False


def _cited(sentence: str, number: int) -> str:
    """A sentence with the number of its passage before its end, as the prompt asks for."""
    end = len(sentence.rstrip(".!?。！？"))
    return f"{sentence[:end]} [{number}]{sentence[end:] or '.'}"


def build(options: Options) -> Scripted:
    """The companion."""
    return Scripted()
