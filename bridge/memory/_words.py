"""Text to search terms, the same for what is indexed and what is asked.

Words are folded to lower case without accents. Scripts that put no blanks between words (Chinese, Japanese, Thai, ...)
and Korean, whose particles cling to words, are cut into pairs of neighbouring characters; the last character of such a
run stands alone as well, so that every single character begins some term and can be found by prefix.

Terms have no ASCII but letters and digits, so SQLite's `ascii` tokenizer (sqlite.org/fts5.html) takes them as they are.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

MAX_TERMS: Final = 64
"""Of a question; the rest of a longer one is not searched for."""

_MAX_TERM: Final = 40
"""Longer runs are no words."""

_PAIRED: Final = re.compile(
    r"[\u0e00-\u0eff\u0f00-\u0fff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff"
    r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uac00-\ud7af\U00020000-\U0003ffff]+"
)

_ACCENT: Final = re.compile(r"[\u0300-\u036f\u0591-\u05c7\u064b-\u065f]")
"""Of Latin, Greek and Cyrillic, and the vowel points of Hebrew and Arabic; elsewhere marks make other words."""

# What a question is made of, not what it is about. Left out unless there is nothing else.
_ASKING: Final = re.compile(
    r"请问|你们|我们|你知道|我想知道|告诉我|可以|什么|怎么样|怎么|为什么|是不是|有没有|能不能|一下|[吗呢吧啊呀](?![\u4e00-\u9fff])"
    r"|(?:です|ます|でしょう)か|ください|について|どこ|なに|あります|教えて"
)
_SMALL: Final = frozenset(
    re.findall(
        r"\w+",
        "a about an and any are as at be been but by can could did do does for from had has have he her here him his"
        " how i if in is it its just know me my no not of on or our please s she so some t tell than that the their"
        " them then there these they this to us was we were what when where which who why will with would you your",
    )
)


def clean(text: str) -> str:
    """`text` as SQLite can keep it: lone surrogates replaced."""
    return text.encode("utf-8", "replace").decode("utf-8")


def terms(text: str) -> list[str]:
    """The terms of a text, in order, with repetitions."""
    found: list[str] = []
    for run in _runs(unicodedata.normalize("NFKC", text)):
        start = 0
        for paired in _PAIRED.finditer(run):
            found += _word(run[start : paired.start()])
            found += _pairs(paired.group())
            start = paired.end()
        found += _word(run[start:])
    return found


def indexed(text: str) -> str:
    """What goes into the full-text column for `text`."""
    return " ".join(terms(text))


def asked(question: str) -> list[str]:
    """The distinct terms of a question that say what it is about, as FTS5 expressions; empty where it has no word."""
    about = [term for term in terms(_ASKING.sub(" ", question)) if term not in _SMALL]
    distinct = dict.fromkeys(about or terms(question))
    # A run of pairs ends with a lone character that the last pair has already: only one standing alone is asked for.
    endings = {pair[1] for pair in distinct if _is_pair(pair)}
    kept = [term for term in distinct if term not in endings]
    return [f'"{term}"*' if len(term) == 1 and _PAIRED.match(term) else f'"{term}"' for term in kept[:MAX_TERMS]]


def _runs(text: str) -> Iterator[str]:
    """Stretches of letters, digits and the marks that belong to them."""
    start = None
    for at, character in enumerate(text):
        if character.isalnum() or (character > "\x7f" and unicodedata.category(character)[0] in "LMN"):
            start = at if start is None else start
        elif start is not None:
            yield text[start:at]
            start = None
    if start is not None:
        yield text[start:]


def _word(run: str) -> list[str]:
    """A run of one word, folded; one of nothing but accents keeps them."""
    folded = unicodedata.normalize("NFKD", run.casefold())
    word = clean(_ACCENT.sub("", folded) or folded)[:_MAX_TERM]
    return [word] if word else []


def _pairs(run: str) -> list[str]:
    run = run.casefold()
    return [*(run[at : at + 2] for at in range(len(run) - 1)), run[-1]]


def _is_pair(term: str) -> bool:
    return len(term) == 2 and _PAIRED.fullmatch(term) is not None
