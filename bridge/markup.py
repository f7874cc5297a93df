"""A language model's text, as it streams, made speakable: markdown, reasoning, emotion tags and asides taken out.

What is kept is what a person would read aloud: the words of links, headings, lists and table cells. What is dropped:
blocks of reasoning (`<think>`), fenced code, addresses behind links, stage directions such as [laughs] and *waves*,
and emoji. A tag `[happy]` or `[happy:0.7]` becomes a `Mood`, as does a stage direction that shows a feeling, and [1] a
`Citation`.

The filter holds text back only while it may still be the beginning of a mark.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from bridge.affect.text import of_text
from bridge.text import sayable
from bridge.types import EMOTIONS


@dataclass(frozen=True, slots=True)
class Mood:
    """An emotion tag: one of `EMOTIONS` and its intensity, 0..1."""

    emotion: str
    intensity: float


@dataclass(frozen=True, slots=True)
class Citation:
    """Numbers of what is cited, as in [1] or [2, 3]."""

    numbers: tuple[int, ...]


Token = str | Mood | Citation

LONGEST_MARK: Final = 2000
"""A mark that has not ended after so many characters is none."""

_ASIDE_WORDS: Final = 5
"""Longer text in brackets is no stage direction but a part of the sentence."""

_HIDDEN: Final = frozenset({"think", "thinking", "thought", "reasoning", "tool_call"})
_TAG: Final = re.compile(r"<(/?)([A-Za-z][\w-]{0,30})(?:\s[^<>\n]{0,200})?/?>")
_TAG_BEGIN: Final = re.compile(r"</?(?:[A-Za-z][\w-]{0,30}(?:\s[^<>\n]{0,200})?)?/?")
_MOOD: Final = re.compile(
    rf"(?:emotion\s*[:=]\s*)?({'|'.join(EMOTIONS)})(?:\s*[:=,]?\s*(\d*\.?\d+)\s*(%?))?", re.IGNORECASE
)
_BRACKET: Final = re.compile(r"[\[【]([^\[\]【】\n]{0,200})[\]】]")
_BRACKET_BEGIN: Final = re.compile(r"!?[\[【][^\[\]【】\n]{0,200}")
_CITATION: Final = re.compile(r"\^?\d{1,4}(?:\s*[,;]\s*\d{1,4})*", re.ASCII)
_TARGET: Final = re.compile(r"\([^()\n]{0,500}(?:\([^()\n]{0,200}\)[^()\n]{0,200})?\)")
_TARGET_BEGIN: Final = re.compile(r"\([^()\n]{0,500}(?:\([^()\n]{0,200}(?:\)[^()\n]{0,200})?)?")
_STARRED: Final = re.compile(r"\*(?![\s*])([^*\n]{0,100}[^*\s])\*")
_URL: Final = re.compile(r"://([A-Za-z0-9.-]*)[\w\-.~:/?#@!$&'()*+,;=%\[\]]*", re.ASCII)
_FENCE: Final = re.compile(r"(`{3,}|~{3,})[^\n`]*(?=\n)")
_FENCE_BEGIN: Final = re.compile(r"`{1,2}|~{1,2}|(`{3,}|~{3,})[^\n`]*")
_LINE_MARK: Final = re.compile(r"[ \t>]+|#{1,6}[ \t]+|[-+*•][ \t]+")
_LINE_MARK_BEGIN: Final = re.compile(r"#{1,6}|[-+*•]|\d{1,2}[.)]?")
_NUMBERED: Final = re.compile(r"(\d{1,2})[.)][ \t]")
_ROW: Final = re.compile(r"\|[^\n]*")
_WORD: Final = re.compile(r"[^\W_]+")
# What a character does rather than says: a verb of these at the head of starred text begins an action.
_ACTION: Final = re.compile(
    r"(?:\w+ly )?(?:beam|blink|blush|bow|chuckl|clap|cough|dance?|frown|gasp|gestur|giggl|glanc|grin|hug|jump|laugh"
    r"|lean|nod|paus|point|scratch|shak|shrug|sigh|smil|smirk|sniff|sob|tilt|wav|whisper|wink|yawn)(?:e?s|ing)\b",
    re.IGNORECASE,
)
_ACTION_FIRST: Final = re.compile(r"[a-z]+(?:s|ing)\b|[\u3040-\u30ff\u3400-\u9fff]")
_SENTENCE_START: Final = "\n.!?。！？…~～"

_Step = tuple[int, list[Token]]
"""How many characters are done with, and what they come to."""


class Markup:
    """The filter: `push` pieces of the text, get what is to be said and the moods in between.

    However the text is divided, the tokens put together are the same.
    """

    _held: str
    _line_start: bool
    _before: str
    """The last character that was let through."""
    _last: str
    """The last of them that is no blank."""
    _hidden: re.Pattern[str] | None
    """What ends the block that is being dropped."""

    def __init__(self) -> None:
        self._begin()

    def _begin(self) -> None:
        self._held, self._line_start, self._hidden = "", True, None
        self._before = self._last = "\n"

    def push(self, text: str) -> list[Token]:
        """Take more of the text."""
        self._held += text
        return self._drain(final=False)

    def flush(self) -> list[Token]:
        """The text is over; a mark that has not ended is none, a block that has not ended is dropped.

        What comes next begins anew.
        """
        tokens = self._drain(final=True)
        self._begin()
        return tokens

    def _drain(self, *, final: bool) -> list[Token]:
        tokens: list[Token] = []
        while self._held:
            if self._hidden:
                if not self._skip_hidden(self._hidden, final=final):
                    break
                continue
            # A mark is looked for in so much only, whatever came with it: so the pieces don't matter.
            seen = self._held[:LONGEST_MARK]
            whole = final or len(self._held) >= LONGEST_MARK
            step = self._step(seen, final=whole)
            if step is None and not whole:
                break
            done, found = step or (1, [seen[0]])
            self._held = self._held[done:]
            for token in found:
                tokens += self._emit(token)
        return tokens

    def _emit(self, token: Token) -> list[Token]:
        if not isinstance(token, str):
            return [token]
        text = "".join(sayable(c) for c in token)
        if text:
            self._line_start = text[-1] == "\n" or (self._line_start and not text.strip())
            self._before = text[-1]
            self._last = text.rstrip(" ")[-1:] or self._last
        return [text] if text else []

    def _skip_hidden(self, end: re.Pattern[str], *, final: bool) -> bool:
        """Drop what is hidden; whether its end was found."""
        found = end.search(self._held)
        if found:
            self._held = self._held[found.end() :]
            self._hidden = None
            return True
        # The end may have begun: it holds no `<` and no new line but at its own beginning.
        begun = -1 if final else max(self._held.rfind("<"), self._held.rfind("\n"))
        self._held = "" if begun < 0 else self._held[begun:]
        return False

    def _step(self, seen: str, *, final: bool) -> _Step | None:
        """What the beginning of `seen` comes to; None while more is needed to know."""
        if self._line_start:
            if not final and (_FENCE_BEGIN.fullmatch(seen) or _LINE_MARK_BEGIN.fullmatch(seen)):
                return None
            if step := self._line_mark(seen):
                return step
            if seen[0] == "|":
                return self._row(seen, final=final)
        if word := _WORD.match(seen):
            return word.end(), [word[0]]
        return self._mark(seen, final=final)

    def _mark(self, seen: str, *, final: bool) -> _Step | None:
        step: _Step | None = (1, [seen[0]])
        match seen[0]:
            case "[" | "【":
                step = _bracket(seen, final=final)
            case "!":
                step = _image(seen, final=final)
            case "*":
                step = self._star(seen)
            case "<":
                step = self._tag(seen)
            case ":":
                step = _address(seen, final=final)
            case "_" | "~" | "\\":
                step = self._pair(seen)
            case "`" | "]" | "】":
                step = 1, []
        return step

    def _line_mark(self, seen: str) -> _Step | None:
        """What only stands where a line begins, or None where there is nothing of it."""
        if fence := _FENCE.match(seen):
            self._hidden = re.compile(rf"\n[ \t]*{fence[1]}[^\n]*(?=\n)")
            return fence.end(), []
        if mark := _LINE_MARK.match(seen):
            return mark.end(), []
        if number := _NUMBERED.match(seen):
            return number.end(), [f"{number[1]}, "]
        return None

    def _row(self, seen: str, *, final: bool) -> _Step | None:
        """A row of a table: its cells, with commas between them; nothing of the rule under the head."""
        row = _ROW.match(seen)
        assert row is not None
        if row.end() == len(seen) and not final:
            return None
        cells = [cell.strip(" \t*_`:-") for cell in row[0].strip().strip("|").split("|")]
        return row.end(), [", ".join(cell for cell in cells if cell)]

    def _star(self, seen: str) -> _Step | None:
        if seen.startswith("**"):
            return 2, []
        if len(seen) == 1:
            return None
        if self._before.isalnum() or seen[1].isspace():
            factor = seen[1].isalnum() or (self._before == " " and seen[1] == " ")
            return 1, ["×" if factor else ""]
        starred = _STARRED.match(seen)
        if starred is None:
            open_still = len(seen) <= 100 and "\n" not in seen and "*" not in seen[1:]
            return None if open_still else (1, [])
        first = self._last in _SENTENCE_START and _ACTION_FIRST.match(starred[1])
        if first or _ACTION.match(starred[1]):
            return starred.end(), _aside(starred[1])
        # The words stay, and are looked through for other marks.
        self._held = starred[1] + self._held[starred.end() :]
        return 0, []

    def _tag(self, seen: str) -> _Step | None:
        tag = _TAG.match(seen)
        if tag is None:
            return None if _TAG_BEGIN.fullmatch(seen) else (1, ["<"])
        name = tag[2].lower()
        if not tag[1] and name in EMOTIONS:
            return tag.end(), [Mood(name, 1.0)]
        if not tag[1] and name in _HIDDEN:
            self._hidden = re.compile(rf"</{name}\s*>", re.IGNORECASE)
        return tag.end(), ["\n" if name in ("br", "p", "li") else ""]

    def _pair(self, seen: str) -> _Step | None:
        """Marks that need the next character: `_`, `~~`, and a backslash that makes what follows a plain character."""
        if seen[0] == "_" and not self._before.isalnum():
            return 1, []
        if len(seen) == 1:
            return None
        if seen[0] == "_":
            return 1, [" " if seen[1].isalnum() else ""]
        if seen[0] == "~":
            return (2, []) if seen[1] == "~" else (1, ["~"])
        return (2, [seen[1]]) if seen[1] in "\\`*_{}[]()#+-.!|<>~" else (1, [])


def _bracket(seen: str, *, final: bool) -> _Step | None:
    """A mood, a link, a citation, a stage direction, or words in brackets."""
    bracket = _BRACKET.match(seen)
    if bracket is None:
        return None if _BRACKET_BEGIN.fullmatch(seen) else (1, [])
    inner, end = bracket[1].strip(), bracket.end()
    if mood := _MOOD.fullmatch(inner):
        return end, [_mood(mood)]
    if end == len(seen) and not final:
        return None
    if target := _TARGET.match(seen, end):
        return target.end(), [re.sub(r"[*_`]", "", inner)]
    if _TARGET_BEGIN.fullmatch(seen, end) and not final:
        return None
    return end, _in_brackets(inner)


def _in_brackets(inner: str) -> list[Token]:
    if _CITATION.fullmatch(inner):
        return [Citation(tuple(int(number) for number in re.findall(r"\d+", inner)))]
    if len(inner.split()) > _ASIDE_WORDS or len(inner) > 10 * _ASIDE_WORDS:
        return [inner]
    return _aside(inner)


def _aside(inner: str) -> list[Token]:
    """A stage direction is not said, but it may show a feeling: [laughs], or a tag in the model's own words."""
    emotion, intensity = of_text(inner)
    return [] if emotion == "neutral" else [Mood(emotion, intensity)]


def _mood(match: re.Match[str]) -> Mood:
    amount = float(match[2] or 1.0) / (100.0 if match[3] else 1.0)
    return Mood(match[1].lower(), min(amount, 1.0))


def _image(seen: str, *, final: bool) -> _Step | None:
    """An exclamation mark, or a picture: the words that stand for it."""
    if len(seen) == 1 or _BRACKET_BEGIN.fullmatch(seen):
        return (1, ["!"]) if final else None
    bracket = _BRACKET.match(seen, 1)
    if bracket is None or (bracket.end() == len(seen) and final):
        return 1, ["!"]
    target = _TARGET.match(seen, bracket.end())
    if target is None:
        open_still = bracket.end() == len(seen) or _TARGET_BEGIN.fullmatch(seen, bracket.end())
        return None if open_still and not final else (1, ["!"])
    return target.end(), [bracket[1]]


def _address(seen: str, *, final: bool) -> _Step | None:
    """A colon, or an address of the web: its host."""
    if not final and seen in (":", ":/"):
        return None
    url = _URL.match(seen)
    if url is None:
        return 1, [":"]
    if url.end() == len(seen) and not final:
        return None
    after = url[0][len(url[0].rstrip(".,!?;:)'*]")) :]
    return url.end(), ["://" + url[1].rstrip(".") + after]
