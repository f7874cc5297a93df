"""What peers made of the clips, kept as files: FOLDER/PEER/CLIP.npz, a face animation as `animate -o` writes them, and
in `sound_crc32` which sound it speaks."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path

import numpy as np

from bridge.errors import InputError
from bridge.timebase import FPS_DEN, FPS_NUM, frames_for_samples
from bridge.types import ARKIT_BLENDSHAPES, F32, SHAPE_COUNT


def write(path: Path, face: F32, samples: F32) -> None:
    """Keep a face [T, 52] of samples [N] at 24 kHz."""
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(
        path, arkit=face, names=ARKIT_BLENDSHAPES, fps_num=FPS_NUM, fps_den=FPS_DEN, sound_crc32=_crc32(samples)
    )


def read(path: Path, samples: F32) -> F32:
    """The face [T, 52] that `write` kept. Raises InputError, naming the file, if it is broken or of another sound."""
    try:
        with np.load(path, allow_pickle=False) as z:
            face, names, crc32 = z["arkit"], [str(n) for n in z["names"]], int(z["sound_crc32"])
            fps = int(z["fps_num"]), int(z["fps_den"])
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error) as e:
        raise InputError(f"{path} can't be read: {e}.") from e
    if names != list(ARKIT_BLENDSHAPES) or fps != (FPS_NUM, FPS_DEN):
        raise InputError(f"{path} is no animation of the ARKit shapes at {FPS_NUM // FPS_DEN} frames a second.")
    if crc32 != _crc32(samples):
        raise InputError(f"{path} was made of another sound; run `python -m models.peers` again.")
    if face.shape != (frames_for_samples(len(samples)), SHAPE_COUNT):
        raise InputError(f"{path} holds {face.shape} where its sound has {frames_for_samples(len(samples))} frames.")
    if not (np.isfinite(face).all() and face.min(initial=0) >= 0 and face.max(initial=0) <= 1):
        raise InputError(f"{path} holds values that are not within 0 and 1.")
    return np.asarray(face, np.float32)


def peers(folder: Path) -> list[str]:
    """The names of the peers that have files in a folder. Raises InputError if there are none."""
    found = sorted({path.parent.name for path in folder.glob("*/*.npz")})
    if not found:
        raise InputError(f"There are no peers in {folder}; `python -m models.peers` makes them.")
    return found


def _crc32(samples: F32) -> int:
    return zlib.crc32(np.round(samples * 32767).astype("<i2").tobytes())
