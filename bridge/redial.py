"""A call to somebody far away that is made anew when it is lost, after pauses that grow."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final

from bridge.errors import BridgeError

log = logging.getLogger(__name__)

PAUSES_S: Final = (1.0, 2.0, 5.0, 10.0, 30.0)


class Redial:
    """One line. Make it inside a running loop, and `stop` it in the end."""

    def __init__(self, call: Callable[[], Awaitable[None]], lost: Callable[[str], None]) -> None:
        """`call` lasts as long as the call; `lost` is told in one sentence why it did not last longer."""
        self.eager = False
        """Whether to call again after a pause; otherwise only when somebody wants it."""
        self._call = call
        self._lost = lost
        self._failures = 0  # since the last good call
        self._wanted = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def need(self) -> None:
        """Call, unless there is a call already."""
        if self._task is None:
            self._task = asyncio.create_task(self._run())

    def hurry(self) -> None:
        """Call, and wait no longer if the last one was lost."""
        self._wanted.set()
        self.need()

    def praise(self) -> None:
        """The call is a good one: if it is lost, the pauses are short again."""
        self._failures = 0

    def stop(self) -> list[asyncio.Task[None]]:
        """End the call, without a word. Returns what is still ending."""
        task, self._task = self._task, None
        if task is None:
            return []
        task.cancel()
        return [task]

    async def _run(self) -> None:
        while True:
            try:
                await self._call()
                sentence = "The far side has ended the conversation."
            except BridgeError as error:
                sentence = str(error)
            except Exception as error:  # a provider from outside the package may raise anything
                log.exception("a call failed")
                sentence = f"The speech model failed: {type(error).__name__}: {error}"
            self._lost(sentence)
            self._wanted.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(PAUSES_S[min(self._failures, len(PAUSES_S) - 1)] if self.eager else None):
                    await self._wanted.wait()
            self._failures += 1
