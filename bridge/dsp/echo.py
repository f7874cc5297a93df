"""Is what the microphone hears the avatar's own voice, come back through the loudspeakers?

The second line of defence: a browser cancels echo itself, before we hear anything. What is left, or all of it where
nobody cancels, is told by comparing envelopes, which survive loudspeakers, rooms and drifting clocks where waveforms do
not: the power in 16 bands, every 16 ms, of the microphone and of what the avatar is saying.

1. Delay: the lag, -96 to 496 ms about the time at which the listener is said to hear a sample, at which the two
   correlate best over the last three seconds of speech. The loudspeaker's and the microphone's buffers make it late.
2. Echo: in each band the reference at that delay, held and let fall as a room does, times a gain: the median of what
   came back, followed slowly.
3. Verdict: the sound is the avatar's own unless enough bands hold more than the echo and the room's noise explain.

Limits. In the first second of speech after a microphone came (two with headphones), nobody else is heard. Over an echo
that no canceller has taken away, somebody as loud as it is heard, though often only after a second, in a gap of the
avatar's words; somebody much softer may not be. A loudspeaker that distorts badly, an echo later than half a second, or
a volume turned up by more than 8 dB while it speaks, pass for a user until learnt. tools/bench_echo.py has figures.
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
_JUMP: Final = 0.4 * SAMPLE_RATE_HZ  # of the place heard, that is no jitter
_LIKENESS: Final = 0.3

_HISTORY: Final = 190  # hops

FALL_DB: Final = 1.1
"""By how much a held band falls each hop: 60 dB in 0.9 s."""
SPREAD_DB: Final = 34.0
"""A band is taken to be no softer than this below the loudest: small loudspeakers add overtones."""
LEARNING: Final = 64
"""Hops of speech before the delay and the gain are trusted; twice as many where no echo is found."""
STEP_DB: Final = 0.25
"""How far the gain may move in a hop; a fifth of it while somebody else is heard."""
MARGIN_DB: Final = 8.0
"""How far over the echo a band must be to hold something else."""
DOUBT_DB: Final = 6.0
"""How much farther when the gain is fresh; it passes within some seconds of speech."""
NOISE_MARGIN_DB: Final = 9.0
"""How far over the softest of the last three seconds it must be."""
FOREIGN: Final = 0.16
"""Which part of the bands must hold something else, on average over some 80 ms."""
HOLD: Final = 8
"""Hops for which somebody who was heard is taken to go on."""
_SMOOTHING: Final = 0.8


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
        self._offset: float | None = None  # of the timeline's sample to the microphone's, at 24 kHz
        self._rows = np.full((_LAGS, BANDS), _FLOOR_DB)  # the reference, the latest first
        self._history: deque[tuple[F64, F64]] = deque(maxlen=_HISTORY)  # reference and microphone, while it speaks
        self._learnt = 0  # hops
        self._ready = False
        self._lag = _EARLY
        self._echo = np.full(BANDS, _FLOOR_DB)  # of the reference at the delay, held and falling
        self._gain_db = np.zeros(BANDS)
        self._noise: deque[F64] = deque([np.zeros(BANDS)], maxlen=7)  # the softest of each half second
        self._hops = 0
        self._foreign = 0.0
        self._hold = 0
        self._own = False

    @property
    def delay_ms(self) -> float:
        """How long after its expected time the echo comes, as far as is known."""
        return (self._lag - _EARLY) * 1000 / _HOPS_PER_S

    @property
    def gain_db(self) -> float:
        """How loud the echo is against what the avatar says, the median of the bands; some 3 dB low: peaks are held."""
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
        """The listener hears sample `sample` of the timeline now, that is, at the end of what was pushed so far.

        It may be wrong, but should be wrong in the same way: the median of a second counts, from one pause of the
        avatar's to the next, so that a listener's word does not move within a sentence what was learnt without it.
        """
        offset = sample - self._count * SAMPLE_RATE_HZ / HEARING_RATE_HZ
        if self._offsets and abs(offset - np.median(self._offsets)) > _JUMP:
            self._offsets.clear()
            self._offset = None
        self._offsets.append(offset)

    def cut(self) -> None:
        """The avatar falls silent now: what it had still to say is not heard, but for what is on its way (0.3 s)."""
        if (place := self._place()) is not None:
            self._end = min(self._end, int(place) + 3 * SAMPLE_RATE_HZ // 10)

    def push(self, samples: F32) -> bool:
        """Take samples [N] at 16 kHz; whether the last of them are nothing but the avatar's own voice."""
        joined = np.concatenate([self._rest, samples])
        count = len(joined) // HOP - 1
        for i in range(count):
            self._count += HOP
            self._hop(_decibels(joined[i * HOP : i * HOP + _FFT]))
        self._rest = joined[count * HOP :]
        return self._own

    def _place(self) -> float | None:
        """Where on the timeline the listener is, if anybody said."""
        quiet = self._rows.max() <= _SOUND_DB
        if self._offsets and (quiet or self._offset is None):
            self._offset = float(np.median(self._offsets))
        if self._offset is None:
            return None
        return self._offset + self._count * SAMPLE_RATE_HZ / HEARING_RATE_HZ

    def _said(self) -> F64:
        """The bands of what the listener hears `_EARLY` hops from now."""
        if (place := self._place()) is None:
            return np.full(BANDS, _FLOOR_DB)
        end = int(place) + _EARLY * _REFERENCE_HOP
        places = np.arange(end - _REFERENCE_FFT, end)
        known = (places < self._end) & (places >= max(self._end - _HELD, 0))
        if not known.any():
            return np.full(BANDS, _FLOOR_DB)
        row = _decibels(np.where(known, self._reference[places % _HELD], np.float32(0)))
        return np.asarray(np.maximum(row, row.max() - SPREAD_DB), np.float64)

    def _hop(self, heard: F64) -> None:
        """One hop of the microphone, in decibels a band."""
        said = self._said()
        self._rows = np.concatenate([said[None], self._rows[:-1]])
        self._follow_noise(heard)
        near = self._rows[max(self._lag - 1, 0) : self._lag + 2].max(0)
        self._echo = np.maximum(near, self._echo - FALL_DB)
        speaking = bool(self._rows.max() > _SOUND_DB)
        if speaking:
            self._history.append((said, heard))
            self._learnt += 1
            if self._learnt % 8 == 0 and self._learnt >= LEARNING:
                self._learn()
        if self._ready:
            self._judge(heard, near)
        else:
            self._own = speaking

    def _judge(self, heard: F64, near: F64) -> None:
        """Whether the echo explains what is heard, and what that tells about the gain."""
        noise = np.min(self._noise, 0)
        echo = self._gain_db + self._echo
        margin = MARGIN_DB + DOUBT_DB * np.exp(-(self._learnt - LEARNING) / LEARNING)
        over = (heard > echo + margin) & (heard > noise + NOISE_MARGIN_DB)
        self._foreign = _SMOOTHING * self._foreign + (1 - _SMOOTHING) * float(over.mean())
        self._hold = HOLD if self._foreign >= FOREIGN else max(self._hold - 1, 0)
        self._own = bool((echo > noise).any()) and not self._hold
        step = STEP_DB / 5 if self._hold else STEP_DB
        direct = (near > _SOUND_DB) & (near > self._echo - 6)
        self._gain_db += np.where(direct, np.where(heard > echo, step, -step), 0)

    def _follow_noise(self, heard: F64) -> None:
        if self._hops % 31 == 0:
            self._noise.append(heard)
        else:
            self._noise[-1] = np.minimum(self._noise[-1], heard)
        self._hops += 1

    def _learn(self) -> None:
        """The delay, and as long as there is little to go by the gain, from the history."""
        said, heard = (np.array(rows) for rows in zip(*self._history, strict=True))
        likeness = _correlations(said, heard)
        best = int(np.argmax(likeness))
        if likeness[best] > _LIKENESS:
            self._lag = best
        self._ready |= bool(likeness[best] > _LIKENESS) or self._learnt >= 2 * LEARNING
        if self._learnt <= _HISTORY:
            self._gain_db, self._echo = _gains(said, heard, self._lag)


def _gains(said: F64, heard: F64, lag: int) -> tuple[F64, F64]:
    """The median of what comes back of rows [T, 16] in each band, in decibels, and the echo held at their end."""
    echo, held, sounding = np.full(BANDS, _FLOOR_DB), [], []
    for j in range(lag + 1, len(said)):
        near = said[max(j - lag - 1, 0) : j - lag + 2].max(0)
        echo = np.maximum(near, echo - FALL_DB)
        held.append(echo)
        sounding.append(near > _SOUND_DB)
    ratios = heard[lag + 1 :] - np.array(held)
    known = np.array(sounding)
    all_bands = float(np.median(ratios[known])) if known.any() else 0.0
    medians = [np.median(ratios[known[:, i], i]) if known[:, i].any() else all_bands for i in range(BANDS)]
    return np.array(medians, np.float64), echo


def _correlations(said: F64, heard: F64) -> F64:
    """How alike the rows [T, 16] are, at each lag [38], each band's mean left out."""
    said = np.clip(said - said.mean(0), -20, 20)
    heard = np.clip(heard - heard.mean(0), -20, 20)
    likeness = np.zeros(_LAGS)
    for lag in range(_LAGS):
        x, y = said[: len(said) - lag], heard[lag:]
        likeness[lag] = (x * y).sum() / np.sqrt((x * x).sum() * (y * y).sum() + 1e-9)
    return likeness


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
