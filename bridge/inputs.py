"""The live sources of one subject: added and removed while it runs."""

from __future__ import annotations

import asyncio
import itertools
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from bridge.errors import InputError
from bridge.layers.capture import Captured
from bridge.session import Session
from bridge.sources.live import LiveSource, open_source

SOURCES: Final = 4
"""How many a subject may have."""


@dataclass(frozen=True, slots=True)
class SourceHealth:
    """How a source does."""

    id: int
    url: str
    received: int
    bad: int
    last_error: str


class Inputs:
    """The sources that move a subject. All methods are called on the session's event loop."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._sources: dict[int, tuple[str, LiveSource]] = {}
        self._numbers = itertools.count(1)

    def add(self, url: str) -> SourceHealth:
        """Listen where `url` says. Raises BridgeError where that can't be done."""
        if any(url == known for known, _ in self._sources.values()):
            raise InputError(f"The source {url} is there already.")
        if len(self._sources) >= SOURCES:
            raise InputError(f"A subject has {SOURCES} sources at most.")
        loop, session = asyncio.get_running_loop(), self._session
        source = open_source(url, _Latest(loop, session.perform).put)
        number = next(self._numbers)
        self._sources[number] = (url, source)
        return self._health(number)

    async def remove(self, key: int | str) -> SourceHealth:
        """Listen no more, by number or URL. Raises InputError where there is no source such."""
        number = next((n for n, (url, _) in self._sources.items() if key in (n, url)), None)
        if number is None:
            raise InputError(f"There is no source {key}.")
        health = self._health(number)
        _, source = self._sources.pop(number)
        await asyncio.to_thread(source.close)
        return health

    def close(self) -> None:
        """Close all. May be called twice."""
        for _, source in self._sources.values():
            source.close()

    def health(self) -> list[SourceHealth]:
        """How each does now."""
        return [self._health(number) for number in self._sources]

    def _health(self, number: int) -> SourceHealth:
        url, source = self._sources[number]
        return SourceHealth(number, url, source.received, source.bad, source.last_error)


class _Latest:
    """Hands what a source captures to the event loop, the latest only: a busy loop must not be given a queue of it."""

    def __init__(self, loop: asyncio.AbstractEventLoop, show: Callable[[Captured], None]) -> None:
        self._loop = loop
        self._show = show
        self._lock = threading.Lock()
        self._captured: Captured | None = None

    def put(self, captured: Captured) -> None:
        """Show `captured` as soon as the loop comes to it, unless another comes first. For any thread."""
        with self._lock:
            is_waiting = self._captured is not None
            self._captured = captured
        if not is_waiting:
            with suppress(RuntimeError):  # the loop has ended, and its sources are about to
                self._loop.call_soon_threadsafe(self._take)

    def _take(self) -> None:
        with self._lock:
            captured, self._captured = self._captured, None
        if captured is not None:
            self._show(captured)
