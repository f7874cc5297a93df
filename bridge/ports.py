"""The protocols that parts plug into: types only, no behaviour."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol, runtime_checkable

from bridge.dialogue import Delta, Message, RealtimeEvent, Tool, Transcript
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

    def set_emotion(self, name: str, intensity: float = 1.0) -> None:
        """Speak with one of `EMOTIONS` from the next push on; intensity 0..1. Raises InputError for what is neither."""
        ...

    def reset(self) -> None:
        """Forget everything, ready for another utterance. The emotion stays."""
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


class Vad(Protocol):
    """Speech or not, for one microphone. Not thread-safe."""

    @property
    def window(self) -> int:
        """How many samples at 16 kHz a probability is of."""
        ...

    def push(self, samples: F32) -> list[float]:
        """Take samples [N] at 16 kHz and return how likely each window completed by them is speech, 0..1."""
        ...

    def reset(self) -> None:
        """Forget everything heard."""
        ...


class Asr(Protocol):
    """Speech to text, a turn at a time. Turns may overlap: each call of `stream` is one."""

    def stream(self, sound: AsyncIterator[F32], lang: str = "") -> AsyncGenerator[Transcript, None]:
        """Recognise a turn: samples at 16 kHz as they come, until they end; `lang` empty: told by the recogniser.

        Yields partial transcripts where it can, then exactly one final, whose text is empty where nothing was said.
        Raises ProviderError. Closing the iterator early gives the turn up.
        """
        ...

    async def aclose(self) -> None:
        """Let go of processes and connections. May be called twice."""
        ...


class Llm(Protocol):
    """Messages in, an answer out, as it is made."""

    def stream(self, messages: Sequence[Message], tools: Sequence[Tool] = ()) -> AsyncGenerator[Delta, None]:
        """Answer the last message. Raises ProviderError. Closing the iterator early cancels the answer."""
        ...

    async def aclose(self) -> None:
        """Let go of connections. May be called twice."""
        ...


class Dialogue(Protocol):
    """A speech-to-speech conversation: microphone in, the voice of answers out. One task reads `events`."""

    async def push(self, samples: F32) -> None:
        """Let it hear: samples [N] at 16 kHz, silence too, for turns are detected in it.

        Never waits long; what can't be sent in time is lost.
        """
        ...

    async def commit(self) -> None:
        """Say that the user's turn is over and ask for the answer: needed where the far side detects no turns."""
        ...

    async def add(self, message: Message, *, answer: bool = True) -> None:
        """Add a typed text, a picture or a tool's result to the conversation, and ask for an answer unless told not to.

        The result of a tool (role `tool`) is answered once all that the same answer asked for is done, where one of
        the results asked for an answer, or where the answer had no voice of its own.
        """
        ...

    async def cancel(self, answer: str, played_ms: int) -> None:
        """Fall silent: of `answer` only the first `played_ms` were heard, of later answers nothing.

        No event of a cancelled answer follows, but for its `AnswerEnded`; the far side remembers what was heard only.
        """
        ...

    def events(self) -> AsyncGenerator[RealtimeEvent, None]:
        """What happens, in order, until the dialogue is closed. Raises ProviderError where it can't go on."""
        ...


class Realtime(Protocol):
    """Speech in, speech out, by one model in place of a recogniser, a language model and a voice."""

    def connect(
        self, instructions: str, tools: Sequence[Tool] = (), history: Sequence[Message] = ()
    ) -> AbstractAsyncContextManager[Dialogue]:
        """Begin a dialogue, as a block at whose end it is closed. Raises ProviderError."""
        ...

    async def aclose(self) -> None:
        """Let go of what is shared by dialogues. May be called twice."""
        ...


class Sink(Protocol):
    """Where frames leave, when due, one call a frame, from the pacer's thread. Never blocks: what can't leave is lost.

    Raises BlockingIOError where a frame is lost because there is no room for it, and BridgeError or another OSError
    where the target is not there; it is closed then, and built anew after a while.
    """

    def send(self, epoch: int, motion: Motion, rigged: RigFrames) -> None:
        """Send the one frame that is due now: the canonical motion, and the same in the curves of the sink's rig."""
        ...

    def close(self) -> None:
        """Let go of the socket or device. May be called twice."""
        ...


@runtime_checkable
class NotingSink(Sink, Protocol):
    """A sink with something to say that is no failure: that it waits for a person, or what the target refuses."""

    notice: str


@runtime_checkable
class GuardedSink(Sink, Protocol):
    """A sink whose target must let it in first, for which a person may be asked. Until then no frame is shown."""

    let_in: bool | None
    """None while that is open, False where it was refused."""


@runtime_checkable
class AudioSink(Sink, Protocol):
    """A sink that is heard as well."""

    def play(self, epoch: int, start_sample: int, samples: F32) -> None:
        """Take speech ahead of time: samples [N] at 24 kHz, the first of them sample `start_sample` of the timeline.

        A new epoch drops all that is left of the old one.
        """
        ...

    def origin_ns(self) -> int | None:
        """The clock reading at which sample 0 would have been heard, by the device's own count; None: not known yet."""
        ...
