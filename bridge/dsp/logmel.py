"""Log-mel spectrogram, streaming: one row for each 400 samples, made of two columns of 64 bands.

Column j is a Hann window over samples 200 j - 400 to 200 j + 200, so a row needs no sample beyond its own frame.
Bands are triangles, equally spaced on the mel scale (O'Shaughnessy 1987: 2595 log10(1 + f / 700)). A full-scale sine
is near 0 dB; the floor is -70 dB, and values are decibels above it, over 20. Digital silence is exactly zero.
"""

from __future__ import annotations

import math
from functools import cache
from typing import Final

import numpy as np
from scipy import fft

from bridge.timebase import SAMPLE_RATE_HZ, SAMPLES_PER_FRAME
from bridge.types import F32

BAND_COUNT: Final = 64
LOWEST_HZ: Final = 60.0
HIGHEST_HZ: Final = 8000.0
HOP: Final = 200
WINDOW: Final = 600
FFT_SIZE: Final = 1024
FLOOR_DB: Final = -70.0
DB_PER_UNIT: Final = 20.0
COLUMNS_PER_ROW: Final = SAMPLES_PER_FRAME // HOP
ROW_WIDTH: Final = COLUMNS_PER_ROW * BAND_COUNT
_TAIL: Final = WINDOW - HOP
_BINS: Final = int(HIGHEST_HZ * FFT_SIZE / SAMPLE_RATE_HZ) + 1
_FLOOR: Final = np.float32(10 ** (FLOOR_DB / 10))
_UNITS: Final = 10 / DB_PER_UNIT / math.log(10)


def settings() -> dict[str, float]:
    """Everything that a network trained on these rows depends on, to be kept beside its weights."""
    return {
        "sample_rate_hz": SAMPLE_RATE_HZ,
        "band_count": BAND_COUNT,
        "lowest_hz": LOWEST_HZ,
        "highest_hz": HIGHEST_HZ,
        "hop": HOP,
        "window": WINDOW,
        "fft_size": FFT_SIZE,
        "floor_db": FLOOR_DB,
        "db_per_unit": DB_PER_UNIT,
    }


@cache
def filterbank() -> F32:
    """Triangular filters [513, 64]: power spectrum to bands, each band's weights summing to one."""
    lowest, highest = 2595 * np.log10(1 + np.array([LOWEST_HZ, HIGHEST_HZ]) / 700)
    edges = 700 * (10 ** (np.linspace(lowest, highest, BAND_COUNT + 2) / 2595) - 1)
    bins = np.arange(FFT_SIZE // 2 + 1) * SAMPLE_RATE_HZ / FFT_SIZE
    rising = (bins[:, None] - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - bins[:, None]) / (edges[2:] - edges[1:-1])
    weights = np.maximum(0, np.minimum(rising, falling))
    return np.ascontiguousarray(weights / weights.sum(0), np.float32)


@cache
def _window() -> F32:
    hann = np.hanning(WINDOW + 1)[:-1]
    # A full-scale sine then has a peak power of one.
    return np.asarray(hann * 2 / hann.sum(), np.float32)


@cache
def _weights() -> F32:
    """Filters [BINS, 64] of the bins that any band reaches, in units of the floor."""
    return np.ascontiguousarray(filterbank()[:_BINS] / _FLOOR)


def columns(samples: F32) -> F32:
    """Columns [C, 64] of samples [400 + 200 C], the first 400 being the past."""
    samples = np.ascontiguousarray(samples, np.float32)
    step = samples.itemsize
    count = (len(samples) - _TAIL) // HOP
    # A view, which `sliding_window_view` takes half as long to make as all else here takes for one row.
    windows: F32 = np.ndarray((count, WINDOW), np.float32, samples, strides=(HOP * step, step))
    padded = np.zeros((count, FFT_SIZE), np.float32)
    windowed = padded[:, :WINDOW]
    # Without the mean, an offset of the microphone would leak into the lowest bands.
    np.subtract(windows, np.add.reduce(windows, 1, keepdims=True) / WINDOW, out=windowed)
    windowed *= _window()
    # Real and imaginary parts in turn.
    power = np.square(fft.rfft(padded).view(np.float32)[:, : 2 * _BINS])
    above_floor = (power[:, ::2] + power[:, 1::2]) @ _weights()
    # The logarithm of what lies above the floor, in decibels over 20: zero for silence.
    out: F32 = np.log1p(above_floor, out=above_floor)
    out *= _UNITS
    return out


class LogMel:
    """Rows of log-mel for an endless stream. Not thread-safe."""

    def __init__(self) -> None:
        self._tail: F32 = np.zeros(_TAIL, np.float32)

    def push(self, frames: F32) -> F32:
        """Rows [T, 128] of the next samples [400 T]; whole frames only, in -1..1."""
        assert len(frames) % SAMPLES_PER_FRAME == 0, "rows are made of whole frames"
        if not len(frames):
            return np.zeros((0, ROW_WIDTH), np.float32)
        samples = np.concatenate([self._tail, frames])
        self._tail = samples[-_TAIL:].copy()
        return columns(samples).reshape(-1, ROW_WIDTH)

    def reset(self) -> None:
        """Forget the past."""
        self._tail = np.zeros(_TAIL, np.float32)


def log_mel(samples: F32) -> F32:
    """Rows [T, 128] of a whole recording [N] at 24 kHz in -1..1, its last frame filled up with silence."""
    count = -(-len(samples) // SAMPLES_PER_FRAME)
    padded = np.zeros(count * SAMPLES_PER_FRAME, np.float32)
    padded[: len(samples)] = samples
    return LogMel().push(padded)
