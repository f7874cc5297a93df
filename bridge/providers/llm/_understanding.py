"""What the scripted companion makes of a sentence: its language, its topic, and the words that matter in it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

from bridge.providers.llm._companion import Book, Topic
from bridge.text import guess_language, sentences

_WORD: Final = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_QUOTED_AT_MOST: Final = 240
_WORD_AT_MOST: Final = 30
_UNSPACED_AT_MOST: Final = 12


def words(text: str) -> list[str]:
    """The words of a text in small letters, in order."""
    plain = unicodedata.normalize("NFKC", text).casefold().replace("’", "'")
    return _WORD.findall(plain)


def language(text: str, books: dict[str, Book], own: str) -> Book:
    """The book of the language a text is in: by its script, else by its commonest words, else the companion's own."""
    script = guess_language(text, "")
    if script == "zh" and own == "ja":
        return books["ja"]  # kanji alone
    if script:
        return books.get(script, books["en"])
    said = words(text)
    spaced = [book for book in books.values() if book.spaced]
    scores = {book.lang: _familiarity(said, book) for book in spaced}
    best = max(scores.values())
    if best and scores.get(own, 0) < best:
        return books[max(scores, key=lambda lang: scores[lang])]
    return books.get(own, books["en"])


def topic(text: str, book: Book) -> Topic | None:
    """What a text is about: the topic that most of its words betray, or None."""
    said = words(text)
    joined = f" {' '.join(said)} " if book.spaced else "".join(said)
    best, most = None, 0
    for candidate in book.topics:
        weight = sum(_weight(phrase, book) for phrase in candidate.words if _is_in(phrase, joined, book))
        if weight > most:
            best, most = candidate, weight
    return best


def subject(text: str, book: Book) -> str:
    """The word that tells most of what a text is about, or an empty text."""
    if not book.spaced:
        return "".join(words(text))[:_UNSPACED_AT_MOST]
    telling = [word for word in words(text) if word not in book.common and any(c.isalpha() for c in word)]
    return max(telling, key=len, default="")[:_WORD_AT_MOST]


def mentions(text: str, topics: Iterable[str], book: Book) -> bool:
    """Whether a text names one of `topics`."""
    said = words(text)
    joined = f" {' '.join(said)} " if book.spaced else "".join(said)
    return any(_is_in(name, joined, book) for name in topics)


def telling_sentence(text: str, question: str, book: Book, *, about: Topic | None = None) -> str:
    """The sentence of a text that shares most words with a question, or with what betrays its topic; or none."""
    wanted = {word for word in words(question) if word not in book.common}
    if about:
        wanted |= {word for phrase in about.words for word in words(phrase) if word not in book.common}
    best, most = "", 0
    for sentence in sentences(" ".join(text.split())):
        shared = len(_parts(sentence, book) & _parts(" ".join(wanted), book))
        if shared > most:
            best, most = sentence, shared
    return best[:_QUOTED_AT_MOST].rstrip()


def _parts(text: str, book: Book) -> set[str]:
    """What texts are compared by: words without the endings that change, or pairs of characters."""
    if book.spaced:
        return {word[:5] for word in words(text) if word not in book.common}
    return {word[i : i + 2] for word in words(text) for i in range(max(len(word) - 1, 1))}


def _familiarity(said: list[str], book: Book) -> int:
    """How many words of a text are of a language: the common ones, and those that betray topics."""
    known = {word for topic in book.topics for phrase in topic.words for word in words(phrase)}
    return sum((word in book.common) + (word in known) for word in said)


def _is_in(phrase: str, joined: str, book: Book) -> bool:
    sought = " ".join(words(phrase))
    if not sought:
        return False
    return f" {sought} " in joined if book.spaced else sought.replace(" ", "") in joined


def _weight(phrase: str, book: Book) -> int:
    return len(words(phrase)) if book.spaced else len(phrase)
