"""The microphone of this machine, through sounddevice (PortAudio)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from bridge.dialogue import HEARING_RATE_HZ
from bridge.errors import DeviceError

BLOCK_SAMPLES: Final = HEARING_RATE_HZ // 50
QUEUE_BLOCKS: Final = 250
"""Five seconds: who falls further behind loses the oldest."""

I16 = NDArray[np.int16]


class Stream(Protocol):
    """What is used of sounddevice.InputStream."""

    def start(self) -> None: ...
    def close(self) -> None: ...


def open_stream(device: str, callback: Callable[[Any, int, Any, Any], None]) -> Stream:
    """A stream of 16-bit mono at 16 kHz from `device`: a part of its name, or empty for the default one.

    Raises DeviceError.
    """
    try:
        import sounddevice  # noqa: PLC0415  fails where PortAudio is missing, which only those who ask should hear
    except (ImportError, OSError) as error:
        raise DeviceError(
            f"Sound can't be recorded here: {error}. On Debian and Ubuntu: sudo apt install libportaudio2."
        ) from None
    try:
        stream: Stream = sounddevice.InputStream(
            samplerate=HEARING_RATE_HZ,
            channels=1,
            dtype="int16",
            blocksize=BLOCK_SAMPLES,
            device=device or None,
            callback=callback,
        )
    except (sounddevice.PortAudioError, ValueError) as error:
        raise DeviceError(f"The microphone can't be opened: {error}.") from None
    return stream


@contextmanager
def microphone(
    device: str = "", opened: Callable[[str, Callable[[Any, int, Any, Any], None]], Stream] = open_stream
) -> Iterator[AsyncGenerator[I16, None]]:
    """Samples [N] at 16 kHz as they are heard, while the block lasts. Raises DeviceError without a microphone."""
    loop = asyncio.get_running_loop()
    blocks: asyncio.Queue[I16] = asyncio.Queue(QUEUE_BLOCKS)

    def take(block: I16) -> None:
        if blocks.full():
            blocks.get_nowait()
        blocks.put_nowait(block)

    def callback(samples: Any, _count: int, _time: Any, _status: Any) -> None:
        loop.call_soon_threadsafe(take, np.array(samples[:, 0], np.int16))

    async def heard() -> AsyncGenerator[I16, None]:
        while True:
            yield await blocks.get()

    stream = opened(device, callback)
    try:
        stream.start()
        yield heard()
    finally:
        stream.close()
