"""The sinks of one subject: added and removed while it runs, each with its own health, none in another's way.

    session ──frames, ahead of time──> due buffer ──pacer, one a 1/60 s──> rig ──> sink, sink, sink

A sink that fails is closed and opened anew, in a thread of its own as that may take long, after a pause that doubles
each time. What is due meanwhile is dropped: late frames are of no use.
"""

from __future__ import annotations

import itertools
import logging
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, Literal, Protocol

from bridge.body.mirror import mirrored
from bridge.due import DueBuffer
from bridge.enduring import Enduring
from bridge.errors import BridgeError, DeviceError, InputError
from bridge.pacer import Pacer, Wait
from bridge.playout import Run
from bridge.ports import AudioSink, GuardedSink, NotingSink, Sink
from bridge.rig.retarget import Retarget
from bridge.rig.smoothing import SMOOTHING_FRAMES
from bridge.sinks import Target, target
from bridge.timebase import FPS_NUM, NS_PER_S, Clock, Timeline
from bridge.types import Motion, concatenate, still

log = logging.getLogger(__name__)

SINKS: Final = 16
"""How many a subject may have."""
PAUSE_NS: Final = (500_000_000, 4_000_000_000)
"""The first and the longest pause before a sink is tried again."""
WELL_AFTER_NS: Final = 1_000_000_000
"""How long a sink must work before its next failure counts as a first one."""
SLOW_NS: Final = 10_000_000
"""What no `send` may take, as it holds up all the others."""
SLOW_IN_A_ROW: Final = 5
"""After as many that did, it is the sink; before, something may have held up the whole process."""
SLEW_NS: Final = 100_000
"""How far the timeline is moved in a frame at most to follow a sound device: 0.6 %, which nobody sees."""
LEAP_NS: Final = 40_000_000
"""What is too far for that: a device that has just been opened has its own latency."""


@dataclass(frozen=True, slots=True)
class Health:
    """How a sink does. `fps` is measured over the last second."""

    id: int
    url: str
    state: Literal["open", "closed"]
    fps: float
    sent: int
    dropped: int
    reconnects: int
    last_error: str


class Output:
    """One sink, as it comes and goes. `send` is called on the pacer's thread, the rest on any."""

    def __init__(self, number: int, where: Target, retarget: Retarget, clock: Clock) -> None:
        self.id = number
        self.target = where
        self.retarget = retarget
        self._clock = clock
        self._sink: Sink | None = None
        self._heard: AudioSink | None = None
        self._guarded: GuardedSink | None = None
        self._noticed = ""
        self._helper: threading.Thread | None = None
        self._reopened = False
        self._ended = False
        self._lock = threading.Lock()
        self._pause_ns = PAUSE_NS[0]
        self._retry_ns = 0
        self._opened_ns = 0
        self._times_ns: deque[int] = deque(maxlen=FPS_NUM + 1)
        self._sent = self._dropped = self._reconnects = self._slow = 0
        self._last_error = ""

    def open(self, *, patient: bool = False) -> None:
        """Open the sink. Raises BridgeError, unless it is patient."""
        try:
            sink = self.target.open(self.retarget.layout)
        except DeviceError as error:
            if not patient:
                raise
            self._fail(str(error))
            return
        with self._lock:
            self._opened_ns = self._clock.now_ns()
            if not self._ended:
                self._put(sink)
                return
        sink.close()  # it was removed while it was being opened

    def send(self, epoch: int, motion: Motion, before: Motion) -> None:
        """Send a frame if the sink is open, and see to it that it will be if not. `before` are those sent before it.

        A frame that the target does not show yet counts as dropped.
        """
        sink, guarded = self._sink, self._guarded
        if sink is None:
            self._dropped += 1
            self._reopen()
            return
        began_ns = self._clock.now_ns()
        if self.target.mirror:
            motion, before = mirrored(motion), mirrored(before)
        with self._closed_on_error():
            try:
                sink.send(epoch, motion, self.retarget.apply(motion, before))
            except BlockingIOError:
                self._dropped += 1
            else:
                if guarded is None or guarded.let_in:
                    self._succeed(began_ns, self._clock.now_ns())
                else:
                    self._dropped += 1

    def miss(self, count: int) -> None:
        """Count frames that a later one has overtaken."""
        self._dropped += count

    def play(self, run: Run, epoch: int) -> None:
        """Give sound to a sink that is heard; a run of no sound may say that a new epoch has begun."""
        if (heard := self._heard) is not None:
            with self._closed_on_error():
                heard.play(epoch, run.start_sample, run.samples)

    @property
    def is_awaited(self) -> bool:
        """Whether the target has yet to say if it lets the sink in."""
        guarded = self._guarded
        return guarded is not None and guarded.let_in is None

    def tell_notice(self) -> None:
        """Log what the sink has to say, once."""
        notice = self._notice()
        if notice and notice != self._noticed:
            self._noticed = notice
            log.warning("%s: %s", self.target.url, notice)

    def origin_ns(self) -> int | None:
        """What a sink that is heard says of the timeline's origin."""
        if (heard := self._heard) is not None:
            with self._closed_on_error():
                return heard.origin_ns()
        return None

    def close(self) -> None:
        """Close the sink for good."""
        with self._lock:
            self._ended = True
            sink = self._put(None)
        if sink is not None:
            sink.close()

    def health(self) -> Health:
        """How it does now."""
        return Health(
            id=self.id,
            url=self.target.url,
            state="closed" if self._sink is None else "open",
            fps=self._fps(),
            sent=self._sent,
            dropped=self._dropped,
            reconnects=self._reconnects,
            last_error=self._notice() or self._last_error,
        )

    def _put(self, sink: Sink | None) -> Sink | None:
        """Have `sink` from now on, or none. Returns the one before."""
        before, self._sink = self._sink, sink
        self._heard = sink if isinstance(sink, AudioSink) else None
        self._guarded = sink if isinstance(sink, GuardedSink) else None
        return before

    def _notice(self) -> str:
        sink = self._sink
        return sink.notice if isinstance(sink, NotingSink) else ""

    def _fps(self) -> float:
        now_ns = self._clock.now_ns()
        recent = [t for t in tuple(self._times_ns) if now_ns - t <= NS_PER_S]
        span_ns = recent[-1] - recent[0] if recent else 0
        return round((len(recent) - 1) * NS_PER_S / span_ns, 2) if span_ns else 0.0

    @contextmanager
    def _closed_on_error(self) -> Iterator[None]:
        """What a sink raises closes it for a while, and takes no other down."""
        try:
            yield
        except (BridgeError, OSError) as error:
            self._fail(str(error))
        except Exception:  # of a sink from elsewhere
            log.exception("the sink %s failed", self.target.url)
            self._fail("The sink failed because of an error in its code; the log says more.")

    def _fail(self, sentence: str) -> None:
        """Close the sink for a while."""
        now_ns = self._clock.now_ns()
        if sentence != self._last_error:
            log.warning("%s: %s", self.target.url, sentence)
        self._last_error = sentence
        self._dropped += 1
        self._pause(now_ns, worked=now_ns - self._opened_ns > WELL_AFTER_NS)
        with self._lock:
            sink = self._put(None)
        if sink is not None:
            self._aside(sink.close)

    def _succeed(self, began_ns: int, now_ns: int) -> None:
        self._sent += 1
        self._times_ns.append(now_ns)
        # Whether anybody hears datagrams shows only after a while.
        if self._reopened and now_ns - self._opened_ns > WELL_AFTER_NS:
            self._reopened = False
            self._reconnects += 1
        self._slow = self._slow + 1 if now_ns - began_ns > SLOW_NS else 0
        if self._slow >= SLOW_IN_A_ROW:
            self._slow = 0
            self._fail(f"It held the others up for {(now_ns - began_ns) / 1e6:.0f} ms a frame.")

    def _aside(self, work: Callable[[], None]) -> None:
        """Do what may take long without holding up the pacer."""
        self._helper = threading.Thread(target=work, name="sink", daemon=True)
        self._helper.start()

    def _pause(self, now_ns: int, *, worked: bool) -> None:
        if worked:
            self._pause_ns = PAUSE_NS[0]
        self._retry_ns = now_ns + self._pause_ns
        self._pause_ns = min(2 * self._pause_ns, PAUSE_NS[1])

    def _reopen(self) -> None:
        """Try again, if the pause is over and nothing else is underway."""
        busy = self._helper is not None and self._helper.is_alive()
        if not busy and not self._ended and self._clock.now_ns() >= self._retry_ns:
            self._aside(self._try)

    def _try(self) -> None:
        try:
            self.open()
            self._reopened = True
        except (BridgeError, OSError) as error:
            self._last_error = str(error)
            self._pause(self._clock.now_ns(), worked=False)
        except Exception:  # as in `send`
            log.exception("the sink %s can't be opened", self.target.url)
            self._last_error = "The sink can't be opened because of an error in its code; the log says more."
            self._pause(self._clock.now_ns(), worked=False)


class Paced(Protocol):
    """What has a timeline that may be corrected: a session."""

    timeline: Timeline
    loudspeaker: Timeline | None
    """The timeline as a sound device of this machine plays it; None while there is none."""


class Outputs:
    """The sinks of one subject. Give it the subject's frames as they are released (`bridge.session.Follower`)."""

    def __init__(
        self, clock: Clock, paced: Paced, retarget: Callable[[str], Retarget], wait: Wait | None = None
    ) -> None:
        """`retarget` finds a rig by name, raising ConfigError."""
        self._clock = clock
        self._paced = paced
        self._retarget = retarget
        self._wait = wait
        self._due = DueBuffer()
        self._before = still(0, 0)
        self._enduring = Enduring("the pacing of sinks", clock)
        self._lock = threading.Lock()
        self._outputs: tuple[Output, ...] = ()
        self._opening: list[str] = []
        self._numbers = itertools.count(1)
        self._pacer: Pacer | None = None

    def __len__(self) -> int:
        return len(self._outputs)

    def add(self, url: str, *, patient: bool = False) -> Health:
        """Open a sink and keep it; takes as long as its network does.

        Raises ConfigError or InputError for a wrong URL, and BridgeError where it can't be opened; when `patient` it is
        kept nevertheless and tried again.
        """
        where = target(url)
        retarget = self._retarget(where.rig)
        with self._lock:
            self._check_room(url)
            self._opening.append(url)
        try:
            output = Output(next(self._numbers), where, retarget, self._clock)
            output.open(patient=patient)
            with self._lock:
                self._outputs = (*self._outputs, output)
                if self._pacer is None:
                    self._pacer = Pacer(self._clock, lambda: self._paced.timeline, self._beat, self._wait)
                    self._pacer.start()
        finally:
            self._opening.remove(url)
        return output.health()

    def remove(self, key: int | str) -> Health:
        """Close a sink for good, by its number or URL. Raises InputError where there is none such."""
        with self._lock:
            output = next((o for o in self._outputs if key in (o.id, o.target.url)), None)
            if output is None:
                raise InputError(f"There is no sink {key}.")
            self._outputs = tuple(o for o in self._outputs if o is not output)
            pacer = self._pacer if not self._outputs else None
            if pacer is not None:
                self._pacer = None
        if pacer is not None:
            pacer.close()
            self._paced.loudspeaker = None
        output.close()
        return output.health()

    def close(self) -> None:
        """Close all. May be called twice."""
        for output in self._outputs:
            self.remove(output.id)

    def health(self) -> list[Health]:
        """How each does now."""
        return [output.health() for output in self._outputs]

    def are_awaited(self) -> bool:
        """Whether a target has yet to say if it lets its sink in; perhaps a person is being asked."""
        return any(output.is_awaited for output in self._outputs)

    def frames(self, run: Run, epoch: int, due_index: int) -> None:
        """Hold frames until they are due, and give their sound to who is heard."""
        with self._lock:
            self._due.put(epoch, run.motion)
        for output in self._outputs:
            output.play(run, epoch)

    def reload(self, rig: str) -> None:
        """A rig was tuned: its sinks get the frames by it from the next on. Raises ConfigError."""
        for output in self._outputs:
            if output.target.rig == rig:
                output.retarget = self._retarget(rig)

    def _check_room(self, url: str) -> None:
        urls = [*(o.target.url for o in self._outputs), *self._opening]
        if url in urls:
            raise InputError(f"The sink {url} is there already.")
        if len(urls) >= SINKS:
            raise InputError(f"A subject has {SINKS} sinks at most.")

    def _beat(self, due_index: int) -> None:
        """Send the frame that is due to all, and mind what a sound device has played. Never raises."""
        with self._enduring:
            self._send(due_index)
            self._follow_sound(self._outputs)
            for output in self._outputs:
                output.tell_notice()

    def _send(self, due_index: int) -> None:
        with self._lock:
            overtaken = self._due.dropped
            frame, epoch = self._due.take(due_index), self._due.epoch
            late = self._due.dropped - overtaken
        if frame is not None:
            for output in self._outputs:
                output.miss(late)
                output.send(epoch, frame, self._before)
            self._before = _following(self._before, frame)  # after sending: nothing waits for it

    def _follow_sound(self, outputs: Iterable[Output]) -> None:
        """Move the timeline towards what a sound device has been heard to play."""
        origins = (output.origin_ns() for output in outputs)
        heard_ns = next((origin for origin in origins if origin is not None), None)
        self._paced.loudspeaker = None if heard_ns is None else Timeline(heard_ns)
        if heard_ns is not None:
            off_ns = heard_ns - self._paced.timeline.origin_ns
            step_ns = off_ns if abs(off_ns) > LEAP_NS else max(-SLEW_NS, min(SLEW_NS, off_ns))
            self._paced.timeline = Timeline(self._paced.timeline.origin_ns + step_ns)


def _following(past: Motion, frame: Motion) -> Motion:
    """The last frames sent, `frame` at their end, as if none had been left out between them."""
    kept = past[max(0, len(past) - SMOOTHING_FRAMES + 1) :]
    moved = Motion(frame.first_index - len(kept), kept.face, kept.head_rad, kept.gaze_rad, kept.pose_rad)
    return concatenate([moved, frame])
