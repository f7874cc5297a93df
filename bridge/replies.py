"""A language model's answer, as it streams, cut into what is spoken: whole sentences with their emotion.

A sentence leaves as soon as it is whole, the first one as soon as a clause of it is, so that sound starts early.
`bridge.markup` says what is taken out on the way, `bridge.text` where a sentence ends.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from bridge.markup import Citation, Markup, Mood, Token
from bridge.text import Cutter, is_sayable

_SCHEME: Final = re.compile(r"\b[A-Za-z]+://(?:www\.)?")
_GAP: Final = re.compile(r"\s+(?=[.,!?;:](?:\s|$))")


@dataclass(frozen=True, slots=True)
class Sentence:
    """Something whole to say: never empty, no markup, at most `bridge.text.MAX_SENTENCE` characters."""

    text: str
    emotion: str = ""
    """One of `bridge.types.EMOTIONS`; empty where the answer has given none so far."""
    intensity: float = 0.0
    """0..1; 0 without an emotion."""


class Replies:
    """One answer. However it is divided into deltas, the sentences are the same.

    An emotion tag holds from the sentence it stands in to the next tag; of several in one sentence the last counts.
    """

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget the answer, ready for another one."""
        self._markup = Markup()
        self._cutter = Cutter(early=True)
        self._mood = Mood("", 0.0)
        self.cited: list[int] = []
        """The numbers that were cited so far, as in [1], each once; they are not said."""

    def push(self, delta: str) -> list[Sentence]:
        """Take more of the answer; the sentences that are whole now."""
        return self._sentences(self._markup.push(delta))

    def flush(self) -> list[Sentence]:
        """The answer is over, or something else comes before it goes on: what is left of it."""
        found = self._sentences(self._markup.flush())
        return found + self._said(self._cutter.flush())

    def _sentences(self, tokens: list[Token]) -> list[Sentence]:
        found: list[Sentence] = []
        for token in tokens:
            if isinstance(token, Mood):
                found += self._said(self._cutter.settle())
                self._mood = token
            elif isinstance(token, Citation):
                self.cited += [number for number in dict.fromkeys(token.numbers) if number not in self.cited]
            else:
                found += self._said(self._cutter.push(token))
        return found

    def _said(self, pieces: list[str]) -> list[Sentence]:
        tidied = (_tidy(piece) for piece in pieces)
        return [Sentence(text, self._mood.emotion, self._mood.intensity) for text in tidied if is_sayable(text)]


def _tidy(piece: str) -> str:
    """A sentence without what the marks have left behind: gaps, stray stars, the scheme of an address."""
    text = unicodedata.normalize("NFC", _SCHEME.sub("", piece).replace("*", "").replace("()", ""))
    return _GAP.sub("", " ".join(text.split()))
