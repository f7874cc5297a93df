"""What every WebSocket of the server does: send what waits in an outbox, hear what comes, and end when either does."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final

from fastapi import WebSocket, WebSocketDisconnect

from bridge.errors import BridgeError
from bridge.outbox import Outbox

log = logging.getLogger(__name__)

SEND_TIMEOUT_S: Final = 5.0
REASON_BYTES: Final = 123
"""How long the reason of a close may be (RFC 6455, 5.5)."""


async def refuse(socket: WebSocket, error: BridgeError) -> None:
    """End a connection with the sentence why."""
    await socket.accept()
    await socket.close(1008, str(error).encode("utf-8", "replace")[:REASON_BYTES].decode("utf-8", "ignore"))


async def converse(
    socket: WebSocket,
    outbox: Outbox,
    hear: Callable[[str], Awaitable[None]],
    take: Callable[[bytes], Awaitable[None]] | None = None,
) -> None:
    """Accept the connection, send what is put into `outbox`, and give `hear` each text and `take` each binary message.

    Without `take`, `hear` gets '' for one. Returns when the client goes or stops reading.
    """
    await socket.accept()
    async with asyncio.TaskGroup() as tasks:
        hearing = tasks.create_task(_hear(socket, hear, take))
        sending = tasks.create_task(_send(socket, outbox))
        await asyncio.wait([hearing, sending], return_when=asyncio.FIRST_COMPLETED)
        hearing.cancel()
        sending.cancel()


async def _send(socket: WebSocket, outbox: Outbox) -> None:
    while True:
        payload = await outbox.next()
        try:
            async with asyncio.timeout(SEND_TIMEOUT_S):
                await (socket.send_text(payload) if isinstance(payload, str) else socket.send_bytes(payload))
        except TimeoutError:
            log.warning("a client took nothing for %g s and is dropped", SEND_TIMEOUT_S)
            return
        except (WebSocketDisconnect, RuntimeError, OSError):
            return  # it has gone; the framework says so in several ways


async def _hear(
    socket: WebSocket, hear: Callable[[str], Awaitable[None]], take: Callable[[bytes], Awaitable[None]] | None
) -> None:
    while True:
        try:
            message = await socket.receive()
        except (WebSocketDisconnect, RuntimeError):
            return
        if message["type"] == "websocket.disconnect":
            return
        data = message.get("bytes")
        await (hear(message.get("text") or "") if take is None or data is None else take(data))
        await asyncio.sleep(0)  # a client that never pauses must not keep the others waiting
