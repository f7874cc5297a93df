"""What a voice can be asked to say: the rules that hold for every voice."""

from __future__ import annotations

import unicodedata
from typing import Final

from bridge.errors import InputError

MAX_TEXT_CHARS: Final = 100_000
_JOINERS: Final = "\u200c\u200d"  # they shape letters in Persian, Hindi and others
_FIRST_PICTURE: Final = "\u2190"  # symbols before the arrows (degree, copyright, numero) are words, later ones pictures


def speakable(text: str) -> str:
    """`text` as one line for a voice: no control characters, no pictures, spaces joined.

    Raises InputError where nothing to say is left (it needs a letter or a digit) or where it is too long.
    """
    if len(text) > MAX_TEXT_CHARS:
        raise InputError(f"The text has {len(text):,} characters; at most {MAX_TEXT_CHARS:,} can be said at once.")
    said = " ".join("".join(map(_spoken, text)).split())
    if not any(unicodedata.category(c)[0] in "LN" for c in said):
        raise InputError("There is nothing to say in this text: it has neither letters nor digits.")
    return said


def _spoken(char: str) -> str:
    """A character as a voice should get it: itself, a space, or nothing."""
    match unicodedata.category(char):
        case "Cc" | "Zl" | "Zp" | "Zs":
            return " "
        case "Cf":
            return char if char in _JOINERS else ""
        case "Cs" | "Co" | "Cn":
            return " "
        case "So" | "Sk" if char >= _FIRST_PICTURE:
            return " "
        case _:
            return "" if "\ufe00" <= char <= "\ufe0f" else char
