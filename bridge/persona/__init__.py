"""Who the avatar is: its name, language, manner, and what it says when something goes wrong.

`files` reads it from a TOML and reads it again when it changes, `lines` has the sentences for trouble that a persona
need not bring, `prompt` makes a language model's system message of it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from bridge.persona.lines import GREETINGS, LINES, LineName

DEFAULT_LANG: Final = "en"

_UNSPACED: Final = re.compile("[\u3040-\u30ff\u3400-\u9fff\u0e00-\u0e7f]")  # scripts without blanks between words


@dataclass(frozen=True, slots=True)
class Persona:
    """A character. The default is a friendly guide without a subject of its own."""

    name: str = "Ava"
    lang: str = DEFAULT_LANG
    """The language it speaks of itself; it answers in the visitor's where its voice can."""
    prompt: str = "You are friendly, curious and attentive. You like people and you like a good question."
    """Character and knowledge, for the language model, in any language."""
    voice: str = ""
    """The name of a voice of the configured provider; empty: the provider's own choice."""
    greeting: str = ""
    """What it says when somebody comes; empty: a sentence in its language."""
    idle: str = "calm"
    """How much it moves by itself: one of `bridge.layers.manner.MANNERS`."""
    wake: tuple[str, ...] = ()
    """What calls it in wake-phrase mode; empty: its name, with and without "hey"."""
    taboo: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Topics it won't talk about, each with the words that betray it, beside its own name."""
    lines: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    """What it says in trouble: by language, by `LineName`, one or several ways to say it."""

    @property
    def hello(self) -> str:
        """The greeting."""
        return self.greeting or GREETINGS.get(base_language(self.lang), GREETINGS["en"]).format(name=self.name)

    @property
    def wake_phrases(self) -> tuple[str, ...]:
        """What calls it in wake-phrase mode."""
        return self.wake or (self.name, f"hey {self.name}")

    def line(self, name: LineName, lang: str = "", turn: int = 0) -> str:
        """What it says in a situation, in `lang` where it can, else in its own language, else in English.

        Where there are several ways to say it, `turn` chooses: one after the other, so that it does not repeat itself.
        """
        for wanted in (base_language(lang or self.lang), base_language(self.lang), "en"):
            for known in (self.lines.get(wanted, {}), LINES.get(wanted, {})):
                if ways := known.get(name):
                    return ways[turn % len(ways)]
        raise AssertionError(f"English has a line for everything, but not for {name}")

    def taboo_in(self, text: str) -> str:
        """The first taboo topic that `text` touches by one of its words, or an empty text.

        A word counts as a whole, plural or possessive, whatever its case; in scripts without blanks, anywhere.
        """
        heard = _plain(text)
        for topic, words in self.taboo.items():
            if any(_mentions(heard, _plain(word)) for word in (topic, *words)):
                return topic
        return ""


def base_language(lang: str) -> str:
    """`en` of `en-GB`."""
    return re.split("[-_]", lang.casefold())[0]


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().replace("’", "'").split())


def _mentions(heard: str, word: str) -> bool:
    if not word:
        return False
    if _UNSPACED.search(word):
        return word in heard
    return re.search(rf"(?<!\w){re.escape(word)}(?:'?s|es)?(?!\w)", heard) is not None
