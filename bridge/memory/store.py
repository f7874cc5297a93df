"""What was said, visitor by visitor, on disk: `memory.db` in the user's folder.

Each visitor's conversation is their own: every question names whose it is about. Nothing here reads a clock.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any, Final

from bridge import resources
from bridge.memory import Turn, Visitor, VisitorSummary, _words
from bridge.memory._database import Database, Schema
from bridge.memory._rows import find_visitor, make_visitor

SCHEMA: Final = Schema(
    "memory",
    0x41564D45,  # AVME
    (
        (
            """CREATE TABLE visitors (
                id INTEGER PRIMARY KEY AUTOINCREMENT, subject TEXT NOT NULL, name TEXT NOT NULL,
                UNIQUE (subject, name))""",
            """CREATE TABLE turns (
                id INTEGER PRIMARY KEY AUTOINCREMENT, visitor INTEGER NOT NULL REFERENCES visitors ON DELETE CASCADE,
                role TEXT NOT NULL, text TEXT NOT NULL, at_ns INTEGER NOT NULL, epoch INTEGER NOT NULL,
                emotion TEXT NOT NULL, interrupted INTEGER NOT NULL)""",
            "CREATE INDEX turns_of ON turns (visitor)",
            "CREATE INDEX turns_at ON turns (at_ns)",
            "CREATE VIRTUAL TABLE words USING fts5 (terms, tokenize = 'porter ascii')",
            """CREATE TABLE facts (
                id INTEGER PRIMARY KEY AUTOINCREMENT, visitor INTEGER NOT NULL REFERENCES visitors ON DELETE CASCADE,
                kind TEXT NOT NULL, text TEXT NOT NULL, folded TEXT NOT NULL, at_ns INTEGER NOT NULL,
                turn INTEGER REFERENCES turns ON DELETE SET NULL, UNIQUE (visitor, kind, folded))""",
            "CREATE INDEX facts_from ON facts (turn)",
        ),
    ),
)

_TURN: Final = "role, text, at_ns, epoch, emotion, interrupted, turns.id"
_RECENT_TURNS: Final = 1000
"""However short they are."""


def default_path() -> Path:
    """Where conversations are kept."""
    return resources.home() / "memory.db"


class Store:
    """The conversations. May be used from several tasks, threads and loops at once.

    A file that is broken, full or read-only stops nobody: it is set aside, or working memory takes its place, and
    `trouble` says so. Methods raise DeviceError only where the disk does not answer at all.
    """

    def __init__(self, database: Database) -> None:
        """Use `open`."""
        self.database = database

    @classmethod
    async def open(cls, path: Path | None) -> Store:
        """Open the file, or make it. Without a path, all is forgotten at the end. Of a bad file tells `trouble`."""
        return cls(await Database.open(path, SCHEMA))

    @property
    def trouble(self) -> str:
        """A sentence for a person while something is wrong with the file, else empty."""
        return self.database.trouble

    async def add(self, visitor: Visitor, turn: Turn) -> int:
        """Keep a turn; it is on disk once this returns. Returns its number."""

        def job(connection: sqlite3.Connection) -> int:
            row = (make_visitor(connection, visitor), turn.role, _words.clean(turn.text), turn.at_ns)
            added = connection.execute(
                "INSERT INTO turns (visitor, role, text, at_ns, epoch, emotion, interrupted) VALUES (?,?,?,?,?,?,?)",
                (*row, turn.epoch, turn.emotion, turn.interrupted),
            ).lastrowid
            assert added is not None
            connection.execute("INSERT INTO words (rowid, terms) VALUES (?, ?)", (added, _words.indexed(turn.text)))
            return added

        return await self.database.write(job)

    async def amend(self, visitor: Visitor, turn_id: int, text: str, *, interrupted: bool) -> None:
        """Put what was heard in the place of a kept turn's text. Nothing happens where it is no longer kept."""

        def job(connection: sqlite3.Connection) -> None:
            changed = connection.execute(
                "UPDATE turns SET text = ?, interrupted = ? WHERE id = ? AND visitor = ?",
                (_words.clean(text), interrupted, turn_id, find_visitor(connection, visitor)),
            )
            if changed.rowcount:
                connection.execute("UPDATE words SET terms = ? WHERE rowid = ?", (_words.indexed(text), turn_id))

        await self.database.write(job)

    async def recent(self, visitor: Visitor, budget: int, *, since_ns: int = 0) -> list[Turn]:
        """The visitor's latest turns, oldest first, with `budget` characters of text together at most.

        Turns are whole, but if the latest alone is longer its end is given. Those before `since_ns` are left out.
        """

        def job(connection: sqlite3.Connection) -> list[Turn]:
            rows = connection.execute(
                f"SELECT {_TURN} FROM turns WHERE visitor = ? AND at_ns >= ? ORDER BY id DESC LIMIT {_RECENT_TURNS}",
                (find_visitor(connection, visitor), since_ns),
            )
            found: list[Turn] = []
            left = budget
            for row in rows:
                turn = _turn(row)
                if len(turn.text) > left:
                    if not found and left > 0:
                        found.append(_turn((row[0], turn.text[-left:], *row[2:])))
                    break
                found.append(turn)
                left -= len(turn.text)
            return found[::-1]

        return await self.database.read(job)

    async def recall(self, visitor: Visitor, question: str, limit: int = 5) -> list[Turn]:
        """The visitor's turns that share words with `question`, the best first."""
        expression = " OR ".join(_words.asked(question))

        def job(connection: sqlite3.Connection) -> list[Turn]:
            rows = connection.execute(
                f"SELECT {_TURN} FROM words JOIN turns ON turns.id = words.rowid "
                "WHERE words MATCH ? AND visitor = ? ORDER BY bm25(words), turns.id DESC LIMIT ?",
                (expression, find_visitor(connection, visitor), limit),
            )
            return [_turn(row) for row in rows]

        return await self.database.read(job) if expression else []

    async def visitors(self) -> list[VisitorSummary]:
        """Everybody of whom something is kept, the latest first."""

        def job(connection: sqlite3.Connection) -> list[VisitorSummary]:
            rows = connection.execute(
                "SELECT subject, name, (SELECT count(*) FROM turns WHERE visitor = visitors.id),"
                " (SELECT count(*) FROM facts WHERE visitor = visitors.id),"
                " max(coalesce((SELECT max(at_ns) FROM turns WHERE visitor = visitors.id), 0),"
                "     coalesce((SELECT max(at_ns) FROM facts WHERE visitor = visitors.id), 0)) AS last_ns "
                "FROM visitors ORDER BY last_ns DESC, id DESC"
            )
            return [VisitorSummary(Visitor(subject, name), *counts) for subject, name, *counts in rows]

        return await self.database.read(job)

    async def forget(self, visitor: Visitor) -> int:
        """Delete all there is of a visitor, down to the bytes in the file; returns how many turns that were.

        Raises DeviceError where traces may be left: it says where, and the call may be made again.
        """

        def job(connection: sqlite3.Connection) -> int:
            number = find_visitor(connection, visitor)
            count = _delete_turns(connection, "visitor = ?", number)
            connection.execute("DELETE FROM visitors WHERE id = ?", (number,))
            return count

        count = await self.database.write(job)
        await self.database.scrub()
        return count

    async def purge(self, before_ns: int) -> int:
        """Delete what is older than `before_ns`, turns and facts, as `forget` does; returns how many turns that were.

        Raises as `forget`.
        """

        def job(connection: sqlite3.Connection) -> tuple[int, int]:
            turns = _delete_turns(connection, "at_ns < ?", before_ns)
            facts = connection.execute("DELETE FROM facts WHERE at_ns < ?", (before_ns,)).rowcount
            connection.execute(
                "DELETE FROM visitors WHERE id NOT IN (SELECT visitor FROM turns UNION SELECT visitor FROM facts)"
            )
            return turns, facts

        turns, facts = await self.database.write(job)
        if turns or facts:
            await self.database.scrub()
        return turns

    async def aclose(self) -> None:
        """Close the file. May be called twice."""
        await self.database.aclose()


def _turn(row: tuple[Any, ...]) -> Turn:
    role, text, at_ns, epoch, emotion, interrupted, number = row
    return Turn(role, text, at_ns, epoch, emotion, bool(interrupted), number)


def _delete_turns(connection: sqlite3.Connection, where: str, value: int) -> int:
    """Delete turns with their index entries; `where` is ours, `value` is not."""
    connection.execute(f"DELETE FROM words WHERE rowid IN (SELECT id FROM turns WHERE {where})", (value,))
    count = connection.execute(f"DELETE FROM turns WHERE {where}", (value,)).rowcount
    if count:
        # A deleted entry of the index lives on beside a note that it is gone, until the index is merged.
        connection.execute("INSERT INTO words (words) VALUES ('optimize')")
    return count
