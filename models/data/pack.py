"""Packed features: what training reads. One `.npz` a source and variation, half precision, all clips in line."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

import numpy as np
from numpy.typing import NDArray

from bridge.dsp.logmel import ROW_WIDTH
from bridge.errors import InputError
from bridge.types import SHAPE_COUNT
from models.data.phones import UNKNOWN_PHONE


@dataclass(frozen=True)
class Clip:
    """T frames of training data; NaN stands for what is not known and must not be learned."""

    mel: NDArray[Any]
    """[T, 128]"""
    face: NDArray[Any]
    """[T, 52]"""
    head: NDArray[Any]
    """[T, 3]"""
    aperture: NDArray[Any]
    """[T]"""
    phone: NDArray[Any]
    """[T] classes, 255 where unknown."""

    @staticmethod
    def of(mel: NDArray[Any], **known: NDArray[Any]) -> Clip:
        """A clip of mel rows and whatever else is known."""
        n = len(mel)
        empty: dict[str, NDArray[Any]] = {
            "face": np.full((n, SHAPE_COUNT), np.nan),
            "head": np.full((n, 3), np.nan),
            "aperture": np.full(n, np.nan),
            "phone": np.full(n, UNKNOWN_PHONE, np.uint8),
        }
        return Clip(mel, **{**empty, **known})


FINGERPRINT_STEP: Final = 50
FIELDS: Final = ("mel", "face", "head", "aperture", "phone")


def write(path: Path, clips: Iterable[Clip], *, style: str, source: str, licence: str) -> int:
    """Pack clips into a file and return how many frames they have."""
    kept = list(clips)
    arrays: dict[str, Any] = {
        name: np.concatenate([getattr(c, name) for c in kept]).astype(np.uint8 if name == "phone" else np.float16)
        for name in FIELDS
    }
    assert arrays["mel"].shape[1] == ROW_WIDTH
    made = Pack(arrays, np.cumsum([len(c.mel) for c in kept]), style, source, licence)
    with path.open("wb") as file:
        save(file, made)
    return len(made)


@dataclass(frozen=True)
class Pack:
    """The clips of one file in memory, one after another."""

    arrays: dict[str, NDArray[Any]]
    ends: NDArray[np.int64]
    style: str
    source: str
    licence: str

    def __len__(self) -> int:
        return len(self.arrays["mel"])


def fingerprint(packs: Sequence[Pack]) -> str:
    """One text for what packs hold: others, or packs in another order, give another."""
    total = hashlib.sha256()
    for one in packs:
        total.update(f"{one.style} {one.source} {len(one)}".encode())
        # All of it would take longer than it tells.
        total.update(np.ascontiguousarray(one.arrays["mel"][::FINGERPRINT_STEP]).tobytes())
        total.update(np.ascontiguousarray(one.arrays["face"][::FINGERPRINT_STEP]).tobytes())
    return total.hexdigest()


def save(file: IO[bytes], made: Pack, *, compressed: bool = False) -> None:
    """Write a pack to an open file."""
    (np.savez_compressed if compressed else np.savez)(
        file, **made.arrays, ends=made.ends, style=made.style, source=made.source, licence=made.licence
    )


def read(path: Path) -> Pack:
    """Read a packed file. Raises InputError with the file's name and the reason."""
    try:
        with np.load(path, allow_pickle=False) as z:
            arrays = {name: z[name] for name in FIELDS}
            found = Pack(arrays, z["ends"], str(z["style"]), str(z["source"]), str(z["licence"]))
    # Damaged bytes make NumPy and zipfile raise nearly anything.
    except Exception as e:
        raise InputError(f"{path} holds no packed features: {e}.") from e
    lengths = {len(array) for array in found.arrays.values()}
    if lengths != {int(found.ends[-1])}:
        raise InputError(f"{path} is of no use: its arrays have {', '.join(map(str, sorted(lengths)))} rows.")
    if not np.isfinite(found.arrays["mel"]).all():
        raise InputError(f"{path} holds sound that is not finite.")
    return found
