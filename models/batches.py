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

from bridge.errors import InputError
from bridge.types import EMOTIONS, F32, SHAPE_COUNT, SHAPE_INDEX
from models.config import NATURAL, NATURAL_SPEAKER, TEACHER
from models.data import pack
from models.data.pack import Pack
from models.data.phones import UNKNOWN_PHONE
from models.emotions import coloured
from models.losses import ROUNDING, lip_gap

# What parts the lips is zero in a face at rest, whatever the recording's camera made of it.
PARTING = (
    *("jawOpen", "mouthClose", "mouthFunnel", "mouthPucker"),
    *(f"mouth{where}{side}" for where in ("LowerDown", "UpperUp") for side in ("Left", "Right")),
)
# Around a cut into silence the recorded face already leaves, or has not yet reached, its rest.
EDGE_FRAMES = 15
FIRST_FRAMES = 12
# How often a crop of the articulation model's is given to another style, which then learns of it only when its lips
# part (and when they are round, if that is the natural style): so all styles hear the voices of many.
BORROWED = 0.45
# How often the natural style hears a recorded speaker other than its own, of whom it learns when each shape moves, but
# not how far: that would blend two faces into a third.
OVERHEARD = 0.25
COLOURED = 0.4


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
    free: Tensor
    """[B, T, 52] bool: only the course of a shape is to be learned, not its size"""
    emotion: Tensor
    """[B, 8]"""


def read_packs(folder: Path) -> list[Pack]:
    """Every pack of a folder. Raises InputError for a folder without any and for what is none."""
    found = [pack.read(path) for path in sorted(folder.glob("*.npz"))]
    if not found:
        raise InputError(f"{folder} holds no packed features; models.data.build writes them.")
    return found


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
    """Random crops, each style in a given share, some cut into silence, some coloured by an emotion."""

    def __init__(self, packs: Sequence[Pack], styles: Sequence[str], shares: Sequence[float], seed: int) -> None:
        """Raises InputError for shares that don't fit the styles, or by which nothing can be drawn."""
        spoken_by = [NATURAL_SPEAKER if s == NATURAL else s for s in styles]
        self._by_style = [[p for p in packs if p.style == s] for s in spoken_by]
        self._overheard = [p for p in packs if p.style in styles and p.style not in (NATURAL_SPEAKER, TEACHER)]
        self._teacher = styles.index(TEACHER)
        self._natural = styles.index(NATURAL) if NATURAL in styles else None
        if len(shares) != len(styles):
            raise InputError(f"There are {len(shares)} shares for {len(styles)} styles, {', '.join(styles)}.")
        self._shares = np.array([w if p else 0.0 for w, p in zip(shares, self._by_style, strict=True)])
        if not (np.isfinite(self._shares).all() and self._shares.min() >= 0 < self._shares.sum()):
            there = ", ".join(sorted({p.style for p in packs}))
            drawn = ", ".join(s for s, w in zip(spoken_by, shares, strict=True) if w)
            raise InputError(f"The packs are of the style {there}; nothing of {drawn} can be drawn from them.")
        self._shares /= self._shares.sum()
        self._rest = [rest_face(p) if p else np.zeros(SHAPE_COUNT, np.float32) for p in self._by_style]
        self._rng = np.random.default_rng(seed)

    def batch(self, size: int, frames: int, silences: float = 0.2, emotions: float = COLOURED) -> Batch:
        """`size` crops of `frames`; in a share `silences` of them the sound stops, or has not begun.

        A share `emotions` is coloured by an emotion other than the neutral one.
        """
        chosen = self._rng.choice(len(self._shares), size, p=self._shares)
        drawn = [self._drawn(int(s), frames) for s in chosen]
        styles = np.array([style for style, _ in drawn])
        crops = [crop for _, crop in drawn]
        colours = np.stack([self._colour(crop, emotions) for crop in crops])
        for style, crop in zip(styles, crops, strict=True):
            # A crop begins in the midst of speech, of which the network has heard nothing.
            for name in ("face", "head", "aperture", "gap"):
                crop[name][:FIRST_FRAMES] = np.nan
            crop["phone"][:FIRST_FRAMES] = UNKNOWN_PHONE
            if self._rng.random() < silences:
                self._silence(crop, self._rest[style])
        stacked = {name: torch.from_numpy(np.stack([c[name] for c in crops])) for name in crops[0]}
        style_rows = torch.nn.functional.one_hot(torch.from_numpy(styles), len(self._shares)).float()
        return Batch(style=style_rows, emotion=torch.from_numpy(colours), **stacked)

    def _drawn(self, style: int, frames: int) -> tuple[int, dict[str, NDArray[Any]]]:
        """A crop of a style's voices, and the style that is to learn from it."""
        if style == self._natural and self._overheard and self._rng.random() < OVERHEARD:
            return style, self._overheard_crop(frames)
        crop = self._crop(self._by_style[style], frames, known_gap=style == self._teacher)
        learners = np.delete(self._shares, self._teacher)
        if style == self._teacher and learners.any() and self._rng.random() < BORROWED:
            others = np.delete(np.arange(len(self._shares)), self._teacher)
            style = int(self._rng.choice(others, p=learners / learners.sum()))
            rounding = crop["face"][:, ROUNDING].copy()
            crop["face"][:] = np.nan
            if style == self._natural:
                crop["face"][:, ROUNDING] = rounding
        elif style == self._natural:
            # A camera sees little of rounding: when, but not how much.
            crop["free"][:, ROUNDING] = True
        return style, crop

    def _colour(self, crop: dict[str, NDArray[Any]], share: float) -> F32:
        """Colour a crop by an emotion [8], one crop in `share`, or leave it as it is."""
        emotion = np.zeros(len(EMOTIONS), np.float32)
        if self._rng.random() < share:
            which = int(self._rng.integers(1, len(EMOTIONS)))
            emotion[which] = self._rng.uniform(0.2, 1.0)
            crop["face"], crop["gap"] = coloured(crop["face"], crop["gap"], EMOTIONS[which], float(emotion[which]))
        else:
            emotion[0] = self._rng.choice([0.0, 1.0])
        return emotion

    def _overheard_crop(self, frames: int) -> dict[str, NDArray[Any]]:
        """A crop of another recorded speaker, to learn the course of its shapes and of its lips' gap from."""
        crop = self._crop(self._overheard, frames, known_gap=True)
        crop["gap"][:] = np.nan
        crop["free"][:] = True
        return crop

    def _crop(self, packs: Sequence[Pack], frames: int, known_gap: bool) -> dict[str, NDArray[Any]]:
        """A crop of any of `packs`; of a face whose lips' gap can be told from its shapes, with that gap."""
        sizes = np.array([len(p) for p in packs], float)
        source = packs[self._rng.choice(len(packs), p=sizes / sizes.sum())]
        if len(source) <= frames:
            raise InputError(f"The recordings of {source.source} have {len(source)} frames; a crop needs {frames}.")
        start = int(self._rng.integers(0, len(source) - frames))
        rows = slice(start, start + frames)
        crop = {n: source.arrays[n][rows].astype(np.int64 if n == "phone" else np.float32) for n in pack.FIELDS}
        # The face jumps where one clip ends and the next begins.
        for end in source.ends[(source.ends > start) & (source.ends < start + frames)] - start:
            seam = slice(max(0, end - 2), end + 2)
            crop["face"][seam] = crop["head"][seam] = np.nan
            crop["aperture"][seam] = np.nan
        crop["gap"] = np.full(frames, np.nan, np.float32)
        crop["free"] = np.zeros((frames, SHAPE_COUNT), bool)
        if known_gap:
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
