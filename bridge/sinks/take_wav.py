"""The sound of a take: WAV, mono, 16 bits, 24 kHz."""

from __future__ import annotations

import wave
from contextlib import suppress
from typing import BinaryIO

from bridge.timebase import SAMPLE_RATE_HZ
from bridge.types import F32, Motion
from bridge.wire.stream import pcm16


class WavTake:
    """A WAV file being written."""

    def __init__(self, file: BinaryIO) -> None:
        self._wave = wave.Wave_write(file)
        self._wave.setnchannels(1)
        self._wave.setsampwidth(2)
        self._wave.setframerate(SAMPLE_RATE_HZ)

    def write(self, frames: Motion, samples: F32) -> None:
        """Add samples [N] at 24 kHz. A WAV has no motion."""
        self._wave.writeframesraw(pcm16(samples).tobytes())

    def close(self) -> None:
        """Put the length into the header."""
        self._wave.close()

    def discard(self) -> None:
        """Let go of the file. May be called twice."""
        with suppress(OSError):  # a full disk, which whoever wrote has been told of
            self._wave.close()
