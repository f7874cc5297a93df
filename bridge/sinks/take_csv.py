"""Takes as Live Link Face's CSV: face, head and eyes, a row a frame; the timecode counts from 0."""

from __future__ import annotations

from typing import BinaryIO

from bridge.types import F32, Motion
from bridge.wire import livelink_csv


class CsvTake:
    """A take being written."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        file.write(livelink_csv.HEADER.encode())

    def write(self, frames: Motion, samples: F32) -> None:
        """Add frames. A CSV has no sound."""
        self._file.write(livelink_csv.encode(frames).encode())

    def close(self) -> None:
        """All is written."""

    def discard(self) -> None:
        """Nothing waits."""
