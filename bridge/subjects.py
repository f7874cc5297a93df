"""The live avatars: made on first use, bounded in number, removed when nobody wants them any more."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

from bridge.errors import InputError
from bridge.session import Session

DEFAULT_SUBJECT: Final = "avatar"
_NAME: Final = re.compile(r"[\w.-]{1,64}")


class Subjects:
    """Sessions by name."""

    def __init__(self, make: Callable[[str], Session], limit: int, idle_s: float) -> None:
        self._make = make
        self._limit = limit
        self._idle_s = idle_s
        self._sessions: dict[str, Session] = {}

    def __iter__(self) -> Iterator[Session]:
        return iter(list(self._sessions.values()))

    def get(self, name: str) -> Session:
        """The session of a subject, made and started if there is none. Raises InputError where no more may be made."""
        if name in self._sessions:
            return self._sessions[name]
        if not _NAME.fullmatch(name):
            raise InputError("A subject's name has 1 to 64 letters, digits, dots, dashes or underscores.")
        if len(self._sessions) >= self._limit:
            raise InputError(f"{self._limit} subjects are live already, which is the most this bridge keeps.")
        session = self._sessions[name] = self._make(name)
        session.start()
        return session

    async def sweep(self) -> None:
        """Remove the subjects that have been idle for long; the default one stays."""
        for name, session in list(self._sessions.items()):
            if name != DEFAULT_SUBJECT and session.idle_s > self._idle_s:
                del self._sessions[name]
                await session.aclose()

    async def aclose(self) -> None:
        """End all sessions."""
        for session in self:
            await session.aclose()
        self._sessions.clear()
