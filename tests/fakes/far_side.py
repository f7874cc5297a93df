"""A speech-to-speech model that says and does what the test tells it to: a `bridge.ports.Realtime`."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager

import numpy as np

from bridge.dialogue import AnswerEnded, AnswerSound, AnswerStarted, AnswerText
from bridge.types import freeze

WORD = 7200
"""Samples of a word: 0.3 s."""


class FarSide:
    """Its dialogues follow one another. One begins when `ready` is set; `refuse` is raised then."""

    def __init__(self):
        self.openings = []
        self.refuse = None
        self.ready = asyncio.Event()
        self.ready.set()
        self.open = 0
        self.pushed = []
        self.added = []
        self.cancelled = []
        self.commits = 0
        self._events = None

    @asynccontextmanager
    async def connect(self, instructions, tools=(), history=()):
        self.openings.append((instructions, tools, list(history)))
        await self.ready.wait()
        if self.refuse:
            raise self.refuse
        self._events = asyncio.Queue()
        self.open += 1
        try:
            yield self
        finally:
            self.open -= 1

    async def aclose(self):
        pass

    async def push(self, samples):
        self.pushed.append(samples)

    async def commit(self):
        self.commits += 1

    async def add(self, message, *, answer=True):
        self.added.append((message, answer))

    async def cancel(self, answer, played_ms):
        self.cancelled.append((answer, played_ms))

    async def events(self):
        while (event := await self._events.get()) is not None:
            if isinstance(event, Exception):
                raise event
            yield event

    # What the test makes it do.

    def tell(self, *events):
        for event in events:
            self._events.put_nowait(event)

    def speak(self, answer, text, *, ends=True):
        """Answer: some sound with each word."""
        self.tell(AnswerStarted(answer))
        for word in text.split():
            self.tell(AnswerText(answer, f"{word} "), AnswerSound(answer, freeze(np.full(WORD, 0.25))))
        if ends:
            self.tell(AnswerEnded(answer, "whole"))

    @property
    def sound(self):
        return np.concatenate([np.zeros(0, np.float32), *self.pushed])
