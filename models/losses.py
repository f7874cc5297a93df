"""What training minimises. Targets hold NaN where nothing is known; nothing is learned there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from bridge.types import ARKIT_BLENDSHAPES, F32, SHAPE_INDEX

MOUTH = [i for i, n in enumerate(ARKIT_BLENDSHAPES) if n.startswith(("jaw", "mouth", "tongue"))]
DRAWN = [i for i, n in enumerate(ARKIT_BLENDSHAPES) if n.startswith(("eye", "brow"))]
"""What the sound does not settle: see `models/life.py`."""

_GAP_WEIGHTS = {
    "jawOpen": 1.0,
    "mouthClose": -1.0,
    **dict.fromkeys(("mouthLowerDownLeft", "mouthLowerDownRight", "mouthUpperUpLeft", "mouthUpperUpRight"), 0.25),
    "mouthFunnel": 0.2,
    **dict.fromkeys(("mouthPressLeft", "mouthPressRight"), -0.25),
    **dict.fromkeys(("mouthRollLower", "mouthRollUpper"), -0.15),
}

# Lips this near, in units of jawOpen, look shut.
MET = 0.03
ROUNDED = 0.2
ROUNDING = [SHAPE_INDEX["mouthFunnel"], SHAPE_INDEX["mouthPucker"]]


@dataclass(frozen=True)
class LossWeights:
    """How much each part counts."""

    velocity: float = 40.0
    """Mean squared error of the frame-to-frame change of the mouth, of which a frame's own error is 1."""
    acceleration: float = 80.0
    """The same of the change of that change: what trembles costs most here."""
    gap: float = 0.5
    """One minus the correlation of the lip gap with the recorded aperture, over each clip of a batch."""
    opening: float = 1.0
    """Mean error of the lip gap where the phones tell it, in units of jawOpen."""
    closure: tuple[float, float] = (3.0, 14.0)
    """How much more that error counts where the lips must meet: in the first half of a run, and, rising through the
    second, at its end. Who can't tell sounds apart yet would, with the latter, do best never to open the mouth."""
    rounding: float = 1.0
    """Mean error of funnel and pucker."""
    rounded: float = 5.0
    """How much more that error counts where the lips must be rounded: they seldom are, and would be forgotten."""
    shape_correlation: float = 0.25
    """One minus the correlation of each mouth shape that moves, likewise."""
    phones: float = 0.1
    others: float = 0.2
    """Weight of a shape of cheeks or nose beside one of the mouth."""


def lip_gap(face: Tensor) -> Tensor:
    """How far apart the lips are, in units of jawOpen, for faces [..., 52]; may be negative, when they are pressed."""
    weights = face.new_zeros(face.shape[-1])
    for name, weight in _GAP_WEIGHTS.items():
        weights[SHAPE_INDEX[name]] = weight
    return face @ weights


def lip_gap_of(face: F32) -> F32:
    """The same for arrays [T, 52], not below zero: [T]."""
    return np.asarray(lip_gap(torch.from_numpy(np.array(face))).clamp(min=0).numpy(), np.float32)


def smoothed(x: Tensor) -> Tensor:
    """Frames [B, T, N] as `bridge/face/model.py` hands them out: each half itself and a quarter of each neighbour."""
    padded = torch.cat([x[:, :1], x, x[:, -1:]], 1)
    return (padded[:, :-2] + 2 * x + padded[:, 2:]) / 4


def masked_mean(x: Tensor, known: Tensor) -> Tensor:
    """The mean over what is known, zero where nothing is."""
    return torch.where(known, x, 0).sum() / known.sum().clamp(min=1)


def correlation(x: Tensor, y: Tensor, known: Tensor) -> tuple[Tensor, Tensor]:
    """Pearson's r along axis 1 of x, y [B, T, ...], and which are meaningful: y moves and half of it is known."""
    count = known.sum(1).clamp(min=1)
    y = torch.where(known, y, 0)
    x = torch.where(known, x, 0)
    dx = torch.where(known, x - (x.sum(1) / count)[:, None], 0)
    dy = torch.where(known, y - (y.sum(1) / count)[:, None], 0)
    vx, vy = (dx**2).sum(1) / count, (dy**2).sum(1) / count
    r = (dx * dy).sum(1) / count / (vx * vy + 1e-8).sqrt()
    return r, (known.float().mean(1) > 0.5) & (vy > 1e-4)


def shape_scales(std: Tensor) -> Tensor:
    """Weights [52] that let small movements count, given the standard deviation of each shape in training."""
    scale = 1 / (std + 0.04) ** 2
    scale[DRAWN] = 0
    return scale / scale[MOUTH].mean()


def face_losses(face: Tensor, target: Tensor, free: Tensor, scales: Tensor, w: LossWeights) -> dict[str, Tensor]:
    """Parts of the loss from predicted and recorded faces [B, T, 52], each already weighted.

    Of shapes that are `free` [B, T, 52] only the correlation is asked for.
    """
    finite = target.isfinite()
    known = finite & ~free
    clean = torch.where(finite, target, 0)
    weight = scales * w.others
    weight[MOUTH] = scales[MOUTH]
    error = masked_mean(weight * (face - clean) ** 2, known)
    both = known[:, 1:] & known[:, :-1]
    change = face.diff(dim=1) - clean.diff(dim=1)
    speed = masked_mean(scales * change**2, both)
    tremble = masked_mean(scales * change.diff(dim=1) ** 2, both[:, 1:] & both[:, :-1])
    r, moves = correlation(face[..., MOUTH], clean[..., MOUTH], finite[..., MOUTH])
    return {
        "error": 10 * error,
        "velocity": 10 * w.velocity * speed,
        "acceleration": 10 * w.acceleration * tremble,
        "shapes": w.shape_correlation * masked_mean(1 - r, moves),
    }


def opening_loss(face: Tensor, gap: Tensor, w: LossWeights, progress: float = 1.0) -> Tensor:
    """The lips are as far apart as the phones ask; where they must meet, an error counts more.

    A listener sees one /p/ with parted lips sooner than any error of size.
    """
    known, met = gap.isfinite(), gap < MET
    first, last = w.closure
    weight = torch.where(met, first + (last - first) * max(0.0, 2 * progress - 1), 1.0)
    found = lip_gap(face)
    # Lips that meet may be pressed; those that must part and are pressed have to be told so.
    error = torch.where(met, F.relu(found), found) - torch.where(known, gap, 0)
    return w.opening * masked_mean(weight * error.abs(), known)


def rounding_loss(face: Tensor, target: Tensor, free: Tensor, w: LossWeights) -> Tensor:
    """Lips are rounded where they must be."""
    wanted = target[..., ROUNDING]
    known = wanted.isfinite() & ~free[..., ROUNDING]
    wanted = torch.where(known, wanted, 0)
    weight = torch.where(wanted > ROUNDED, w.rounded, 1.0)
    return w.rounding * masked_mean(weight * (face[..., ROUNDING] - wanted).abs(), known)


def gap_loss(face: Tensor, aperture: Tensor, w: LossWeights) -> Tensor:
    """The lips' opening follows the recorded one, whatever its unit."""
    known = aperture.isfinite()
    # evaluate.py never lets the gap below zero; a soft hinge keeps the gradient there.
    gap = F.softplus(lip_gap(face), beta=50)
    r, moves = correlation(gap, torch.where(known, aperture, 0) * 10, known)
    return w.gap * masked_mean(1 - r, moves)
