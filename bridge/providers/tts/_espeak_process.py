"""The other side of `_espeak_worker`: the process as an object, and a few of them kept for use.

Everything here blocks for some milliseconds; a `Job` may be closed from another thread than reads it.
"""

from __future__ import annotations

import importlib.util
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bridge.errors import ProviderError
from bridge.providers._child import Child
from bridge.providers.tts import _espeak_worker as worker

_CLOSE_S: Final = 0.5
_DIED: Final = "The espeak-ng voice died while it spoke; the next text starts it anew."


@dataclass(frozen=True, slots=True)
class Buffer:
    """What espeak-ng hands out at once: int16 samples at 22,050 Hz, and the events that came with them, in order.

    A mark is the sample, counted from the utterance's first, at which an event stands, and what begins there: a
    phoneme, by its name, or a word, by the place of its first character in the text, counted from 1.
    """

    samples: NDArray[np.int16]
    marks: tuple[tuple[int, str | int], ...]


@dataclass(frozen=True, slots=True)
class Request:
    """An utterance to speak: `voice` is espeak's own identifier, with a variant after a plus."""

    text: str
    voice: str
    rate_wpm: int
    pitch: int
    pitch_range: int

    def encode(self) -> bytes:
        """The payload of an S message."""
        numbers = worker.REQUEST.pack(self.rate_wpm, self.pitch, self.pitch_range)
        return numbers + self.voice.encode() + b"\0" + self.text.encode()


class Process(Child):
    """A running worker: `catalogue` is what it said of its voices. One utterance at a time."""

    def __init__(self) -> None:
        library, data_folder = _find_library()
        super().__init__("-I", "-S", worker.__file__, library, data_folder)
        try:
            kind, payload = worker.receive(self._replies)
        except EOFError:
            self.kill()
            raise ProviderError("The espeak-ng voice did not start.") from None
        if kind != b"H":
            self.kill()
            raise ProviderError(f"The espeak-ng voice did not start: {payload.decode()}.")
        self.catalogue = payload.decode()

    def ask(self, kind: bytes, payload: bytes = b"") -> Buffer | None:
        """Send S, N or C; returns the audio that comes back, or None at the utterance's end.

        Raises ProviderError where espeak-ng refuses, or dies (then `alive` turns false).
        """
        try:
            worker.send(self._requests, kind, payload)
            answer, data = worker.receive(self._replies)
        except (EOFError, OSError, ValueError):  # ValueError: the pipes were closed by `kill` from another thread
            self.kill()
            raise ProviderError(_DIED, retryable=True) from None
        if answer == b"X":
            raise ProviderError(f"The espeak-ng voice refused to speak: {data.decode()}.")
        return _buffer(data) if answer == b"A" else None


class Job:
    """An utterance being spoken by a process that belongs to it until it is closed."""

    def __init__(self, pool: Pool, process: Process, request: Request) -> None:
        self._pool, self._process, self._request = pool, process, request
        self._lock = threading.Lock()
        self._started = self._ended = self._closed = False

    def __enter__(self) -> Job:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def __iter__(self) -> Iterator[Buffer]:
        while buffer := self.next():
            yield buffer

    def next(self) -> Buffer | None:
        """The next buffer, or None when the utterance is over or closed. Raises ProviderError."""
        with self._lock:
            if self._ended:
                return None
            try:
                buffer = self._process.ask(b"N") if self._started else self._begin()
            except ProviderError:
                self._ended = True
                raise
            self._ended = buffer is None
            return buffer

    def close(self) -> None:
        """Stop speaking and give the process back. A second call does nothing."""
        if not self._lock.acquire(timeout=_CLOSE_S):
            self._process.kill()  # it hangs: the thread that reads from it gets an error
            self._lock.acquire()
        try:
            if not self._closed:
                self._cancel()
                self._ended = self._closed = True
                self._pool.give_back(self._process)
        finally:
            self._lock.release()

    def _begin(self) -> Buffer | None:
        self._started = True
        return self._process.ask(b"S", self._request.encode())

    def _cancel(self) -> None:
        if not self._started or self._ended:
            return
        try:
            while self._process.ask(b"C"):
                pass
        except ProviderError:
            pass  # it died on being stopped: the pool sees that


class Pool:
    """The workers of one owner: as many as utterances are spoken at once, usually one. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._idle: list[Process] = []
        self._closed = False

    def speak(self, request: Request) -> Job:
        """Take an idle worker, or start one, for an utterance. Close the job. Raises ProviderError."""
        return Job(self, self._take(), request)

    def catalogue(self) -> str:
        """What espeak-ng says of its voices, as in the H message. Raises ProviderError."""
        process = self._take()
        self.give_back(process)
        return process.catalogue

    def give_back(self, process: Process) -> None:
        """Put a worker back for the next utterance, unless it has died or the pool is closed."""
        with self._lock:
            if process.alive and not self._closed:
                self._idle.append(process)
                return
        process.kill()

    def close(self) -> None:
        """End the idle workers; those at work end when their job closes. A second call does nothing."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for process in idle:
            process.kill()

    def _take(self) -> Process:
        with self._lock:
            if self._closed:
                raise ProviderError("The espeak-ng voice has been closed.")
            while self._idle:
                process = self._idle.pop()
                if process.alive:
                    return process
                process.kill()
        return Process()


def _find_library() -> tuple[str, str]:
    if importlib.util.find_spec("espeakng_loader") is None:
        raise ProviderError("The espeak voice needs the package espeakng-loader: pip install espeakng-loader.")
    import espeakng_loader  # type: ignore[import-untyped]  # noqa: PLC0415 - absent by choice where GPL-3 is unwanted

    library = str(Path(espeakng_loader.get_library_path()).resolve())
    try:
        return library, str(Path(espeakng_loader.get_data_path()).resolve())
    except RuntimeError as error:
        raise ProviderError(f"The package espeakng-loader is broken; install it anew ({error}).") from error


def _buffer(payload: bytes) -> Buffer:
    count = int.from_bytes(payload[:4], "little")
    end = 4 + count * worker.MARK.size
    marks = tuple(
        (sample, place or name.rstrip(b"\0").decode(errors="ignore"))
        for sample, place, name in worker.MARK.iter_unpack(payload[4:end])
    )
    return Buffer(np.frombuffer(payload, np.int16, offset=end), marks)
