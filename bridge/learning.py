"""Work that is done beside a conversation, one round at a time: nothing waits for it, and it can be given up."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from bridge.errors import BridgeError

log = logging.getLogger(__name__)


class Learning:
    """Has the language model look for facts. All methods are called on the event loop.

    What is wanted during a round is one more round after it, which sees all that was said meanwhile: a language model
    slower than the conversation falls behind by one round, not by one for each answer.
    """

    def __init__(self, learn: Callable[[], Awaitable[None]], report: Callable[[str], None]) -> None:
        """`learn` is one round. `report` is told, in a sentence, why a round failed."""
        self._learn = learn
        self._report = report
        self._wanted = False
        self._closed = False
        self._task: asyncio.Task[None] | None = None
        self._ending: set[asyncio.Task[None]] = set()

    def want(self) -> None:
        """There is something to learn from. Nothing happens after `aclose`."""
        self._wanted = not self._closed
        if self._wanted and (self._task is None or self._task.done()):
            self._task = asyncio.create_task(self._rounds())

    def give_up(self) -> None:
        """Learn nothing of what was said until now."""
        self._wanted = False
        if self._task is not None:
            self._task.cancel()
            self._ending.add(self._task)
            self._task.add_done_callback(self._ending.discard)
        self._task = None

    async def aclose(self) -> None:
        """Learn nothing any more. May be called twice."""
        self._closed = True
        self.give_up()
        await asyncio.gather(*self._ending, return_exceptions=True)

    async def _rounds(self) -> None:
        mine = asyncio.current_task()
        # One that was given up, and whose provider swallowed the cancellation, must not go on beside its successor.
        while self._wanted and self._task is mine:
            self._wanted = False
            try:
                await self._learn()
            except BridgeError as error:
                self._report(str(error))
            except Exception:  # a language model from outside the package may raise anything
                log.exception("no facts were learnt")
