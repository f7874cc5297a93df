"""What a subject is about to show and say: speech placed on the timeline, idle between, released ahead of time.

Pure: no clock, no socket. The session says which frame is due; the playout answers with what may leave now.

    push ──> queue of frames not yet placed ──place──> track ──mix with the layers──> release

Frames leave in order up to `LEAD_FRAMES` before they are due. Speech is given its place only as it is released: at the
end of the speech before it, but no earlier than `START_FRAMES` from now, so that it can still arrive in time. One rule
covers the start of an utterance, a voice that is slower than speech, and a process that slept. Where idle frames for
that place have already left, they are released again with the speech in them; a receiver keeps the last of an index.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol, TypeAlias

import numpy as np

from bridge.timebase import SAMPLES_PER_FRAME, frame_to_sample
from bridge.types import F32, Motion, concatenate, freeze, motion, still

LEAD_FRAMES: Final = 18
"""300 ms: how early frames and audio leave. Network jitter below it can't show."""
START_FRAMES: Final = 4
"""67 ms: how early the first frame of an utterance must leave to be in time."""
STOP_EASE_FRAMES: Final = 7
"""117 ms: how long the mouth takes to shut after a stop."""
END_EASE_FRAMES: Final = 15
"""250 ms: how long what is left of an utterance's last pose takes to fade into idle."""
HISTORY_FRAMES: Final = 60
"""What a stop may need to know of the past: a receiver is never more than a second behind."""


class Mixes(Protocol):
    """The mixer, as far as the playout needs it."""

    def mix(self, first_index: int, count: int, *, speech: Motion | None = None) -> Motion:
        """`count` frames from `first_index`, with the layers stacked; the same whenever it is asked."""
        ...


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


Released: TypeAlias = Run | Mark


@dataclass(slots=True, eq=False)
class PendingMark:
    """A mark on its way. `start` and `end` count pushed frames; `start_index` is known once that frame is placed."""

    name: str
    fields: Mapping[str, Any]
    start: int
    at_end: bool
    end: int | None = None
    start_index: int | None = None


@dataclass(slots=True)
class SpeechTrack:
    """Speech that has its place, over the last second and the lead, and its fading out after it ends."""

    rows: list[Motion] = field(default_factory=list)
    ease_frames: int = END_EASE_FRAMES

    @property
    def end_index(self) -> int:
        """One past the last frame of speech that was placed."""
        return self.rows[-1].end_index if self.rows else 0

    def add(self, speech: Motion) -> None:
        """Place speech after all that is there."""
        self.rows.append(speech)
        self.ease_frames = END_EASE_FRAMES

    def cut(self, index: int) -> None:
        """Take back the speech from `index` on; what it showed there fades from that frame, in `STOP_EASE_FRAMES`."""
        kept = [m if m.end_index <= index else m[: index - m.first_index] for m in self.rows if m.first_index < index]
        if self.end_index > index:
            self.ease_frames = STOP_EASE_FRAMES
        self.rows = kept

    def forget(self, before_index: int) -> None:
        """Drop what ended before `before_index`, except the last, which may still be fading."""
        while len(self.rows) > 1 and self.rows[0].end_index <= before_index:
            self.rows.pop(0)

    def window(self, first_index: int, count: int) -> Motion | None:
        """The speech in a stretch of the timeline, neutral in its gaps, or None where nothing of it is left."""
        end_index = first_index + count
        parts: list[Motion] = []
        at = first_index
        for before, after in zip([None, *self.rows], [*self.rows, None], strict=True):
            gap_end = min(after.first_index if after else end_index, end_index)
            if gap_end > at:
                parts.append(self._gap(before, at, gap_end - at))
                at = gap_end
            if after and after.end_index > at and at < end_index:
                parts.append(after[at - after.first_index : min(after.end_index, end_index) - after.first_index])
                at = parts[-1].end_index
        faded = self.end_index + self.ease_frames <= first_index
        return None if faded or not parts else concatenate(parts)

    def _gap(self, before: Motion | None, first_index: int, count: int) -> Motion:
        if before is None:
            return still(first_index, count)
        x = np.clip((np.arange(first_index, first_index + count) + 1 - before.end_index) / self.ease_frames, 0, 1)
        left = (1 - x * x * (3 - 2 * x)).astype(np.float32)
        return motion(
            first_index,
            left[:, None] * before.face[-1:],
            head_rad=left[:, None] * before.head_rad[-1:],
            gaze_rad=left[:, None] * before.gaze_rad[-1:],
            pose_rad=left[:, None, None] * before.pose_rad[-1:],
        )


class Playout:
    """The schedule of one subject. Not thread-safe."""

    def __init__(self, mixer: Mixes) -> None:
        self._mixer = mixer
        self._track = SpeechTrack()
        self._next_index = 0
        self._motions: list[Motion] = []
        self._samples = np.zeros(0, np.float32)
        self._pushed = 0
        self._placed = 0
        self._marks: list[PendingMark] = []

    @property
    def speech_end_index(self) -> int:
        """One past the last frame of speech that has its place."""
        return self._track.end_index

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
        """The utterance is whole: its audio is filled up to its frames with silence, so the next begins on a frame."""
        missing = self.waiting_frames * SAMPLES_PER_FRAME - len(self._samples)
        assert missing >= 0, "more audio than frames: flush the face model before finishing"
        self._samples = np.concatenate([self._samples, np.zeros(missing, np.float32)])

    def begin_mark(self, name: str, *, at_end: bool = False, **fields: Any) -> PendingMark:
        """Mark the stretch that begins with the next frame to be pushed; `end_mark` tells where it ends.

        It is released with its first frame, if the end is known by then; with `at_end` after its last.
        """
        mark = PendingMark(name, fields, self._pushed, at_end)
        self._marks.append(mark)
        return mark

    def end_mark(self, mark: PendingMark) -> None:
        """Say that the marked stretch ends with the last frame pushed."""
        mark.end = self._pushed

    def release(self, due_index: int) -> list[Released]:
        """All that may leave now that frame `due_index` is due."""
        self._next_index = max(self._next_index, due_index)  # the process slept: the past is not shown any more
        out: list[Released] = []
        horizon = due_index + LEAD_FRAMES
        start = max(self._track.end_index, due_index + START_FRAMES)
        count = min(self.waiting_frames, horizon - start)
        if count > 0:
            if start > self._next_index:
                out.append(self._idle(start))
            out.append(self._speech(start, count))
        out += self._ripe_marks()
        if self._next_index < horizon and not self.waiting_frames:
            out.append(self._idle(horizon))
        self._track.forget(due_index - HISTORY_FRAMES)
        return out

    def stop(self, due_index: int, shown_index: int) -> list[Released]:
        """Take back all speech from `shown_index`, the frame a listener is at, and shut the mouth.

        Returns the frames from there on, which replace what has left: the pose of that frame, faded out within
        `STOP_EASE_FRAMES`.
        """
        cut = max(min(shown_index, due_index), due_index - HISTORY_FRAMES, 0)
        self._track.cut(cut)
        self._next_index = min(self._next_index, cut)
        self._motions.clear()
        self._marks.clear()
        self._samples = np.zeros(0, np.float32)
        self._placed = self._pushed
        return [self._idle(due_index + LEAD_FRAMES)]

    def _idle(self, end_index: int) -> Run:
        first, self._next_index = self._next_index, end_index
        return Run(self._mixed(first, end_index - first), np.zeros(0, np.float32))

    def _speech(self, start: int, count: int) -> Run:
        for mark in self._marks:
            if mark.start_index is None and mark.start < self._placed + count:
                mark.start_index = start + mark.start - self._placed
        self._track.add(self._take(start, count))
        samples, self._samples = np.split(self._samples, [count * SAMPLES_PER_FRAME])
        self._placed += count
        self._next_index = start + count
        return Run(self._mixed(start, count), freeze(samples))

    def _take(self, start: int, count: int) -> Motion:
        taken: list[Motion] = []
        at = start
        while count:
            head = self._motions.pop(0)
            if len(head) > count:
                self._motions.insert(0, head[count:])
                head = head[:count]
            taken.append(Motion(at, head.face, head.head_rad, head.gaze_rad, head.pose_rad))
            at += len(head)
            count -= len(head)
        return concatenate(taken)

    def _mixed(self, first_index: int, count: int) -> Motion:
        return self._mixer.mix(first_index, count, speech=self._track.window(first_index, count))

    def _ripe_marks(self) -> list[Released]:
        ripe: list[Released] = []
        waiting: list[PendingMark] = []
        for mark in self._marks:
            if mark.start_index is None or mark.end is None or (mark.at_end and mark.end > self._placed):
                waiting.append(mark)
                continue
            end_index = mark.start_index + mark.end - mark.start
            ripe.append(Mark(mark.name, frame_to_sample(mark.start_index), frame_to_sample(end_index), mark.fields))
        self._marks = waiting
        return ripe
