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
    {"mr", "mrs", "ms", "dr", "prof", "st", "jr", "sr", "vs", "etc", "e.g", "i.e", "vol", "approx", "dept", "est"}
    | {"inc", "ltd", "bzw", "z.b", "u.a", "d.h", "usw", "nr"}
)
_END: Final = re.compile(
    r"[。！？…]+[”’」』）》\"')\]]*"  # CJK ends need no space after them
    r"|[.!?]+[\"'”’)\]]*(?=\s|$)"
    r"|\n+"
)
_CLAUSE: Final = re.compile(r"[,;:，；：、](?=\s|[^\x00-\x7f]|$)|\s")

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
    kept = "".join(_sayable(c) for c in unicodedata.normalize("NFC", text))
    kept = re.sub(r"[^\S\n]+", " ", kept)
    kept = re.sub(r" ?\n[ \n]*", "\n", kept).strip()
    if not _is_sayable(kept):
        raise InputError("There is nothing to say: the text has no letter and no digit.")
    return kept


def _sayable(character: str) -> str:
    if character in "\n\r\u2028\u2029":
        return "\n"
    category = unicodedata.category(character)
    if category in ("Cc", "Zs"):
        return " "
    silent = category[0] == "C" or category in ("So", "Sk") or "\ufe00" <= character <= "\ufe0f"
    return "" if silent else character


def sentences(text: str) -> list[str]:
    """The sentences of a clean text, in order, none empty, none much longer than `MAX_SENTENCE`.

    A full stop ends a sentence only before a blank, and neither after an abbreviation nor after a single initial.
    """
    found: list[str] = []
    start = 0
    for end in _END.finditer(text):
        if end.group().startswith(".") and _abbreviated(text[start : end.start()]):
            continue
        found += _pieces(text[start : end.end()].strip())
        start = end.end()
    found += _pieces(text[start:].strip())
    return [s for s in found if _is_sayable(s)]


def _is_sayable(text: str) -> bool:
    return any(unicodedata.category(c)[0] in "LN" for c in text)


def _abbreviated(before: str) -> bool:
    words = before.split()
    if not words:
        return False
    word = words[-1].lstrip("([\"'“‘")
    return word.lower() in _ABBREVIATIONS or (len(word) == 1 and word.isupper())


def _pieces(sentence: str) -> list[str]:
    pieces = []
    while len(sentence) > MAX_SENTENCE:
        cuts = [m.end() for m in _CLAUSE.finditer(sentence, MAX_SENTENCE // 2, MAX_SENTENCE)]
        cut = cuts[-1] if cuts else MAX_SENTENCE
        pieces.append(sentence[:cut].strip())
        sentence = sentence[cut:].strip()
    return [*pieces, sentence] if sentence else pieces


def guess_language(text: str, default: str) -> str:
    """The language whose script the text shows, else `default`: enough to choose a voice when nobody said."""
    return next((language for language, script in _SCRIPTS if script.search(text)), default)
