"""Documents are read in a process of their own: a damaged one may take for ever or crash, and a long one would hold
up the thread that paces frames, for Python runs one thread at a time.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, Final

from bridge.errors import InputError
from bridge.memory._documents import Entry, read

_LIMIT_S: Final = 60.0
"""For one document."""


class Reader:
    """The process, started when first needed and anew after it died. Blocks; for one thread at a time."""

    def __init__(self, limit_s: float = _LIMIT_S) -> None:
        self._limit_s = limit_s
        self._killed = False
        self._child: BaseProcess | None = None
        self._pipe: Any = None  # a Connection, whose type differs between platforms

    def read(self, path: Path, name: str) -> list[Entry]:
        """The passages of a document. Raises InputError, with its name."""
        if self._child is None:
            self._start()
        if self._killed:
            self.close()
            raise InputError(f"{name} is not read any more.")
        try:
            self._pipe.send((path, name))
            if not self._pipe.poll(self._limit_s):
                self.close()
                raise InputError(f"{name} takes longer than {self._limit_s:g} s to read and is left out.")
            answer = self._pipe.recv()
        except (EOFError, OSError):
            self.close()
            raise InputError(f"{name} can't be read: it seems to be damaged.") from None
        if isinstance(answer, str):
            raise InputError(answer)
        entries: list[Entry] = answer
        return entries

    def kill(self) -> None:
        """End the process for good, from any thread: what is being read, and would be, ends with an error."""
        self._killed = True
        child = self._child
        if child is not None:
            child.kill()

    def close(self) -> None:
        """End the process, from the thread that reads. May be called twice."""
        if self._child is not None:
            self._child.kill()
            self._child.join()
            self._pipe.close()
        self._child = None

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")  # a fork would copy locks that other threads hold
        self._pipe, theirs = context.Pipe()
        child = context.Process(target=_serve, args=(theirs,), daemon=True, name="bridge-reader")
        child.start()
        theirs.close()
        self._child = child


def _serve(pipe: Connection[Any, Any]) -> None:
    """The process: a path comes in, entries or a sentence go out. What is not foreseen ends it."""
    sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - for the process's life
    if hasattr(os, "nice"):
        os.nice(10)
    while True:
        try:
            path, name = pipe.recv()
        except EOFError:
            return
        answer: list[Entry] | str
        try:
            answer = read(path, name)
        except InputError as error:
            answer = str(error)
        except OSError as error:
            answer = f"{name} can't be read: {error.strerror or error}."
        pipe.send(answer)
