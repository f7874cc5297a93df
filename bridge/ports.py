"""The protocols that parts plug into: types only, no behaviour."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator
from typing import Protocol

from bridge.types import F32, AudioChunk, Motion, RigFrames, Speech


class Source(Protocol):
    """Where audio enters: a file, a microphone, a socket."""

    def chunks(self) -> Iterator[AudioChunk]:
        """Mono audio in order, from sample 0, at 24 kHz. Raises InputError where it can't be read."""
        ...


class FaceModel(Protocol):
    """Audio to motion, for one utterance at a time. Not thread-safe.

    For any chunking of the input, all that `push` and `flush` return, put together, is the same: ceil(N / 400)
    frames for N samples, counted from 0 at the utterance's first sample.
    """

    @property
    def lookahead_ms(self) -> int:
        """How much audio after a frame is needed before the frame comes out."""
        ...

    def push(self, samples: F32) -> Motion:
        """Take samples [N] at 24 kHz and return the frames that have become ready, perhaps none."""
        ...

    def flush(self) -> Motion:
        """Say that the utterance is over: the frames still owed. Call `reset` before the next `push`."""
        ...

    def reset(self) -> None:
        """Forget everything, ready for another utterance."""
        ...


class Tts(Protocol):
    """Text to speech."""

    def stream(self, text: str) -> AsyncGenerator[Speech, None]:
        """Speak `text`, a piece at a time, as 24 kHz mono. Raises InputError or ProviderError.

        Closing the iterator early cancels the voice.
        """
        ...

    async def aclose(self) -> None:
        """Let go of processes and connections."""
        ...


class Sink(Protocol):
    """Where frames leave, when due, one call a frame, from the pacer's thread. Never blocks for long."""

    def send(self, epoch: int, frames: RigFrames) -> None:
        """Send frames that are due now."""
        ...

    def close(self) -> None:
        """Let go of the socket or file. May be called twice."""
        ...
