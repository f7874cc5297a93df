"""One avatar: what it is to say, its timeline, and who listens. The shell around the pure parts.

    say ──> queue ──> speaker (voice, face model) ──> playout ──> streams ──> clients
    stop ──> epoch + 1: the speaker is cancelled, the playout shuts the mouth, what waits for clients is dropped

All methods are called on the event loop. `tick` alone makes time pass, so that tests need no waiting.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from contextlib import aclosing, suppress
from dataclasses import dataclass
from typing import Any, Final, Protocol

from bridge.errors import BridgeError, InputError
from bridge.layers.capture import Captured
from bridge.layers.mixer import Mixer
from bridge.playout import Mark, PendingMark, Playout, Released, Run
from bridge.speaking import Line, Speaker
from bridge.streams import Client, Streams
from bridge.timebase import FPS_DEN, FPS_NUM, NS_PER_S, Clock, Timeline, frame_to_sample, sample_to_frame
from bridge.wire.stream import Played

log = logging.getLogger(__name__)

TICK_S: Final = 0.05
FRAME_S: Final = FPS_DEN / FPS_NUM
QUEUE_LINES: Final = 64
AHEAD_FRAMES: Final = 5 * FPS_NUM
"""How much speech may wait for its place before the voice is made to wait."""
RECEIVER_BUFFER_FRAMES: Final = 6
"""100 ms: what receivers that don't tell hold before they show."""
PLAYED_TRUST_NS: Final = 400_000_000
"""How long a receiver's word on what was heard stands: it is renewed every 100 ms."""


@dataclass(frozen=True, slots=True)
class Order:
    """A line that waits to be said, by the number that names the utterance."""

    utterance: int
    epoch: int
    line: Line
    ordered_ns: int


@dataclass(slots=True)
class Counters:
    """What a subject has done since it was made."""

    utterances: int = 0
    stops: int = 0
    failures: int = 0
    frames: int = 0
    bad_messages: int = 0


class Follower(Protocol):
    """Gets a subject's frames as they are released, ahead of time, beside its clients."""

    def frames(self, run: Run, epoch: int, due_index: int) -> None:
        """Take frames and the audio that belongs to them; for one index the last frame counts."""
        ...

    def reload(self, rig: str) -> None:
        """A rig was tuned."""
        ...


class Attached(Protocol):
    """What ends with a subject: its sinks, its sources."""

    def close(self) -> None:
        """The subject ends. Called off the event loop."""
        ...


class Session:
    """A live subject. `start` its tasks inside a running loop, `aclose` it in the end."""

    def __init__(self, subject: str, clock: Clock, speaker: Speaker, streams: Streams, seed: int = 0) -> None:
        self.subject = subject
        self.epoch = 0
        self.streams = streams
        self.counters = Counters()
        self.state = "idle"
        self.emotion = "neutral"
        self.mood = ("neutral", 1.0)
        self.last_error = ""
        self.watchers: set[Callable[[], None]] = set()
        self.followers: list[Follower] = []
        self.attached: list[Attached] = []
        self.timeline = Timeline(clock.now_ns())
        self.mixer = Mixer(seed)
        self.first_sound_s: deque[float] = deque(maxlen=1000)
        self._clock = clock
        self._speaker = speaker
        self._playout = Playout(self.mixer)
        self._orders: asyncio.Queue[Order] = asyncio.Queue(QUEUE_LINES)
        self._wake = asyncio.Event()
        self._released = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._speaking: asyncio.Task[None] | None = None
        self._utterance = 0
        self._played = Played(0, 0)
        self._played_ns = -PLAYED_TRUST_NS
        self._line_emotes = False
        self._stale = False
        self._refreshed_index = -1
        self._active_ns = clock.now_ns()

    @property
    def due_index(self) -> int:
        """The frame due now."""
        return self.timeline.due_index(self._clock.now_ns())

    @property
    def waiting_lines(self) -> int:
        """How many lines wait to be said."""
        return self._orders.qsize()

    @property
    def idle_s(self) -> float:
        """For how long nobody has listened or watched and nothing was said."""
        if len(self.streams) or self.followers or self.watchers or self.state != "idle":
            self._active_ns = self._clock.now_ns()
        return (self._clock.now_ns() - self._active_ns) / NS_PER_S

    def start(self) -> None:
        """Let time pass: frames are released and lines said, until `aclose`."""
        self._tasks = [asyncio.create_task(self._release_on_time()), asyncio.create_task(self._say_in_turn())]

    async def aclose(self) -> None:
        """End all tasks, and what is attached."""
        for task in (*self._tasks, self._speaking):
            if task is not None:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task
        for attached in self.attached:
            await asyncio.to_thread(attached.close)

    def say(self, line: Line, *, interrupt: bool = False) -> tuple[int, int]:
        """Queue a checked line; the utterance's number and epoch. Raises InputError where too many wait."""
        if interrupt:
            self.stop()
        if self._orders.full():
            raise InputError(f"{QUEUE_LINES} lines wait to be said already; stop, or try again later.")
        self._utterance += 1
        self._orders.put_nowait(Order(self._utterance, self.epoch, line, self._clock.now_ns()))
        self._notify()
        return self._utterance, self.epoch

    def stop(self) -> int:
        """Say no more: the new epoch. What waits is dropped; the mouth is shut from the frame that is being seen."""
        due = self.due_index
        self.epoch += 1
        self.counters.stops += 1
        while not self._orders.empty():
            self._orders.get_nowait()
        if self._speaking is not None:
            self._speaking.cancel()
        self.streams.drop()
        self.streams.event(self.epoch, "stopped")
        if self._line_emotes:
            self._back_to_mood(due)
        self._publish(self._playout.stop(due, self._shown_index(due)), due)
        self._set_state("idle")
        self._notify()
        return self.epoch

    def heard(self, client: Client, played: Played) -> None:
        """Take a receiver's word on what was heard; only the primary's in this epoch counts."""
        if client is self.streams.primary and played.epoch == self.epoch:
            self._played, self._played_ns = played, self._clock.now_ns()

    @property
    def heard_sample(self) -> int:
        """Up to which sample of the timeline speech has been heard: the primary's word, else paced time."""
        if self._played.epoch == self.epoch and self._clock.now_ns() - self._played_ns < PLAYED_TRUST_NS:
            return self._played.sample
        return frame_to_sample(max(0, self.due_index - RECEIVER_BUFFER_FRAMES))

    def set_mood(self, name: str, intensity: float) -> None:
        """Show an emotion whenever no line brings its own. Raises ConfigError for one there is not."""
        if not self._line_emotes:
            self._set_emotion(name, intensity, self._shown_index(self.due_index))
            self.refresh()
        self.mood = (name, intensity)

    def hold(self, shape: str, value: float | None) -> None:
        """Hold an ARKit shape at `value`, or let go of it with None. Raises ConfigError."""
        if value is None:
            self.mixer.override.release(shape)
        else:
            self.mixer.override.set(shape, value)
        self.refresh()

    def perform(self, captured: Captured) -> None:
        """Show what somebody performs, from now on."""
        self._active_ns = self._clock.now_ns()
        self.mixer.capture.set(captured, self.due_index)
        self.refresh()

    def retune(self, rig: str) -> None:
        """A rig was tuned: its clients see it from the next frame on."""
        if self.streams.reload(rig):
            self.refresh()
        for follower in self.followers:
            follower.reload(rig)

    def refresh(self) -> None:
        """Something was set by hand: what has left and is not shown yet leaves again, at most once a frame."""
        self._stale = True
        self._wake.set()

    def follow(self, follower: Follower) -> None:
        """Give `follower` the frames from now on, those that have left but are not shown yet too."""
        if follower not in self.followers:
            self.followers.append(follower)
        self.refresh()

    def unfollow(self, follower: Follower) -> None:
        """Give `follower` no more."""
        if follower in self.followers:
            self.followers.remove(follower)

    def listen(self, client: Client) -> None:
        """Let a client in. Raises ConfigError for a rig there is not."""
        self.streams.add(client, self.epoch, self.due_index)
        self._wake.set()
        self._notify()

    def leave(self, client: Client) -> None:
        """Let a client go."""
        self.streams.remove(client, self.epoch)
        self._notify()

    def tick(self) -> None:
        """Release what may leave by now."""
        due = self.due_index
        if not len(self.streams) and not self.followers and self.state == "idle":
            self._stale = False
            return
        if self._stale and due > self._refreshed_index:
            self._stale, self._refreshed_index = False, due
            self._publish(self._playout.refresh(due, self._shown_index(due)), due)
        self._publish(self._playout.release(due), due)
        self._released.set()
        done = self._orders.empty() and self._speaking is None and not self._playout.waiting_frames
        if self.state == "speaking" and done and due >= self._playout.speech_end_index:
            self._set_state("idle")

    def _publish(self, released: list[Released], due: int) -> None:
        for item in released:
            if isinstance(item, Run):
                self.counters.frames += len(item.motion)
                self.streams.frames(item, self.epoch, due)
                for follower in self.followers:
                    follower.frames(item, self.epoch, due)
            else:
                self._announce(item)

    def _announce(self, mark: Mark) -> None:
        """Tell of something that has got its place on the timeline, and do what is due with it."""
        fields = {key: value for key, value in mark.fields.items() if key != "order"}
        if mark.name == "caption":
            fields |= {"start_sample": mark.start_sample, "end_sample": mark.end_sample}
        elif mark.name == "speaking":
            order: Order = mark.fields["order"]
            fields["start_sample"] = mark.start_sample
            self.first_sound_s.append((self._clock.now_ns() - order.ordered_ns) / NS_PER_S)
            if order.line.emotion != "neutral":
                self._set_emotion(order.line.emotion, order.line.intensity, self._playout.next_index)
                self._line_emotes = True
        elif mark.name == "stopped" and self._line_emotes:
            self._back_to_mood(self._playout.next_index)
        self.streams.event(self.epoch, mark.name, **fields)

    def _shown_index(self, due: int) -> int:
        """The frame a listener is looking at."""
        return min(due, sample_to_frame(self.heard_sample))

    def _set_emotion(self, name: str, intensity: float, index: int) -> None:
        self.mixer.emotion.set(name, intensity, index)
        self.emotion = name
        self.streams.event(self.epoch, "emotion", emotion=name, intensity=intensity)
        self._notify()

    def _back_to_mood(self, index: int) -> None:
        self._line_emotes = False
        self._set_emotion(*self.mood, index)

    def _set_state(self, state: str, **fields: Any) -> None:
        if state != self.state or fields:
            self.state = state
            self.streams.event(self.epoch, "state", state=state, **fields)
            self._notify()

    def _notify(self) -> None:
        """Something that a watcher may want to show has changed."""
        for watcher in tuple(self.watchers):
            watcher()

    async def _release_on_time(self) -> None:
        while True:
            self.tick()
            self._wake.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(FRAME_S if self._stale else TICK_S):
                    await self._wake.wait()

    async def _say_in_turn(self) -> None:
        while True:
            order = await self._orders.get()
            self._speaking = asyncio.create_task(self._speak(order))
            # A stop cancels the utterance, not this loop.
            await asyncio.wait([self._speaking])
            self._speaking = None

    async def _speak(self, order: Order) -> None:
        """Say one line, all of it pushed into the playout; a failure ends the line and is told to the clients."""
        self._set_state("speaking")
        try:
            await self._push_all(order)
        except BridgeError as error:
            self._fail(order, str(error))
        except Exception:  # the boundary of a task: one line that fails must not end the subject
            log.exception("utterance %d failed", order.utterance)
            self._fail(order, "The line could not be said because of an error in the bridge; its log says more.")
        else:
            self.counters.utterances += 1
        finally:
            if order.epoch == self.epoch:
                self._playout.finish()
            self._wake.set()

    async def _push_all(self, order: Order) -> None:
        begun = False
        caption: PendingMark | None = None
        async with aclosing(self._speaker.say(order.line)) as pieces:
            async for piece in pieces:
                if order.epoch != self.epoch:
                    return  # stopped, and a provider swallowed the cancellation
                if not begun:
                    begun = True
                    self._playout.end_mark(self._playout.begin_mark("speaking", utterance=order.utterance, order=order))
                    self._playout.begin_mark("stopped", at_end=True, utterance=order.utterance)
                if caption is None and len(piece.samples):
                    caption = self._playout.begin_mark("caption", utterance=order.utterance, text=piece.sentence)
                self._playout.push(piece.samples, piece.frames)
                if caption is not None and piece.closes:
                    self._playout.end_mark(caption)
                    caption = None
                self._wake.set()
                await self._room()

    async def _room(self) -> None:
        """Let the voice wait while enough of its speech waits for its place."""
        while self._playout.waiting_frames > AHEAD_FRAMES:
            self._released.clear()
            await self._released.wait()

    def _fail(self, order: Order, sentence: str) -> None:
        if order.epoch != self.epoch:
            return
        self.counters.failures += 1
        self.last_error = sentence
        log.warning("utterance %d: %s", order.utterance, sentence)
        self.streams.event(self.epoch, "state", state=self.state, error=sentence)
        self._notify()
