"""The mixer: idle, speech, emotion, gesture, capture, override and limits, stacked into the motion that is shown."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np

from bridge.dsp.noise import F64
from bridge.layers.acting import ActingLayer
from bridge.layers.blend import Layer, stack
from bridge.layers.capture import CaptureLayer
from bridge.layers.emotion import EmotionLayer
from bridge.layers.gaze import gaze_of_look_shapes, write_look_shapes
from bridge.layers.idle import IdleLayer
from bridge.layers.limits import limit
from bridge.layers.manner import Manner
from bridge.layers.override import OverrideLayer
from bridge.layers.regions import Region
from bridge.layers.speech import SpeechLayer
from bridge.types import SHAPE_COUNT, Motion, motion

BODY: Final[frozenset[Region]] = frozenset(("body",))
LARGEST: Final = 1.5
"""Beyond it gestures grow no more."""


class Mixer:
    """One subject's stack of layers. Not thread-safe; reads no clock.

    What `mix` returns is a function of the seed, the frames asked for and what has been put into the layers: the same
    to the bit in whatever pieces or order, as long as nothing asked for was forgotten.
    """

    def __init__(self, seed: int) -> None:
        self.speech = SpeechLayer(seed)
        self.emotion = EmotionLayer()
        self.acting = ActingLayer()
        self.capture = CaptureLayer()
        self.override = OverrideLayer()
        self.manner = Manner()
        self._idle = IdleLayer(seed)

    def mix(self, first_index: int, count: int, more: Iterable[Layer] = ()) -> Motion:
        """`count` frames from `first_index` on. `more` are layers of just these frames."""
        manner = self.manner.at(first_index, count)
        below = (
            *self.speech.layers(first_index, count),
            *self.emotion.layers(first_index, count, self.speech.hold(first_index, count)),
            *self.acting.layers(first_index, count),
            *self._gestures(first_index, count, manner.gestures),
            *self.capture.layers(first_index, count),
            *more,
        )
        frames = stack(self._idle.render(first_index, count, manner), below)
        held = self.override.layers(first_index, count)
        if held:
            frames = self._held(frames, held)
        return limit(frames)

    def forget_before(self, index: int) -> None:
        """Say that no frame before `index` will be asked for again, so that memory stays small."""
        self.speech.forget_before(index)
        self.emotion.forget_before(index)
        self.manner.forget_before(index)
        self.acting.forget_before(index)

    def _gestures(self, first_index: int, count: int, size: F64) -> list[Layer]:
        """The body that speaks along, as largely as manner (`size` [T]) and emotion make it; none where it is still.

        It does so as far as no gesture that was asked for has the arms.
        """
        pose = self.speech.pose_rad(first_index, count)
        if not pose.any():
            return []
        size = np.minimum(size * self.emotion.energy(first_index, count), LARGEST)
        face = np.zeros((count, SHAPE_COUNT), np.float32)
        frames = motion(first_index, face, pose_rad=pose * size[:, None, None])
        return [Layer("gesture", frames, self.acting.free_arms(first_index, count), BODY)]

    def _held(self, frames: Motion, held: list[Layer]) -> Motion:
        """The designer sets eyeLook shapes, but gaze is what is kept: it goes into the shapes and comes back out."""
        face = frames.face.copy()
        write_look_shapes(face, frames.gaze_rad)
        shown = stack(motion(frames.first_index, face), held).face
        gaze = gaze_of_look_shapes(shown) if self.override.holds_gaze else frames.gaze_rad
        return motion(frames.first_index, shown, head_rad=frames.head_rad, gaze_rad=gaze, pose_rad=frames.pose_rad)
