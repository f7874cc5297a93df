"""What a subject is about to show and say: speech placed on the timeline, idle between, released ahead of time.

Pure: no clock, no socket. The session says which frame is due; the playout answers with what may leave now.

    push ──> queue of frames not yet placed ──place──> speech layer ──mix──> release

Frames leave in order up to `LEAD_FRAMES` before they are due. Speech is given its place only as it is released: at the
end of the speech before it, but no earlier than `START_FRAMES` from now, so that it can still arrive in time. One rule
covers the start of an utterance, a voice that is slower than speech, and a process that slept. Where idle frames for
that place have already left, they are released again with the speech in them; a receiver keeps the last of an index.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np

from bridge.layers.mixer import Mixer
from bridge.layers.speech import Utterance
from bridge.timebase import SAMPLES_PER_FRAME, frame_to_sample
from bridge.types import F32, Motion, freeze
from bridge.wording import Span

LEAD_FRAMES: Final = 18
"""300 ms: how early frames and audio leave. Network jitter below it can't show."""
START_FRAMES: Final = 4
"""67 ms: how early the first frame of an utterance must leave to be in time."""
PREBUFFER_FRAMES: Final = 12
"""200 ms: how much of an utterance must be ready before it begins, unless it is shorter, so that it need not falter."""
HISTORY_FRAMES: Final = 60
"""What a stop may need to know of the past: a receiver is never more than a second behind."""


@dataclass(frozen=True, slots=True)
class Run:
    """Frames that leave together, with the audio that belongs to them: 400 samples a frame, or none in idle."""

    motion: Motion
    samples: F32

    @property
    def start_sample(self) -> int:
        """Where the first sample, and the first frame, stand on the timeline."""
        return frame_to_sample(self.motion.first_index)


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that has got its place on the timeline: `speaking`, `caption` or `stopped` of an utterance."""

    name: str
    start_sample: int
    end_sample: int
    fields: Mapping[str, Any]
    spans: tuple[Span, ...] = ()
    """What is said within it when, on the timeline; none where that is not known."""


Released: TypeAlias = Run | Mark


@dataclass(slots=True, eq=False)
class PendingMark:
    """A mark on its way. `start` and `end` count frames pushed; `start_index` is known once that frame is placed."""

    name: str
    fields: Mapping[str, Any]
    start: int
    at_end: bool
    lead: int
    """How many samples of its first frame belong to what was pushed before it."""
    end: int | None = None
    start_index: int | None = None
    spans: tuple[Span, ...] = ()
    """From its first sample on."""


@dataclass(slots=True)
class _Stretch:
    """Speech without a gap: where it lies on the timeline, and how many frames had their place before it."""

    start_index: int
    placed_before: int
    end_index: int


class Playout:
    """The schedule of one subject. Not thread-safe."""

    def __init__(self, mixer: Mixer) -> None:
        self._mixer = mixer
        self._utterance: Utterance | None = None
        self._speech_end = 0
        self._next_index = 0
        self._motions: deque[Motion] = deque()
        self._samples = np.zeros(0, np.float32)
        self._pushed = 0
        self._placed = 0
        self._marks: list[PendingMark] = []
        self._breaks: deque[int] = deque()
        self._stretches: deque[_Stretch] = deque()

    @property
    def speech_end_index(self) -> int:
        """One past the last frame of speech that has its place."""
        return self._speech_end

    @property
    def next_index(self) -> int:
        """The first frame that has not left yet."""
        return self._next_index

    @property
    def waiting_frames(self) -> int:
        """How many frames of speech wait for their place."""
        return self._pushed - self._placed

    def push(self, samples: F32, frames: Motion) -> None:
        """Queue speech: `samples` [N] at 24 kHz and `frames`, whose indices count from the utterance's first.

        The frames may lag behind the samples (a model looks ahead). Close each utterance with `finish`.
        """
        self._samples = np.concatenate([self._samples, samples])
        if len(frames):
            self._motions.append(frames)
            self._pushed += len(frames)

    def finish(self) -> None:
        """The utterance is over: its audio is filled up to its frames with silence, so that the next begins on a frame.

        Audio that has no frames, because the utterance broke off, is dropped. Marks that are still open end here.
        """
        whole = np.zeros(self.waiting_frames * SAMPLES_PER_FRAME, np.float32)
        kept = self._samples[: len(whole)]
        whole[: len(kept)] = kept
        self._samples = whole
        for mark in self._marks:
            if mark.end is None:
                self.end_mark(mark)
        if self.waiting_frames:
            self._breaks.append(self._pushed)
        else:
            self._utterance = None

    def begin_mark(self, name: str, *, at_end: bool = False, **fields: Any) -> PendingMark:
        """Mark the stretch that begins with the next sample to be pushed; `end_mark` tells where it ends.

        It is released with its first frame, if the end is known by then; with `at_end` after its last.
        """
        mark = PendingMark(name, fields, self._heard, at_end, len(self._samples) % SAMPLES_PER_FRAME)
        self._marks.append(mark)
        return mark

    def end_mark(self, mark: PendingMark, spans: tuple[Span, ...] = ()) -> None:
        """Say that the marked stretch ends with the last sample pushed, and what was said in it, from its first on."""
        mark.end = self._heard
        mark.spans = spans

    def spoken_until(self, mark: PendingMark, sample: int) -> int:
        """How many samples of what was pushed since `mark` began lie before `sample` of the timeline, gaps not counted.

        Right for as long back as a receiver may be behind.
        """
        for stretch in reversed(self._stretches):
            start = frame_to_sample(stretch.start_index)
            if start <= sample:
                placed = min(sample, frame_to_sample(stretch.end_index)) - start
                return max(0, frame_to_sample(stretch.placed_before - mark.start) + placed)
        return 0

    @property
    def _heard(self) -> int:
        """The frame that the next sample belongs to; frames may lag behind samples."""
        return self._placed + len(self._samples) // SAMPLES_PER_FRAME

    def release(self, due_index: int) -> list[Released]:
        """All that may leave now that frame `due_index` is due."""
        self._next_index = max(self._next_index, due_index)  # the process slept: the past is not shown any more
        out: list[Released] = []
        horizon = due_index + LEAD_FRAMES
        start = max(self._speech_end, due_index + START_FRAMES)
        count = min(self.waiting_frames, horizon - start) if self._may_speak(start) else 0
        if count > 0:
            if start > self._next_index:
                out.append(self._idle(start))
            out.append(self._speech(start, count))
        out += self._ripe_marks()
        if self._next_index < horizon:
            out.append(self._idle(horizon))
        self._mixer.forget_before(due_index - HISTORY_FRAMES)
        while len(self._stretches) > 1 and self._stretches[1].start_index <= due_index - HISTORY_FRAMES:
            self._stretches.popleft()
        return out

    def _may_speak(self, start: int) -> bool:
        """Whether speech goes on without a gap, or has enough in hand to begin."""
        goes_on = self._utterance is not None and start == self._speech_end
        return goes_on or bool(self._breaks) or self.waiting_frames >= PREBUFFER_FRAMES

    def stop(self, due_index: int, shown_index: int) -> list[Released]:
        """Take back all speech from `shown_index`, the frame a listener is at, and shut the mouth.

        Returns the frames from there on, which replace what has left: the speech layer eases the mouth shut.
        """
        cut = _reached(due_index, shown_index)
        self._mixer.speech.stop(cut)
        self._utterance = None
        self._speech_end = min(self._speech_end, cut)
        self._next_index = min(self._next_index, cut)
        self._motions.clear()
        self._marks.clear()
        self._breaks.clear()
        self._stretches.clear()
        self._samples = np.zeros(0, np.float32)
        self._placed = self._pushed
        return [self._idle(due_index + LEAD_FRAMES)]

    def refresh(self, due_index: int, shown_index: int) -> list[Released]:
        """Render again what has left and is not past `shown_index`, the frame a listener is at: a layer was changed.

        The frames replace those that have left. Their audio stays as it is and is not sent again.
        """
        first = _reached(due_index, shown_index)
        if first >= self._next_index:
            return []
        return [Run(self._mixer.mix(first, self._next_index - first), np.zeros(0, np.float32))]

    def _idle(self, end_index: int) -> Run:
        first, self._next_index = self._next_index, end_index
        return Run(self._mixer.mix(first, end_index - first), np.zeros(0, np.float32))

    def _speech(self, start: int, count: int) -> Run:
        for mark in self._marks:
            if mark.start_index is None and mark.start < self._placed + count:
                mark.start_index = start + mark.start - self._placed
        self._show(start, self._take(count))
        samples, self._samples = np.split(self._samples, [count * SAMPLES_PER_FRAME])
        self._next_index = self._speech_end
        return Run(self._mixer.mix(start, count), freeze(samples))

    def _show(self, start: int, parts: list[Motion]) -> None:
        """Lay frames on the speech layer; after a gap, or where an utterance begins, as an utterance of their own."""
        if start != self._speech_end:
            self._utterance = None
        if start != self._speech_end or not self._stretches:
            self._stretches.append(_Stretch(start, self._placed, start))
        self._speech_end = start
        for part in parts:
            if self._utterance is None:
                self._utterance = self._mixer.speech.begin(self._speech_end)
            offset = self._speech_end - self._utterance.start_index
            self._utterance.push(Motion(offset, part.face, part.head_rad, part.gaze_rad, part.pose_rad))
            self._speech_end += len(part)
            self._placed += len(part)
            self._stretches[-1].end_index = self._speech_end
            if self._breaks and self._breaks[0] == self._placed:
                self._breaks.popleft()
                self._utterance = None

    def _take(self, count: int) -> list[Motion]:
        """The next `count` frames, cut where an utterance ends."""
        taken: list[Motion] = []
        while count:
            head = self._motions.popleft()
            if len(head) > count:
                self._motions.appendleft(head[count:])
                head = head[:count]
            taken.append(head)
            count -= len(head)
        return taken

    def _ripe_marks(self) -> list[Released]:
        ripe: list[Released] = []
        waiting: list[PendingMark] = []
        for mark in self._marks:
            if mark.start_index is None or mark.end is None or (mark.at_end and mark.end > self._placed):
                waiting.append(mark)
                continue
            start = frame_to_sample(mark.start_index)
            end = max(start, self._end_on_timeline(frame_to_sample(mark.end)))
            ripe.append(Mark(mark.name, start, end, mark.fields, self._on_timeline(mark)))
        self._marks = waiting
        return ripe

    def _on_timeline(self, mark: PendingMark) -> tuple[Span, ...]:
        """Where the spans of a mark came to lie; each ends before a gap rather than after it."""
        first = frame_to_sample(mark.start) + mark.lead
        placed: list[Span] = []
        for span in mark.spans:
            end = self._end_on_timeline(first + span.end_sample)
            start = min(self._end_on_timeline(first + span.start_sample + 1) - 1, end)
            placed.append(Span(start, end, span.text))
        return tuple(placed)

    def _end_on_timeline(self, pushed: int) -> int:
        """Where the first `pushed` samples of all end, or will if there is no gap before what has no place yet."""
        for stretch in reversed(self._stretches):
            if frame_to_sample(stretch.placed_before) < pushed:
                break
        return pushed + frame_to_sample(stretch.start_index - stretch.placed_before)


def _reached(due_index: int, shown_index: int) -> int:
    """The frame a listener is at, within what is remembered."""
    return max(min(shown_index, due_index), due_index - HISTORY_FRAMES, 0)
