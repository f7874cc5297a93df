"""The row of a visitor, which turns and facts hang on."""

from __future__ import annotations

import sqlite3

from bridge.memory import Visitor, _words


def find_visitor(connection: sqlite3.Connection, visitor: Visitor) -> int:
    """The visitor's number; 0, which nobody has, for one of whom nothing is kept."""
    row = connection.execute("SELECT id FROM visitors WHERE subject = ? AND name = ?", _name(visitor)).fetchone()
    return int(row[0]) if row else 0


def make_visitor(connection: sqlite3.Connection, visitor: Visitor) -> int:
    """The visitor's number, a new one where they are new."""
    connection.execute("INSERT OR IGNORE INTO visitors (subject, name) VALUES (?, ?)", _name(visitor))
    return find_visitor(connection, visitor)


def _name(visitor: Visitor) -> tuple[str, str]:
    return _words.clean(visitor.subject), _words.clean(visitor.id)
