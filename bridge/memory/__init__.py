"""What the avatar remembers of its visitors, and the documents it has read.

`store` keeps conversations, `facts` what was learnt from them, `extraction` finds it in what is said, `knowledge` makes
a folder of documents searchable. Here are their values and settings. Times are UTC, in nanoseconds since 1970: what is
kept for days must outlive the process, whose own clock starts anywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from bridge.errors import ConfigError

Speaker = Literal["user", "assistant"]

FactKind = Literal["name", "from", "lives", "job", "birthday", "likes", "dislikes", "note"]

KINDS: Final[tuple[FactKind, ...]] = ("name", "from", "lives", "job", "birthday", "likes", "dislikes", "note")

SINGLE: Final[frozenset[FactKind]] = frozenset({"name", "from", "lives", "job", "birthday"})
"""Kinds of which a visitor has one: a new one replaces the old."""

OPPOSITE: Final[dict[FactKind, FactKind]] = {"likes": "dislikes", "dislikes": "likes"}
"""Who comes to like a thing no longer dislikes it."""

MAX_FACT: Final = 200
"""Characters of a fact."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who talks to a subject. Conversations of different visitors, or with different subjects, never mix."""

    subject: str
    id: str
    """A name for them that the caller chooses and keeps: a cookie's value, a login, `default` for a single user."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What one side said."""

    role: Speaker
    text: str
    """As heard: of an interrupted answer only what reached the ears."""
    at_ns: int
    epoch: int = 0
    emotion: str = ""
    interrupted: bool = False
    id: int = 0
    """The store's number for it; 0 for one that is not kept yet."""


@dataclass(frozen=True, slots=True)
class Claim:
    """Something a visitor said about themself, not yet kept."""

    kind: FactKind
    text: str


@dataclass(frozen=True, slots=True)
class Fact:
    """Something known about a visitor."""

    id: int
    kind: FactKind
    text: str
    at_ns: int
    """When it was learnt or last said again."""
    turn_id: int | None
    """The turn it came from; None once that turn is no longer kept, or where the visitor wrote it themself."""


@dataclass(frozen=True, slots=True)
class VisitorSummary:
    """How much is kept of a visitor. `last_ns` is the time of the latest turn or fact."""

    visitor: Visitor
    turns: int
    facts: int
    last_ns: int


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of a document, small enough to be quoted to a language model."""

    file: str
    """Its path in the folder, with `/` between parts."""
    title: str
    heading: str
    """The headings it stands under, outermost first, joined by ` > `; may be empty."""
    page: int
    """From 1; 0 where the document has no pages."""
    text: str

    @property
    def citation(self) -> str:
        """Where it stands, for a person: `guide.pdf, page 3` or `house.md, Opening hours`."""
        place = f"page {self.page}" if self.page else self.heading
        return f"{self.file}, {place}" if place else self.file


@dataclass(frozen=True, slots=True)
class MemorySettings:
    """What is remembered, for how long, and which documents are known: `[memory]` in `bridge.toml`."""

    remember: bool = True
    """Whether conversations are kept on disk. Without, they last until the program ends."""
    facts: bool = True
    """Whether facts about visitors are learnt from what they say."""
    kept_days: int = 365
    """For how long turns and facts are kept; 0: until they are forgotten on request."""
    context_characters: int = 6000
    """How much of the latest conversation a language model is given."""
    knowledge: str = ""
    """The folder of documents; empty: `knowledge` in the user's folder."""
    knowledge_files: int = 1000
    """How many documents of it are read at most."""
    knowledge_file_mb: int = 20
    """How large each may be, in MiB."""

    def __post_init__(self) -> None:
        for name in ("kept_days", "context_characters", "knowledge_files", "knowledge_file_mb"):
            if getattr(self, name) < 0:
                raise ConfigError(f"memory.{name} is {getattr(self, name)}; it can't be negative.")

    def keep_from_ns(self, now_ns: int) -> int:
        """What `Store.purge` is given: the time before which nothing is kept, 0 where all is."""
        return now_ns - self.kept_days * 86_400 * 1_000_000_000 if self.kept_days else 0
