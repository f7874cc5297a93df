"""Whole recordings and whole texts to takes, as fast as the machine goes.

    audio file ──chunks──> face model ──frames──> mixer ──> takes
    text ──spoken pieces: samples and frames ────> mixer ──> takes

Frame 0 and sample 0 stand together; N samples give ceil(N / 400) frames. Memory does not grow with the length.
"""

from __future__ import annotations

import sys
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import aclosing, contextmanager
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np

from bridge.layers.mixer import Mixer
from bridge.ports import FaceModel, Source
from bridge.speaking import Spoken
from bridge.timebase import FPS_DEN, FPS_NUM, SAMPLE_RATE_HZ, SAMPLES_PER_FRAME, frames_for_samples
from bridge.types import F32, Motion, freeze

_NO_SAMPLES: Final = freeze(np.zeros(0, np.float32))


class Destination(Protocol):
    """Where motion and sound go: takes, or sinks in real time."""

    def write(self, frames: Motion, samples: F32) -> None:
        """Take frames and samples [N] at 24 kHz that follow the last ones; frames may lag behind their samples."""
        ...


class Several:
    """Destinations as one."""

    def __init__(self, destinations: Sequence[Destination]) -> None:
        self._destinations = destinations

    def write(self, frames: Motion, samples: F32) -> None:
        """Write to each."""
        for destination in self._destinations:
            destination.write(frames, samples)


@dataclass(frozen=True, slots=True)
class Made:
    """How much was written."""

    frames: int
    samples: int

    @property
    def duration_s(self) -> float:
        """The length of the sound."""
        return self.samples / SAMPLE_RATE_HZ


def unseen(seconds: float) -> None:
    """Progress that nobody looks at."""


def play(motion: Motion, samples: F32 | None, out: Destination, advance: Callable[[float], object] = unseen) -> Made:
    """Write a take that is there already, second by second, with its sound if it has any; otherwise as `animate`."""
    sound = _NO_SAMPLES if samples is None else samples
    for first in range(0, len(motion), FPS_NUM):
        part = motion[first : first + FPS_NUM]
        out.write(part, sound[first * SAMPLES_PER_FRAME :][: len(part) * SAMPLES_PER_FRAME])
        advance(len(part) * FPS_DEN / FPS_NUM)
    return Made(len(motion), len(sound))


def animate(
    source: Source, model: FaceModel, mixer: Mixer | None, out: Destination, advance: Callable[[float], object] = unseen
) -> Made:
    """Write what `model` makes of the sound of `source`, laid by `mixer` on idle life; without one, the model alone.

    `advance` is called with the seconds of sound done since the last call. The model is left reset. Raises what the
    source, the model and the takes raise.
    """
    recording = _Recording(mixer, out)
    model.reset()
    for chunk in source.chunks():
        recording.add(model.push(chunk.samples), chunk.samples)
        advance(len(chunk.samples) / chunk.sample_rate_hz)
    recording.add(model.flush(), _NO_SAMPLES)
    model.reset()
    return recording.made()


async def record(
    pieces: AsyncGenerator[Spoken, None],
    mixer: Mixer | None,
    out: Destination,
    advance: Callable[[float], object] = unseen,
) -> Made:
    """Write an utterance as a `Speaker` says it, which is closed at the end; otherwise as `animate`."""
    recording = _Recording(mixer, out)
    async with aclosing(pieces):
        async for piece in pieces:
            recording.add(piece.frames, piece.samples)
            advance(len(piece.samples) / SAMPLE_RATE_HZ)
    return recording.made()


@contextmanager
def progress(label: str, total_s: float | None) -> Iterator[Callable[[float], object]]:
    """A bar on standard error that counts seconds of sound, where that is a terminal; give its value to `advance`."""
    if not sys.stderr.isatty():
        yield unseen
        return
    from tqdm import tqdm  # noqa: PLC0415  not for those who see no bar

    counts = "{n:.0f}/{total:.0f} s" if total_s else "{n:.0f} s"
    times = "{elapsed}<{remaining}" if total_s else "{elapsed}"
    with tqdm(total=total_s, desc=label, bar_format=f"{{l_bar}}{{bar}}| {counts} [{times}]", leave=False) as bar:
        yield bar.update


class _Recording:
    """The timeline of one utterance, on its way into takes."""

    def __init__(self, mixer: Mixer | None, out: Destination) -> None:
        self._mixer = mixer
        self._out = out
        self._utterance = mixer.speech.begin(0) if mixer else None
        self._frames = 0
        self._samples = 0

    def add(self, frames: Motion, samples: F32) -> None:
        """Frames that follow the last ones, and samples likewise."""
        shown = self._mixed(frames) if len(frames) else frames
        self._out.write(shown, samples)
        self._frames += len(frames)
        self._samples += len(samples)

    def made(self) -> Made:
        """The sum, once all has been added."""
        assert self._frames == frames_for_samples(self._samples), "a face model owes ceil(N / 400) frames"
        return Made(self._frames, self._samples)

    def _mixed(self, frames: Motion) -> Motion:
        if self._mixer is None or self._utterance is None:
            return frames
        self._utterance.push(frames)
        mixed = self._mixer.mix(frames.first_index, len(frames))
        self._mixer.forget_before(frames.end_index)
        return mixed
