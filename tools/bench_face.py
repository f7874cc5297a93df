"""How long face models take, measured in turns so that a busy machine is as unfair to each:

    python -m tools.bench_face models/weights models/weights:int8 OTHER/WEIGHTS

Prints compute time over the length of the sound, log-mel and smoothing included, on one thread, for calls of 1, 4 and
60 frames: the median and the best of all turns.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from bridge.bench import FRAMES_A_CALL, rtf
from bridge.errors import BridgeError
from bridge.onnx import FaceNetwork


def measure(networks: Sequence[FaceNetwork], turns: int, seconds: float) -> np.ndarray:
    """[turns, networks, FRAMES_A_CALL]"""
    return np.array([[[rtf(n, f, seconds) for f in FRAMES_A_CALL] for n in networks] for _ in range(turns)])


def load(given: str) -> FaceNetwork:
    """The network of a folder, or that in eight bits for `FOLDER:int8`. Raises ModelError."""
    folder = given.removesuffix(":int8")
    return FaceNetwork(Path(folder), precision="single" if folder == given else "int8")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("weights", nargs="+", help="folders; with :int8 behind one, its eight bits")
    parser.add_argument("--turns", type=int, default=25)
    parser.add_argument("--seconds", type=float, default=3.0)
    args = parser.parse_args()
    try:
        networks = [load(given) for given in args.weights]
    except BridgeError as error:
        print(f"bench_face: {error}", file=sys.stderr)
        return 1
    found = measure(networks, args.turns, args.seconds)
    print("| | " + " | ".join(f"{f} a call: median | best" for f in FRAMES_A_CALL) + " |")
    print("|---" * (1 + 2 * len(FRAMES_A_CALL)) + "|")
    for name, times in zip(args.weights, found.transpose(1, 2, 0), strict=True):
        print(f"| {name} | " + " | ".join(f"{np.median(t):.4f} | {t.min():.4f}" for t in times) + " |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
