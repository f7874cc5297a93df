"""What the network is measured against: simple ways from sound to mouth that need little or no training."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import fft
from scipy.ndimage import gaussian_filter1d

from bridge.dsp.logmel import BAND_COUNT, COLUMNS_PER_ROW, log_mel
from bridge.types import F32, SHAPE_COUNT, SHAPE_INDEX
from models.data.pack import Pack
from models.data.phones import UNKNOWN_PHONE, phone_class

# How a jaw driven by loudness is commonly done: its range in units of the rows, 20 dB each, below the loudest.
LOUDNESS_RANGE = 1.5
RIDGE_BANDS = 32
RIDGE_CONTEXT = 10
RIDGE_PENALTY = 100.0
STRETCH = ("mouthStretchLeft", "mouthStretchRight")


def loudness_jaw(samples: F32) -> F32:
    """Face [T, 52] whose jaw opens with the level of the sound, and nothing else moves."""
    level = gaussian_filter1d(log_mel(samples).mean(1), 2.0)
    face = np.zeros((len(level), SHAPE_COUNT), np.float32)
    face[:, SHAPE_INDEX["jawOpen"]] = 0.5 * np.clip(1 + (level - level.max()) / LOUDNESS_RANGE, 0, 1)
    return face


def _windows(mel: NDArray[np.float32], context: int) -> NDArray[np.float32]:
    """Rows [T, 128] as 32 bands of each frame and its `context` neighbours on either side, and a one."""
    bands = mel.reshape(len(mel), COLUMNS_PER_ROW, RIDGE_BANDS, BAND_COUNT // RIDGE_BANDS).mean((1, 3))
    padded = np.pad(bands, ((context, context), (0, 0)))
    around = [padded[i : i + len(mel)] for i in range(2 * context + 1)]
    return np.concatenate([*around, np.ones((len(mel), 1), np.float32)], 1, dtype=np.float32)


@dataclass(frozen=True)
class Normal:
    """What ridge regression from log-mel within 160 ms to shapes has to know of the frames that it is fitted to.

    Sums over frames, so that those of other frames can be added, and taken away again: leaving a speaker out is exact.
    """

    squares: NDArray[np.float64]
    """[673, 673]"""
    products: NDArray[np.float64]
    """[673, 52]"""

    @staticmethod
    def of(mel: NDArray[np.float32], face: NDArray[np.float32]) -> Normal:
        """Of the rows of a recording [T, 128] and its faces [T, 52], where these are known."""
        known = np.isfinite(face[:, SHAPE_INDEX["jawOpen"]])
        x, y = _windows(mel, RIDGE_CONTEXT)[known], np.nan_to_num(face[known])
        return Normal((x.T @ x).astype(np.float64), (x.T @ y).astype(np.float64))

    @staticmethod
    def nothing() -> Normal:
        """Of no frame."""
        width = (2 * RIDGE_CONTEXT + 1) * RIDGE_BANDS + 1
        return Normal(np.zeros((width, width)), np.zeros((width, SHAPE_COUNT)))

    def __add__(self, other: Normal) -> Normal:
        return Normal(self.squares + other.squares, self.products + other.products)

    def __sub__(self, other: Normal) -> Normal:
        return Normal(self.squares - other.squares, self.products - other.products)

    def weights(self) -> NDArray[np.float64]:
        """[673, 52]"""
        penalty = RIDGE_PENALTY * np.eye(len(self.squares))
        return np.asarray(np.linalg.solve(self.squares + penalty, self.products), np.float64)


def _normal(pack: Pack) -> Normal:
    total = Normal.nothing()
    for start, end in zip([0, *pack.ends[:-1]], pack.ends, strict=True):
        mel, face = (pack.arrays[name][start:end].astype(np.float32) for name in ("mel", "face"))
        total += Normal.of(mel, face)
    return total


class Ridge:
    """Ridge regression from log-mel within 160 ms to the shapes of recorded or labelled speech."""

    def __init__(self, speech: Sequence[Pack] | Normal) -> None:
        """Fitted to all of some packs, or to frames whose sums are known."""
        total = speech if isinstance(speech, Normal) else sum(map(_normal, speech), Normal.nothing())
        self._weights = total.weights()

    def __call__(self, samples: F32) -> F32:
        """Face [T, 52]."""
        face = _windows(log_mel(samples), RIDGE_CONTEXT) @ self._weights
        return np.asarray(np.clip(face, 0, 1), np.float32)


class VowelClassifier:
    """MFCC against the mean of each of five vowels, as uLipSync does it, each vowel with its fixed mouth."""

    # The mouth of each vowel: jawOpen, mouthFunnel, mouthPucker, mouthStretch.
    MOUTHS: Final = {
        "ɑː": (0.5, 0.0, 0.0, 0.0),
        "iː": (0.15, 0.0, 0.0, 0.4),
        "uː": (0.15, 0.2, 0.6, 0.0),
        "ɛ": (0.35, 0.0, 0.0, 0.25),
        "oʊ": (0.3, 0.5, 0.3, 0.0),
    }
    COEFFICIENTS: Final = 12
    SMOOTHING_FRAMES: Final = 2.5

    def __init__(self, packs: Sequence[Pack]) -> None:
        """The vowels' means are taken from packs with phones."""
        mel = np.concatenate([p.arrays["mel"] for p in packs]).astype(np.float32)
        phone = np.concatenate([p.arrays["phone"] for p in packs])
        cepstra = self._cepstra(mel)
        spoken = phone != UNKNOWN_PHONE
        self._scale = cepstra[spoken].std(0)
        self._means = np.stack([cepstra[phone == phone_class(ipa)].mean(0) for ipa in self.MOUTHS])

    def __call__(self, samples: F32) -> F32:
        """Face [T, 52]."""
        mel = log_mel(samples)
        distance = (((self._cepstra(mel)[:, None] - self._means) / self._scale) ** 2).sum(2)
        likeness = np.exp(-0.5 * (distance - distance.min(1, keepdims=True)))
        share = likeness / likeness.sum(1, keepdims=True)
        loud = np.clip((mel.mean(1) - mel.mean(1).max() + LOUDNESS_RANGE) / LOUDNESS_RANGE * 1.5, 0, 1)
        mouths = share @ np.array(list(self.MOUTHS.values())) * loud[:, None]
        mouths = gaussian_filter1d(mouths, self.SMOOTHING_FRAMES, axis=0)
        face = np.zeros((len(mel), SHAPE_COUNT), np.float32)
        for column, names in enumerate((("jawOpen",), ("mouthFunnel",), ("mouthPucker",), STRETCH)):
            face[:, [SHAPE_INDEX[n] for n in names]] = mouths[:, [column]]
        return face

    def _cepstra(self, mel: NDArray[np.float32]) -> NDArray[np.float32]:
        bands = mel.reshape(len(mel), COLUMNS_PER_ROW, BAND_COUNT).mean(1)
        return np.asarray(fft.dct(bands, norm="ortho")[:, 1 : 1 + self.COEFFICIENTS], np.float32)
