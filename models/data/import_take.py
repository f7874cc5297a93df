"""A take of one's own as recorded pairs:

    python -m models.data.import_take TAKE.csv SOUND -o recordings/mine

TAKE is a Live Link Face `.csv` or any `.npz` that `avatar-bridge play` reads; SOUND is a recording or film of the same
performance. Writes pieces of at most 15 s as `models/data/pairs.py` describes them. Shapes go by name and other frame
rates are brought to 60; what can't be right is refused with the file's name and the reason.
"""

from __future__ import annotations

import argparse
import csv
import glob
import hashlib
import itertools
import math
import re
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from bridge import resources
from bridge.body.rotation import quaternion
from bridge.errors import InputError
from bridge.face.model import StreamingFaceModel
from bridge.onnx import load_face_model
from bridge.sources.take import read_take
from bridge.timebase import FPS_DEN, FPS_NUM, SAMPLE_RATE_HZ, SAMPLES_PER_FRAME
from bridge.types import ARKIT_BLENDSHAPES, F32, SHAPE_COUNT, Motion
from bridge.wire import livelink_csv
from models import command
from models.data.audio import read_mono
from models.losses import lip_gap_of

PIECE_FRAMES = 15 * FPS_NUM
LEAST_FRAMES = 2 * FPS_NUM
# Two devices started by hand differ by less; more is another recording.
MOST_SHORTER_S = 3.0
LOST_S = 0.1
SEARCHED_FRAMES = 30
LEAST_LIKENESS = 0.3
PIECE = re.compile(r"_\d{3,}")
"""What stands behind a take's name in the names of its pieces."""


@dataclass(frozen=True)
class Performance:
    """A face's motion and which of its frames [T] the camera saw."""

    motion: Motion
    seen: NDArray[np.bool_]


def read_performance(path: Path) -> Performance:
    """The take at `path`. Raises InputError with the file's name and the reason."""
    take = read_take(path).motion
    if path.suffix.lower() == ".csv":
        with path.open(encoding="utf-8-sig", newline="") as file:
            _check_names(path, next(csv.reader(file), []))
            file.seek(0)
            rows = livelink_csv.decode(file)
            shapes, seen = rows.values[:, :SHAPE_COUNT], _seen(rows.time_s, len(take))
    else:
        with np.load(path, allow_pickle=False) as stored:
            _check_names(path, [str(name) for name in np.atleast_1d(stored["names"])])
            shapes, fps = stored["arkit"], float(stored["fps_num"]) / float(stored["fps_den"])
            valid = np.asarray(stored["valid"], bool) if "valid" in stored else np.ones(len(shapes), bool)
        if valid.shape != (len(shapes),):
            raise InputError(f"{path}: valid is {list(valid.shape)} for {len(shapes)} frames.")
        nearest = np.round(np.arange(len(take)) * fps * FPS_DEN / FPS_NUM).astype(int)
        seen = valid[np.minimum(nearest, len(valid) - 1)]
    if shapes.min() < -0.01 or shapes.max() > 1.01:
        raise InputError(f"{path} holds values from {shapes.min():g} to {shapes.max():g}; shapes lie between 0 and 1.")
    if not seen.any():
        raise InputError(f"{path} has no frame in which the camera saw the face.")
    moving = np.ptp(take.face, axis=0) > 0 if len(take) else np.zeros(1, bool)
    if not moving.any():
        raise InputError(f"{path} holds a face that never moves.")
    return Performance(take, seen)


def _check_names(path: Path, names: list[str]) -> None:
    there = {name.strip().lower() for name in names}
    missing = [name for name in ARKIT_BLENDSHAPES if name.lower() not in there]
    if missing:
        named = ", ".join(missing[:3]) + (f" and {len(missing) - 3} others" if len(missing) > 3 else "")
        raise InputError(f"{path} lacks the shapes {named}; a style can't be learned without them.")


def _seen(time_s: NDArray[np.float64], count: int) -> NDArray[np.bool_]:
    """Which of `count` frames stand between two rows that are near each other."""
    seen = np.arange(count) >= np.floor(time_s[0] * FPS_NUM / FPS_DEN + 1e-3)
    for before in np.flatnonzero(np.diff(time_s) > LOST_S):
        first, last = time_s[before : before + 2] * FPS_NUM / FPS_DEN
        seen[int(np.ceil(first)) + 1 : int(np.floor(last))] = False
    return seen


def likeness(motion: Motion, samples: F32, model: StreamingFaceModel) -> NDArray[np.float64]:
    """Pearson's r [61] of the lips' opening with what the face model makes of the sound, the face -30..30 frames late.

    NaN where nothing can be said.
    """
    heard = np.concatenate([model.push(samples).face, model.flush().face])
    model.reset()
    recorded, expected = lip_gap_of(motion.face), lip_gap_of(heard)
    found = np.full(2 * SEARCHED_FRAMES + 1, np.nan)
    for i, late in enumerate(range(-SEARCHED_FRAMES, SEARCHED_FRAMES + 1)):
        a, b = recorded[max(0, late) :], expected[max(0, -late) :]
        n = min(len(a), len(b))
        if n > LEAST_FRAMES and a[:n].std() > 1e-4 and b[:n].std() > 1e-4:
            found[i] = np.corrcoef(a[:n], b[:n])[0, 1]
    return found


def shifted(performance: Performance, samples: F32, late_frames: int) -> tuple[Performance, F32]:
    """Both without what only one of them has, the face brought forward by `late_frames` frames."""
    motion, seen = performance.motion, performance.seen
    if late_frames > 0:
        motion, seen = motion[late_frames:], seen[late_frames:]
    samples = samples[max(0, -late_frames) * SAMPLES_PER_FRAME :]
    count = min(len(motion), len(samples) // SAMPLES_PER_FRAME)
    return Performance(motion[:count], seen[:count]), samples[: count * SAMPLES_PER_FRAME]


def write_pieces(performance: Performance, samples: F32, folder: Path, name: str, take: str) -> int:
    """Write the pieces of a take, which `take` tells from all others, in place of those it had; how many there are.

    Raises InputError where `folder` holds pieces of another take of that name.
    """
    named = folder.glob(f"{glob.escape(name)}_*.npz")
    before = sorted(path for path in named if PIECE.fullmatch(path.stem.removeprefix(name)))
    for path in before:
        if _take_of(path) != take:
            raise InputError(f"{path} is of another take of that name; rename this one, or remove that one's pieces.")
    for path in before:
        path.unlink()
        path.with_suffix(".flac").unlink(missing_ok=True)
    motion = performance.motion
    bounds = np.linspace(0, len(motion), math.ceil(len(motion) / PIECE_FRAMES) + 1).astype(int).tolist()
    for number, (start, end) in enumerate(itertools.pairwise(bounds)):
        part = motion[start:end]
        path = folder / f"{name}_{number:03d}.npz"
        np.savez(
            path,
            arkit=part.face.astype(np.float16),
            names=np.array(ARKIT_BLENDSHAPES),
            fps_num=FPS_NUM,
            fps_den=FPS_DEN,
            head_wxyz=quaternion(part.head_rad).astype(np.float32),
            valid=performance.seen[start:end],
            take=take,
        )
        sound = np.clip(samples[start * SAMPLES_PER_FRAME : end * SAMPLES_PER_FRAME], -1, 1)
        soundfile.write(path.with_suffix(".flac"), sound, SAMPLE_RATE_HZ, subtype="PCM_16")
    return len(bounds) - 1


def _take_of(path: Path) -> str:
    """Which take a piece is of. Raises InputError for what is no piece."""
    try:
        with np.load(path, allow_pickle=False) as piece:
            return str(piece["take"])
    # Damaged bytes make NumPy and zipfile raise nearly anything.
    except Exception as e:
        raise InputError(f"{path} is in the way, and no piece of a take: {e}; remove it.") from e


def import_take(take: Path, sound: Path, folder: Path, offset_ms: float | None = 0.0, *, anyway: bool = False) -> str:
    """Write a take's pieces to `folder`, in place of those it had there; what was done, in a sentence.

    `offset_ms` is how much later the face is than the sound; None: as the lips tell. `anyway` takes a face whose lips
    do not follow the sound. Raises InputError.
    """
    performance, samples = read_performance(take), read_mono(sound, SAMPLE_RATE_HZ)
    rs = likeness(performance.motion, samples, load_face_model(resources.folder("weights")))
    best = int(np.nanargmax(rs)) - SEARCHED_FRAMES if np.isfinite(rs).any() else 0
    best_r = float(rs[best + SEARCHED_FRAMES])
    if not best_r >= LEAST_LIKENESS and (offset_ms is None or not anyway):
        raise InputError(
            f"{take} and {sound}: the lips do not follow the sound (r = {best_r:.2f} at best), so they are hardly of "
            "one performance; with an offset that you know, --anyway takes them all the same."
        )
    late = best if offset_ms is None else round(offset_ms * FPS_NUM / FPS_DEN / 1000)
    face_s, sound_s = len(performance.motion) * FPS_DEN / FPS_NUM, len(samples) / SAMPLE_RATE_HZ
    if abs(face_s - sound_s) > MOST_SHORTER_S + abs(late) * FPS_DEN / FPS_NUM:
        raise InputError(f"{take} has {face_s:.2f} s of face, {sound} {sound_s:.2f} s of sound: are they one take?")
    cut, samples = shifted(performance, samples, late)
    if len(cut.motion) < LEAST_FRAMES:
        raise InputError(f"{take} and {sound} have less than 2 s together.")
    folder.mkdir(parents=True, exist_ok=True)
    pieces = write_pieces(cut, samples, folder, take.stem, hashlib.sha256(take.read_bytes()).hexdigest())
    doubt = " (--offset-ms auto takes that)" if abs(best - late) > 2 and best_r >= LEAST_LIKENESS else ""
    taken_ms, best_ms = (frames * 1000 * FPS_DEN / FPS_NUM for frames in (late, best))
    return (
        f"{take.name}: {len(cut.motion) * FPS_DEN / FPS_NUM:.1f} s in {pieces} pieces, of {face_s:.1f} s of face and "
        f"{sound_s:.1f} s of sound, "
        f"{100 * np.mean(~cut.seen):.1f} % without a face, the face taken as {taken_ms:.0f} ms late; "
        f"its lips follow the sound best at {best_ms:.0f} ms, r = {best_r:.2f}{doubt}."
    )


def _offset(text: str) -> float | None:
    if text == "auto":
        return None
    if not math.isfinite(value := float(text)):
        raise argparse.ArgumentTypeError(f"{text} is no number of milliseconds")
    return value


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("take", type=Path, metavar="TAKE")
    parser.add_argument("sound", type=Path, metavar="SOUND")
    parser.add_argument("-o", "--out", type=Path, required=True, metavar="FOLDER")
    parser.add_argument(
        "--offset-ms", type=_offset, default=0.0, help="how much later the face is than the sound, or auto"
    )
    parser.add_argument("--anyway", action="store_true", help="though the lips do not follow the sound")
    args = parser.parse_args()
    print(import_take(args.take, args.sound, args.out, args.offset_ms, anyway=args.anyway))


if __name__ == "__main__":
    sys.exit(command.run(main))
