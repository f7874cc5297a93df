"""What waits to be sent to one client: a bounded queue that a client which does not read can't make grow."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Final

QUEUE_MESSAGES: Final = 240

Payload = bytes | str


class Outbox:
    """Messages on their way to one client. Where there is no room, all that waits is dropped and `lost` says so."""

    def __init__(self) -> None:
        self.resyncs = 0
        self.lost = False
        self._queue: deque[Payload] = deque()
        self._filled = asyncio.Event()

    def offer(self, payloads: list[Payload]) -> None:
        """Queue messages; where there is no room, `lost` says that the client must start anew."""
        if len(self._queue) + len(payloads) > QUEUE_MESSAGES:
            self._queue.clear()
            self.lost = True
            self.resyncs += 1
        else:
            self._queue.extend(payloads)
        self._filled.set()

    async def next(self) -> Payload:
        """The message to send next, once there is one."""
        while not self._queue:
            self._filled.clear()
            await self._filled.wait()
        return self._queue.popleft()

    def drop(self) -> None:
        """Forget what waits."""
        self._queue.clear()
