"""Which ARKit shapes are on together in recorded speech, and how far: the pairs the avatars' tests try on each face.

`python -m tools.shape_pairs ../shared/data -o tests/avatar/pairs.tsv`

Sources, each counted by itself: the takes of `pairs/index.tsv` whose weights may be used (video of one British speaker
through MediaPipe; solved capture of one Mandarin speaker, lower face only) and the Live Link Face recordings of
`reference/livelink_csv` (an iPhone's own ARKit weights, acted speech). Left and right of a shape count as one, the
stronger of the two. Two shapes are together in a frame where both exceed ON; a pair is kept where that holds for at
least OFTEN of a source's frames, at the HIGH percentile of each shape's weight over those frames. Where several
sources have a pair, the one with the largest product of weights stands in the table.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import itertools
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

CHECKOUT = Path(__file__).resolve().parents[1]
if __name__ == "__main__":
    sys.path.insert(0, str(CHECKOUT))

from bridge.types import ARKIT_BLENDSHAPES  # noqa: E402
from bridge.wire import livelink_csv  # noqa: E402
from bridge.wire.livelink_values import motion_of  # noqa: E402

ON, OFTEN, HIGH = 0.1, 0.01, 95.0
SPEAKERS = {"grid_s1": "video", "facegood_f1": "capture"}
COLUMNS = ("first", "second", "first_weight", "second_weight", "frames_percent", "source")
DIRECTIONS = ("jawLeft", "jawRight", "mouthLeft", "mouthRight", "eyeLookInLeft", "eyeLookOutLeft")
Frames = NDArray[np.float32]


def without_sides() -> dict[str, list[int]]:
    """The places in ARKit's order of each shape, left and right under one name.

    jawLeft, mouthLeft and the like are directions, not halves; the gaze inwards and outwards is the left eye's.
    """
    out: dict[str, list[int]] = {}
    for k, name in enumerate(ARKIT_BLENDSHAPES):
        if name in ("eyeLookInRight", "eyeLookOutRight"):
            continue
        whole = name in DIRECTIONS
        out.setdefault(name if whole else name.removesuffix("Left").removesuffix("Right"), []).append(k)
    return out


def recorded(data: Path) -> Iterator[tuple[str, Frames]]:
    """Weights [T, 52] of every take, with the name of its source."""
    with (data / "pairs" / "index.tsv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            if row["speaker"] in SPEAKERS:
                take = np.load(data / "pairs" / f"{row['clip']}.npz", allow_pickle=False)
                if tuple(take["names"]) != ARKIT_BLENDSHAPES:
                    raise ValueError(f"{row['clip']} does not hold ARKit's shapes in their order.")
                yield SPEAKERS[row["speaker"]], take["arkit"][take["valid"]].astype(np.float32)
    for path in sorted((data / "reference" / "livelink_csv").glob("*.csv.gz")):
        yield "iphone", _live_link(path)


def _live_link(path: Path) -> Frames:
    with gzip.open(path, "rt", encoding="utf-8-sig", newline="") as file:
        return motion_of(livelink_csv.decode(file).values).face


def pairs(source: str, weights: Frames) -> list[tuple[str, str, float, float, float, str]]:
    """The rows (COLUMNS) of one source's frames [T, 52]."""
    by_name = {name: weights[:, places].max(1) for name, places in without_sides().items()}
    found = []
    for first, second in itertools.combinations(by_name, 2):
        together = (by_name[first] > ON) & (by_name[second] > ON)
        if together.mean() >= OFTEN:
            a, b = (float(np.percentile(by_name[name][together], HIGH)) for name in (first, second))
            found.append((first, second, round(a, 2), round(b, 2), round(100.0 * float(together.mean()), 1), source))
    return found


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tools.shape_pairs", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path, help="the folder with pairs/ and reference/")
    parser.add_argument("-o", "--out", type=Path, required=True, help="the table, .tsv")
    args = parser.parse_args()
    takes: dict[str, list[Frames]] = {}
    for source, weights in recorded(args.data):
        takes.setdefault(source, []).append(weights)
    best: dict[tuple[str, str], tuple[str, str, float, float, float, str]] = {}
    for source, several in takes.items():
        for row in pairs(source, np.concatenate(several)):
            kept = best.get(row[:2])
            if kept is None or row[2] * row[3] > kept[2] * kept[3]:
                best[row[:2]] = row
    with args.out.open("w", encoding="utf-8", newline="\n") as file:
        writer = csv.writer(file, delimiter="\t", lineterminator="\n")
        writer.writerows([COLUMNS, *sorted(best.values())])
    counts = ", ".join(f"{source} {sum(map(len, several))} frames" for source, several in takes.items())
    print(f"{args.out}: {len(best)} pairs from {counts}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
