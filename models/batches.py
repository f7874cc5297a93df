"""Batches of crops from packed features."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from bridge.types import F32, SHAPE_COUNT, SHAPE_INDEX
from models.data import pack
from models.data.pack import Pack
from models.data.phones import UNKNOWN_PHONE
from models.losses import lip_gap

# What parts the lips is zero in a face at rest, whatever the recording's camera made of it.
PARTING = (
    *("jawOpen", "mouthClose", "mouthFunnel", "mouthPucker"),
    *(f"mouth{where}{side}" for where in ("LowerDown", "UpperUp") for side in ("Left", "Right")),
)
# Around a cut into silence the recorded face already leaves, or has not yet reached, its rest.
EDGE_FRAMES = 15
FIRST_FRAMES = 12
# How often a crop of the articulation model's is given to a recorded style, which then learns of it only when its lips
# part: so the recorded styles, of one voice each, hear the voices of many.
BORROWED = 0.3


@dataclass(frozen=True)
class Batch:
    """B crops of T frames; NaN in a target stands for what is not known."""

    mel: Tensor
    """[B, T, 128]"""
    style: Tensor
    """[B, S]"""
    face: Tensor
    """[B, T, 52]"""
    head: Tensor
    """[B, T, 3]"""
    aperture: Tensor
    """[B, T]"""
    phone: Tensor
    """[B, T] int64"""
    gap: Tensor
    """[B, T] how far the lips must be apart, in units of jawOpen"""


def read_packs(folder: Path) -> list[Pack]:
    """Every pack of a folder."""
    return [pack.read(path) for path in sorted(folder.glob("*.npz"))]


def rest_face(packs: Sequence[Pack]) -> F32:
    """The face [52] of a style's silent frames, lips together."""
    mel = np.concatenate([p.arrays["mel"].mean(1, dtype=np.float32) for p in packs])
    face = np.concatenate([p.arrays["face"] for p in packs])[mel <= np.quantile(mel, 0.05)]
    rest = np.nanmedian(np.where(np.isnan(face).all(0), 0, face).astype(np.float32), 0)
    rest[[SHAPE_INDEX[n] for n in PARTING]] = 0
    return np.asarray(rest, np.float32)


def shape_std(packs: Sequence[Pack]) -> Tensor:
    """Standard deviation [52] of each shape where it is known."""
    with np.errstate(invalid="ignore"):
        face = np.concatenate([p.arrays["face"][::7] for p in packs]).astype(np.float32)
    known = np.isfinite(face)
    mean = np.where(known, face, 0).sum(0) / known.sum(0).clip(1)
    return torch.tensor(
        np.sqrt(np.where(known, (face - mean) ** 2, 0).sum(0) / known.sum(0).clip(1)), dtype=torch.float32
    )


class Sampler:
    """Random crops, each style in a given share, some cut into silence."""

    def __init__(self, packs: Sequence[Pack], styles: Sequence[str], shares: Sequence[float], seed: int) -> None:
        self._by_style = [[p for p in packs if p.style == s] for s in styles]
        self._shares = np.array([w if p else 0.0 for w, p in zip(shares, self._by_style, strict=True)])
        self._shares /= self._shares.sum()
        self._rest = [rest_face(p) if p else np.zeros(SHAPE_COUNT, np.float32) for p in self._by_style]
        self._rng = np.random.default_rng(seed)

    def batch(self, size: int, frames: int, silences: float = 0.2) -> Batch:
        """`size` crops of `frames`; in a share `silences` of them the sound stops, or has not begun.

        The face of the last style is taken to be the articulation model's.
        """
        chosen = self._rng.choice(len(self._shares), size, p=self._shares)
        crops = [self._crop(int(s), frames) for s in chosen]
        borrowers = np.flatnonzero(self._shares[:-1])
        for i, crop in enumerate(crops):
            if chosen[i] == len(self._shares) - 1 and len(borrowers) and self._rng.random() < BORROWED:
                chosen[i] = self._rng.choice(borrowers)
                crop["face"][:] = np.nan
        for style, crop in zip(chosen, crops, strict=True):
            # A crop begins in the midst of speech, of which the network has heard nothing.
            for name in ("face", "head", "aperture", "gap"):
                crop[name][:FIRST_FRAMES] = np.nan
            crop["phone"][:FIRST_FRAMES] = UNKNOWN_PHONE
            if self._rng.random() < silences:
                self._silence(crop, self._rest[style])
        stacked = {name: torch.from_numpy(np.stack([c[name] for c in crops])) for name in crops[0]}
        style_rows = torch.nn.functional.one_hot(torch.from_numpy(chosen), len(self._shares)).float()
        return Batch(style=style_rows, **stacked)

    def _crop(self, style: int, frames: int) -> dict[str, NDArray[Any]]:
        packs = self._by_style[style]
        sizes = np.array([len(p) for p in packs], float)
        source = packs[self._rng.choice(len(packs), p=sizes / sizes.sum())]
        start = int(self._rng.integers(0, len(source) - frames))
        rows = slice(start, start + frames)
        crop = {n: source.arrays[n][rows].astype(np.int64 if n == "phone" else np.float32) for n in pack.FIELDS}
        # The face jumps where one clip ends and the next begins.
        for end in source.ends[(source.ends > start) & (source.ends < start + frames)] - start:
            seam = slice(max(0, end - 2), end + 2)
            crop["face"][seam] = crop["head"][seam] = np.nan
            crop["aperture"][seam] = np.nan
        crop["gap"] = np.full(frames, np.nan, np.float32)
        if style == len(self._shares) - 1:
            known = np.isfinite(crop["face"][:, SHAPE_INDEX["jawOpen"]])
            gap = lip_gap(torch.from_numpy(crop["face"]).nan_to_num()).clamp(min=0).numpy()
            crop["gap"] = np.where(known, gap, np.nan).astype(np.float32)
            crop["aperture"] = crop["gap"].copy()
        return crop

    def _silence(self, crop: dict[str, NDArray[Any]], rest: F32) -> None:
        frames = len(crop["mel"])
        cut = int(self._rng.integers(frames // 5, frames - EDGE_FRAMES))
        silent, edge = slice(cut, frames), slice(max(0, cut - EDGE_FRAMES), cut + EDGE_FRAMES)
        if self._rng.random() < 0.5:
            cut = frames - cut
            silent, edge = slice(0, cut), slice(max(0, cut - EDGE_FRAMES), cut + EDGE_FRAMES)
        known = np.isfinite(crop["face"]).any(0)
        crop["mel"][silent] = 0
        crop["face"][silent] = np.where(known, rest, np.nan)
        crop["aperture"][silent] = 0
        crop["gap"][silent] = 0
        crop["head"][silent] = np.nan
        crop["phone"][silent] = UNKNOWN_PHONE
        crop["face"][edge] = np.nan
        crop["aperture"][edge] = crop["gap"][edge] = np.nan
