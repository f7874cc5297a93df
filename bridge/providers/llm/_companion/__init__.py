"""What the scripted companion says, a module a language: data to be read and added to, no code.

An answer may begin with a gesture in round brackets, which is made where the avatar offers it, and with the tag of an
emotion in square ones, as language models write it. In curly brackets stand `name` (its own), `visitor`, `word` (what
was spoken of), `last` (what it said before), `time` and `date`.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Topic:
    """Something that it can talk about."""

    name: str
    words: tuple[str, ...]
    """What betrays it: words, or phrases of several, which count for more. In lower case."""
    answers: tuple[str, ...]
    """What it says to it, one after the other from turn to turn."""
    known: bool = False
    """Whether this place's own documents, or the persona, may know better: they are asked first."""


@dataclass(frozen=True, slots=True)
class Book:
    """A language: its topics, of which the earlier win where as many words betray them, and all that is no topic."""

    lang: str
    spaced: bool
    """Whether blanks stand between its words."""
    common: frozenset[str]
    """Words that show the language, or that tell nothing of what is spoken about."""
    topics: tuple[Topic, ...]
    introductions: tuple[str, ...]
    """Regular expressions in whose first group a visitor says their name."""
    other: tuple[str, ...]
    """To what it knows nothing of; with `word`."""
    pardon: tuple[str, ...]
    """Where nothing was understood."""
    quote: tuple[str, ...]
    """What leads in what a document says."""
    taboo: tuple[str, ...]
    no_clock: str
    """For time and date where it was told neither."""
    asks: tuple[str, ...]
    """Questions to go on with."""
    clock: str = "{hour}:{minute:02}"
    date: str = "{weekday}, {day} {month} {year}"
    days: tuple[str, ...] = ()
    """From Monday on."""
    months: tuple[str, ...] = ()

    def topic(self, name: str) -> Topic | None:
        """The topic called `name`, where the language has it."""
        return next((topic for topic in self.topics if topic.name == name), None)
