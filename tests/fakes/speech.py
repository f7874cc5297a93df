"""Real speech for the fakes of voices: what espeak-ng says, in the forms that services send."""

from __future__ import annotations

import functools
import io
import struct

import av
import numpy as np

from bridge.providers.tts import espeak
from bridge.timebase import SAMPLE_RATE_HZ
from bridge.types import F32, Speech


@functools.lru_cache(maxsize=64)
def spoken(text: str) -> Speech:
    """`text` as espeak-ng says it, 24 kHz."""
    return espeak.speak(text, espeak.Options())


def pcm(samples: F32, sample: str = "<i2") -> bytes:
    """Bare samples."""
    values = np.clip(samples, -1, 1)
    return (values * 32767 if sample == "<i2" else values).astype(sample).tobytes()


def wav_header(rate_hz: int = SAMPLE_RATE_HZ, size: int = 0, kind: int = 1, bits: int = 16, channels: int = 1) -> bytes:
    """The first 44 bytes of a WAV file; `size` is what it says of its samples' length."""
    frame = channels * bits // 8
    return (
        b"RIFF"
        + struct.pack("<I", min(size + 36, 0xFFFFFFFF))
        + b"WAVEfmt "
        + struct.pack("<IHHIIHH", 16, kind, channels, rate_hz, rate_hz * frame, frame, bits)
        + b"data"
        + struct.pack("<I", size)
    )


def wav(samples: F32, rate_hz: int = SAMPLE_RATE_HZ) -> bytes:
    """A whole WAV file."""
    data = pcm(samples)
    return wav_header(rate_hz, len(data)) + data


def mp3(samples: F32, *, tagged: bool = False) -> bytes:
    """24 kHz, 48 kbit/s, mono, as edge-tts gets it; `tagged` with what a file has before its sound."""
    return _encoded(
        "libmp3lame", "mp3", samples, SAMPLE_RATE_HZ, {} if tagged else {"write_xing": "0", "id3v2_version": "0"}
    )


def opus(samples: F32) -> bytes:
    """Opus in Ogg."""
    return _encoded("libopus", "ogg", samples, 48_000, {})


def _encoded(codec: str, form: str, samples: F32, rate_hz: int, options: dict[str, str]) -> bytes:
    out = io.BytesIO()
    with av.open(out, "w", format=form, options=options) as container:
        stream = container.add_stream(codec, rate=rate_hz, layout="mono")
        stream.bit_rate = 48_000
        resampler = av.AudioResampler(format=stream.codec_context.format, layout="mono", rate=rate_hz)
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples[None, :]), format="fltp", layout="mono")
        frame.sample_rate = SAMPLE_RATE_HZ
        for part in (*resampler.resample(frame), *resampler.resample(None), None):
            for packet in stream.encode(part):
                container.mux(packet)
    return out.getvalue()


def pieces(data: bytes, size: int = 4096) -> list[bytes]:
    """`data` in pieces of `size` bytes."""
    return [data[at : at + size] for at in range(0, len(data), size)]
