"""Is what the microphone hears the avatar's own voice, come back through the loudspeakers?

The second line of defence: a browser cancels echo itself, before we hear anything. What is left, or all of it where
nobody cancels, is told by comparing envelopes, which survive loudspeakers, rooms and drifting clocks where waveforms do
not: the power in 16 bands, every 16 ms, of the microphone and of what the avatar is saying.

1. Delay: the lag, -100 to 500 ms about the time at which the listener is said to hear a sample, at which the two
   correlate best over the last seconds. The echo is late by the loudspeaker's and the microphone's buffers.
2. Echo: in each band the reference at that delay, held and let fall as a room does, times a gain that follows the
   median of what came back.
3. Verdict: a window is the avatar's own where few bands hold more than the echo and the room's noise explain.

Limits, on purpose: somebody much softer than the echo (some 6 dB) is not heard, and neither is anybody in the first
third of a second of the first speech after a microphone came, while the gain is not known. A second loudspeaker far
later than half a second, or a gain that is turned up within a sentence, passes for speech until it is learnt.
"""

from __future__ import annotations

from collections import deque
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from bridge.dialogue import HEARING_RATE_HZ
from bridge.timebase import SAMPLE_RATE_HZ
from bridge.types import F32

F64 = NDArray[np.float64]

BANDS: Final = 16
LOWEST_HZ: Final = 200.0
HIGHEST_HZ: Final = 7000.0
HOP: Final = 256
_FFT: Final = 2 * HOP
_REFERENCE_HOP: Final = HOP * SAMPLE_RATE_HZ // HEARING_RATE_HZ
_REFERENCE_FFT: Final = 2 * _REFERENCE_HOP  # the same bins, in Hz
_HOPS_PER_S: Final = HEARING_RATE_HZ / HOP
_EARLY: Final = 6  # hops that an echo may come before it is expected
_LAGS: Final = _EARLY + 32
_HELD: Final = 16 * SAMPLE_RATE_HZ
_FLOOR_DB: Final = -90.0
_SOUND_DB: Final = -60.0  # softer bands of the reference tell nothing
_JUMP: Final = 0.4 * SAMPLE_RATE_HZ

MEMORY_S: Final = 2.0
FALL_DB: Final = 1.2
"""By how much a held band falls each hop: 60 dB in 0.8 s."""
LEARNING: Final = 20
"""Hops with an echo before a gain is trusted."""
STEP_DB: Final = 0.25
MARGIN_DB: Final = 7.0
"""How far over the echo a band must be to hold something else."""
NOISE_MARGIN_DB: Final = 9.0
"""How far over the softest of the last seconds it must be."""
FOREIGN: Final = 0.22
"""Which part of the bands must hold something else."""
SMOOTHING: Final = 0.7


class EchoGate:
    """Tells the avatar's own voice in one microphone's sound. Not thread-safe."""

    def __init__(self) -> None:
        self._reference = np.zeros(_HELD, np.float32)
        self._end = 0  # of what the avatar is known to say, on its timeline
        self.reset()

    def reset(self) -> None:
        """Another microphone: forget the delay, the gain and the noise, but not what the avatar says."""
        self._count = 0
        self._rest: F32 = np.zeros(HOP, np.float32)
        self._offsets: deque[float] = deque(maxlen=9)
        self._rows = np.full((_LAGS, BANDS), _FLOOR_DB)  # the reference, the latest first
        self._means = np.full((2, BANDS), _FLOOR_DB)  # of the reference and of the microphone
        self._deviations = np.zeros((_LAGS, BANDS))
        self._products = np.zeros(_LAGS)
        self._energies = np.full((2, _LAGS), 1e-9)
        self._lag = _EARLY
        self._tail = np.full(BANDS, _FLOOR_DB)
        self._gain_db = np.zeros(BANDS)
        self._first: list[F64] = []
        self._noise: deque[F64] = deque([np.full(BANDS, 0.0)], maxlen=7)
        self._hops = 0
        self._foreign = 0.0
        self._own = False

    @property
    def delay_ms(self) -> float:
        """How long after its expected time the echo comes, as far as is known."""
        return (self._lag - _EARLY) * 1000 / _HOPS_PER_S

    @property
    def gain_db(self) -> float:
        """How loud the echo is against what the avatar says, the median of the bands."""
        return float(np.median(self._gain_db))

    def reference(self, start_sample: int, samples: F32) -> None:
        """The avatar says samples [N] at 24 kHz from sample `start_sample` of its timeline on.

        It replaces what was to be said from there on. 16 s are kept, so say it no more than some seconds early.
        """
        samples = samples[-_HELD:]
        end = start_sample + len(samples)
        if start_sample > self._end:
            gap = np.arange(max(self._end, start_sample - _HELD), start_sample)
            self._reference[gap % _HELD] = 0
        self._reference[np.arange(end - len(samples), end) % _HELD] = samples
        self._end = end

    def heard(self, sample: int) -> None:
        """The listener hears sample `sample` of the timeline now, that is, at the end of what was pushed so far."""
        offset = sample - self._count * SAMPLE_RATE_HZ / HEARING_RATE_HZ
        if self._offsets and abs(offset - np.median(self._offsets)) > _JUMP:
            self._offsets.clear()
        self._offsets.append(offset)

    def cut(self) -> None:
        """The avatar falls silent now: what it had still to say is not heard, but for what is on its way (0.3 s)."""
        if self._offsets:
            here = int(self._place()) + 3 * SAMPLE_RATE_HZ // 10
            self._end = min(self._end, here)

    def push(self, samples: F32) -> bool:
        """Take samples [N] at 16 kHz; whether the last of them are nothing but the avatar's own voice."""
        joined = np.concatenate([self._rest, samples])
        count = len(joined) // HOP - 1
        for i in range(count):
            self._count += HOP
            self._hop(_decibels(joined[i * HOP : i * HOP + _FFT]))
        self._rest = joined[count * HOP :]
        return self._own

    def _place(self) -> float:
        """Where on the timeline the listener is."""
        return float(np.median(self._offsets)) + self._count * SAMPLE_RATE_HZ / HEARING_RATE_HZ

    def _said(self) -> F64:
        """The bands of what the listener hears `_EARLY` hops from now."""
        if not self._offsets:
            return np.full(BANDS, _FLOOR_DB)
        end = int(self._place()) + _EARLY * _REFERENCE_HOP
        places = np.arange(end - _REFERENCE_FFT, end)
        known = (places < self._end) & (places >= max(self._end - _HELD, 0))
        if not known.any():
            return np.full(BANDS, _FLOOR_DB)
        return _decibels(np.where(known, self._reference[places % _HELD], np.float32(0)))

    def _hop(self, heard: F64) -> None:
        """One hop of the microphone, in decibels a band."""
        said = self._said()
        self._rows = np.concatenate([said[None], self._rows[:-1]])
        self._listen(heard)
        self._hops += 1
        if self._rows.max() > _SOUND_DB:
            self._align(said, heard)
        near = self._rows[max(self._lag - 1, 0) : self._lag + 2].max(0)
        self._tail = np.maximum(near, self._tail - FALL_DB)
        direct = (near > _SOUND_DB) & (near > self._tail - 6)
        if len(self._first) < LEARNING:
            self._own = bool(self._tail.max() > _SOUND_DB)
            if direct.sum() > BANDS // 4:
                self._first.append(np.where(direct, heard - self._tail, np.nan))
                self._gain_db = np.nan_to_num(np.nanmedian(self._first, 0), nan=-20.0)
            return
        noise = np.min(self._noise, 0)
        echo = self._gain_db + self._tail
        over = (heard > echo + MARGIN_DB) & (heard > noise + NOISE_MARGIN_DB)
        self._foreign = SMOOTHING * self._foreign + (1 - SMOOTHING) * float(over.mean())
        self._own = bool((echo > noise).any() and self._foreign < FOREIGN)
        up = STEP_DB * (1.0 if self._own else 0.2)
        self._gain_db += np.where(direct, np.where(heard > echo, up, -STEP_DB), 0)

    def _listen(self, heard: F64) -> None:
        """Follow the room's noise: the softest of the last three seconds or so."""
        if self._hops % 31 == 0:
            self._noise.append(heard)
        else:
            self._noise[-1] = np.minimum(self._noise[-1], heard)

    def _align(self, said: F64, heard: F64) -> None:
        """Follow the delay."""
        slow = 1 / _HOPS_PER_S
        self._means += slow * (np.stack([said, heard]) - self._means)
        deviations = np.clip(np.stack([said, heard]) - self._means, -20, 20)
        self._deviations = np.concatenate([deviations[:1], self._deviations[:-1]])
        keep = 1 - 1 / (MEMORY_S * _HOPS_PER_S)
        self._products = keep * self._products + self._deviations @ deviations[1]
        self._energies[0] = keep * self._energies[0] + (self._deviations**2).sum(1)
        self._energies[1] = keep * self._energies[1] + (deviations[1] ** 2).sum()
        likeness = self._products / np.sqrt(self._energies[0] * self._energies[1])
        best = int(np.argmax(likeness))
        if likeness[best] > 0.3:
            self._lag = best


@cache
def _filterbank() -> F64:
    """Triangles [257, 16], equally spaced on the mel scale; each sums to one."""
    lowest, highest = 2595 * np.log10(1 + np.array([LOWEST_HZ, HIGHEST_HZ]) / 700)
    edges = 700 * (10 ** (np.linspace(lowest, highest, BANDS + 2) / 2595) - 1)
    bins = np.arange(_FFT // 2 + 1) * HEARING_RATE_HZ / _FFT
    rising = (bins[:, None] - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - bins[:, None]) / (edges[2:] - edges[1:-1])
    weights = np.maximum(0, np.minimum(rising, falling))
    return np.asarray(weights / weights.sum(0), np.float64)


def _decibels(samples: F32) -> F64:
    """The power in each band of samples [512] at 16 kHz or [768] at 24 kHz."""
    window = np.hanning(len(samples))
    spectrum = fft.rfft(samples * (2 / window.sum()) * window)[: _FFT // 2 + 1]
    power = (spectrum.real**2 + spectrum.imag**2) @ _filterbank()
    return np.asarray(10 * np.log10(power + 10 ** (_FLOOR_DB / 10)), np.float64)
