"""A session on a clock that is turned by hand, with a voice that hums and a mouth that opens when it does."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from concurrent.futures import thread

import numpy as np

from bridge.bridge import make_retarget
from bridge.errors import ProviderError
from bridge.session import Session
from bridge.speaking import Speaker
from bridge.streams import Client, Streams
from bridge.timebase import SAMPLES_PER_FRAME, frame_to_ns
from bridge.types import SHAPE_INDEX, Speech, Word, freeze, motion
from bridge.wire import stream

JAW = SHAPE_INDEX["jawOpen"]
PIECE_FRAMES = 12
WORD_S = 0.15
QUIET_ROUNDS = 5


class TurnedClock:
    def __init__(self):
        self.ns = 5_000_000_000

    def now_ns(self):
        return self.ns


class OpenMouth:
    """A face model that opens the jaw, six frames behind the samples."""

    lookahead_ms = 100

    def __init__(self):
        self._samples = 0
        self._frames = 0

    def push(self, samples):
        self._samples += len(samples)
        return self._upto(max(0, self._samples // SAMPLES_PER_FRAME - 6))

    def flush(self):
        return self._upto(-(-self._samples // SAMPLES_PER_FRAME))

    def set_emotion(self, name, intensity=1.0):
        pass

    def reset(self):
        self.__init__()

    def _upto(self, end):
        face = np.zeros((max(0, end - self._frames), 52), np.float32)
        face[:, JAW] = 0.6
        first, self._frames = self._frames, max(self._frames, end)
        return motion(first, face)


class HummingVoices:
    """A voice that hums a piece for each word; `break` breaks it, `wait` waits for ever,
    `deaf` until it is cancelled, which it takes for a word."""

    def __init__(self, *, tells=False):
        """`tells`: of each word when it is said, which leaves a pause behind it."""
        self.cancelled = 0
        self._tells = tells

    def of(self, line):
        return self

    async def aclose(self):
        pass

    async def stream(self, text):
        try:
            for number, word in enumerate(text.split()):
                if word.startswith("break"):
                    raise ProviderError("The voice broke off.")
                if word.startswith("crash"):
                    raise RuntimeError("a defect")
                if word.startswith("deaf"):
                    with contextlib.suppress(asyncio.CancelledError):
                        await asyncio.Event().wait()
                if word.startswith("wait"):
                    await asyncio.Event().wait()
                start_s = number * PIECE_FRAMES / 60
                words = (Word(start_s, start_s + WORD_S, word.strip(".,!?")),) if self._tells else ()
                yield Speech(freeze(np.full(PIECE_FRAMES * SAMPLES_PER_FRAME, 0.25)), words=words)
        except (asyncio.CancelledError, GeneratorExit):
            self.cancelled += 1
            raise


async def settled():
    """Wait until neither the loop nor a worker thread has anything left to do but wait."""
    loop, quiet = asyncio.get_running_loop(), 0
    while quiet < QUIET_ROUNDS:
        await asyncio.sleep(0.001)
        quiet = 0 if loop._ready or workers_are_busy() else quiet + 1


def workers_are_busy():
    """Whether any executor's thread works, or has work: an idle one stands in the call that waits for some."""
    frames = sys._current_frames()
    for worker, queue in thread._threads_queues.items():
        frame = frames.get(worker.ident) if worker.is_alive() else None
        if frame is not None and (queue.qsize() or frame.f_code is not thread._worker.__code__):
            return True
    return False


class Stage:
    """A session, its clock, and one client whose messages are kept as they would leave."""

    def __init__(self, voices=None):
        self.clock = TurnedClock()
        self.voices = voices or HummingVoices()
        streams = Streams("avatar", make_retarget)
        self.session = Session("avatar", self.clock, Speaker(self.voices, lambda _: OpenMouth()), streams, seed=1)
        self.client = Client("arkit")
        self.messages = []
        self.layout = make_retarget("arkit").layout

    async def __aenter__(self):
        self.session.start()
        self.session.listen(self.client)
        return self

    async def __aexit__(self, *error):
        await self.session.aclose()

    async def settle(self):
        """Let the tasks do all they can at this time, then collect what has been sent."""
        await settled()
        self.session.tick()
        while self.client._queue:
            self.messages.append(stream.decode(await self.client.next(), self.layout))

    async def advance(self, frames):
        for _ in range(frames):
            self.clock.ns += frame_to_ns(1) + 1
            self.session.tick()
        await self.settle()

    def of(self, kind):
        return [m for m in self.messages if isinstance(m, kind)]

    def names(self):
        return [m.name for m in self.of(stream.EventMessage)]


def on_stage(scene, voices=None):
    """Run a scene, a coroutine over a Stage, on a loop of its own."""

    async def run():
        async with Stage(voices) as stage:
            await scene(stage)

    asyncio.run(run())
