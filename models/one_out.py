"""How much the next voice differs: each speaker of the labelled speech in turn is left out, and measured.

    python -m models.one_out ../shared models/cache/aligned --network models/weights

The ridge regression of `models/baselines.py` is fitted to the articulation model's curves of all other speakers, and
speaks the one left out; so each speaker is unseen once. A network can't be trained that often: with `--network`, it is
measured on the speakers that `models/split.tsv` keeps out of its training. What is asked of both is the articulation
model's face: the correlation with its lips' gap, jaw and moving shapes, and the figures of each phone.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from bridge.dsp.logmel import log_mel
from bridge.errors import InputError
from bridge.face.articulation import curves
from bridge.timebase import FPS_DEN, FPS_NUM, SAMPLE_RATE_HZ
from bridge.types import ARKIT_BLENDSHAPES, F32, Phone
from models import command
from models.baselines import Normal, Ridge
from models.data.audio import read_mono
from models.data.phones import ARPABET_TO_IPA
from models.data.split import split_of
from models.evaluate import Item, Judge, Predict, network
from models.losses import lip_gap_of

FIGURES = (
    *("gap_r", "jaw_r", "mouth_r", "jitter_ratio"),
    *("closure_recall", "open_recall", "round_recall", "spread_precision", "open_stays_open"),
)
Figures = dict[str, float]


@dataclass(frozen=True)
class Speaker:
    """One speaker of an aligned corpus."""

    name: str
    held_out: bool
    rows: tuple[dict[str, Any], ...]
    """What `models.data.align` found of each utterance."""

    def item(self, speech: Path, most_s: float) -> Item:
        """The speaker's utterances in line, until there are so many seconds. Raises InputError for a missing file."""
        sounds: list[F32] = []
        phones: list[Phone] = []
        at_s = 0.0
        for row in self.rows:
            if at_s >= most_s:
                break
            sound = read_mono(speech / row["file"])
            length_s = len(sound) / SAMPLE_RATE_HZ
            for start, end, label in row["phones"]:
                phones.append(Phone(at_s + start, at_s + min(end, length_s), ARPABET_TO_IPA[label]))
            sounds.append(sound)
            at_s += length_s
        return Item(self.name, np.concatenate(sounds), phones=tuple(phones))


def speakers(aligned: Path) -> list[Speaker]:
    """The speakers of the aligned corpora. Raises InputError where there are none."""
    rows: dict[str, list[dict[str, Any]]] = {}
    for path in sorted(aligned.glob("*.jsonl")):
        for line in path.read_text("utf-8").splitlines():
            row = json.loads(line)
            rows.setdefault(row["speaker"], []).append(row)
    if not rows:
        raise InputError(f"{aligned} holds no aligned speech; models.data.align writes it.")
    return [Speaker(n, split_of(f"more/speech/{r[0]['file']}") != "train", tuple(r)) for n, r in rows.items()]


def normal(item: Item) -> Normal:
    """What the ridge regression has to know of a speaker."""
    mel = log_mel(item.samples)
    return Normal.of(mel, curves(item.phones, len(mel)))


def one_out(items: Callable[[], Iterable[Item]]) -> Iterator[tuple[Item, Predict]]:
    """Each speaker's speech, and the ridge regression fitted to that of all others; `items` is asked for all twice."""
    total = sum((normal(item) for item in items()), Normal.nothing())
    for item in items():
        ridge = Ridge(total - normal(item))
        yield item, lambda spoken, ridge=ridge: ridge(spoken.samples)  # type: ignore[misc]


def measure(judge: Judge, item: Item, predict: Predict) -> Figures:
    """The figures of a way of speaking on one speaker."""
    face = predict(item)
    assert face is not None
    wanted = curves(item.phones, len(face))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "teacher.npz"
        aperture = lip_gap_of(wanted)
        np.savez(path, arkit=wanted, lip_aperture=aperture, names=ARKIT_BLENDSHAPES, fps_num=FPS_NUM, fps_den=FPS_DEN)
        found = judge.figures(face, replace(item, reference=path))
    return {name: found[name] for name in FIGURES if name in found}


def summary(label: str, rows: dict[str, Figures]) -> str:
    """A Markdown table: mean, spread and the worst speaker of each figure."""
    lines = [
        f"\n{label} ({len(rows)} speakers)\n",
        "| | mean | standard deviation | worst | speaker |",
        "|---" * 5 + "|",
    ]
    for name in FIGURES:
        values = {speaker: row[name] for speaker, row in rows.items() if name in row}
        if not values:
            continue
        # A face may tremble too much or too little; of all else there can only be too little.
        worst = min(values, key=lambda s: -abs(np.log(max(values[s], 1e-6))) if name == "jitter_ratio" else values[s])
        mean, spread = np.mean(list(values.values())), np.std(list(values.values()))
        lines.append(f"| {name} | {mean:.3f} | {spread:.3f} | {values[worst]:.3f} | {worst} |")
    return "\n".join(lines)


def each(label: str, rows: dict[str, Figures]) -> str:
    """A Markdown table: a row a speaker."""
    lines = [f"\n{label}\n", "| | " + " | ".join(FIGURES) + " |", "|---" * (len(FIGURES) + 1) + "|"]
    for speaker, row in rows.items():
        lines.append(f"| {speaker} | " + " | ".join(f"{row[n]:.3f}" if n in row else "" for n in FIGURES) + " |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shared", type=Path, help="the folder that holds data/ and eval/")
    parser.add_argument("aligned", type=Path, help="the folder that models.data.align wrote")
    parser.add_argument(
        "--network", type=Path, metavar="WEIGHTS", help="also this, on the speakers kept out of training"
    )
    parser.add_argument("--style", help="of the network; its default one otherwise")
    parser.add_argument("--lookahead-ms", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=90.0, help="of each speaker")
    args = parser.parse_args()
    speech = args.shared / "data" / "more" / "speech"
    judge = Judge(args.shared / "eval" / "evaluate.py")
    found = speakers(args.aligned)
    kept = [s for s in found if s.held_out]

    def items(some: list[Speaker], label: str) -> Iterator[Item]:
        for speaker in tqdm(some, label, mininterval=10):
            yield speaker.item(speech, args.seconds)

    rows = {i.name: measure(judge, i, ridge) for i, ridge in one_out(partial(items, found, "ridge"))}
    print(summary("ridge on log-mel, fitted to all other speakers", rows))
    print(summary("the same, speakers kept out of the network's training", {s.name: rows[s.name] for s in kept}))
    if args.network:
        predict = network(args.network, args.lookahead_ms, args.style)
        spoken = {i.name: measure(judge, i, predict) for i in items(kept, "network")}
        print(summary("network", spoken))
        print(each("network, each speaker", spoken))


if __name__ == "__main__":
    sys.exit(command.run(main))
