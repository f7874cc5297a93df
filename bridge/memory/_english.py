"""What an English sentence tells of its speaker. Each rule is the beginning of a clause; its value follows. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

from bridge.memory import MAX_FACT, Claim, FactKind

_MAX_WORDS: Final = 12
"""A longer value is a run-on sentence."""

_END: Final = re.compile(
    r"[,;:!?()\"。，！？；]|\.(?:\s|$)|\s[-–—]\s"
    r"|\s(?:i|i'm|my name|my favou?rite)\b|\s(?:and|or) (?:i|i'm|my|you|we|he|she|they|it|do|can|what|please)\b"
    r"|\s(?:but|because|cause|so|when|while|since|although|though|if|unless|please|thanks|thank you|do you|nice to)\b",
    re.IGNORECASE,
)
_AFTERTHOUGHT: Final = re.compile(
    r"(?:\s+(?:very much|a lot|so much|the most|too|as well|the best|best|most of all|at all|any ?more|either|now))+$",
    re.IGNORECASE,
)
_ASKING: Final = frozenset(
    (
        *("do", "did", "would", "should", "could", "can", "may", "if", "whether", "what", "which", "when", "where"),
        *("how", "why", "who", "said", "says", "say", "thing", "things", "everything", "nothing", "as"),
    )
)
"""Before "I like" these make a question, a condition or somebody else's words of it."""

_VAGUE: Final = frozenset(
    (
        *("it", "that", "this", "those", "these", "you", "your", "yours", "him", "her", "them", "they", "me", "how"),
        *("what", "when", "where", "who", "why", "if", "here", "there", "one", "everything", "nothing", "something"),
    )
)
"""First words of what means nothing without the conversation around it."""

_NO_NAMES: Final = frozenset(
    (
        *(
            "a",
            "an",
            "the",
            "not",
            "on",
            "in",
            "at",
            "by",
            "to",
            "of",
            "for",
            "from",
            "with",
            "as",
            "is",
            "hard",
            "easy",
        ),
        *("later", "back", "when", "if", "maybe", "now", "again", "today", "tomorrow", "yesterday", "tonight", "soon"),
        *("any", "anytime", "please", "crazy", "what", "whatever", "something", "anything", "nothing", "it", "that"),
        *("this", "my", "your", "very", "so", "too", "really", "well", "known", "written", "spelled", "spelt", "also"),
        *("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "i", "you", "me", "old"),
    )
)
_PARTICLES: Final = frozenset(
    ("van", "von", "de", "der", "den", "da", "di", "del", "la", "le", "bin", "al", "el", "ter")
)
_CLAUSE_WORDS: Final = frozenset(("i", "i'm", "and", "but", "or", "what", "nice", "from"))

_HERE: Final = frozenset(("here", "there", "home", "work", "school", "fear", "peace", "hope", "a"))
_DATE: Final = re.compile(r"\d|\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|sept|oct|nov|dec)[a-z]*\b", re.IGNORECASE)
_HOURS: Final = re.compile(
    r"\b(?:morning|evening|night|nights|weekend|weekends|home|moment|shifts?|hard)\b", re.IGNORECASE
)
_JOBS: Final = re.compile(
    r"(?:\w+[ -]){0,3}?(?:accountant|actor|actress|architect|artist|baker|barber|biologist|builder|carpenter|cashier"
    r"|chef|chemist|cleaner|clerk|coach|consultant|dancer|dentist|designer|developer|director|doctor|driver|economist"
    r"|editor|electrician|engineer|farmer|firefighter|fisherman|florist|gardener|guide|hairdresser|historian"
    r"|illustrator|journalist|judge|lawyer|lecturer|librarian|manager|mathematician|mechanic|midwife|model|musician"
    r"|nurse|officer|painter|paramedic|pharmacist|philosopher|photographer|physicist|physician|pilot|plumber|poet"
    r"|policeman|policewoman|politician|postman|professor|programmer|psychologist|receptionist|researcher|sailor"
    r"|salesman|scientist|sculptor|secretary|singer|soldier|streamer|student|surgeon|tailor|teacher|technician"
    r"|therapist|translator|trainer|veterinarian|vet|waiter|waitress|welder|writer)"
    r"(?= (?:at|in|for|of|from|by|with|and|who|on)\b|[,;.!]|$)",
    re.IGNORECASE,
)


def claims(sentence: str) -> Iterator[Claim]:
    """The claims in one sentence."""
    said = sentence.lower() if sentence.isupper() else sentence
    for kind, opening, value_of in _RULES:
        for match in opening.finditer(said):
            value = value_of(said[match.end() :], match)
            if value and len(value) <= MAX_FACT and not _is_asked(said[: match.start()]):
                yield Claim(kind, value)


def _is_asked(before: str) -> bool:
    words = [word.strip(",'\"") for word in before.lower().split()]
    if words and words[-1] == "that":  # "remember that I like", but not "a thing that I like"
        return words[-2:-1] not in (["remember"], ["forget"], ["mind"], ["know"])
    return bool(words) and words[-1] in _ASKING


def _cut(rest: str) -> str:
    """The value that `rest` begins with: up to where another clause begins, without what adds nothing."""
    end = _END.search(rest)
    value = _AFTERTHOUGHT.sub("", rest[: end.start()] if end else rest).strip(" .'\"")
    return value if 0 < len(value.split()) <= _MAX_WORDS else ""


def _first(value: str) -> str:
    return value.split(maxsplit=1)[0].lower() if value else ""


def _name(rest: str, _match: re.Match[str]) -> str:
    tokens = re.findall(r"[^\W\d_][\w'.-]*", _cut(rest))
    if not tokens or tokens[0].lower() in _NO_NAMES:
        return ""
    if not tokens[0][0].isupper():
        return str(tokens[0]).capitalize()  # recognised speech: how long the name is can't be told
    name = [tokens[0]]
    for token in tokens[1:4]:
        if token.lower() in _CLAUSE_WORDS or not (token[0].isupper() or token in _PARTICLES):
            break
        name.append(token)
    while name[-1] in _PARTICLES:
        name.pop()
    return " ".join(name)


def _liked(rest: str, match: re.Match[str]) -> str:
    value = _cut(rest)
    if match["verb"].lower() == "prefer":
        value = re.split(r"\s(?:to|over|than)\s", value)[0]
    return "" if _first(value) in _VAGUE or value.lower() == "to" else value


def _favourite(rest: str, match: re.Match[str]) -> str:
    value = _cut(rest)
    return f"{value} (favourite {match['what'].lower()})" if value and _first(value) not in {*_VAGUE, "not"} else ""


def _place(rest: str, _match: re.Match[str]) -> str:
    value = _cut(rest)
    # "A small town in the north" is a place; "a dream" is not worth the telling apart from "a village".
    vague = _first(value) in (_HERE - {"a"}) or value.lower() in ("a dream", "the future", "the past", "the moment")
    return "" if vague or value[:1].isdigit() else value


def _job(rest: str, _match: re.Match[str]) -> str:
    value = re.sub(r"^(?:being )?(?:an?|the) ", "", _cut(rest), flags=re.IGNORECASE)
    return "" if _first(value) in {*_VAGUE, "not", "to"} or _HOURS.search(value) else value


def _trade(rest: str, _match: re.Match[str]) -> str:
    value = _cut(rest)
    return value if _JOBS.match(value) else ""


def _birthday(rest: str, _match: re.Match[str]) -> str:
    # A date may have a comma in it: "May 3rd, 1990".
    value = re.split(r"[;!?()]|\.(?:\s|$)|\s(?:and|but|so|because)\s", rest)[0].strip(" .,")
    return value if len(value.split()) <= 5 and _DATE.search(value) else ""


def _note(rest: str, _match: re.Match[str]) -> str:
    value = rest.strip(" .!,")
    return (
        ""
        if len(value.split()) < 2 or _first(value) in {"when", "how", "what", "who", "where", "me", "this"}
        else value
    )


_MUCH: Final = r"(?:(?:really|also|do|just|absolutely|still|quite|especially|mostly|always|truly|simply|kind of) )*"

_OPENINGS: Final[tuple[tuple[FactKind, str, Callable[[str, re.Match[str]], str]], ...]] = (
    ("name", r"\bmy (?:first |full |real )?name(?:'s| is)(?: now| actually| called)? ", _name),
    ("name", r"(?:^|(?:please|just|can|friends|everyone|people|everybody|and|or|,) )call me ", _name),
    ("name", r"\bi(?:'m| am) called ", _name),
    ("from", r"\bi(?:'m| am)(?: originally| actually)? from ", _place),
    ("from", r"\bi (?:originally )?come from ", _place),
    ("from", r"\bi was born (?:and raised )?in ", _place),
    ("lives", r"\bi (?:(?:now|currently|still|actually) )*live (?:in|near|at|on) ", _place),
    ("lives", r"\bi(?:'m| am) (?:now |currently )?living (?:in|near|at|on) ", _place),
    ("lives", r"\bi(?:'ve| have)?(?: just| recently)? moved to ", _place),
    ("job", r"\bi work as ", _job),
    ("job", r"\bmy (?:job|profession|occupation) is ", _job),
    ("job", r"\bi work (?=(?:at|for|in|with) )", _job),
    ("job", r"\bi(?:'m| am) an? ", _trade),
    ("birthday", r"\bmy birthday(?:'s| is)(?: on| in)?(?: the)? ", _birthday),
    ("birthday", r"\bi was born on (?:the )?", _birthday),
    ("likes", rf"\bi {_MUCH}(?P<verb>like|love|enjoy|adore|prefer) ", _liked),
    (
        "dislikes",
        rf"\bi {_MUCH}(?P<verb>(?:don't|do not|never)(?: really| even)? (?:like|love|enjoy)"
        r"|can't stand|cannot stand|can't bear|hate|dislike|detest) ",
        _liked,
    ),
    ("likes", r"\bmy favou?rite (?P<what>\w+(?: \w+){0,2}?) (?:is|are) ", _favourite),
    (
        "note",
        r"^(?:(?:please|and|also|so|ok|okay|hey|now|can you|could you|will you|you should|always)[ ,]+)*"
        r"(?:remember|keep in mind|don't forget|do not forget)(?: that|:|,)? ",
        _note,
    ),
)
_RULES: Final = tuple((kind, re.compile(opening, re.IGNORECASE), value_of) for kind, opening, value_of in _OPENINGS)
