"""A training set that fits through a narrow door, such as to a GPU that is lent for minutes:

    python -m models.data.thin models/cache/packed -o models/cache/travel --mib 60

writes packs of the same form with fewer clips, compressed. All sources keep the same share of the room, whatever their
length, and of each the clips come from all its variations in turn: what a short run needs is variety. Features are
rounded to what training can tell apart, which compresses them to half.
"""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bridge.errors import InputError
from models import command
from models.data import pack
from models.data.pack import FIELDS, Pack

MIB = 1 << 20
# 0.3 dB; and a step of the wire.
MEL_STEP = 1 / 64
FACE_STEP = 1 / 256
HEAD_STEP_RAD = 1 / 4096


def coarse(found: Pack) -> Pack:
    """The pack with its features in whole steps, still in half precision."""
    steps = {"mel": MEL_STEP, "face": FACE_STEP, "aperture": FACE_STEP, "head": HEAD_STEP_RAD}

    def rounded(name: str, array: NDArray[np.float16]) -> NDArray[np.float16]:
        step = np.float32(steps[name])
        return (np.round(array.astype(np.float32) / step) * step).astype(np.float16)

    return replace(found, arrays={n: rounded(n, a) if n in steps else a for n, a in found.arrays.items()})


def some_of(packs: Sequence[Pack], frames: int, seed: int) -> Pack:
    """Whole clips of variations of one source, from each in turn, no more than `frames` of them."""
    rng = np.random.default_rng(seed)
    drawn = [rng.permutation(len(p.ends)) for p in packs]
    chosen: list[tuple[Pack, slice]] = []
    total = 0
    for turn in range(max(map(len, drawn))):
        for one, order in zip(packs, drawn, strict=True):
            if turn >= len(order):
                continue
            at = int(order[turn])
            clip = slice(int(one.ends[at - 1]) if at else 0, int(one.ends[at]))
            if total + clip.stop - clip.start <= frames:
                chosen.append((one, clip))
                total += clip.stop - clip.start
    if not chosen:
        raise InputError(f"There is no room for a single clip of {packs[0].source}.")
    arrays = {name: np.concatenate([one.arrays[name][clip] for one, clip in chosen]) for name in FIELDS}
    ends = np.cumsum([clip.stop - clip.start for _, clip in chosen])
    return replace(packs[0], arrays=arrays, ends=ends)


def compressed(found: Pack) -> bytes:
    """What its file holds."""
    buffer = io.BytesIO()
    pack.save(buffer, found, compressed=True)
    return buffer.getvalue()


def thin(folder: Path, out: Path, mib: float) -> int:
    """Write what fits and return how many bytes that is. Raises InputError for a folder without packs."""
    sources: dict[str, list[Path]] = {}
    for path in sorted(folder.glob("*.npz")):
        sources.setdefault(path.stem.rpartition("_")[0], []).append(path)
    if not sources:
        raise InputError(f"{folder} holds no packed features; models.data.build writes them.")
    left, written = mib * MIB, 0
    for k, (name, paths) in enumerate(_smallest_first(sources)):
        room = (left - written) / (len(sources) - k)
        packs = [coarse(pack.read(path)) for path in paths]
        frames = whole = sum(len(p) for p in packs)
        while len(file := compressed(kept := some_of(packs, frames, seed=0))) > room:
            frames = int(0.98 * len(kept) * room / len(file))
        (out / f"{name}_0.npz").write_bytes(file)
        written += len(file)
        print(
            f"{name}: {len(kept) / 3600:.1f} of {whole / 3600:.1f} minutes, {len(file) / MIB:.1f} MiB", file=sys.stderr
        )
    return written


def _smallest_first(sources: dict[str, list[Path]]) -> list[tuple[str, list[Path]]]:
    """So that what a small source leaves of its share is there for the others."""
    return sorted(sources.items(), key=lambda item: sum(path.stat().st_size for path in item[1]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("packs", type=Path, help="the folder that models.data.build wrote")
    parser.add_argument("-o", "--out", type=Path, required=True)
    parser.add_argument("--mib", type=command.above_zero, default=60.0)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    print(f"{thin(args.packs, args.out, args.mib) / MIB:.1f} MiB in {args.out}")


if __name__ == "__main__":
    sys.exit(command.run(main))
