"""`/api/sinks`: where a subject goes beside its WebSocket clients, and how each of these does."""

from __future__ import annotations

import asyncio
import dataclasses
import logging
from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict

from bridge.bridge import Bridge
from bridge.errors import BridgeError, InputError
from bridge.subjects import DEFAULT_SUBJECT

log = logging.getLogger(__name__)


class SinkBody(BaseModel):
    """`POST /api/sinks`."""

    model_config = ConfigDict(extra="forbid")
    url: str
    subject: str = DEFAULT_SUBJECT


class SinkKey(BaseModel):
    """`DELETE /api/sinks`: a sink by its number or its URL, here or in the query."""

    model_config = ConfigDict(extra="forbid")
    id: int | None = None
    url: str | None = None
    subject: str = DEFAULT_SUBJECT


def add_sinks(app: FastAPI, bridge: Bridge) -> None:
    """Add the routes."""

    @app.get("/api/sinks")
    async def list_sinks(subject: str = DEFAULT_SUBJECT) -> dict[str, Any]:
        session = bridge.subjects.get(subject)
        return {"subject": subject, "sinks": [dataclasses.asdict(h) for h in bridge.outputs(session).health()]}

    @app.post("/api/sinks", status_code=201)
    async def add_sink(body: SinkBody) -> dict[str, Any]:
        return await _add(bridge, body.subject, body.url, patient=False)

    @app.delete("/api/sinks")
    async def remove_sink(
        body: SinkKey | None = None, id: int | None = None, url: str | None = None, subject: str = DEFAULT_SUBJECT
    ) -> dict[str, Any]:
        asked = body or SinkKey(id=id, url=url, subject=subject)
        key = asked.url if asked.id is None else asked.id
        if key is None:
            raise InputError("Which sink? Give its 'id' or its 'url'.")
        session = bridge.subjects.get(asked.subject)
        outputs = bridge.outputs(session)
        health = await asyncio.to_thread(outputs.remove, key)
        if not len(outputs):
            session.unfollow(outputs)
        return dataclasses.asdict(health)


async def open_configured(bridge: Bridge) -> None:
    """Open the sinks that the settings name; what is not there yet is tried again until it is."""
    for url in bridge.settings.avatar.sinks:
        try:
            await _add(bridge, DEFAULT_SUBJECT, url, patient=True)
        except BridgeError as error:
            log.warning("%s", error)


async def _add(bridge: Bridge, subject: str, url: str, *, patient: bool) -> dict[str, Any]:
    session = bridge.subjects.get(subject)
    outputs = bridge.outputs(session)
    # Looking a host up may take seconds, in which the loop must go on.
    health = await asyncio.to_thread(outputs.add, url, patient=patient)
    session.follow(outputs)
    return dataclasses.asdict(health)
