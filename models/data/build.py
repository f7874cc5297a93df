"""The training set, in one command:

    python -m models.data.build ../shared/data -o models/cache/packed

writes packed features of every recording that may be trained on, each in several variations. Recordings named in
`models/split.tsv` are left out. With `--aligned` the labelled speech is added, its curves made by the articulation
model from its phones; with `--synthetic` speech of the embedded voices, with `--voices` that of flite's and festival's.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from tqdm import tqdm

from bridge.dsp.logmel import log_mel
from bridge.errors import InputError
from bridge.types import SHAPE_INDEX
from models import command
from models.data import labelled, pack
from models.data.labelled import Labelled
from models.data.pack import Clip
from models.data.pairs import Pair, jaw_scale, read_pair
from models.data.split import split_of
from models.data.vary import Variation, at_pace, vary

RECORDED = {
    # folder: style, source, licence, whether only the lower face was captured
    "grid_s1": ("grid", "GRID audiovisual corpus, speaker 1, through osalinasv/lipnet", "CC BY 4.0", False),
    "facegood_zh": ("facegood", "FACEGOOD/FACEGOOD-Audio2Face, code/train", "MIT", True),
}
LABELLED = {
    "librispeech": ("LibriSpeech (Panayotov et al. 2015), dev-clean", "CC BY 4.0"),
    "matthes_lj": ("PhilippMatthes/dc_tts, the author's voice", "Apache-2.0"),
    "speechocean762": ("speechocean762, OpenSLR 101", "CC BY 4.0"),
    "synthetic": ("espeak-ng, texts of this repository", "output of a program; the texts are Apache-2.0"),
    "voices": (
        "flite's and festival's voices kal, ked (CSTR, CMU) and awb, rms, slt (CMU Arctic); texts of this repository",
        "free for any use with the notices of CSTR and CMU; the texts are Apache-2.0",
    ),
}
SHARED_OUT = ("speechocean762",)
"""So large that each variation has its share of the utterances, not all of them."""
LOWER_FACE = ("jaw", "mouth", "cheek", "tongue")


def clip_of(pair: Pair, scale: float, lower_only: bool, variation: Variation, rng: np.random.Generator) -> Clip:
    """A pair as training data: jaw scaled, what is unknown or the eyes' own made NaN."""
    mel = log_mel(np.clip(vary(pair.samples, variation, rng), -1, 1))
    face = pair.face.copy()
    face[:, SHAPE_INDEX["jawOpen"]] = np.minimum(face[:, SHAPE_INDEX["jawOpen"]] * scale, 1)
    known = [i for n, i in SHAPE_INDEX.items() if not lower_only or n.startswith(LOWER_FACE)]
    face[:, np.setdiff1d(np.arange(face.shape[1]), known)] = np.nan
    face[~pair.valid] = np.nan
    head = np.full_like(pair.head_rad, np.nan) if lower_only else pair.head_rad
    aperture = np.where(pair.valid, pair.aperture, np.nan)
    n = len(mel)
    return Clip.of(
        mel,
        face=at_pace(face, variation.pace, n),
        head=at_pace(head, variation.pace, n),
        aperture=at_pace(aperture, variation.pace, n),
    )


def build_recorded(data: Path, out: Path, folder: str, variations: Iterable[int]) -> None:
    """Pack the recorded pairs of a folder that are trained on."""
    style, source, licence, lower_only = RECORDED[folder]
    paths = sorted((data / "pairs" / folder).glob("*.npz"))
    kept = [p for p in paths if split_of(f"pairs/{folder}/{p.stem}") == "train"]
    if not kept:
        raise InputError(f"{data / 'pairs' / folder} holds no recordings; with --no-recorded none are asked for.")
    pairs = [read_pair(p) for p in tqdm(kept, f"reading {folder}", mininterval=10)]
    scale = jaw_scale(pairs)
    for v in variations:
        clips = []
        for i, pair in enumerate(tqdm(pairs, f"{folder} {v}", mininterval=10)):
            rng = np.random.default_rng((v, i))
            variation = Variation.drawn(rng) if v else Variation()
            clips.append(clip_of(pair, scale, lower_only, variation, rng))
        pack.write(out / f"{folder}_{v}.npz", clips, style=style, source=source, licence=licence)


def build_labelled(items: Callable[[int], Iterable[Labelled]], out: Path, name: str, v: int) -> None:
    """Pack variation `v` of speech with known phones; `items` is asked for it. Nothing is written of none."""
    source, licence = LABELLED[name]
    clips = []
    for i, item in enumerate(items(v)):
        rng = np.random.default_rng((v, i))
        clips.append(labelled.clip_of(item, Variation.drawn(rng) if v else Variation(), rng))
    if clips:
        pack.write(out / f"{name}_{v}.npz", clips, style="teacher", source=source, licence=licence)


def aligned_items(path: Path, speech: Path, variations: int, v: int) -> Iterable[Labelled]:
    """The utterances of variation `v` of so many."""
    part, parts = (v, variations) if path.stem in SHARED_OUT else (0, 1)
    return labelled.aligned_speech(path, speech, part=part, parts=parts)


def jobs(args: argparse.Namespace) -> list[Callable[[], None]]:
    """What there is to do, in parts that any process can do, the longest first. Raises InputError for nothing."""
    found: list[Callable[[], None]] = []
    if args.aligned and not any(args.aligned.glob("*.jsonl")):
        raise InputError(f"{args.aligned} holds nothing that models.data.align wrote.")
    for v in range(args.aligned_variations):
        for path in sorted(args.aligned.glob("*.jsonl")) if args.aligned else ():
            items = partial(aligned_items, path, args.data / "more" / "speech", args.aligned_variations)
            found.append(partial(build_labelled, items, args.out, path.stem, v))
        if args.voices:
            said = partial(labelled.voices_speech, args.voices)
            found.append(partial(build_labelled, said, args.out, "voices", v))
    for v in range(args.synthetic_variations if args.synthetic else 0):
        said = partial(labelled.synthetic_speech, args.synthetic)
        found.append(partial(build_labelled, said, args.out, "synthetic", v))
    if not args.no_recorded:
        for folder in RECORDED:
            halves = (range(0, args.variations, 2), range(1, args.variations, 2))
            found += [partial(build_recorded, args.data, args.out, folder, half) for half in halves if half]
    if not found:
        raise InputError("There is nothing to pack: neither recordings nor --aligned, --synthetic or --voices.")
    return found


def run(work: Sequence[Callable[[], None]], processes: int) -> None:
    """Do all of it, so many at a time."""
    if processes < 2:
        for job in work:
            job()
        return
    with ProcessPoolExecutor(processes, get_context("spawn")) as pool:
        for done in [pool.submit(job) for job in work]:
            done.result()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="the folder of recordings")
    parser.add_argument("-o", "--out", type=Path, required=True)
    parser.add_argument(
        "--variations", type=command.at_least(1), default=8, help="copies of each recorded pair, the first as it is"
    )
    parser.add_argument("--aligned", type=Path, help="the folder that models.data.align wrote")
    parser.add_argument("--aligned-variations", type=command.at_least(1), default=2, help="of it, and of the voices")
    parser.add_argument("--synthetic", type=command.at_least(0), default=0, help="utterances of espeak-ng, a variation")
    parser.add_argument("--synthetic-variations", type=command.at_least(1), default=4)
    parser.add_argument(
        "--voices", type=command.at_least(0), default=0, help="utterances of flite and festival, a variation"
    )
    parser.add_argument("--no-recorded", action="store_true", help="leave the recorded pairs as they are")
    parser.add_argument("--processes", type=command.at_least(1), default=2)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    run(jobs(args), args.processes)


if __name__ == "__main__":
    sys.exit(command.run(main))
