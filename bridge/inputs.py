"""The live sources of one subject: added and removed while it runs."""

from __future__ import annotations

import asyncio
import itertools
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
        source = open_source(url, lambda captured: _soon(loop, session.perform, captured))
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


def _soon(loop: asyncio.AbstractEventLoop, show: Callable[[Captured], None], captured: Captured) -> None:
    with suppress(RuntimeError):  # the loop has ended, and its sources are about to
        loop.call_soon_threadsafe(show, captured)
