"""`/api/sinks` and `/api/sources`: where a subject goes and what moves it, beside its WebSocket clients."""

from __future__ import annotations

import asyncio
import dataclasses
import logging
from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict

from bridge.bridge import Bridge
from bridge.errors import BridgeError, InputError
from bridge.inputs import SourceHealth
from bridge.outputs import Health
from bridge.server.numbers import Number
from bridge.subjects import DEFAULT_SUBJECT

log = logging.getLogger(__name__)


class LinkBody(BaseModel):
    """What is to be added."""

    model_config = ConfigDict(extra="forbid")
    url: str
    subject: str = DEFAULT_SUBJECT


class LinkKey(BaseModel):
    """What is to be removed: by its number or its URL, here or in the query."""

    model_config = ConfigDict(extra="forbid")
    id: Number | None = None
    url: str | None = None
    subject: str = DEFAULT_SUBJECT

    @property
    def key(self) -> int | str:
        """The number, or the URL. Raises InputError where neither is given."""
        if self.id is not None:
            return self.id
        if self.url is not None:
            return self.url
        raise InputError("Which one? Give its 'id' or its 'url'.")


def add_links(app: FastAPI, bridge: Bridge) -> None:
    """Add the routes."""
    _add_sinks(app, bridge)
    _add_sources(app, bridge)


async def open_configured(bridge: Bridge) -> None:
    """Open what the settings name; a sink that is not there yet is tried again until it is."""
    avatar = bridge.settings.avatar
    for url in (*avatar.sinks, *avatar.sources):
        try:
            if url in avatar.sinks:
                await _open_sink(bridge, DEFAULT_SUBJECT, url, patient=True)
            else:
                bridge.inputs(bridge.subjects.get(DEFAULT_SUBJECT)).add(url)
        except BridgeError as error:
            log.warning("%s", error)


def _add_sinks(app: FastAPI, bridge: Bridge) -> None:
    @app.get("/api/sinks")
    async def list_sinks(subject: str = DEFAULT_SUBJECT) -> dict[str, Any]:
        healths = bridge.outputs(bridge.subjects.get(subject)).health()
        return {"subject": subject, "sinks": [dataclasses.asdict(h) for h in healths]}

    @app.post("/api/sinks", status_code=201)
    async def add_sink(body: LinkBody) -> Health:
        return await _open_sink(bridge, body.subject, body.url, patient=False)

    @app.delete("/api/sinks")
    async def remove_sink(
        body: LinkKey | None = None, id: Number | None = None, url: str | None = None, subject: str = DEFAULT_SUBJECT
    ) -> Health:
        asked = body or LinkKey(id=id, url=url, subject=subject)
        session = bridge.subjects.get(asked.subject)
        outputs = bridge.outputs(session)
        health = await asyncio.to_thread(outputs.remove, asked.key)
        if not len(outputs):
            session.unfollow(outputs)
        return health


def _add_sources(app: FastAPI, bridge: Bridge) -> None:
    @app.get("/api/sources")
    async def list_sources(subject: str = DEFAULT_SUBJECT) -> dict[str, Any]:
        healths = bridge.inputs(bridge.subjects.get(subject)).health()
        return {"subject": subject, "sources": [dataclasses.asdict(h) for h in healths]}

    @app.post("/api/sources", status_code=201)
    async def add_source(body: LinkBody) -> SourceHealth:
        return bridge.inputs(bridge.subjects.get(body.subject)).add(body.url)

    @app.delete("/api/sources")
    async def remove_source(
        body: LinkKey | None = None, id: Number | None = None, url: str | None = None, subject: str = DEFAULT_SUBJECT
    ) -> SourceHealth:
        asked = body or LinkKey(id=id, url=url, subject=subject)
        return await bridge.inputs(bridge.subjects.get(asked.subject)).remove(asked.key)


async def _open_sink(bridge: Bridge, subject: str, url: str, *, patient: bool) -> Health:
    session = bridge.subjects.get(subject)
    outputs = bridge.outputs(session)
    # Looking a host up may take seconds, in which the loop must go on.
    health = await asyncio.to_thread(outputs.add, url, patient=patient)
    session.follow(outputs)
    return health
