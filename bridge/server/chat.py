"""`POST /api/chat` and what an avatar remembers of a visitor: listed, corrected, forgotten."""

from __future__ import annotations

import asyncio
from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict, Field

from bridge.bridge import Bridge
from bridge.conversations import DEFAULT_VISITOR
from bridge.errors import ConfigError, InputError
from bridge.memory import Fact, Turn, Visitor
from bridge.recollection import turn_time
from bridge.server.numbers import Number
from bridge.speaking import Line
from bridge.subjects import DEFAULT_SUBJECT
from bridge.text import clean


class VisitorBody(BaseModel):
    """Whom it is about."""

    model_config = ConfigDict(extra="forbid")
    subject: str = DEFAULT_SUBJECT
    visitor: str = Field(default=DEFAULT_VISITOR, min_length=1, max_length=200)


class ChatBody(VisitorBody):
    """`POST /api/chat`."""

    text: str
    lang: str = ""


class FactBody(VisitorBody):
    """`PATCH /api/facts`."""

    id: Number
    text: str


class FactName(VisitorBody):
    """`DELETE /api/facts`."""

    id: Number


def add_chat(app: FastAPI, bridge: Bridge) -> None:
    """Add the routes."""
    conversations = bridge.conversations

    @app.post("/api/chat", status_code=202)
    async def chat(body: ChatBody) -> dict[str, int]:
        text = await typed(bridge, body.text, body.lang)
        conversation = await conversations.of(body.subject, body.visitor)
        utterance, epoch = conversation.say_to(text, body.lang)
        return {"utterance": utterance, "epoch": epoch}

    @app.get("/api/memory")
    async def remembered(subject: str = DEFAULT_SUBJECT, visitor: str = DEFAULT_VISITOR) -> dict[str, Any]:
        mind, whose = await conversations.mind(), Visitor(subject, visitor)
        turns = await mind.store.recent(whose, bridge.settings.memory.context_characters)
        facts = await mind.facts.known(whose)
        return {
            "subject": subject,
            "visitor": visitor,
            "turns": [_turn(t) for t in turns],
            "facts": [_fact(f) for f in facts],
        }

    @app.delete("/api/memory")
    async def forget(body: VisitorBody) -> dict[str, int]:
        return {"forgotten": await conversations.forget(body.subject, body.visitor)}

    @app.patch("/api/facts")
    async def correct(body: FactBody) -> dict[str, Any]:
        mind, whose = await conversations.mind(), Visitor(body.subject, body.visitor)
        return _fact(await mind.facts.edit(whose, body.id, clean(body.text), turn_time(mind.now())))

    @app.delete("/api/facts")
    async def unlearn(body: FactName) -> dict[str, int]:
        mind = await conversations.mind()
        await mind.facts.delete(Visitor(body.subject, body.visitor), body.id)
        return {"id": body.id}


async def typed(bridge: Bridge, text: str, lang: str) -> str:
    """What a visitor typed, cleaned, and sure to be answered in `lang` if they named one.

    Raises InputError for a text without a word and a language that the voice has not, ProviderError without a voice.
    """
    text = clean(text)
    if lang:
        line = Line(text, lang, voice=bridge.conversations.persona.voice)
        try:
            await asyncio.to_thread(bridge.speaker.voices.of, line)  # a language's first use loads its voice
        except ConfigError as error:
            raise InputError(str(error)) from error
    return text


def _turn(turn: Turn) -> dict[str, Any]:
    return {"role": turn.role, "text": turn.text, "at_ns": turn.at_ns, "interrupted": turn.interrupted}


def _fact(fact: Fact) -> dict[str, Any]:
    return {"id": fact.id, "kind": fact.kind, "text": fact.text}
