"""Variations of a recording that no mask on its spectrogram can make: another pace, pitch, room, or codec."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any, Final

import av
import numpy as np
import soxr
from numpy.typing import NDArray
from scipy import signal

from bridge.timebase import SAMPLE_RATE_HZ
from bridge.types import F32

CODECS: Final = (("mp3", "mp3", 32_000, 24_000), ("ogg", "libopus", 12_000, 24_000), ("wav", "pcm_mulaw", 0, 8_000))
"""Container, encoder, bit rate, sample rate."""


@dataclass(frozen=True)
class Variation:
    """What is done to a recording. Times of its curves are divided by `pace`."""

    pace: float = 1.0
    """How much faster; by resampling, so that pitch and formants rise with it."""
    pitch: float = 1.0
    """How much higher the voice is moved, formants with it, at the same pace."""
    room_s: float = 0.0
    """Reverberation time."""
    codec: int = -1
    """Index into CODECS."""

    @staticmethod
    def drawn(rng: np.random.Generator) -> Variation:
        """A random one: rates within 18 %, pitch within a fifth, a room one time in three, a codec one in four."""
        return Variation(
            pace=float(np.exp(rng.uniform(-0.17, 0.17))),
            pitch=float(np.exp(rng.uniform(-0.3, 0.45))) if rng.random() < 0.7 else 1.0,
            room_s=float(rng.uniform(0.15, 0.7)) if rng.random() < 0.33 else 0.0,
            codec=int(rng.integers(len(CODECS))) if rng.random() < 0.25 else -1,
        )


def vary(samples: F32, variation: Variation, rng: np.random.Generator) -> F32:
    """The recording [N] varied: about N / pace samples, aligned to the original's time divided by `pace`."""
    out = samples
    if variation.pitch != 1:
        out = stretch(soxr.resample(out, SAMPLE_RATE_HZ * variation.pitch, SAMPLE_RATE_HZ), variation.pitch)
    if variation.pace != 1:
        out = soxr.resample(out, SAMPLE_RATE_HZ * variation.pace, SAMPLE_RATE_HZ)
    if variation.room_s:
        out = reverberate(out, variation.room_s, rng)
    if variation.codec >= 0:
        out = through_codec(out, variation.codec)
    return np.ascontiguousarray(out, np.float32)


def stretch(samples: F32, factor: float) -> F32:
    """`samples` `factor` times as long at the same pitch, by WSOLA (Verhelst & Roelands 1993)."""
    hop, search = 240, 160
    window = np.hanning(2 * hop + 1)[:-1].astype(np.float32)
    count = int(len(samples) * factor)
    padded = np.concatenate([np.zeros(hop + search, np.float32), samples, np.zeros(4 * hop + 2 * search, np.float32)])
    out = np.zeros(count + 4 * hop, np.float32)
    position = search
    for at in range(0, count + hop, hop):
        ideal = min(int(at / factor) + search, len(padded) - 3 * hop - search)
        if at:
            natural = padded[position + hop : position + 2 * hop]
            around = padded[ideal - search : ideal + search + hop]
            position = ideal - search + int(np.argmax(np.correlate(around[: len(natural) + 2 * search], natural)))
        position = min(position, len(padded) - 3 * hop)
        out[at : at + 2 * hop] += padded[position : position + 2 * hop] * window
    return out[hop : hop + count]


def reverberate(samples: F32, room_s: float, rng: np.random.Generator) -> F32:
    """The sound in a room: exponentially decaying noise after the direct sound, 0 to 15 dB below it in energy."""
    n = int(room_s * SAMPLE_RATE_HZ)
    tail = rng.normal(size=n) * 10 ** (-3 * np.arange(n) / n)
    tail[: int(0.002 * SAMPLE_RATE_HZ)] = 0
    tail *= 10 ** (-rng.uniform(0, 15) / 20) / np.sqrt((tail**2).sum())
    tail[0] = 1
    return np.asarray(signal.oaconvolve(samples, tail.astype(np.float32))[: len(samples)], np.float32)


def through_codec(samples: F32, codec: int) -> F32:
    """The sound encoded and decoded; what delay the codec adds is taken away."""
    container_name, name, bit_rate, rate_hz = CODECS[codec]
    pcm = (np.clip(samples, -1, 1) * 32767).astype(np.int16)[None]
    buffer = io.BytesIO()
    with av.open(buffer, "w", format=container_name) as container:
        stream: Any = container.add_stream(name, rate=rate_hz, layout="mono")
        if bit_rate:
            stream.bit_rate = bit_rate
        resampler = av.AudioResampler(stream.format or "s16", "mono", rate_hz)
        frame = av.AudioFrame.from_ndarray(pcm, format="s16", layout="mono")
        frame.sample_rate = SAMPLE_RATE_HZ
        frame.pts = 0
        for piece in (*resampler.resample(frame), *resampler.resample(None)):
            container.mux(stream.encode(piece))
        container.mux(stream.encode(None))
    buffer.seek(0)
    with av.open(buffer) as container:
        back = av.AudioResampler("flt", "mono", SAMPLE_RATE_HZ)
        parts = [out.to_ndarray()[0] for f in container.decode(audio=0) for out in back.resample(f)]
        parts += [out.to_ndarray()[0] for out in back.resample(None)]
    return _aligned(np.concatenate(parts), samples)


def _aligned(decoded: F32, original: F32, most: int = 4096) -> F32:
    """`decoded` cut to the original's time by cross-correlation of their first seconds."""
    n = min(len(decoded), len(original), 4 * SAMPLE_RATE_HZ)
    correlation = signal.correlate(decoded[:n], original[:n], "full", "fft")[n - 1 - most : n + most]
    delay = int(np.argmax(correlation)) - most
    shifted = decoded[delay:] if delay >= 0 else np.concatenate([np.zeros(-delay, np.float32), decoded])
    return np.pad(shifted, (0, max(0, len(original) - len(shifted))))[: len(original)]


def at_pace(curves: NDArray[Any], pace: float, count: int) -> NDArray[Any]:
    """Curves [T, C] or [T] played `pace` times faster, `count` frames of them; NaN spreads to its neighbours."""
    at = np.minimum(np.arange(count) * pace, len(curves) - 1)
    low = np.floor(at).astype(int)
    high = np.minimum(low + 1, len(curves) - 1)
    part = (at - low).reshape(-1, *[1] * (curves.ndim - 1))
    return np.asarray(curves[low] * (1 - part) + curves[high] * part)
