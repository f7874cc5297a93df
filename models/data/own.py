"""Recordings of one's own as training data for one style:

    python -m models.data.own recordings/mine -o models/cache/mine --style mine

packs every pair of a folder, each in several variations. Every eighth pair is kept out, to be measured on, and goes to
the folder `kept_out` within.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from tqdm import tqdm

from bridge.errors import InputError
from models import command
from models.data import pack
from models.data.build import clip_of
from models.data.pack import Clip
from models.data.pairs import Pair, read_pair
from models.data.vary import Variation
from models.losses import lip_gap

KEPT_OUT = "kept_out"
EVERY = 8


def own_clip(pair: Pair, variation: Variation, rng: np.random.Generator) -> Clip:
    """A pair as training data, as far as its speaker moves.

    Where no camera measured the lips' distance, the shapes' own is taken.
    """
    clip = clip_of(pair, 1.0, False, variation, rng)
    if np.isfinite(clip.aperture).any():
        return clip
    gap = lip_gap(torch.from_numpy(np.asarray(clip.face, np.float32))).clamp(min=0)
    # Recorded apertures are of that size; the loss asks for the course alone.
    return replace(clip, aperture=gap.numpy() * 0.1)


def build(folder: Path, out: Path, style: str, variations: int = 8, every: int = EVERY) -> tuple[int, int]:
    """Write the packs; how many frames are learned from and how many kept out. Raises InputError."""
    paths = sorted(folder.glob("*.npz"))
    if len(paths) < 2:
        raise InputError(
            f"{folder} holds {len(paths)} recordings; it takes two or more, one of them to be measured on."
        )
    pairs = [read_pair(p) for p in tqdm(paths, "reading", mininterval=5)]
    every = min(every, len(pairs))
    kept = set(range(every - 1, len(pairs), every))
    if not any(pair.valid.any() for pair in pairs):
        raise InputError(f"No frame of {folder} shows a face.")
    (out / KEPT_OUT).mkdir(parents=True, exist_ok=True)
    for old in out.glob("own_*.npz"):
        old.unlink()
    about = {"style": style, "source": f"recordings of {style}", "licence": "your own"}
    learned = 0
    for v in range(variations):
        rngs = [np.random.default_rng((v, i)) for i in range(len(pairs))]
        clips = [
            own_clip(pair, Variation.drawn(rng) if v else Variation(), rng)
            for i, (pair, rng) in enumerate(zip(tqdm(pairs, f"variation {v}", mininterval=5), rngs, strict=True))
            if i not in kept
        ]
        learned = pack.write(out / f"own_{v}.npz", clips, **about)
    plain = np.random.default_rng(0)
    held = [own_clip(pairs[i], Variation(), plain) for i in sorted(kept)]
    return learned, pack.write(out / KEPT_OUT / "own.npz", held, **about)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="the folder of pairs that models.data.import_take wrote")
    parser.add_argument("-o", "--out", type=Path, required=True)
    parser.add_argument("--style", required=True, metavar="NAME")
    parser.add_argument(
        "--variations", type=command.at_least(1), default=8, help="copies of each pair, the first as it is"
    )
    args = parser.parse_args()
    learned, kept = build(args.folder, args.out, args.style, args.variations)
    print(f"{learned / 3600:.1f} minutes to learn from, {kept / 3600:.1f} minutes kept out")


if __name__ == "__main__":
    sys.exit(command.run(main))
