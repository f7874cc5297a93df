"""How fast `avatar-bridge animate` is, and how much memory it takes: one process, one thread, a long recording.

    python -m tools.bench_animate [--seconds 3600] [--audio FILE] [--json]

FILE is repeated up to the length asked for; without one, it is noise in bursts of the length of syllables (what the
network computes does not depend on what it hears). The recording is a 16-bit WAV at 48 kHz in stereo, the work of
decoding and resampling included.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import wave
from pathlib import Path
from typing import Any

import numpy as np

from bridge.sources.audio_file import open_audio
from bridge.timebase import SAMPLE_RATE_HZ
from bridge.wire.stream import pcm16

RATE_HZ = 48_000
OUTPUTS = (["--raw", "a.npz"], ["a.npz"], ["a.npz", "a.csv"])
ONE_THREAD = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=3600)
    parser.add_argument("--audio", type=Path)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _record(folder / "long.wav", _samples(args.audio), args.seconds)
        rows = [_measure(folder, args.seconds, outputs) for outputs in OUTPUTS]
    if args.json:
        print(json.dumps(rows))
        return
    print("| outputs | wall s | CPU s | RTF (CPU) | peak memory MB | size MB |\n|---|---|---|---|---|---|")
    for row in rows:
        print("| {outputs} | {wall_s:.1f} | {cpu_s:.1f} | {rtf:.4f} | {peak_mb:.0f} | {size_mb:.0f} |".format(**row))


def _samples(path: Path | None) -> np.ndarray:
    """Mono at 24 kHz."""
    if path is not None:
        return np.concatenate([chunk.samples for chunk in open_audio(path).chunks()])
    t = np.arange(10 * SAMPLE_RATE_HZ) / SAMPLE_RATE_HZ
    return np.asarray(0.2 * np.random.default_rng(0).standard_normal(len(t)) * np.sin(np.pi * 4 * t) ** 2)


def _record(path: Path, samples: np.ndarray, seconds: int) -> None:
    # Every sample twice and in both channels: 48 kHz stereo, whose extra content the resampler has to take out again.
    block = np.repeat(pcm16(samples), 4).tobytes()
    left = seconds * RATE_HZ * 4
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        while left > 0:
            file.writeframesraw(block[:left])
            left -= len(block)


def _measure(folder: Path, seconds: int, outputs: list[str]) -> dict[str, Any]:
    command = [sys.executable, "-c", "from bridge.cli import main; raise SystemExit(main())", "animate"]
    options = [part for out in outputs for part in ([out] if out.startswith("--") else ["-o", str(folder / out)])]
    before = _children()
    start = time.perf_counter()
    subprocess.run(
        [*command, str(folder / "long.wav"), *options],
        check=True,
        env={**os.environ, **ONE_THREAD},
        stdout=subprocess.DEVNULL,
    )
    wall_s = time.perf_counter() - start
    cpu_s, peak_mb = _children()
    files = [folder / out for out in outputs if not out.startswith("--")]
    return {
        "outputs": " ".join(outputs),
        "wall_s": wall_s,
        "cpu_s": cpu_s - before[0],
        "rtf": (cpu_s - before[0]) / seconds,
        "peak_mb": peak_mb,
        "size_mb": sum(file.stat().st_size for file in files) / 1e6,
    }


def _children() -> tuple[float, float]:
    """CPU seconds of all children that have ended, and the memory in MB of the largest; not to be had on Windows."""
    if sys.platform == "win32":
        return float("nan"), float("nan")
    import resource  # noqa: PLC0415  POSIX alone has it

    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    unit = 1e6 if sys.platform == "darwin" else 1e3
    return used.ru_utime + used.ru_stime, used.ru_maxrss / unit


if __name__ == "__main__":
    main()
