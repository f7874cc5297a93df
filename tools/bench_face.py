"""How long face models take, measured in turns so that a busy machine is as unfair to each:

    python -m tools.bench_face models/weights models/weights:int8 OTHER/WEIGHTS

Prints compute time over the length of the sound, log-mel and smoothing included, on one thread, for pushes of 1, 4 and
60 frames: the median and the best of all turns.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from bridge.errors import BridgeError
from bridge.onnx import PRECISIONS, FaceNetwork
from bridge.timebase import FPS_NUM, SAMPLE_RATE_HZ, SAMPLES_PER_FRAME
from bridge.types import F32, freeze

FRAMES_A_PUSH = (1, 4, 60)


def rtf(network: FaceNetwork, samples: F32, frames: int) -> float:
    """CPU time of a fresh stream over the length of `samples`, pushed `frames` at a time."""
    stream = network.stream()
    step = frames * SAMPLES_PER_FRAME
    pushes = [samples[i : i + step] for i in range(0, len(samples), step)]
    stream.push(pushes[0])
    began = time.process_time()
    for piece in pushes[1:]:
        stream.push(piece)
    return (time.process_time() - began) / ((len(pushes) - 1) * frames / FPS_NUM)


def measure(networks: Sequence[FaceNetwork], turns: int, seconds: float) -> np.ndarray:
    """[turns, networks, FRAMES_A_PUSH]"""
    rng = np.random.default_rng(0)
    samples = freeze(rng.normal(scale=0.1, size=int(seconds * SAMPLE_RATE_HZ)))
    return np.array([[[rtf(n, samples, f) for f in FRAMES_A_PUSH] for n in networks] for _ in range(turns)])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("weights", nargs="+", help="folders; with :int8 behind one, its eight bits")
    parser.add_argument("--turns", type=int, default=25)
    parser.add_argument("--seconds", type=float, default=3.0)
    args = parser.parse_args()
    try:
        networks = []
        for given in args.weights:
            folder, _, precision = (
                given.rpartition(":") if given.endswith(tuple(f":{p}" for p in PRECISIONS)) else (given, "", "single")
            )
            networks.append(FaceNetwork(Path(folder), precision=precision))
    except BridgeError as error:
        print(f"bench_face: {error}", file=sys.stderr)
        return 1
    found = measure(networks, args.turns, args.seconds)
    print("| | " + " | ".join(f"{f} a push: median | best" for f in FRAMES_A_PUSH) + " |")
    print("|---" * (1 + 2 * len(FRAMES_A_PUSH)) + "|")
    for name, times in zip(args.weights, found.transpose(1, 2, 0), strict=True):
        print(f"| {name} | " + " | ".join(f"{np.median(t):.4f} | {t.min():.4f}" for t in times) + " |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
