"""How far the inner lips are apart over a take, in millimetres on a face.

`python -m tools.lip_gap TAKE.npz [MODEL.glb]` prints a summary; `-o GAPS.csv` writes the gap of each frame. The model
is one of this project's avatars: its Head mesh names the pairs of vertices where the lips meet (`lipPairs`).
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

CHECKOUT = Path(__file__).resolve().parents[1]
if __name__ == "__main__":
    sys.path.insert(0, str(CHECKOUT))

from tools.avatar.read import Mesh, load  # noqa: E402

# Lips nearer than this look shut from any distance a face is seen at.
SHUT_MM = 1.0
# Pairs counted as the middle of the mouth: the nearest share to the midline.
MIDDLE = 0.4


def gaps(head: Mesh, names: list[str], weights: NDArray[np.floating]) -> NDArray[np.float64]:
    """Height of the opening [T, P] in millimetres at each pair of the lips, for weights [T, len(names)].

    Negative where the lower lip is above the upper. Columns go from the middle of the mouth outwards.
    """
    pairs = np.asarray(head.extras["lipPairs"])
    pairs = pairs[np.argsort(np.abs(head.position[pairs[:, 0], 0]), kind="stable")]
    up = np.array([0.0, 1.0, 0.0])
    top, bottom = pairs.T
    out = np.tile((head.position[top] - head.position[bottom]) @ up, (len(weights), 1))
    for k, name in enumerate(names):
        if name in head.shapes:
            delta = head.shapes[name]
            out += np.outer(weights[:, k], (delta[top] - delta[bottom]) @ up)
    return 1000.0 * out


def middle_gap(all_gaps: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean opening [T] over the middle of the mouth, not below zero."""
    count = max(1, int(MIDDLE * all_gaps.shape[1]))
    return np.maximum(all_gaps[:, :count].mean(1), 0.0)


def closures(gap_mm: NDArray[np.float64]) -> int:
    """How many times the lips come to touch."""
    shut = gap_mm < SHUT_MM
    return int((shut[1:] & ~shut[:-1]).sum() + shut[0])


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.lip_gap", description=__doc__)
    parser.add_argument("take", type=Path)
    parser.add_argument("model", type=Path, nargs="?", default=CHECKOUT / "build" / "avatar" / "default.glb")
    parser.add_argument("-o", "--out", type=Path, help="a .csv of time and gap")
    args = parser.parse_args()
    head = load(args.model).mesh("Head")
    take = np.load(args.take, allow_pickle=False)
    every = gaps(head, [str(n) for n in take["names"]], take["arkit"])
    gap = middle_gap(every)
    fps = float(take["fps_num"]) / float(take["fps_den"])
    low, half, high = np.percentile(gap, (5, 50, 95))
    print(f"{args.take.name} on {args.model.name}: {len(gap)} frames, {len(gap) / fps:.2f} s")
    print(f"gap in the middle: p5 {low:.2f}, median {half:.2f}, p95 {high:.2f}, most {gap.max():.2f} mm")
    print(f"shut (under {SHUT_MM} mm) {100 * (gap < SHUT_MM).mean():.1f} % of the time, {closures(gap)} closures")
    print(f"deepest overlap of the lips: {max(0.0, -every.min()):.2f} mm")
    if args.out:
        rows = np.column_stack([np.arange(len(gap)) / fps, gap])
        np.savetxt(args.out, rows, "%.4f", ",", header="time_s,gap_mm", comments="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
