"""Which words of a sentence are said when: the words that a voice tells of, laid on the text that it was given.

A voice leaves out punctuation, and reads some words otherwise than they are written ("25" as "twenty-five"). So its
words are looked for in order, and what of the text lies between those that are found goes with those that are not.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from bridge.text import is_sayable
from bridge.timebase import SAMPLE_RATE_HZ
from bridge.types import Word

_SPACED: Final = "0-9A-Za-z\u00c0-\u052f"
"""Latin, Greek and Cyrillic: a word of these is not found inside another."""
_LETTER: Final = re.compile(f"[{_SPACED}]")
_WORD: Final = re.compile(rf"[{_SPACED}]+|\w")
_REACH: Final = 2
"""How many words of the text a word may skip, and as many again for each told before it that was not found."""


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a text, and where it is said: from `start_sample` to before `end_sample`, at 24 kHz."""

    start_sample: int
    end_sample: int
    text: str


@dataclass(frozen=True, slots=True)
class _Place:
    """A span before the punctuation is shared out: characters `first` to before `last`."""

    start_sample: int
    end_sample: int
    first: int
    last: int


def spans(text: str, words: Iterable[Word], end_sample: int | None = None) -> tuple[Span, ...]:
    """The spans of a sentence, counted from its first sample; none where the voice tells of no word.

    They are in order, do not overlap, and put together they are the text. While the sentence's `end_sample` is not
    known, more words may come: then they are the text as far as it was told.
    """
    places = _places(text, words, end_sample)
    cuts = [0, *(_cut(text, a.last, b.first) for a, b in itertools.pairwise(places))]
    cuts += [_end(text, places[-1].last, whole=end_sample is not None)] if places else []
    return tuple(
        Span(place.start_sample, place.end_sample, text[cuts[i] : cuts[i + 1]]) for i, place in enumerate(places)
    )


def _places(text: str, words: Iterable[Word], end_sample: int | None) -> list[_Place]:
    places: list[_Place] = []
    lost: list[Word] = []
    for word in words:
        if not word.text.strip():
            continue
        cursor = places[-1].last if places else 0
        found = _find(word.text, text, cursor, _REACH * (1 + len(lost)))
        if found is None:
            lost.append(word)
            continue
        _skip(places, text, found[0], lost, _sample(word.start_s))
        _add(places, _sample(word.start_s), _sample(word.end_s), *found)
        lost = []
    if end_sample is not None and (places or lost):
        _skip(places, text, len(text), lost, end_sample)
    return places


def _skip(places: list[_Place], text: str, until: int, lost: Sequence[Word], until_sample: int) -> None:
    """Place the text before `until` that was not found: when the `lost` words are said, else until `until_sample`."""
    cursor = places[-1].last if places else 0
    before_sample = places[-1].end_sample if places else 0
    skipped = list(re.finditer(r"\w", text[cursor:until]))
    start_sample, end_sample = before_sample, until_sample
    if lost:
        start_sample, end_sample = _sample(lost[0].start_s), _sample(lost[-1].end_s)
    if skipped:
        _add(places, start_sample, end_sample, cursor + skipped[0].start(), cursor + skipped[-1].end())
    elif lost and places:
        last = places.pop()
        _add(places, last.start_sample, end_sample, last.first, last.last)


def _add(places: list[_Place], start_sample: int, end_sample: int, first: int, last: int) -> None:
    start_sample = max(start_sample, places[-1].end_sample if places else 0)
    places.append(_Place(start_sample, max(start_sample, end_sample), first, last))


def _find(word: str, text: str, start: int, reach: int) -> tuple[int, int] | None:
    """Where `word` stands in `text`, from `start` on and not beyond `reach` other words."""
    before = f"(?<![{_SPACED}])" if _LETTER.match(word[0]) else ""
    after = f"(?![{_SPACED}])" if _LETTER.match(word[-1]) else ""
    found = re.compile(before + re.escape(word) + after, re.IGNORECASE).search(text, start)
    if found is None or len(_WORD.findall(text, start, found.start())) > reach:
        return None
    return found.span()


def _cut(text: str, end: int, start: int) -> int:
    """Where to cut between a word's end and the next one's start: what opens stands with the next, all else before."""
    between = text[end:start]
    if (blank := re.search(r"\s(?=\S*$)", between)) is not None:
        return end + blank.end()
    opening = start
    while opening > end and unicodedata.category(text[opening - 1]) in ("Ps", "Pi"):
        opening -= 1
    return opening


def _end(text: str, last: int, *, whole: bool) -> int:
    return len(text) if whole or not is_sayable(text[last:]) else last


def _sample(time_s: float) -> int:
    return max(0, round(time_s * SAMPLE_RATE_HZ))
