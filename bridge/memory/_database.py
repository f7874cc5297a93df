"""One SQLite file and the one thread that touches it; in trouble, a database in working memory takes its place.

    file ──can't be written──> spare: a copy in working memory, and a list of what was written to it
     ^                            │
     └──the list, at a later write┘
    file ──broken──> set aside under another name, and a new file begun

SQLite's result codes are those of sqlite.org/rescode.html.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from bridge.errors import BridgeError, DeviceError

log = logging.getLogger(__name__)

T = TypeVar("T")
Job = Callable[[sqlite3.Connection], T]

_QUEUE: Final = 256
"""How many calls may wait for the thread."""
_ANSWER_S: Final = 10.0
_LONG_S: Final = 120.0
_BUSY_S: Final = 1.0
"""How long another program may keep the file locked."""
_REOPEN_EVERY: Final = 16
"""After how many writes without the file it is looked for again: opening one reads all of it."""
_SPARE_WRITES: Final = 10_000
"""How many writes are kept for the file's return."""

_BROKEN: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_UNAVAILABLE: Final = {
    sqlite3.SQLITE_FULL: "the disk is full",
    sqlite3.SQLITE_READONLY: "it is read-only",
    sqlite3.SQLITE_CANTOPEN: "it can't be opened",
    sqlite3.SQLITE_PERM: "access is denied",
    sqlite3.SQLITE_BUSY: "another program is writing to it",
    sqlite3.SQLITE_LOCKED: "another program is writing to it",
    sqlite3.SQLITE_PROTOCOL: "another program is writing to it",
    sqlite3.SQLITE_IOERR: "the disk reports an error",
}


@dataclass(frozen=True, slots=True)
class Schema:
    """What a file holds. `migrations[n]` are the statements that lead from `user_version` n to n + 1."""

    name: str
    """For a person: `memory`."""
    application_id: int
    migrations: tuple[tuple[str, ...], ...]


class _Refused(Exception):
    """A sound file that is not for us; the reason ends a sentence."""


class Database:
    """Jobs on a connection, one after another, in a thread of their own. May be used from any thread and loop."""

    trouble: str
    """A sentence for a person while something is wrong, else empty."""

    def __init__(self, path: Path | None, schema: Schema) -> None:
        """Use `open`. Without a path, all is kept in working memory."""
        self.trouble = ""
        self._path = path
        self._schema = schema
        self._file: sqlite3.Connection | None = None
        self._spare: sqlite3.Connection | None = None
        self._writes: list[Job[object]] | None = []  # None: the spare has too much to be taken back
        self._worker = ThreadPoolExecutor(1, thread_name_prefix=f"bridge-{schema.name}")
        self._room = threading.BoundedSemaphore(_QUEUE)

    @classmethod
    async def open(cls, path: Path | None, schema: Schema) -> Database:
        """Open the file, or make it, folders and all. A file in trouble is no error: see `trouble`.

        Raises DeviceError where the disk does not answer at all.
        """
        database = cls(path, schema)
        await database._call(database._start, _LONG_S)  # all of it is checked
        return database

    async def read(self, job: Job[T]) -> T:
        """Do what changes nothing. Raises DeviceError where the disk doesn't answer, and whatever the job raises."""
        return await self._call(lambda: self._read(job))

    async def write(self, job: Job[T]) -> T:
        """Do all of the job, on disk once this returns, or nothing of it. It may be done again. Errors as `read`."""
        return await self._call(lambda: self._write(job))

    async def scrub(self) -> None:
        """Overwrite what was deleted, so that its bytes are in no file. Raises DeviceError where that fails."""
        await self._call(self._scrub, _LONG_S)

    async def aclose(self) -> None:
        """Close the file. May be called twice."""
        await asyncio.to_thread(self._end)

    async def _call(self, work: Callable[[], T], limit_s: float = _ANSWER_S) -> T:
        name = self._schema.name
        if not self._room.acquire(blocking=False):
            raise DeviceError(f"The {name} is behind by {_QUEUE} requests; the disk is too slow.")
        try:
            future = self._worker.submit(work)
        except RuntimeError:
            self._room.release()
            raise DeviceError(f"The {name} is closed.") from None
        future.add_done_callback(lambda _: self._room.release())
        try:
            async with asyncio.timeout(limit_s):
                return await asyncio.wrap_future(future)
        except TimeoutError:
            raise DeviceError(f"The {name} did not answer within {limit_s:g} s; the disk is too slow.") from None
        except sqlite3.Error as error:
            raise DeviceError(f"The {name} failed: {error}.") from error

    # All below runs in the worker.

    def _start(self) -> None:
        if self._path is None:
            self._spare, self._writes = _empty(self._schema), None
            return
        try:
            self._file = _connect(self._path, self._schema)
        except _Refused as refused:
            self._writes = None
            self._take_spare(str(refused))
        except (sqlite3.Error, OSError) as error:
            # A sound file is opened without an error, so one that no cause is told of is the file's.
            if _code(error) == sqlite3.SQLITE_ERROR:
                self._renew()
            else:
                self._mend(error)

    def _read(self, job: Job[T]) -> T:
        try:
            return job(self._current())
        except sqlite3.Error as error:
            self._mend(error)
            return job(self._current())

    def _write(self, job: Job[T]) -> T:
        if self._spare is not None and self._writes is not None:
            self._go_back()
        if self._spare is None:
            try:
                return _transact(self._current(), job)
            except sqlite3.Error as error:
                self._mend(error)
        result = _transact(self._current(), job)
        if self._spare is not None and self._writes is not None:
            self._writes.append(job)
            if len(self._writes) > _SPARE_WRITES:
                self._writes = None
        return result

    def _current(self) -> sqlite3.Connection:
        connection = self._spare or self._file
        assert connection is not None, "opened"
        return connection

    def _mend(self, error: sqlite3.Error | OSError) -> None:
        """Find another place to go on, and say so; raises the error again where the job itself was wrong."""
        if _code(error) in _BROKEN:
            self._renew()
        elif isinstance(error, OSError):
            self._take_spare((error.strerror or str(error)).lower())
        elif _code(error) in _UNAVAILABLE and self._spare is None:
            self._take_spare(_UNAVAILABLE[_code(error)])
        else:
            raise error

    def _renew(self) -> None:
        assert self._path is not None, "only a file can be broken"
        if self._file is not None:
            self._file.close()
            self._file = None
        try:
            kept = _set_aside(self._path)
            self._file = _connect(self._path, self._schema)
        except (sqlite3.Error, OSError):
            self._take_spare("it is broken and can't be moved out of the way")
        else:
            self._tell(
                f"The {self._schema.name} in {self._path} was broken: it is kept as {kept.name}, a new one begun."
            )

    def _take_spare(self, reason: str) -> None:
        spare = sqlite3.connect(":memory:", isolation_level=None)
        try:
            if self._file is None:
                raise sqlite3.OperationalError("there is no file to copy")
            self._file.backup(spare)
            _prepare(spare)
        except sqlite3.Error:
            spare.close()
            spare = _empty(self._schema)
        self._spare = spare
        self._tell(
            f"The {self._schema.name} in {self._path} can't be used: {reason}; "
            "the conversation goes on, and what is new is lost when the program ends."
        )

    def _go_back(self) -> None:
        """Write to the file what was written without it. Whatever is left, is left for the next time."""
        assert self._path is not None and self._writes is not None
        if self._file is None and len(self._writes) % _REOPEN_EVERY:
            return
        try:
            self._file = self._file or _connect(self._path, self._schema)
            while self._writes:
                try:
                    _transact(self._file, self._writes[0])
                except (BridgeError, sqlite3.IntegrityError):
                    log.debug("The file has changed meanwhile, and refuses a write.", exc_info=True)
                del self._writes[0]
        except (_Refused, sqlite3.Error, OSError):
            return
        if self._spare is not None:
            self._spare.close()
        self._spare = None
        self.trouble = ""
        log.info("The %s in %s works again.", self._schema.name, self._path)

    def _scrub(self) -> None:
        if self._path is None:
            return
        if self._spare is not None and self._writes is not None:
            self._go_back()
        if self._spare is not None or self._file is None:
            raise DeviceError(f"It is not deleted from the file yet. {self.trouble}")
        try:
            # secure_delete overwrites freed pages, but moving rows about may leave copies inside others: only a file
            # written anew has none. The write-ahead log holds the old pages until it is cut to nothing.
            self._file.execute("VACUUM")
            busy = self._file.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        except sqlite3.Error as error:
            reason = _UNAVAILABLE.get(_code(error), str(error))
            raise DeviceError(f"It is deleted, but traces stay in {self._path}: {reason}.") from None
        if busy:
            raise DeviceError(f"It is deleted, but traces stay in {self._path} while another program reads it.")

    def _tell(self, trouble: str) -> None:
        self.trouble = trouble
        log.warning("%s", trouble)

    def _end(self) -> None:
        try:
            self._worker.submit(self._close)
        except RuntimeError:
            return
        self._worker.shutdown()

    def _close(self) -> None:
        for connection in (self._spare, self._file):
            if connection is not None:
                connection.close()


def _code(error: Exception) -> int:
    """The primary result code, 0 where there is none: sqlite3 raises errors of its own making too."""
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF


def _connect(path: Path, schema: Schema) -> sqlite3.Connection:
    """Open a file, check it and bring it up to date. Raises sqlite3.Error, OSError or _Refused."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        path.touch(mode=0o600)  # what people said is nobody else's; SQLite gives its log the same mode
    connection = sqlite3.connect(path, timeout=_BUSY_S, isolation_level=None)
    try:
        _prepare(connection)
        _check(connection, schema)
        connection.execute("PRAGMA journal_mode=WAL")
        _migrate(connection, schema)
    except BaseException:
        connection.close()
        raise
    return connection


def _empty(schema: Schema) -> sqlite3.Connection:
    """A database in working memory."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    _prepare(connection)
    _migrate(connection, schema)
    return connection


def _prepare(connection: sqlite3.Connection) -> None:
    # A turn that was acknowledged outlives a power cut: FULL syncs the log at each commit.
    for pragma in ("synchronous=FULL", "secure_delete=ON", "temp_store=MEMORY", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")
    connection.text_factory = lambda raw: raw.decode("utf-8", "replace")  # a flipped bit must not stop a conversation


def _check(connection: sqlite3.Connection, schema: Schema) -> None:
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    tables = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
    if application != schema.application_id and (application or tables):
        raise _Refused("it belongs to another program")
    if connection.execute("PRAGMA user_version").fetchone()[0] > len(schema.migrations):
        raise _Refused("a newer version of this program wrote it")
    found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if found != "ok":
        error = sqlite3.DatabaseError(str(found))
        error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
        raise error


def _migrate(connection: sqlite3.Connection, schema: Schema) -> None:
    def step(connection: sqlite3.Connection) -> None:
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        for number, statements in enumerate(schema.migrations[version:], version + 1):
            for statement in statements:
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version={number}")
            connection.execute(f"PRAGMA application_id={schema.application_id}")

    # Even with nothing to do this takes the lock that writing needs: a read-only file is found out at once.
    _transact(connection, step)


def _transact(connection: sqlite3.Connection, job: Job[T]) -> T:
    connection.execute("BEGIN IMMEDIATE")
    try:
        result = job(connection)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:  # some errors, a full disk among them, have rolled back already
            connection.execute("ROLLBACK")
        raise
    return result


def _set_aside(path: Path) -> Path:
    """Rename a broken file and its log to the first free name. Raises OSError."""
    number = 1
    while (kept := path.with_name(f"{path.stem}.broken-{number}{path.suffix}")).exists():
        number += 1
    # The log goes first: a new file must never meet the log of the old one.
    for ending in ("-wal", "-shm", ""):
        part = Path(f"{path}{ending}")
        if part.exists():
            os.replace(part, f"{kept}{ending}")
    return kept
