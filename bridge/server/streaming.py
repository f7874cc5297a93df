"""The WebSockets: `/ws/stream` (audio and frames down, `played` up)."""

from __future__ import annotations

import asyncio
import logging
from typing import Final

from fastapi import WebSocket, WebSocketDisconnect

from bridge.errors import BridgeError, WireError
from bridge.session import Session
from bridge.streams import Client
from bridge.wire import stream

log = logging.getLogger(__name__)

SEND_TIMEOUT_S: Final = 5.0


async def serve_stream(socket: WebSocket, session: Session, client: Client) -> None:
    """Send a client its messages and hear what it has played, until it goes or stops reading."""
    try:
        session.listen(client)
    except BridgeError as error:
        await socket.accept()
        await socket.close(1008, str(error)[:120])
        return
    try:
        await socket.accept()
        async with asyncio.TaskGroup() as tasks:
            hearing = tasks.create_task(_hear(socket, session, client))
            sending = tasks.create_task(_send(socket, client))
            await asyncio.wait([hearing, sending], return_when=asyncio.FIRST_COMPLETED)
            hearing.cancel()
            sending.cancel()
    finally:
        session.leave(client)


async def _send(socket: WebSocket, client: Client) -> None:
    while True:
        payload = await client.next()
        try:
            async with asyncio.timeout(SEND_TIMEOUT_S):
                await (socket.send_text(payload) if isinstance(payload, str) else socket.send_bytes(payload))
        except TimeoutError:
            log.warning("a client took nothing for %g s and is dropped", SEND_TIMEOUT_S)
            return
        except (WebSocketDisconnect, RuntimeError, OSError):
            return  # it has gone; the framework says so in several ways


async def _hear(socket: WebSocket, session: Session, client: Client) -> None:
    while True:
        try:
            message = await socket.receive()
        except (WebSocketDisconnect, RuntimeError):
            return
        if message["type"] == "websocket.disconnect":
            return
        try:
            said = stream.decode_client(message.get("text") or "")
        except WireError as error:
            if not session.counters.bad_messages:
                log.warning("a client sent what can't be read: %s", error)
            session.counters.bad_messages += 1
            continue
        if said is not None:
            session.heard(client, said)
