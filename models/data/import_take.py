"""A take of one's own as recorded pairs:

    python -m models.data.import_take TAKE.csv SOUND -o recordings/mine

TAKE is a Live Link Face `.csv` or any `.npz` that `avatar-bridge play` reads; SOUND is a recording or film of the same
performance. Writes pieces of at most 15 s as `models/data/pairs.py` describes them. Shapes go by name and other frame
rates are brought to 60; what can't be right is refused with the file's name and the reason.
"""

from __future__ import annotations

import argparse
import csv
import itertools
import math
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from bridge import resources
from bridge.body.rotation import quaternion
from bridge.errors import BridgeError, InputError
from bridge.face.model import StreamingFaceModel
from bridge.onnx import load_face_model
from bridge.sources.take import read_take
from bridge.timebase import FPS_DEN, FPS_NUM, SAMPLE_RATE_HZ, SAMPLES_PER_FRAME
from bridge.types import ARKIT_BLENDSHAPES, F32, Motion
from bridge.wire import livelink_csv
from models.data.audio import read_mono
from models.losses import lip_gap_of

PIECE_FRAMES = 15 * FPS_NUM
LEAST_FRAMES = 2 * FPS_NUM
# Two devices started by hand differ by less; more is another recording.
MOST_SHORTER_S = 3.0
LOST_S = 0.1
SEARCHED_FRAMES = 30
LEAST_LIKENESS = 0.3


@dataclass(frozen=True)
class Performance:
    """A face's motion and which of its frames [T] the camera saw."""

    motion: Motion
    seen: NDArray[np.bool_]


def read_performance(path: Path) -> Performance:
    """The take at `path`. Raises InputError with the file's name and the reason."""
    take = read_take(path).motion
    seen = np.ones(len(take), bool)
    if path.suffix.lower() == ".csv":
        with path.open(encoding="utf-8-sig", newline="") as file:
            _check_names(path, next(csv.reader(file), []))
            file.seek(0)
            seen = _seen(livelink_csv.decode(file).time_s, len(take))
    moving = np.ptp(take.face, axis=0) > 0 if len(take) else np.zeros(1, bool)
    if not moving.any():
        raise InputError(f"{path} holds a face that never moves.")
    return Performance(take, seen)


def _check_names(path: Path, header: list[str]) -> None:
    there = {name.strip().lower() for name in header}
    missing = [name for name in ARKIT_BLENDSHAPES if name.lower() not in there]
    if missing:
        raise InputError(f"{path} lacks the columns {', '.join(missing)}; a style can't be learned without them.")


def _seen(time_s: NDArray[np.float64], count: int) -> NDArray[np.bool_]:
    """Which of `count` frames stand between two rows that are near each other."""
    seen = np.ones(count, bool)
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


def write_pieces(performance: Performance, samples: F32, folder: Path, name: str) -> int:
    """Write the pieces and return how many there are."""
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
        )
        sound = np.clip(samples[start * SAMPLES_PER_FRAME : end * SAMPLES_PER_FRAME], -1, 1)
        soundfile.write(path.with_suffix(".flac"), sound, SAMPLE_RATE_HZ, subtype="PCM_16")
    return len(bounds) - 1


def import_take(take: Path, sound: Path, folder: Path, offset_ms: float | None = 0.0) -> str:
    """Write a take's pieces to `folder`; what was done, in a sentence.

    `offset_ms` is how much later the face is than the sound; None: as the lips tell. Raises InputError.
    """
    performance, samples = read_performance(take), read_mono(sound, SAMPLE_RATE_HZ)
    rs = likeness(performance.motion, samples, load_face_model(resources.folder("weights")))
    best = int(np.nanargmax(rs)) - SEARCHED_FRAMES if np.isfinite(rs).any() else 0
    best_r = float(rs[best + SEARCHED_FRAMES])
    if offset_ms is None and not best_r >= LEAST_LIKENESS:
        raise InputError(f"{take} and {sound}: the lips do not follow the sound, so no offset can be told.")
    late = best if offset_ms is None else round(offset_ms * FPS_NUM / FPS_DEN / 1000)
    face_s, sound_s = len(performance.motion) * FPS_DEN / FPS_NUM, len(samples) / SAMPLE_RATE_HZ
    if abs(face_s - sound_s) > MOST_SHORTER_S + abs(late) * FPS_DEN / FPS_NUM:
        raise InputError(f"{take} has {face_s:.2f} s of face, {sound} {sound_s:.2f} s of sound: are they one take?")
    cut, samples = shifted(performance, samples, late)
    if len(cut.motion) < LEAST_FRAMES:
        raise InputError(f"{take} and {sound} have less than 2 s together.")
    folder.mkdir(parents=True, exist_ok=True)
    pieces = write_pieces(cut, samples, folder, take.stem)
    doubt = " (--offset-ms auto takes that)" if abs(best - late) > 2 and best_r >= LEAST_LIKENESS else ""
    taken_ms, best_ms = (frames * 1000 * FPS_DEN / FPS_NUM for frames in (late, best))
    return (
        f"{take.name}: {len(cut.motion) * FPS_DEN / FPS_NUM:.1f} s in {pieces} pieces, "
        f"{100 * np.mean(~cut.seen):.1f} % without a face, the face taken as {taken_ms:.0f} ms late; "
        f"its lips follow the sound best at {best_ms:.0f} ms, r = {best_r:.2f}{doubt}."
    )


def _offset(text: str) -> float | None:
    return None if text == "auto" else float(text)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("take", type=Path, metavar="TAKE")
    parser.add_argument("sound", type=Path, metavar="SOUND")
    parser.add_argument("-o", "--out", type=Path, required=True, metavar="FOLDER")
    parser.add_argument(
        "--offset-ms", type=_offset, default=0.0, help="how much later the face is than the sound, or auto"
    )
    args = parser.parse_args()
    try:
        print(import_take(args.take, args.sound, args.out, args.offset_ms))
    except BridgeError as error:
        print(f"import_take: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
