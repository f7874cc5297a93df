"""A file of Python that runs as a process of its own, with a pipe to it and one from it."""

from __future__ import annotations

import subprocess
import sys


class Child:
    """The running process. Subclasses talk through `_requests` and `_replies`, in messages of their own."""

    def __init__(self, *command: str) -> None:
        """`command` is what follows the name of Python: its flags, the file's path, and arguments."""
        self._child = subprocess.Popen(
            [sys.executable, *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        assert self._child.stdin and self._child.stdout
        self._requests, self._replies = self._child.stdin, self._child.stdout

    @property
    def pid(self) -> int:
        """The process's number."""
        return self._child.pid

    @property
    def alive(self) -> bool:
        """Whether it can be given more to do."""
        return self._child.poll() is None

    def kill(self) -> None:
        """End it, whatever it does. A second call does nothing."""
        self._child.kill()
        self._child.wait()
        self._close()

    def _close(self) -> None:
        for pipe in (self._requests, self._replies):
            try:
                pipe.close()
            except OSError:  # unsent bytes for a reader that is gone
                continue
