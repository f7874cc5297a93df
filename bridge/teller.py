"""Says what one avatar is ordered to, one utterance after another: from whoever speaks into the playout.

Each utterance ends once: heard whole, broken off by a failure, or stopped, and then with what was heard of it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Final, Protocol

from bridge.errors import BridgeError, InputError
from bridge.heard import Recital
from bridge.playout import PendingMark, Playout
from bridge.speaking import Spoken
from bridge.timebase import FPS_NUM

log = logging.getLogger(__name__)

QUEUE_LINES: Final = 64
AHEAD_FRAMES: Final = 5 * FPS_NUM
"""How much speech may wait for its place before the voice is made to wait with the next sentence."""


@dataclass(frozen=True, slots=True)
class Ending:
    """How an utterance ended: what of it was heard, whether that is all, and why not, if something failed."""

    heard: str
    complete: bool
    error: str = ""
    unheard: str = ""
    """What else there was to be said, where it was stopped."""
    samples: int = 0
    """How many of its samples were heard, where it was stopped."""


def ignore(_: Ending) -> None:
    """Nobody asks how the utterance ended."""


@dataclass(frozen=True, slots=True)
class Order:
    """Something to be said, by the number that names the utterance. `ended` is called once, when it has ended."""

    utterance: int
    epoch: int
    pieces: AsyncGenerator[Spoken, None]
    state: str
    """The session's state until the first sound."""
    ordered_ns: int
    ended: Callable[[Ending], None]
    recital: Recital = field(default_factory=Recital)


class Stage(Protocol):
    """Where it is said: what the session gives, and wants to know."""

    epoch: int
    mood: tuple[str, float]

    def enter(self, state: str) -> None:
        """The session's state is `state` from now on."""
        ...

    def fail(self, order: Order, sentence: str) -> None:
        """An utterance broke off, and why."""
        ...

    def wake(self) -> None:
        """There is more to release."""
        ...


class Teller:
    """The orders of one avatar. All methods are called on the event loop; `run` is its task."""

    def __init__(self, playout: Playout, stage: Stage) -> None:
        self.said = 0
        """Utterances said to their end."""
        self._playout = playout
        self._stage = stage
        self._waiting: asyncio.Queue[Order] = asyncio.Queue(QUEUE_LINES)
        self._unended: list[Order] = []
        self._current: asyncio.Task[None] | None = None
        self._released = asyncio.Event()

    @property
    def waiting_lines(self) -> int:
        """How many utterances wait for their turn."""
        return self._waiting.qsize()

    @property
    def is_quiet(self) -> bool:
        """Whether nothing is being said, waits to be, or waits for its place on the timeline."""
        return self._waiting.empty() and self._current is None and not self._playout.waiting_frames

    def order(self, order: Order) -> None:
        """Queue an utterance. Raises InputError where too many wait."""
        if self._waiting.full():
            raise InputError(f"{QUEUE_LINES} lines wait to be said already; stop, or try again later.")
        self._waiting.put_nowait(order)
        self._unended.append(order)

    def stop(self, heard_sample: int) -> list[tuple[Order, Ending]]:
        """Cancel all. Returns how each utterance ended, for the caller to tell when the stop is done."""
        while not self._waiting.empty():
            self._waiting.get_nowait()
        if self._current is not None:
            self._current.cancel()
        unended, self._unended = self._unended, []
        return [(order, self._broken_off(order, heard_sample)) for order in unended]

    def released(self) -> None:
        """Frames have left: there may be room for more."""
        self._released.set()

    def heard(self, sample: int) -> None:
        """Speech up to `sample` of the timeline was heard: what is over, is ended."""
        for order in list(self._unended):
            end = order.recital.end_sample
            if end is not None and end <= sample:
                self._end(order, "")

    async def run(self) -> None:
        """Say one after another, for ever."""
        while True:
            order = await self._waiting.get()
            self._current = asyncio.create_task(self._say(order))
            # A stop cancels the utterance, not this loop.
            await asyncio.wait([self._current])
            self._current = None

    async def aclose(self) -> None:
        """Cancel what is being said."""
        if self._current is not None:
            self._current.cancel()
            await asyncio.wait([self._current])

    async def _say(self, order: Order) -> None:
        """Push one utterance into the playout; a failure ends it and is told."""
        self._stage.enter(order.state)
        try:
            if not await self._push(order):
                self._end(order, "")
        except BridgeError as error:
            self._fail(order, str(error))
        except Exception:  # the boundary of a task: one line that fails must not end the subject
            log.exception("utterance %d failed", order.utterance)
            self._fail(order, "The line could not be said because of an error in the bridge; its log says more.")
        else:
            self.said += 1
        finally:
            if order.epoch == self._stage.epoch:
                self._playout.finish()
            self._stage.wake()

    def _broken_off(self, order: Order, heard_sample: int) -> Ending:
        recital = order.recital
        samples = self._playout.spoken_until(recital.begin, heard_sample) if recital.begin else 0
        heard, unheard = recital.text_until(samples), recital.text_after(samples)
        return Ending(heard, complete=False, unheard=unheard, samples=samples)

    async def _push(self, order: Order) -> bool:
        """Whether anything was said."""
        mood = self._stage.mood
        caption: PendingMark | None = None
        begun = False
        async with aclosing(order.pieces) as pieces:
            async for piece in pieces:
                if order.epoch != self._stage.epoch:
                    return begun  # stopped, and a provider swallowed the cancellation
                if not begun:
                    begun = True
                    self._begin(order)
                if len(piece.samples):
                    mood = self._mark_mood(piece, mood)
                if caption is None and len(piece.samples):
                    caption = self._playout.begin_mark("caption", utterance=order.utterance, text=piece.sentence)
                elif caption is not None:
                    caption.fields = {**caption.fields, "text": piece.sentence}
                order.recital.push(piece.sentence, len(piece.samples), piece.words, closes=piece.closes)
                self._playout.push(piece.samples, piece.frames)
                if caption is not None and piece.closes:
                    self._playout.end_mark(caption, order.recital.spans())
                    caption = None
                self._stage.wake()
                if caption is None:  # a caption leaves when its end is known: the voice may finish its sentence
                    await self._room()
        return begun

    def _begin(self, order: Order) -> None:
        self._stage.enter("speaking")
        order.recital.begin = self._playout.begin_mark("speaking", utterance=order.utterance, order=order)
        self._playout.end_mark(order.recital.begin)
        self._playout.begin_mark("stopped", at_end=True, utterance=order.utterance, order=order)

    def _mark_mood(self, piece: Spoken, before: tuple[str, float]) -> tuple[str, float]:
        """Mark where the emotion changes with a sentence; one without an emotion leaves it as it is."""
        wanted = (piece.line.emotion, piece.line.intensity)
        if not wanted[0] or wanted == before:
            return before
        self._playout.end_mark(self._playout.begin_mark("mood", emotion=wanted[0], intensity=wanted[1]))
        return wanted

    async def _room(self) -> None:
        """Let the voice wait while enough of its speech waits for its place."""
        while self._playout.waiting_frames > AHEAD_FRAMES:
            self._released.clear()
            await self._released.wait()

    def _fail(self, order: Order, sentence: str) -> None:
        if order.epoch == self._stage.epoch:
            self._stage.fail(order, sentence)
            self._end(order, sentence)

    def _end(self, order: Order, error: str) -> None:
        """What has left of an utterance is or will be heard, no more will come."""
        if order in self._unended:
            self._unended.remove(order)
            order.ended(Ending(order.recital.text(), complete=not error, error=error))
