"""Feelings in words: a lexicon with negation, intensifiers, contrast, capitals, exclamation marks and emoji.

What words say of a feeling is little: irony is lost on this, and a sentence without such a word tells next to nothing.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from bridge.affect import Evidence, evidence
from bridge.affect import lexicon as lex

_CJK: Final = re.compile("[\u3040-\u30ff\u3400-\u9fff]")
_CLAUSE_END: Final = re.compile(r"[.,;:!?\n。，；：！？、…]")
_QUESTION: Final = re.compile(r"[?？吗か]\W*$")

_REACH_WORDS: Final = 4
_REACH_CHARACTERS: Final = 5
"""How far before a word its negators and intensifiers stand."""

_NEGATED: Final[dict[str, tuple[str, float]]] = {
    **{"happy": ("sad", 0.6), "content": ("sad", 0.4), "sad": ("content", 0.3), "angry": ("content", 0.3)},
    **{"fearful": ("content", 0.3), "surprised": ("neutral", 0.0), "disgusted": ("neutral", 0.0)},
}
"""What is left of a feeling that is denied: not its opposite, but something of it."""

_STRONGER: Final = 1.4
_WEAKER: Final = 0.6
_CAPITALS: Final = 1.25
_BEFORE_BUT: Final = 0.5
_EXCLAMATION: Final = 0.12
_EMOJI: Final = 0.8
_NEUTRAL_PRIOR: Final = 0.2
_ENOUGH_TO_SHOW: Final = 0.3
_TRUST: Final = 0.8
"""The confidence in any number of words."""


def read(text: str) -> Evidence:
    """What a text says about the feeling of whoever wrote or spoke it. Confidence is 0 for a text without words."""
    scores = score(text)
    total = sum(scores.values())
    if total <= 0.0:
        return evidence("text", {}, 0.1 if any(c.isalnum() for c in text) else 0.0, 0.0)
    top = max(scores.values())
    # Whoever asks may ask about the other's feeling.
    asked = 0.6 if _QUESTION.search(text) else 1.0
    confidence = _TRUST * asked * (1.0 - math.exp(-1.5 * total)) * top / total
    return evidence("text", scores | {"neutral": _NEUTRAL_PRIOR}, confidence, _intensity(top))


def of_text(sentence: str) -> tuple[str, float]:
    """The emotion a speaker shows with a sentence, and its intensity 0..1; neutral and 0 where no word shows one."""
    scores = score(sentence)
    emotion = max(scores, key=lambda name: scores[name], default="neutral")
    return (emotion, _intensity(scores[emotion])) if scores.get(emotion, 0.0) >= _ENOUGH_TO_SHOW else ("neutral", 0.0)


def score(text: str) -> dict[str, float]:
    """How much a text shows of each emotion but neutral: 0.65 is a plain word of it; nothing where there is nothing."""
    given = unicodedata.normalize("NFC", text).replace("’", "'")
    plain = given.lower() if len(given.lower()) == len(given) else given
    but = max((m.end() for m in _BUT.finditer(plain)), default=0)
    loud = 1.0 + _EXCLAMATION * min(3, plain.count("!") + plain.count("！"))
    scores: dict[str, float] = {}

    def add(emotion: str, strength: float) -> None:
        if emotion != "neutral" and strength > 0.0:
            scores[emotion] = scores.get(emotion, 0.0) + strength * loud

    for start, end, emotion, strength in _hits(plain):
        stressed = _CAPITALS if end - start > 2 and given[start:end].isupper() else 1.0
        contrasted = _BEFORE_BUT if end <= but else 1.0
        factor, negated = _modified(plain, start)
        shown, left = _NEGATED[emotion] if negated else (emotion, 1.0)
        add(shown, strength * left * factor * stressed * contrasted)
    for emotion, count in _pictured(given):
        add(emotion, _EMOJI * (1.0 - 0.5**count) * 2.0)
    return scores


def _hits(plain: str) -> Iterator[tuple[int, int, str, float]]:
    """The entries of the lexicon in a text, the longest first where several begin: span, emotion, strength."""
    for pattern in (_SPACED, _UNSPACED):
        for match in pattern.finditer(plain):
            emotion, strength = _meaning(match[0])
            yield match.start(), match.end(), emotion, strength


def _modified(plain: str, start: int) -> tuple[float, bool]:
    """What stands before a word, within its clause: the factor of its strength, and whether it is denied."""
    ends = [m.end() for m in _CLAUSE_END.finditer(plain, max(0, start - 60), start)]
    ends += [m.end() for m in _BUT.finditer(plain, max(0, start - 60), start)]
    clause = plain[max(ends, default=max(0, start - 60)) : start]
    if _CJK.match(plain, start):
        near = clause[-_REACH_CHARACTERS:]
        stronger, weaker = (any(word in near for word in words) for words in (lex.STRONGER_CJK, lex.WEAKER_CJK))
        for word in lex.NOT_NEGATORS_CJK:
            near = near.replace(word, "")
        negated = any(word in near for word in lex.NEGATORS_CJK)
    else:
        words = clause.split()[-_REACH_WORDS:]
        stronger, weaker = bool(lex.STRONGER & {*words[-2:]}), bool(lex.WEAKER & {*words[-2:]})
        denials = [k for k, word in enumerate(words) if word in lex.NEGATORS or word.endswith("n't")]
        negated = bool(denials) and words[denials[-1] + 1 : denials[-1] + 2] != ["only"]
    if weaker:
        return _WEAKER, negated
    # "Not very glad" is less of a denial than "very glad" is of gladness.
    return (_STRONGER if stronger and not negated else 1.0), negated


def _pictured(text: str) -> Iterator[tuple[str, int]]:
    """Emoji and emoticons: each emotion once, with how many of its signs there are."""
    for emotion, emoji in lex.EMOJI.items():
        signs = sum(character in emoji for character in text)
        signs += sum(match[0] in lex.EMOTICONS.get(emotion, ()) for match in _EMOTICON.finditer(text))
        if signs:
            yield emotion, signs


def _intensity(strength: float) -> float:
    return 1.0 - math.exp(-1.1 * strength)


def _meaning(found: str) -> tuple[str, float]:
    exact = _EXACT.get(found)
    if exact:
        return exact
    return next(_BEGINNINGS[found[:n]] for n in range(len(found), 0, -1) if found[:n] in _BEGINNINGS)


_EXACT: Final = {word: (emotion, strength) for word, emotion, strength in lex.entries() if not word.endswith("*")}
_BEGINNINGS: Final = {word[:-1]: (emotion, strength) for word, emotion, strength in lex.entries() if word.endswith("*")}


def _alternatives(*, unspaced: bool) -> str:
    words = sorted((word for word, *_ in lex.entries() if bool(_CJK.match(word)) is unspaced), key=len, reverse=True)
    return "|".join(re.escape(word.rstrip("*")) + (r"\w*" if word.endswith("*") else "") for word in words)


_SPACED: Final = re.compile(rf"(?<![\w'])(?:{_alternatives(unspaced=False)})(?!\w)")
_UNSPACED: Final = re.compile(_alternatives(unspaced=True))
_BUT: Final = re.compile(
    "|".join(re.escape(word) if _CJK.match(word) else rf"(?<!\w){re.escape(word)}(?!\w)" for word in lex.BUT)
)
_EMOTICON: Final = re.compile(
    r"(?<![\w:;=])(?:"
    + "|".join(
        re.escape(sign)
        for sign in sorted((s for signs in lex.EMOTICONS.values() for s in signs), key=len, reverse=True)
    )
    + r")(?!\w)"
)
