"""How alive it is above the lips: blinks, brows and head over a minute or more, beside people's.

    python -m models.liveliness ../shared --weights models/weights

Figures of `eval/evaluate.py` in the shared folder: `blinks_per_min`, `brow_std`, `head_std_deg`; and `jerk_ratio`, how
much the head trembles: the RMS third difference of its rotation over its own spread. "as animate writes it" has the
layers, "the network alone" has not. People are the recorded takes of `data/reference/livelink_csv` (the faces of an
iPhone, 60 frames a second) and the pairs of `data/pairs/grid_s1` one after another, each freed of its own mean.
"""

from __future__ import annotations

import argparse
import gzip
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from bridge.onnx import FaceNetwork
from bridge.sources.take import read_take
from bridge.types import Motion, concatenate, motion
from models import command, filmstrip
from models.data.audio import read_mono
from models.data.pairs import read_pair
from models.evaluate import Judge, table

SHORTEST_S = 45
READER_CLIPS = 40
FIGURES = ("blinks_per_min", "brow_std", "head_std_deg", "jerk_ratio")


def people(data: Path) -> Iterator[tuple[str, Motion]]:
    """Recorded takes, by name."""
    for path in sorted((data / "reference" / "livelink_csv").glob("*.csv.gz")):
        with tempfile.TemporaryDirectory() as folder:
            plain = Path(folder) / path.stem
            plain.write_bytes(gzip.decompress(path.read_bytes()))
            yield f"recorded: {path.name.partition('.')[0]}", read_take(plain).motion
    clips, first = [], 0
    for path in sorted((data / "pairs" / "grid_s1").glob("*.npz"))[:READER_CLIPS]:
        pair = read_pair(path)
        clips.append(motion(first, pair.face, head_rad=np.nan_to_num(pair.head_rad)))
        first += len(pair.face)
    if clips:
        yield "recorded: grid_s1", concatenate(clips)


def spoken(data: Path, network: FaceNetwork) -> Iterator[tuple[str, Motion]]:
    """The long recordings of speech at hand, as `animate` writes them and by the network alone."""
    for path in sorted((data / "speech").glob("*/*.flac")):
        samples = read_mono(path)
        if len(samples) < SHORTEST_S * 24_000:
            continue
        yield f"{path.stem}: as animate writes it", filmstrip.played(network, samples, "neutral")
        model = network.stream()
        yield f"{path.stem}: the network alone", concatenate([model.push(samples), model.flush()])


def jerk_ratio(head_rad: np.ndarray) -> float:
    """RMS third difference of rotation vectors [T, 3] over their spread."""
    spread = float(np.sqrt(head_rad.var(axis=0).sum()))
    return float(np.sqrt((np.diff(head_rad, n=3, axis=0) ** 2).sum(axis=1).mean())) / max(spread, 1e-9)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shared", type=Path, help="the folder that holds data/ and eval/")
    parser.add_argument("--weights", type=Path, default=Path("models/weights"))
    args = parser.parse_args()
    judge, data = Judge(args.shared / "eval" / "evaluate.py"), args.shared / "data"
    rows = {}
    for made in (people(data), spoken(data, FaceNetwork(args.weights))):
        for name, shown in made:
            found = {**judge.life(shown), "jerk_ratio": jerk_ratio(shown.head_rad)}
            figures = FIGURES if shown.head_rad.any() else FIGURES[:2]
            rows[f"{name} ({len(shown) / 60:.0f} s)"] = {figure: found[figure] for figure in figures}
    print(table("Life", rows))


if __name__ == "__main__":
    sys.exit(command.run(main))
