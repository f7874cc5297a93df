"""Recorded pairs: a sound file and, beside it, an `.npz` of the face that spoke it.

The `.npz` holds `arkit` [T, 52] in 0..1, `names` [52] (any order), `fps_num`/`fps_den` (60/1), and where known
`head_wxyz` [T, 4], `valid` [T] (false where the camera lost the face) and `lip_aperture` [T] (the inner lips' distance
over the face's height). Frame i is centred on audio time i / 60 s.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from bridge.errors import InputError
from bridge.timebase import FPS_DEN, FPS_NUM, SAMPLE_RATE_HZ, frames_for_samples
from bridge.types import ARKIT_BLENDSHAPES, F32, SHAPE_COUNT, SHAPE_INDEX
from models.data.audio import read_mono

JAW_AT_P99 = 0.5
MOST_DISAGREEMENT_S = 0.25
SOUND_ENDINGS = (".wav", ".flac", ".ogg", ".mp3", ".m4a")


@dataclass(frozen=True)
class Pair:
    """A recording: samples [N] at 24 kHz and the face of its T frames; NaN stands for what is not known."""

    name: str
    samples: F32
    face: F32
    """[T, 52]"""
    head_rad: F32
    """[T, 3] about the clip's mean rotation."""
    aperture: F32
    """[T]"""
    valid: NDArray[np.bool_]
    """[T]"""


def read_pair(face_path: Path) -> Pair:
    """Read a pair by the path of its `.npz`. Raises InputError with the file's name and the reason."""
    sound = next((p for end in SOUND_ENDINGS if (p := face_path.with_suffix(end)).is_file()), None)
    if sound is None:
        raise InputError(f"{face_path} has no sound file of the same name beside it.")
    samples = read_mono(sound, SAMPLE_RATE_HZ)
    stored = _read_arrays(face_path)
    face = _by_name(face_path, stored)
    count = len(face)
    face_s, sound_s = count / 60, len(samples) / SAMPLE_RATE_HZ
    if abs(face_s - sound_s) > MOST_DISAGREEMENT_S:
        raise InputError(f"{face_path} has {face_s:.2f} s of face for {sound_s:.2f} s of sound.")
    valid = np.asarray(stored.get("valid", np.ones(count, bool)), bool)
    aperture = np.asarray(stored.get("lip_aperture", np.full(count, np.nan)), np.float32)
    quaternions = np.asarray(stored.get("head_wxyz", np.tile([1.0, 0, 0, 0], (count, 1))), np.float64)
    for key, array in (("valid", valid), ("lip_aperture", aperture), ("head_wxyz", quaternions)):
        if array.shape != (count, *((4,) if key == "head_wxyz" else ())):
            raise InputError(f"{face_path}: {key} is {list(array.shape)} for {count} frames.")
    head = _about_mean(quaternions, valid)
    frames = frames_for_samples(len(samples))
    return Pair(
        str(face_path),
        samples,
        _to_length(face, frames),
        _to_length(head, frames),
        _to_length(aperture, frames),
        _to_length(valid, frames) & (np.arange(frames) < count),
    )


def _read_arrays(path: Path) -> dict[str, NDArray[Any]]:
    try:
        with np.load(path, allow_pickle=False) as z:
            stored = {key: z[key] for key in z.files}
        rate = float(stored["fps_num"]) / float(stored["fps_den"])
    # Damaged bytes make NumPy and zipfile raise nearly anything.
    except Exception as e:
        raise InputError(f"{path} is no face animation: {e}.") from e
    if rate != FPS_NUM / FPS_DEN:
        raise InputError(f"{path} has {rate:g} frames a second; bring it to {FPS_NUM / FPS_DEN:g} first.")
    return stored


def _by_name(path: Path, stored: dict[str, NDArray[Any]]) -> F32:
    names = [str(n) for n in stored.get("names", ())]
    if sorted(names) != sorted(ARKIT_BLENDSHAPES):
        raise InputError(f"{path} does not name the {SHAPE_COUNT} ARKit shapes.")
    if "arkit" not in stored:
        raise InputError(f"{path} has no arkit.")
    face = np.asarray(stored["arkit"], np.float32)
    if face.ndim != 2 or face.shape[1] != SHAPE_COUNT or not len(face):
        raise InputError(f"{path}: arkit is {face.shape}, not frames of {SHAPE_COUNT} shapes.")
    if not np.isfinite(face).all():
        first = int(np.argwhere(~np.isfinite(face))[0][0])
        raise InputError(f"{path} holds values that are not finite, first in frame {first}.")
    if face.min() < -0.01 or face.max() > 1.01:
        raise InputError(f"{path} holds values outside 0 to 1.")
    return np.clip(face[:, [names.index(n) for n in ARKIT_BLENDSHAPES]], 0, 1)


def _about_mean(wxyz: NDArray[np.float64], valid: NDArray[np.bool_]) -> F32:
    """Rotation vectors [T, 3] about the clip's mean, which is the camera's doing."""
    norms = np.linalg.norm(wxyz, axis=1)
    usable = valid & (norms > 0.5)
    if not usable.any():
        return np.full((len(wxyz), 3), np.nan, np.float32)
    rotation = Rotation.from_quat(np.where(usable[:, None], wxyz, [1, 0, 0, 0]), scalar_first=True)
    relative = rotation[usable].mean().inv() * rotation
    return np.where(usable[:, None], relative.as_rotvec(), np.nan).astype(np.float32)


def _to_length(array: NDArray[Any], count: int) -> NDArray[Any]:
    """Cut, or hold the last row."""
    return np.ascontiguousarray(array[np.minimum(np.arange(count), len(array) - 1)])


def jaw_scale(pairs: Sequence[Pair]) -> float:
    """What brings a speaker's jawOpen to 0.5 at its 99th percentile: cameras disagree on amplitude."""
    jaw = np.concatenate([p.face[p.valid, SHAPE_INDEX["jawOpen"]] for p in pairs])
    return JAW_AT_P99 / max(float(np.percentile(jaw, 99)), 0.05)
