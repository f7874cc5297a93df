"""Reading recordings of any format as mono float32."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np

from bridge.errors import InputError
from bridge.types import F32


def read_mono(path: Path, sample_rate_hz: int = 24_000) -> F32:
    """The whole of a recording as mono samples [N] in -1..1. Raises InputError naming the file."""
    try:
        with av.open(str(path)) as container:
            resampler = av.AudioResampler("flt", "mono", sample_rate_hz)
            parts = [out.to_ndarray()[0] for frame in container.decode(audio=0) for out in resampler.resample(frame)]
            parts += [out.to_ndarray()[0] for out in resampler.resample(None)]
    except (av.FFmpegError, IndexError, OSError) as e:
        raise InputError(f"{path} can't be read as audio: {e}") from e
    if not parts:
        raise InputError(f"{path} holds no audio.")
    return np.ascontiguousarray(np.concatenate(parts), np.float32)
