"""What a microphone gives, on its way to whoever hears: checked, and brought to 16 kHz."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import soxr
from numpy.typing import NDArray

from bridge.dialogue import HEARING_RATE_HZ
from bridge.errors import InputError
from bridge.types import F32

LOWEST_HZ: Final = 8_000
HIGHEST_HZ: Final = 48_000
LONGEST_PUSH_S: Final = 10


class Intake:
    """One microphone at a time. Not thread-safe."""

    def __init__(self) -> None:
        self.plugged = False
        """Whether there is a microphone."""
        self._longest = 0
        self._resampler: Any = None

    def plug(self, sample_rate_hz: int) -> None:
        """A microphone comes, instead of the one before if there is one. Raises InputError for a rate out of range."""
        check_rate(sample_rate_hz)
        same = sample_rate_hz == HEARING_RATE_HZ
        self._resampler = None if same else soxr.ResampleStream(sample_rate_hz, HEARING_RATE_HZ, 1, dtype="float32")
        self._longest = LONGEST_PUSH_S * sample_rate_hz
        self.plugged = True

    def unplug(self) -> None:
        """The microphone is gone. May be said twice."""
        self.plugged = False

    def take(self, samples: NDArray[Any]) -> F32:
        """Samples [N] at the microphone's rate, 16-bit integers or floats in -1..1, as samples at 16 kHz.

        Raises InputError for anything else, and for more than ten seconds at once.
        """
        sound = self._checked(samples)
        if self._resampler is None:
            return sound
        return np.asarray(np.clip(self._resampler.resample_chunk(sound), -1, 1), np.float32)

    def _checked(self, samples: NDArray[Any]) -> F32:
        if not self.plugged:
            raise InputError("There is no microphone that these samples could come from.")
        if samples.ndim != 1 or not (samples.dtype == np.int16 or samples.dtype.kind == "f"):
            raise InputError("A microphone's samples are mono, as 16-bit integers or floats.")
        if len(samples) > self._longest:
            raise InputError(f"A microphone gives at most {LONGEST_PUSH_S} s of sound at once.")
        sound = samples.astype(np.float32)
        if samples.dtype == np.int16:
            return np.asarray(sound / np.float32(32768), np.float32)
        if not np.isfinite(sound).all():
            raise InputError("A sample of the microphone is not a finite number.")
        return np.asarray(np.clip(sound, -1, 1), np.float32)


def check_rate(sample_rate_hz: int) -> None:
    """Raises InputError for a rate that no microphone has."""
    if not LOWEST_HZ <= sample_rate_hz <= HIGHEST_HZ:
        raise InputError(f"A microphone's rate lies in {LOWEST_HZ} to {HIGHEST_HZ} Hz; {sample_rate_hz} does not.")
