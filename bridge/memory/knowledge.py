"""A folder of documents as a searchable knowledge base: `knowledge.db` in the user's folder, made anew when lost."""

from __future__ import annotations

import asyncio
import functools
import hashlib
import os
import sqlite3
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bridge import resources
from bridge.errors import InputError
from bridge.memory import MemorySettings, Passage, _words
from bridge.memory._database import Database, Schema
from bridge.memory._documents import ENDINGS, OTHER_ENDINGS, Entry
from bridge.memory._reader import Reader

SCHEMA: Final = Schema(
    "knowledge base",
    0x41564B42,  # AVKB
    (
        (
            """CREATE TABLE documents (
                id INTEGER PRIMARY KEY, folder TEXT NOT NULL, file TEXT NOT NULL, size INTEGER NOT NULL,
                mtime_ns INTEGER NOT NULL, sha256 TEXT NOT NULL, problem TEXT NOT NULL, UNIQUE (folder, file))""",
            """CREATE TABLE passages (
                id INTEGER PRIMARY KEY, document INTEGER NOT NULL REFERENCES documents ON DELETE CASCADE,
                title TEXT NOT NULL, heading TEXT NOT NULL, page INTEGER NOT NULL, text TEXT NOT NULL)""",
            "CREATE INDEX passages_of ON passages (document)",
            "CREATE VIRTUAL TABLE words USING fts5 (place, terms, tokenize = 'porter ascii')",
        ),
    ),
)

_MIB: Final = 1 << 20
_FOLDER_MB: Final = 500
"""Of documents altogether."""
_BATCH: Final = 500
"""Passages of one write, so that a question need not wait for a whole book."""


@dataclass(frozen=True, slots=True)
class Report:
    """What the knowledge base holds after a look at its folder."""

    documents: int
    passages: int
    changed: int
    """Documents read anew, or gone, since the last look."""
    problems: tuple[str, ...]
    """A sentence for each document that is left out, and for limits reached."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that answers to a question, and how much of the question's terms it has, 0..1."""

    passage: Passage
    share: float


@dataclass(frozen=True, slots=True)
class _File:
    path: Path
    name: str
    size: int
    mtime_ns: int


def default_path() -> Path:
    """Where the index is kept."""
    return resources.home() / "knowledge.db"


def folder(settings: MemorySettings) -> Path:
    """The folder of documents; it may not exist."""
    return Path(settings.knowledge).expanduser() if settings.knowledge else resources.home() / "knowledge"


class Knowledge:
    """The documents of one folder. For one event loop. Methods raise DeviceError where the disk doesn't answer."""

    def __init__(self, database: Database, settings: MemorySettings) -> None:
        """Use `open`."""
        self._database = database
        self._folder = folder(settings)
        self._settings = settings
        self._reader = Reader()
        self._refreshing = asyncio.Lock()
        self._closing = False
        self.documents = 0
        """How many there were at the last look."""

    @classmethod
    async def open(cls, settings: MemorySettings, path: Path | None) -> Knowledge:
        """Open the index, or make it; `refresh` looks at the folder. Without a path, it is made anew each time.

        Of a bad file tells `trouble`.
        """
        return cls(await Database.open(path, SCHEMA), settings)

    @property
    def trouble(self) -> str:
        """A sentence for a person while something is wrong with the index, else empty."""
        return self._database.trouble

    async def refresh(self) -> Report:
        """Read what is new or changed in the folder, and drop what is gone. Questions may be asked meanwhile."""
        async with self._refreshing:
            files, problems = await asyncio.to_thread(_scan, self._folder, self._settings)
            known = await self._database.read(lambda connection: _known(connection, str(self._folder)))
            gone = known.keys() - {file.name for file in files}
            await self._database.write(lambda connection: _drop(connection, str(self._folder), gone))
            changed = len(gone)
            for file in files:
                if self._closing:
                    break
                size, mtime_ns, sha256 = known.get(file.name, (0, 0, ""))
                if sha256 and (size, mtime_ns) == (file.size, file.mtime_ns):
                    continue
                try:
                    changed += await self._update(file, sha256)
                except OSError as error:
                    problems.append(f"{file.name} can't be read: {error.strerror or error}.")
            await asyncio.to_thread(self._reader.close)
            report = await self._database.read(lambda connection: _report(connection, changed, problems))
            self.documents = report.documents
            return report

    async def search(self, question: str, limit: int = 3) -> list[Hit]:
        """The passages that answer best to a question in plain words, the best first; none where none shares a word.

        Rare words count more than common ones, those in headings more than those in the text (BM25, sqlite.org/fts5).
        """
        asked = _words.asked(question)
        if not asked:
            return []
        return await self._database.read(lambda connection: _search(connection, asked, limit))

    async def aclose(self) -> None:
        """Close the index, and end what is being read. May be called twice."""
        self._closing = True
        self._reader.kill()
        async with self._refreshing:
            await self._database.aclose()

    async def _update(self, file: _File, known_sha256: str) -> bool:
        """Take a file in whose size or time is not as known; whether its content isn't either. Raises OSError."""
        sha256 = await asyncio.to_thread(_hash, file.path)
        if sha256 == known_sha256:
            await self._database.write(lambda connection: _touch(connection, str(self._folder), file))
            return False
        entries: list[Entry] = []
        problem = ""
        try:
            entries = await asyncio.to_thread(self._reader.read, file.path, file.name)
        except InputError as error:
            problem = str(error)
        if self._closing:
            return False
        # Until the last write the document has no hash: if the program ends before, it is read again.
        row = await self._database.write(lambda connection: _begin(connection, str(self._folder), file, problem))
        for at in range(0, len(entries), _BATCH):
            await self._database.write(functools.partial(_insert, document=row, entries=entries[at : at + _BATCH]))
        await self._database.write(
            lambda connection: connection.execute("UPDATE documents SET sha256 = ? WHERE id = ?", (sha256, row))
        )
        return True


def _scan(root: Path, settings: MemorySettings) -> tuple[list[_File], list[str]]:
    """The documents in a folder by name, and a sentence for each that is left out."""
    if not root.is_dir():
        return [], [f"There is no folder {root}; documents put there become known."]
    found: list[_File] = []
    problems: list[str] = []
    total = 0
    for path, name in _walk(root):
        ending = path.suffix.lower()
        if ending in OTHER_ENDINGS:
            problems.append(f"{name} is left out: only Markdown, text, HTML and PDF are read.")
        if ending not in ENDINGS:
            continue
        try:
            status = path.stat()
        except OSError as error:
            problems.append(f"{name} can't be read: {error.strerror or error}.")
            continue
        if not stat.S_ISREG(status.st_mode):
            continue
        if status.st_size > settings.knowledge_file_mb * _MIB:
            most = settings.knowledge_file_mb
            problems.append(f"{name} has {status.st_size / _MIB:.1f} MiB and is left out; at most {most} are read.")
            continue
        total += status.st_size
        if len(found) == settings.knowledge_files or total > _FOLDER_MB * _MIB:
            limit = f"{settings.knowledge_files} documents or {_FOLDER_MB} MiB"
            problems.append(f"{root} holds more than {limit}: {name} and those after it are left out.")
            break
        found.append(_File(path, name, status.st_size, status.st_mtime_ns))
    return found, problems


def _walk(root: Path) -> Iterator[tuple[Path, str]]:
    """Files with their names in the folder, sorted; hidden ones and the locks of office programs left out."""
    for place, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if not name.startswith((".", "~$")):
                path = Path(place, name)
                yield path, _words.clean(path.relative_to(root).as_posix())


def _hash(path: Path) -> str:
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _known(connection: sqlite3.Connection, root: str) -> dict[str, tuple[int, int, str]]:
    rows = connection.execute("SELECT file, size, mtime_ns, sha256 FROM documents WHERE folder = ?", (root,))
    return {file: (size, mtime_ns, sha256) for file, size, mtime_ns, sha256 in rows}


def _drop(connection: sqlite3.Connection, root: str, files: set[str]) -> None:
    """Drop some documents of the folder, and all of other folders."""
    rows = connection.execute("SELECT id, folder, file FROM documents").fetchall()
    for number, place, file in rows:
        if place != root or file in files:
            _delete(connection, number)


def _delete(connection: sqlite3.Connection, document: int) -> None:
    connection.execute("DELETE FROM words WHERE rowid IN (SELECT id FROM passages WHERE document = ?)", (document,))
    connection.execute("DELETE FROM documents WHERE id = ?", (document,))


def _touch(connection: sqlite3.Connection, root: str, file: _File) -> None:
    connection.execute(
        "UPDATE documents SET size = ?, mtime_ns = ? WHERE folder = ? AND file = ?",
        (file.size, file.mtime_ns, root, file.name),
    )


def _begin(connection: sqlite3.Connection, root: str, file: _File, problem: str) -> int:
    """A document's row without passages, in the place of the one there was."""
    old = connection.execute("SELECT id FROM documents WHERE folder = ? AND file = ?", (root, file.name)).fetchone()
    if old:
        _delete(connection, old[0])
    added = connection.execute(
        "INSERT INTO documents (folder, file, size, mtime_ns, sha256, problem) VALUES (?, ?, ?, ?, '', ?)",
        (root, file.name, file.size, file.mtime_ns, problem),
    ).lastrowid
    assert added is not None
    return added


def _insert(connection: sqlite3.Connection, document: int, entries: Sequence[Entry]) -> None:
    for entry in entries:
        passage = entry.passage
        row = connection.execute(
            "INSERT INTO passages (document, title, heading, page, text) VALUES (?, ?, ?, ?, ?)",
            (document, passage.title, passage.heading, passage.page, passage.text),
        ).lastrowid
        connection.execute(
            "INSERT INTO words (rowid, place, terms) VALUES (?, ?, ?)", (row, entry.place_terms, entry.terms)
        )


def _report(connection: sqlite3.Connection, changed: int, problems: Sequence[str]) -> Report:
    bad = connection.execute("SELECT problem FROM documents WHERE problem != '' ORDER BY file").fetchall()
    documents = connection.execute("SELECT count(*) FROM documents WHERE problem = ''").fetchone()[0]
    passages = connection.execute("SELECT count(*) FROM passages").fetchone()[0]
    return Report(documents, passages, changed, (*problems, *(problem for (problem,) in bad)))


def _search(connection: sqlite3.Connection, asked: Sequence[str], limit: int) -> list[Hit]:
    rows = connection.execute(
        "SELECT passages.id, file, title, heading, page, text FROM words"
        " JOIN passages ON passages.id = words.rowid JOIN documents ON documents.id = passages.document"
        " WHERE words MATCH ? ORDER BY bm25(words, 2.0, 1.0), words.rowid LIMIT ?",
        (" OR ".join(asked), limit),
    ).fetchall()
    hits = []
    for number, *values in rows:
        has = [
            connection.execute("SELECT 1 FROM words WHERE words MATCH ? AND rowid = ?", (term, number)).fetchone()
            for term in asked
        ]
        hits.append(Hit(Passage(*values), sum(found is not None for found in has) / len(asked)))
    return hits
