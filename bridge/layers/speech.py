"""The speech layer: utterances laid on the timeline, eased in and out, and shut when stopped.

Brows, head, gaze and body are the face model's, drawn to go with the voice. Talking blinks oftener than resting
(`bridge/layers/blink.py`): that is added here, for lids can't be told from a mouth.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Final

import numpy as np

from bridge.dsp.noise import F64, I64, derived, smoothstep
from bridge.layers.blend import Layer
from bridge.layers.blink import LENGTH_S, TALK_MEDIAN_S, Blinks
from bridge.layers.regions import Region
from bridge.timebase import FPS_DEN, FPS_NUM
from bridge.types import F32, JOINT_COUNT, SHAPE_COUNT, SHAPE_INDEX, Motion, concatenate, freeze, motion

EASE_IN_FRAMES: Final = 5
EASE_OUT_FRAMES: Final = 7
"""117 ms from the last spoken frame, or from a stop, to a mouth at rest; 150 ms are promised."""
HEAD_EASE_IN_FRAMES: Final = 15
HEAD_EASE_OUT_FRAMES: Final = 36
"""A head that turned with the voice takes its time to come back."""

BODY_EASE_IN_FRAMES: Final = 18
BODY_EASE_OUT_FRAMES: Final = 54

MOUTH: Final[frozenset[Region]] = frozenset(("mouth", "jaw", "tongue", "cheeks"))
UPPER: Final[frozenset[Region]] = frozenset(("brows", "eyes", "head"))
LIDS: Final[frozenset[Region]] = frozenset(("eyes",))
_BLINK_FRAMES: Final = int(LENGTH_S * FPS_NUM / FPS_DEN)
_TAIL_FRAMES: Final = max(EASE_OUT_FRAMES, HEAD_EASE_OUT_FRAMES, BODY_EASE_OUT_FRAMES, _BLINK_FRAMES)
_LIDS: Final = [SHAPE_INDEX["eyeBlinkLeft"], SHAPE_INDEX["eyeBlinkRight"]]


@dataclass(frozen=True, slots=True)
class Hold:
    """How far the voice has the mouth and, coming and going more gently, the rest of the face; [T] each, 0..1."""

    mouth: F64
    face: F64


class Utterance:
    """One utterance from `start_index` on: its frames as far as they have come, ended by the last of them or a stop."""

    def __init__(self, start_index: int) -> None:
        self.start_index = start_index
        self.end_index = start_index
        """One past the last frame that is spoken; grows as frames come."""
        self._stopped = False
        self._parts: deque[Motion] = deque()

    def push(self, frames: Motion) -> None:
        """Take the next frames, counted from 0 at the utterance's first, as a face model gives them."""
        if self._stopped or not len(frames):
            return
        assert self.start_index + frames.first_index == self.end_index, "frames of an utterance follow one another"
        placed = Motion(self.end_index, frames.face, frames.head_rad, frames.gaze_rad, frames.pose_rad)
        self._parts.append(placed)
        self.end_index = placed.end_index

    def stop(self, index: int) -> None:
        """Speak no further than the frame before `index`."""
        self._stopped = True
        self.end_index = max(self.start_index, min(self.end_index, index))

    def over_before(self, index: int) -> bool:
        """Whether nothing of it shows at `index` or later, unless more frames come."""
        return self.end_index + _TAIL_FRAMES <= index

    def forget_before(self, index: int) -> None:
        """Let go of frames before `index`, but for the last, which is held as the mouth is eased shut."""
        while len(self._parts) > 1 and self._parts[0].end_index <= min(index, self.end_index - 1):
            self._parts.popleft()

    def hold(self, index: I64) -> Hold:
        """How far the face at the frames `index` [T] is the utterance's."""
        return Hold(
            mouth=self._weight(index, EASE_IN_FRAMES, EASE_OUT_FRAMES),
            face=self._weight(index, HEAD_EASE_IN_FRAMES, HEAD_EASE_OUT_FRAMES),
        )

    def shows(self, first_index: int, count: int) -> bool:
        """Whether it may show in `count` frames from `first_index` on."""
        begun = self.start_index < min(self.end_index, first_index + count)
        return begun and not self.over_before(first_index)

    def layers(self, first_index: int, index: I64, blinks: Blinks) -> list[Layer]:
        """What it adds to the consecutive frames `index` [T] that begin at `first_index`, where it shows."""
        held = self._held(first_index, len(index))
        hold = self.hold(index)
        lids = np.zeros((len(index), SHAPE_COUNT))
        lids[:, _LIDS] = blinks.at(first_index, index, (self.start_index, self.end_index))[:, None]
        return [
            Layer("speech", held, freeze(hold.mouth), MOUTH),
            Layer("speech", held, freeze(hold.face), UPPER),
            Layer("speech", motion(first_index, lids), 1.0, LIDS),
        ]

    def pose_rad(self, first_index: int, index: I64) -> F32:
        """[T, 24, 3] how far the body at these frames speaks along; it comes and goes more gently than the head."""
        weight = self._weight(index, BODY_EASE_IN_FRAMES, BODY_EASE_OUT_FRAMES)
        return freeze(self._held(first_index, len(index)).pose_rad * weight[:, None, None])

    def _weight(self, index: I64, ease_in_frames: int, ease_out_frames: int) -> F64:
        coming = smoothstep((index - self.start_index + 1) / ease_in_frames)
        going = smoothstep((index - self.end_index + 1) / ease_out_frames)
        return np.where(self.end_index > self.start_index, coming * (1.0 - going), 0.0)

    def _held(self, first_index: int, count: int) -> Motion:
        """The frames from `first_index` on, with the first and the last spoken ones standing in beyond them."""
        wanted = np.clip(np.arange(first_index, first_index + count), self.start_index, self.end_index - 1)
        known = concatenate([p for p in self._parts if p.end_index > wanted[0] and p.first_index <= wanted[-1]])
        rows = wanted - known.first_index
        return motion(
            first_index,
            known.face[rows],
            head_rad=known.head_rad[rows],
            # Eyes stay with the listener as the voice's head turns.
            gaze_rad=known.gaze_rad[rows] - known.head_rad[rows, 1::-1],
            pose_rad=known.pose_rad[rows],
        )


class SpeechLayer:
    """All utterances of a subject that still show, the newest on top."""

    def __init__(self, seed: int) -> None:
        self._blinks = Blinks(derived(seed, "talk"), TALK_MEDIAN_S)
        self._utterances: deque[Utterance] = deque()

    def begin(self, start_index: int) -> Utterance:
        """A new utterance whose first frame is `start_index`; push its frames into what this returns."""
        self._utterances.append(Utterance(start_index))
        return self._utterances[-1]

    def stop(self, index: int) -> None:
        """Shut up: from `index` on the mouth is eased to rest, and nothing that was still to come is shown."""
        for utterance in self._utterances:
            utterance.stop(index)

    def forget_before(self, index: int) -> None:
        """Let go of what can't show in frames from `index` on. Frames before it can't be rendered again."""
        for utterance in self._utterances:
            utterance.forget_before(index)
        # The newest may still be waiting for its first frames.
        while len(self._utterances) > 1 and self._utterances[0].over_before(index):
            self._utterances.popleft()

    def layers(self, first_index: int, count: int) -> list[Layer]:
        """The layers for `count` frames from `first_index` on."""
        index = np.arange(first_index, first_index + count, dtype=np.int64)
        showing = self._showing(first_index, count)
        return [layer for utterance in showing for layer in utterance.layers(first_index, index, self._blinks)]

    def pose_rad(self, first_index: int, count: int) -> F32:
        """[T, 24, 3] rotation vectors that speaking adds to the body in `count` frames from `first_index` on."""
        index = np.arange(first_index, first_index + count, dtype=np.int64)
        poses = [utterance.pose_rad(first_index, index) for utterance in self._showing(first_index, count)]
        return freeze(sum(poses, np.zeros((count, JOINT_COUNT, 3), np.float32)))

    def hold(self, first_index: int, count: int) -> Hold:
        """How far the `count` frames from `first_index` on belong to the voice."""
        index = np.arange(first_index, first_index + count, dtype=np.int64)
        mouth, face = np.ones(count), np.ones(count)
        for utterance in self._utterances:
            hold = utterance.hold(index)
            mouth *= 1.0 - hold.mouth
            face *= 1.0 - hold.face
        return Hold(1.0 - mouth, 1.0 - face)

    def _showing(self, first_index: int, count: int) -> list[Utterance]:
        return [utterance for utterance in self._utterances if utterance.shows(first_index, count)]
