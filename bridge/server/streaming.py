"""`/ws/stream`: audio and frames down, `played` up."""

from __future__ import annotations

import logging

from fastapi import WebSocket

from bridge.errors import BridgeError, WireError
from bridge.server.sockets import converse, refuse
from bridge.session import Session
from bridge.streams import Client
from bridge.wire import stream

log = logging.getLogger(__name__)


async def serve_stream(socket: WebSocket, session: Session, client: Client) -> None:
    """Send a client its messages and hear what it has played, until it goes or stops reading."""
    try:
        session.listen(client)
    except BridgeError as error:
        await refuse(socket, error)
        return

    async def hear(text: str) -> None:
        try:
            said = stream.decode_client(text)
        except WireError as error:
            if not session.counters.bad_messages:
                log.warning("a client sent what can't be read: %s", error)
            session.counters.bad_messages += 1
            return
        if said is not None:
            session.heard(client, said)

    try:
        await converse(socket, client, hear)
    finally:
        session.leave(client)
