"""The pitch, level and spectrum of a voice, frame by frame.

YIN (de Cheveigné and Kawahara 2002, JASA 111(4)): the cumulative mean normalised difference function, an absolute
threshold, parabolic interpolation. All frames at once, by FFT.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from bridge.dialogue import HEARING_RATE_HZ
from bridge.types import F32

F64 = NDArray[np.float64]

HOP: Final = HEARING_RATE_HZ // 100
"""Samples between frames: 10 ms."""

LOWEST_HZ: Final = 60.0
HIGHEST_HZ: Final = 500.0

WINDOW: Final = HEARING_RATE_HZ // 40
"""Samples that are compared: 25 ms, one and a half periods of the lowest pitch."""

LONGEST_LAG: Final = int(HEARING_RATE_HZ / LOWEST_HZ)
SHORTEST_LAG: Final = int(HEARING_RATE_HZ / HIGHEST_HZ)
SPAN: Final = WINDOW + LONGEST_LAG + 1
"""Samples that a frame needs."""

BAND_EDGES_HZ: Final = (100, 300, 500, 700, 1000, 1300, 1600, 2000, 2500, 3000, 3700, 4500, 5500)

_THRESHOLD: Final = 0.15
_FFT: Final = fft.next_fast_len(SPAN + WINDOW, real=True)
_BAND_BINS: Final = np.round(np.array(BAND_EDGES_HZ) * _FFT / HEARING_RATE_HZ).astype(np.intp)
_HANN: Final = np.hanning(SPAN)


@dataclass(frozen=True, slots=True)
class Frames:
    """What is measured every 10 ms, T times."""

    pitch_hz: F64
    """[T]; 0 where there is no pitch."""
    level_db: F64
    """[T] of full scale."""
    bands_db: F64
    """[T, B] the level in each of the bands between `BAND_EDGES_HZ`, of no fixed scale."""

    def __len__(self) -> int:
        return len(self.level_db)

    def last(self, count: int) -> Frames:
        """The last `count` of them, or all."""
        return Frames(self.pitch_hz[-count:], self.level_db[-count:], self.bands_db[-count:])


def joined(parts: list[Frames]) -> Frames:
    """Frames that follow one another, as one. Needs at least one."""
    columns = zip(*((p.pitch_hz, p.level_db, p.bands_db) for p in parts), strict=True)
    return Frames(*(np.concatenate(column) for column in columns))


def frames(samples: F32) -> Frames:
    """The frames of `samples` [N] at 16 kHz: frame k begins at sample `HOP` * k; T = floor((N - SPAN) / HOP) + 1."""
    if len(samples) < SPAN:
        return Frames(np.zeros(0), np.zeros(0), np.zeros((0, len(BAND_EDGES_HZ) - 1)))
    x = np.lib.stride_tricks.sliding_window_view(samples, SPAN)[::HOP].astype(np.float64)
    x = x - x.mean(axis=1, keepdims=True)
    level_db = 10.0 * np.log10(np.mean(np.square(x[:, :WINDOW]), axis=1) + 1e-12)
    lags, depths = _first_dips(_normalised_difference(x))
    spectrum = fft.rfft(x * _HANN, _FFT)
    power = np.square(spectrum.real) + np.square(spectrum.imag)
    bands = np.add.reduceat(power, _BAND_BINS, axis=1)[:, :-1]
    return Frames(np.where(depths < _THRESHOLD, HEARING_RATE_HZ / lags, 0.0), level_db, 10.0 * np.log10(bands + 1e-9))


def _normalised_difference(x: F64) -> F64:
    """[T, LONGEST_LAG + 1] d'(lag) of the frames `x` [T, SPAN]; 1 at lag 0."""
    spectrum = np.conj(fft.rfft(x[:, :WINDOW], _FFT)) * fft.rfft(x, _FFT)
    product = fft.irfft(spectrum, _FFT)[:, : LONGEST_LAG + 1]
    sums = np.cumsum(np.square(x), axis=1)
    sums = np.concatenate([np.zeros((len(x), 1)), sums], axis=1)
    energy = sums[:, WINDOW : WINDOW + LONGEST_LAG + 1] - sums[:, : LONGEST_LAG + 1]
    difference = np.maximum(energy[:, :1] + energy - 2.0 * product, 0.0)
    lag = np.arange(1, LONGEST_LAG + 1)
    running = np.cumsum(difference[:, 1:], axis=1)
    normal = difference[:, 1:] * lag / np.maximum(running, 1e-12)
    # Silence has no period, though all of it is alike.
    normal[running[:, -1] <= 1e-9] = 1.0
    return np.concatenate([np.ones((len(x), 1)), normal], axis=1)


def _first_dips(difference: F64) -> tuple[F64, F64]:
    """The lag of the first dip below the threshold, refined between samples, and its depth; each [T]."""
    searched = difference[:, SHORTEST_LAG:LONGEST_LAG]
    below = searched < _THRESHOLD
    first = np.where(below.any(axis=1), below.argmax(axis=1), searched.argmin(axis=1))
    # Down from where the threshold is crossed to where the dip turns up again.
    rising = np.diff(searched, axis=1, append=np.inf) >= 0.0
    rising &= np.arange(searched.shape[1]) >= first[:, None]
    lag = rising.argmax(axis=1) + SHORTEST_LAG
    row = np.arange(len(difference))
    before, at, after = (difference[row, lag + k] for k in (-1, 0, 1))
    bend = before - 2.0 * at + after
    shift = np.where(bend > 1e-12, 0.5 * (before - after) / np.where(bend > 1e-12, bend, 1.0), 0.0)
    return lag + np.clip(shift, -0.5, 0.5), at
