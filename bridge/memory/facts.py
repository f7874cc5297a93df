"""What is known of each visitor: learnt from what they say, and theirs to list, edit and delete."""

from __future__ import annotations

import sqlite3
import unicodedata
from collections.abc import Iterable
from typing import Any, Final

from bridge.errors import InputError
from bridge.memory import KINDS, MAX_FACT, OPPOSITE, SINGLE, Claim, Fact, FactKind, Visitor, _words
from bridge.memory._database import Database
from bridge.memory._rows import find_visitor, make_visitor

_FACT: Final = "id, kind, text, at_ns, turn"
_MOST: Final = 200
"""Facts of a visitor; the oldest make room."""


class Facts:
    """The facts in a store's database. May be used from several tasks, threads and loops at once.

    Methods raise DeviceError where the disk does not answer.
    """

    def __init__(self, database: Database) -> None:
        """`database` is that of a `Store`, which closes it."""
        self._database = database

    async def known(self, visitor: Visitor) -> list[Fact]:
        """All that is known of the visitor, by kind, then in the order it was learnt."""

        def job(connection: sqlite3.Connection) -> list[Fact]:
            number = find_visitor(connection, visitor)
            return [_fact(row) for row in connection.execute(f"SELECT {_FACT} FROM facts WHERE visitor = ?", (number,))]

        return sorted(await self._database.read(job), key=lambda fact: (KINDS.index(fact.kind), fact.id))

    async def learn(self, visitor: Visitor, claims: Iterable[Claim], turn_id: int | None, at_ns: int) -> list[Fact]:
        """Keep what the visitor claims, said in the turn `turn_id`; returns the facts that are new or changed.

        A name, origin, home, job or birthday replaces the one before; a like ends the dislike of the same; what is
        known already only takes this turn and its time.
        """
        wanted = [claim for claim in claims if _folded(claim.text) and len(claim.text) <= MAX_FACT]

        def job(connection: sqlite3.Connection) -> list[Fact]:
            number = make_visitor(connection, visitor) if wanted else 0
            learnt = [_learn(connection, number, claim, turn_id, at_ns) for claim in wanted]
            connection.execute(
                "DELETE FROM facts WHERE visitor = ? AND id NOT IN"
                " (SELECT id FROM facts WHERE visitor = ? ORDER BY at_ns DESC, id DESC LIMIT ?)",
                (number, number, _MOST),
            )
            return [fact for fact in learnt if fact]

        return await self._database.write(job) if wanted else []

    async def edit(self, visitor: Visitor, fact_id: int, text: str, at_ns: int) -> Fact:
        """Put the visitor's own words in a fact's place; one that now says the same as another takes its place.

        Raises InputError where there is no such fact of this visitor, or the text is empty or too long.
        """
        if not _folded(text) or len(text) > MAX_FACT:
            raise InputError(f"A fact has 1 to {MAX_FACT} characters, with a letter or digit among them.")

        def job(connection: sqlite3.Connection) -> Fact:
            kind = _kind(connection, visitor, fact_id)
            number, folded = find_visitor(connection, visitor), _folded(text)
            connection.execute(
                "DELETE FROM facts WHERE visitor = ? AND kind = ? AND folded = ? AND id != ?",
                (number, kind, folded, fact_id),
            )
            connection.execute(
                "UPDATE facts SET text = ?, folded = ?, at_ns = ?, turn = NULL WHERE id = ?",
                (_words.clean(text.strip()), folded, at_ns, fact_id),
            )
            return _by_id(connection, fact_id)

        return await self._database.write(job)

    async def delete(self, visitor: Visitor, fact_id: int) -> None:
        """Delete a fact. Raises InputError where there is no such fact of this visitor."""

        def job(connection: sqlite3.Connection) -> None:
            _kind(connection, visitor, fact_id)
            connection.execute("DELETE FROM facts WHERE id = ?", (fact_id,))

        await self._database.write(job)


def _learn(connection: sqlite3.Connection, number: int, claim: Claim, turn_id: int | None, at_ns: int) -> Fact | None:
    """Keep one claim; None where it was known."""
    folded = _folded(claim.text)
    same = (number, claim.kind, folded)
    known = connection.execute("SELECT id FROM facts WHERE visitor = ? AND kind = ? AND folded = ?", same).fetchone()
    if known:
        connection.execute(
            "UPDATE facts SET at_ns = ?, turn = coalesce((SELECT id FROM turns WHERE id = ? AND visitor = ?), turn)"
            " WHERE id = ? AND at_ns <= ?",
            (at_ns, turn_id, number, known[0], at_ns),
        )
        return None
    if claim.kind in SINGLE:
        connection.execute("DELETE FROM facts WHERE visitor = ? AND kind = ?", same[:2])
    if claim.kind in OPPOSITE:
        opposite = (number, OPPOSITE[claim.kind], folded)
        connection.execute("DELETE FROM facts WHERE visitor = ? AND kind = ? AND folded = ?", opposite)
    added = connection.execute(
        "INSERT INTO facts (visitor, kind, text, folded, at_ns, turn)"
        " VALUES (?, ?, ?, ?, ?, (SELECT id FROM turns WHERE id = ? AND visitor = ?))",
        (number, claim.kind, _words.clean(claim.text.strip()), folded, at_ns, turn_id, number),
    ).lastrowid
    assert added is not None
    return _by_id(connection, added)


def _folded(text: str) -> str:
    """What two facts have in common that say the same: letters and digits, without case and accents."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    return _words.clean(
        " ".join("".join(c if c.isalnum() else " " for c in plain if not unicodedata.combining(c)).split())
    )


def _kind(connection: sqlite3.Connection, visitor: Visitor, fact_id: int) -> FactKind:
    row = connection.execute(
        "SELECT kind FROM facts WHERE id = ? AND visitor = ?", (fact_id, find_visitor(connection, visitor))
    ).fetchone()
    if row is None:
        raise InputError(f"There is no fact {fact_id} about this visitor.")
    kind: FactKind = row[0]
    return kind


def _by_id(connection: sqlite3.Connection, fact_id: int) -> Fact:
    return _fact(connection.execute(f"SELECT {_FACT} FROM facts WHERE id = ?", (fact_id,)).fetchone())


def _fact(row: tuple[Any, ...]) -> Fact:
    number, kind, text, at_ns, turn = row
    return Fact(number, kind, text, at_ns, turn)
