"""One avatar: what it is to say, its timeline, and who listens. The shell around the pure parts.

    say ──> teller ──> speaker (voice, face model) ──> playout ──> streams ──> clients
    stop ──> epoch + 1: the teller is cancelled, the playout shuts the mouth, what waits for clients is dropped

All methods are called on the event loop. `tick` alone makes time pass, so that tests need no waiting.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import AsyncGenerator, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, Protocol

from bridge.enduring import Enduring
from bridge.layers.capture import Captured
from bridge.layers.mixer import Mixer
from bridge.playout import Mark, Playout, Released, Run
from bridge.speaking import Line, Speaker, Spoken, only
from bridge.streams import Client, Streams
from bridge.teller import Ending, Order, Teller, ignore
from bridge.timebase import FPS_DEN, FPS_NUM, NS_PER_S, Clock, Timeline, frame_to_sample, sample_to_frame
from bridge.wire.stream import Played

log = logging.getLogger(__name__)

TICK_S: Final = 0.05
FRAME_S: Final = FPS_DEN / FPS_NUM
RECEIVER_BUFFER_FRAMES: Final = 6
"""100 ms: what receivers that don't tell hold before they show."""
PLAYED_TRUST_NS: Final = 400_000_000
"""How long a receiver's word on what was heard stands: it is renewed every 100 ms."""


@dataclass(slots=True)
class Counters:
    """What a subject has done since it was made."""

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
        self.manner = "calm"
        self.last_error = ""
        self.watchers: set[Callable[[], None]] = set()
        self.onlookers: set[Callable[[Captured], None]] = set()
        self.followers: list[Follower] = []
        self.attached: list[Attached] = []
        self.timeline = Timeline(clock.now_ns())
        self.loudspeaker: Timeline | None = None
        self.mixer = Mixer(seed)
        self.first_sound_s: deque[float] = deque(maxlen=1000)
        self._clock = clock
        self.speaker = speaker
        self._playout = Playout(self.mixer)
        self._teller = Teller(self._playout, self)
        self._wake = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
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
        return self._teller.waiting_lines

    @property
    def utterances(self) -> int:
        """How many have been said."""
        return self._teller.said

    @property
    def idle_s(self) -> float:
        """For how long nobody has listened or watched and nothing was said."""
        if len(self.streams) or self.followers or self.watchers or self.state != "idle":
            self._active_ns = self._clock.now_ns()
        return (self._clock.now_ns() - self._active_ns) / NS_PER_S

    def start(self) -> None:
        """Let time pass: frames are released and lines said, until `aclose`."""
        self._tasks = [asyncio.create_task(self._release_on_time()), asyncio.create_task(self._teller.run())]

    async def aclose(self) -> None:
        """End all tasks, and what is attached."""
        for task in self._tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        await self._teller.aclose()
        for attached in self.attached:
            await asyncio.to_thread(attached.close)

    def say(self, line: Line, *, interrupt: bool = False) -> tuple[int, int]:
        """Queue a checked line; the utterance's number and epoch. Raises InputError where too many wait."""
        return self.recite(only(line), interrupt=interrupt)

    def recite(
        self,
        lines: AsyncGenerator[Line, None],
        *,
        interrupt: bool = False,
        state: str = "speaking",
        ended: Callable[[Ending], None] = ignore,
    ) -> tuple[int, int]:
        """Queue an utterance of checked lines that come as they are made; its number and epoch.

        Until its first sound the session's state is `state`. Raises InputError where too many wait.
        """
        if interrupt:
            self.stop()
        return self.voice(self.speaker.recite(lines, self.mood), state=state, ended=ended)

    def voice(
        self,
        pieces: AsyncGenerator[Spoken, None],
        *,
        state: str = "speaking",
        ended: Callable[[Ending], None] = ignore,
    ) -> tuple[int, int]:
        """Queue an utterance that somebody else speaks: its pieces, as they come. As `recite` otherwise."""
        order = Order(self._utterance + 1, self.epoch, pieces, state, self._clock.now_ns(), ended)
        self._teller.order(order)
        self._utterance = order.utterance
        self._notify()
        return order.utterance, order.epoch

    def stop(self) -> int:
        """Say no more: the new epoch. What waits is dropped; the mouth is shut from the frame that is being seen."""
        due, heard = self.due_index, self.heard_sample
        stopped = self._teller.stop(heard)
        self.epoch += 1
        self.counters.stops += 1
        self.streams.drop()
        self.streams.event(self.epoch, "stopped")
        if self._line_emotes:
            self._back_to_mood(due)
        self.mixer.acting.stop(due)
        self._publish(self._playout.stop(due, _seen_index(due, heard)), due)
        self.enter("idle")
        self._notify()
        for order, ending in stopped:
            order.ended(ending)
        return self.epoch

    def heard(self, client: Client, played: Played) -> None:
        """Take a receiver's word on what was heard; only the primary's in this epoch counts."""
        if client is self.streams.primary and played.epoch == self.epoch:
            self._played, self._played_ns = played, self._clock.now_ns()

    @property
    def heard_sample(self) -> int:
        """Up to which sample of the timeline speech has been heard.

        The primary's word, else the count of this machine's loudspeaker, else paced time.
        """
        now_ns = self._clock.now_ns()
        if self._played.epoch == self.epoch and now_ns - self._played_ns < PLAYED_TRUST_NS:
            return self._played.sample
        if (loudspeaker := self.loudspeaker) is not None:
            return max(0, loudspeaker.due_sample(now_ns))
        return frame_to_sample(max(0, self.due_index - RECEIVER_BUFFER_FRAMES))

    def set_mood(self, name: str, intensity: float) -> None:
        """Show an emotion whenever no line brings its own. Raises ConfigError for one there is not."""
        if not self._line_emotes:
            self._set_emotion(name, intensity, self._shown_index(self.due_index))
            self.refresh()
        self.mood = (name, intensity)

    def set_manner(self, name: str) -> None:
        """Move by itself as much as `name` says: still, calm or lively. Raises ConfigError."""
        if name != self.manner:
            self.mixer.manner.set(name, self._shown_index(self.due_index))
            self.manner = name
            self.refresh()

    def gesture(self, name: str) -> None:
        """Make a gesture with the next frames that leave. Raises ConfigError for one there is not."""
        self.mixer.acting.gesture(name, self._shown_index(self.due_index))
        self.refresh()

    def glance(self, target: str) -> None:
        """Look at something for a moment. Raises ConfigError for what can't be looked at."""
        self.mixer.acting.look(target, self._shown_index(self.due_index))
        self.refresh()

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
        for onlooker in tuple(self.onlookers):
            onlooker(captured)
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
        self._teller.heard(self.heard_sample)
        if not len(self.streams) and not self.followers and self.state == "idle":
            self._stale = False
            return
        if self._stale and due > self._refreshed_index:
            self._stale, self._refreshed_index = False, due
            self._publish(self._playout.refresh(due, self._shown_index(due)), due)
        self._publish(self._playout.release(due), due)
        self._teller.released()
        if self.state != "idle" and self._teller.is_quiet and due >= self._playout.speech_end_index:
            self.enter("idle")

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
            if mark.spans:
                fields["words"] = [[span.start_sample, span.end_sample, span.text] for span in mark.spans]
        elif mark.name == "mood":
            self._set_emotion(fields["emotion"], fields["intensity"], self._playout.next_index)
            self._line_emotes = True
            return
        elif mark.name == "speaking":
            fields["start_sample"] = mark.start_sample
            self.first_sound_s.append((self._clock.now_ns() - mark.fields["order"].ordered_ns) / NS_PER_S)
        elif mark.name == "stopped":
            mark.fields["order"].recital.end_sample = mark.end_sample
            if self._line_emotes:
                self._back_to_mood(self._playout.next_index)
        self.streams.event(self.epoch, mark.name, **fields)

    def _shown_index(self, due: int) -> int:
        """The frame a listener is looking at."""
        return _seen_index(due, self.heard_sample)

    def _set_emotion(self, name: str, intensity: float, index: int) -> None:
        self.mixer.emotion.set(name, intensity, index)
        self.emotion = name
        self.streams.event(self.epoch, "emotion", emotion=name, intensity=intensity)
        self._notify()

    def _back_to_mood(self, index: int) -> None:
        self._line_emotes = False
        self._set_emotion(*self.mood, index)

    def enter(self, state: str) -> None:
        """Be in `state`, and say so."""
        if state != self.state:
            self.state = state
            self.streams.event(self.epoch, "state", state=state)
            self._notify()

    def fail(self, order: Order, sentence: str) -> None:
        """An utterance broke off."""
        self.counters.failures += 1
        log.warning("utterance %d: %s", order.utterance, sentence)
        self.report(sentence)

    def report(self, sentence: str) -> None:
        """Tell everyone who watches or listens what is wrong, in one sentence."""
        self.last_error = sentence
        self.streams.event(self.epoch, "state", state=self.state, error=sentence)
        self._notify()

    def wake(self) -> None:
        """There is something to release."""
        self._wake.set()

    def _notify(self) -> None:
        """Something that a watcher may want to show has changed."""
        for watcher in tuple(self.watchers):
            watcher()

    async def _release_on_time(self) -> None:
        enduring = Enduring(f"the timeline of {self.subject}", self._clock)
        while True:
            with enduring:
                self.tick()
            self._wake.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(FRAME_S if self._stale else TICK_S):
                    await self._wake.wait()


def _seen_index(due: int, heard_sample: int) -> int:
    """The frame that is seen where so much has been heard."""
    return min(due, sample_to_frame(heard_sample))
