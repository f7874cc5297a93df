"""What the words of a turn tell about it: whether it sounds finished, and whether it calls the avatar by its name."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

_FINISHED: Final = re.compile(r"[.!?。！？][\"'”’」』)）]*$")
_TRAILING_OFF: Final = re.compile(r"(?:[,;:，；：、—-]|\.\.\.|…+)$")

# Words that nobody ends a sentence with, and the sounds of somebody who looks for the next one.
_UNFINISHED: Final = {
    *("and", "or", "but", "because", "so", "if", "when", "that", "than", "the", "a", "an", "my", "your", "of", "to"),
    *("for", "with", "in", "at", "from", "about", "is", "are", "um", "uh", "er", "erm", "hmm", "like", "well"),
    *("und", "oder", "aber", "weil", "dass", "wenn", "der", "die", "das", "ein", "eine", "mit", "äh", "ähm"),
    *("et", "ou", "mais", "parce", "que", "le", "la", "les", "un", "une", "de", "avec", "euh"),
    *("y", "o", "pero", "porque", "el", "los", "las", "con", "para", "eh"),
}
_UNFINISHED_CJK: Final = (
    *("和", "跟", "但是", "可是", "因为", "所以", "然后", "如果", "嗯", "呃", "那个", "就是", "的话", "比如"),
    *("えっと", "えーと", "あの", "その", "から", "けど", "ので", "でも", "そして"),
)


def patience_factor(partial: str) -> float:
    """How much longer or shorter than usual to wait for more, by how the words so far end.

    0.7 after what ends like a sentence; 1.6 after a comma, a dash, dots, a conjunction, an article or a hesitation;
    else 1, which is all there is for a recogniser that yields no partial transcripts. English, German, French,
    Spanish, Chinese and Japanese; a spoken question without its mark is not told.
    """
    text = partial.strip()
    if _TRAILING_OFF.search(text):
        return 1.6
    if _FINISHED.search(text):
        return 0.7
    words = text.casefold().split()
    if words and (words[-1] in _UNFINISHED or words[-1].endswith(_UNFINISHED_CJK)):
        return 1.6
    return 1.0


def after_wake(text: str, phrases: Iterable[str]) -> str | None:
    """What follows the wake phrase that `text` begins with, in NFC, perhaps nothing; None where it begins with none.

    Case, punctuation, accents' encoding and spacing don't matter; whole words do ("Hey Ava" is not in "hey avalanche").
    The longest phrase that fits is taken. A phrase without a letter or digit never fits.
    """
    text = unicodedata.normalize("NFC", text)
    sounds = [(place, sound) for place, letter in enumerate(text) for sound in _sounds(letter)]
    heard = "".join(sound for _, sound in sounds)
    ends = [len(spelt) for phrase in phrases if (spelt := "".join(map(_sounds, phrase))) and heard.startswith(spelt)]
    for end in sorted(ends, reverse=True):
        place = sounds[end - 1][0] + 1
        rest = text[place:]
        if not rest or not _joined(text[place - 1], rest[0]):
            return rest.lstrip(" \t\n,.;:!?-–—…，。；：！？、")
    return None


def join(pieces: Iterable[str]) -> str:
    """Pieces of one speech, in order, as one text: a blank between them, but not where Chinese or Japanese meet."""
    text = ""
    for piece in filter(None, map(str.strip, pieces)):
        text += piece if not text or (_wide(text[-1]) and _wide(piece[0])) else f" {piece}"
    return text


def _sounds(text: str) -> str:
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return "".join(c for c in folded if unicodedata.category(c)[0] in "LNM")


def _joined(left: str, right: str) -> bool:
    """Whether two characters stand in one word. Scripts without blanks between words have none to hold to."""
    return bool(_sounds(left) and _sounds(right)) and not (_wide(left) or _wide(right))


def _wide(character: str) -> bool:
    return unicodedata.east_asian_width(character) in "WF"
