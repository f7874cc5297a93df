"""Reading recordings of any format as mono float32, as `avatar-bridge animate` hears them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soxr

from bridge.sources.audio_file import open_audio
from bridge.timebase import SAMPLE_RATE_HZ
from bridge.types import F32


def read_mono(path: Path, sample_rate_hz: int = SAMPLE_RATE_HZ) -> F32:
    """The whole of a recording as mono samples [N] in -1..1, sample 0 at the file's time 0.

    Raises InputError naming the file, for one that is cut off too.
    """
    samples = np.concatenate([chunk.samples for chunk in open_audio(path).chunks()])
    if sample_rate_hz != SAMPLE_RATE_HZ:
        samples = soxr.resample(samples, SAMPLE_RATE_HZ, sample_rate_hz)
    return np.ascontiguousarray(samples, np.float32)
