"""Text on its way to a voice: refused where nothing can be said, cut into sentences, its language guessed."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from bridge.errors import InputError

MAX_CHARACTERS: Final = 20_000
"""About twenty minutes of speech. Longer texts are for the caller to cut."""

MAX_SENTENCE: Final = 400
"""A sentence without an end is cut at a clause or a space before this many characters."""

_ABBREVIATIONS: Final = frozenset(
    {"mr", "mrs", "ms", "mx", "dr", "prof", "st", "gen", "sen", "rep", "hon", "vs", "cf", "vol"}
    | {"approx", "dept", "est", "fr", "hr", "bzw", "usw", "ca", "nr", "z", "sra", "srta", "mme"}
)
_INITIALS: Final = re.compile(r"(?:[^\W\d]\.)+[^\W\d]")  # e.g, U.S
_MAYBE_LAST: Final = frozenset({"etc", "a.m", "p.m", "inc", "ltd", "co", "corp", "jr", "sr", "ph.d"})
"""Abbreviations that end a sentence where a capital follows."""
_BEFORE_NUMBER: Final = frozenset({"no", "p", "pp", "fig", "sec", "art", "ch", "op", "eq"})
"""Words that are abbreviations where a digit follows."""

_FIRST_CLAUSE_WORDS: Final = 4.0
"""How long a clause must be to leave before its sentence is whole; a Han, kana or hangul character counts 0.6."""

_CJK: Final = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
_END: Final = re.compile(
    r"(?P<mark>[。！？…।؟｡．][。！？…।؟｡．.!?]*)[”’」』）》\"')\]]*"  # these need no space after them
    r"|(?P<dot>[.!?]+)(?P<close>[\"'”’)\]]*)(?=\s|$)"
    r"|\n+"
)
_CLAUSE: Final = re.compile(r"[,;:，；：、](?=\s|[^\x00-\x7f]|$)|\s")
_FIRST_CLAUSE: Final = re.compile(r"[,;:](?=\s)|[，；：]")

# A script that betrays its language; a text of Han characters alone is taken for Mandarin.
_SCRIPTS: Final = (
    ("ja", re.compile(r"[\u3040-\u30ff]")),
    ("ko", re.compile(r"[\uac00-\ud7af]")),
    ("zh", re.compile(r"[\u3400-\u9fff]")),
    ("ru", re.compile(r"[\u0400-\u04ff]")),
    ("el", re.compile(r"[\u0370-\u03ff]")),
    ("ar", re.compile(r"[\u0600-\u06ff]")),
    ("he", re.compile(r"[\u0590-\u05ff]")),
    ("hi", re.compile(r"[\u0900-\u097f]")),
    ("th", re.compile(r"[\u0e00-\u0e7f]")),
)


def clean(text: str) -> str:
    """`text` without what no voice can say: control and format characters, lone surrogates, emoji, runs of blanks.

    Raises InputError where nothing sayable is left or the text is longer than `MAX_CHARACTERS`.
    """
    if len(text) > MAX_CHARACTERS:
        raise InputError(f"The text has {len(text):,} characters; at most {MAX_CHARACTERS:,} can be said at once.")
    kept = "".join(sayable(c) for c in unicodedata.normalize("NFC", text))
    kept = re.sub(r"[^\S\n]+", " ", kept)
    kept = re.sub(r" ?\n[ \n]*", "\n", kept).strip()
    if not is_sayable(kept):
        raise InputError("There is nothing to say: the text has no letter and no digit.")
    return kept


def sayable(character: str) -> str:
    """A character as a voice can take it: itself, a blank, a new line, or nothing."""
    if character in "\n\r\u2028\u2029":
        return "\n"
    category = unicodedata.category(character)
    if category in ("Cc", "Zs"):
        return " "
    silent = category[0] == "C" or category in ("So", "Sk") or "\ufe00" <= character <= "\ufe0f"
    return "" if silent else character


def sentences(text: str) -> list[str]:
    """The sentences of a clean text, in order, none empty, none longer than `MAX_SENTENCE`."""
    cutter = Cutter()
    return cutter.push(text) + cutter.flush()


class Cutter:
    """Cuts a text that comes in pieces into sentences, each as soon as nothing that follows could change its end.

    A full stop ends a sentence only before a blank, and neither after an abbreviation nor after a single initial.
    However the text is divided, the sentences are the same. With `early` the first may be a clause.
    """

    def __init__(self, *, early: bool = False) -> None:
        self._early = early
        self._held = ""

    @property
    def held(self) -> str:
        """What has come of the next sentence."""
        return self._held.strip()

    def push(self, text: str) -> list[str]:
        """Take more of the text; the sentences that are whole now."""
        self._held = (self._held + text).lstrip()
        found: list[str] = []
        while cut := self._next_cut():
            self._take(cut, found)
        return found

    def settle(self) -> list[str]:
        """Let go of a sentence that looks whole though what follows might have changed it."""
        ends = [end for end in _END.finditer(self._held) if end.end() == len(self._held.rstrip())]
        return self.flush() if ends and not _abbreviated(self._held[: ends[-1].start()]) else []

    def flush(self) -> list[str]:
        """The text is over: what is left of it."""
        found: list[str] = []
        self._take(len(self._held), found)
        return found

    def _take(self, cut: int, found: list[str]) -> None:
        piece, self._held = self._held[:cut].strip(), self._held[cut:].lstrip()
        if is_sayable(piece):
            found.append(piece)
            self._early = False

    def _next_cut(self) -> int:
        """Where the next sentence ends in what is held; 0 where that can't be told yet."""
        # One character past the longest sentence: whatever came with it, a decision sees no more than that.
        seen = self._held[: MAX_SENTENCE + 1]
        cuts = [end.end() for end in _END.finditer(seen) if _is_decided(seen, end)]
        if self._early:
            clauses = (clause.end() for clause in _FIRST_CLAUSE.finditer(seen))
            cuts += [cut for cut in clauses if _length(seen[:cut]) >= _FIRST_CLAUSE_WORDS]
        if cuts:
            return min(cuts)
        if len(seen) <= MAX_SENTENCE:
            return 0
        clauses_or_words = [m.end() for m in _CLAUSE.finditer(seen, MAX_SENTENCE // 2, MAX_SENTENCE)]
        return clauses_or_words[-1] if clauses_or_words else MAX_SENTENCE


def _is_decided(seen: str, end: re.Match[str]) -> bool:
    """Whether a possible end is one for certain."""
    if end["mark"] is None and end["dot"] is None:
        return True  # a new line
    if end.end() == len(seen) or (end["dot"] == "." and _abbreviated(seen[: end.start()])):
        return False
    word = _last_word(seen[: end.start()]) if end["dot"] == "." else ""
    if not end["close"] and word not in _BEFORE_NUMBER and word not in _MAYBE_LAST:
        return True
    # "Stop!" she said: the quote ends, the sentence does not.
    follows = seen[end.end() :].lstrip(" \t")[:1]
    goes_on = follows.isdigit() if word in _BEFORE_NUMBER else follows.islower() or (word != "" and follows.isdigit())
    return follows != "" and not goes_on


def is_sayable(text: str) -> bool:
    """Whether there is a letter or a digit in it."""
    return any(unicodedata.category(c)[0] in "LN" for c in text)


def _last_word(before: str) -> str:
    words = before.split()[-1:]
    return words[0].lstrip("([\"'“‘").lower() if words else ""


def _abbreviated(before: str) -> bool:
    word = _last_word(before)
    if word in _ABBREVIATIONS or (len(word) == 1 and word != "i" and before[-1:].isupper()):
        return True
    return word not in _MAYBE_LAST and _INITIALS.fullmatch(word) is not None


def _length(text: str) -> float:
    """How long a text is to say, in words."""
    characters = len(re.findall(f"[{_CJK}]", text))
    return len(re.findall(rf"[^\W{_CJK}]+", text)) + 0.6 * characters


def guess_language(text: str, default: str) -> str:
    """The language whose script the text shows, else `default`: enough to choose a voice when nobody said."""
    return next((language for language, script in _SCRIPTS if script.search(text)), default)
