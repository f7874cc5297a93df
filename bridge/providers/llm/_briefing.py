"""What the scripted companion takes from a system message, which is written for language models.

It looks for the phrases that `bridge.persona.prompt` uses, and reads a message of other making as far as it has them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

_NAME: Final = re.compile(
    r"\b(?:[Yy]ou are|[Yy]our name is|[Nn]ame:)\s+([^\W\d_][\w'’-]*(?: [A-Z][\w'’-]*)?)|(?:你是|你叫)(\w{1,8})"
)
_NO_NAMES: Final = frozenset(("a", "an", "the", "friendly", "curious", "my", "our", "not", "in", "at", "very"))
_NOW: Final = re.compile(r"\b(\d{4})-(\d\d)-(\d\d),?[ T]+(\d\d):(\d\d)")
_PASSAGE: Final = re.compile(r'<passage number="(\d+)"[^>]*>\n(.*?)\n</passage>', re.DOTALL)
_TABOO: Final = re.compile(r"You do not talk about: (.*?)\. If it comes up")
_FEELING: Final = re.compile(r"The visitor (?:clearly|perhaps) sounds or looks (\w+)")
_LANGUAGE: Final = re.compile(r"\bYours is (\w+)")
_LANGUAGES: Final = {
    **{"Chinese": "zh", "Japanese": "ja", "German": "de", "French": "fr", "Spanish": "es", "English": "en"},
}
_INSTRUCTIONS: Final = re.compile(r"\n(?:How you speak:|You do not talk|You can act|What the visitor|Passages found)")
_NAMELESS: Final = "Ava"


@dataclass(frozen=True, slots=True)
class Briefing:
    """Who it is and what it was told."""

    name: str = _NAMELESS
    lang: str = "en"
    now: datetime | None = None
    passages: tuple[tuple[int, str], ...] = ()
    """Found in documents for what was just said, each with its number."""
    notes: str = ""
    """The persona's own description, with what it knows."""
    taboo: tuple[str, ...] = ()
    feeling: str = ""
    """How the visitor seems to feel, where it shows."""


def read(system: str) -> Briefing:
    """The briefing in a system message, which may be empty."""
    feeling, language = _FEELING.search(system), _LANGUAGE.search(system)
    taboo = _TABOO.search(system)
    return Briefing(
        name=_name(system),
        lang=_LANGUAGES.get(language[1], "en") if language else "en",
        now=_now(system),
        passages=tuple((int(number), text) for number, text in _PASSAGE.findall(system)),
        notes=_INSTRUCTIONS.split(f"\n{system}", maxsplit=1)[0].strip(),
        taboo=tuple(topic.strip() for topic in taboo[1].split(",")) if taboo else (),
        feeling=feeling[1] if feeling else "",
    )


def _name(system: str) -> str:
    for found in _NAME.finditer(system):
        name = found[1] or found[2]
        if name.split()[0].lower() not in _NO_NAMES:
            return name
    return _NAMELESS


def _now(system: str) -> datetime | None:
    found = _NOW.search(system)
    if not found:
        return None
    year, month, day, hour, minute = map(int, found.groups())
    try:
        return datetime(year, month, day, hour, minute)
    except ValueError:
        return None
