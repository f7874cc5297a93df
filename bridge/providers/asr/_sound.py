"""A turn's sound in the forms that recognisers take."""

from __future__ import annotations

import io
import wave
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bridge.dialogue import HEARING_RATE_HZ
from bridge.types import F32

WINDOW: Final = HEARING_RATE_HZ // 50
"""Samples over which loudness is measured."""
FAINTEST: Final = 1e-3
"""The root mean square of a window, -60 dB, below which nothing is said."""


def pcm16(samples: F32) -> bytes:
    """Samples [N] in -1..1 as 16-bit little-endian; what is out of range is clipped, what is no number is silent."""
    whole: NDArray[np.int16] = (np.clip(np.nan_to_num(samples), -1, 1) * 32767).astype("<i2")
    return whole.tobytes()


def wav(pcm: bytes) -> bytes:
    """16-bit mono at 16 kHz as a WAV file."""
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(HEARING_RATE_HZ)
        out.writeframes(pcm)
    return file.getvalue()


def levels(samples: F32) -> F32:
    """The root mean square of each whole window of samples [N]."""
    windows = samples[: len(samples) // WINDOW * WINDOW].reshape(-1, WINDOW)
    mean: F32 = np.sqrt(np.mean(windows * windows, axis=1, dtype=np.float32))
    return mean
