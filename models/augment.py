"""Changes to batches of log-mel rows that make speakers, microphones, lines and rooms of one recording many.

All work in the power domain of the 120 Hz columns behind the rows, in units of the rows (20 dB), and keep the floor.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from bridge.dsp.logmel import BAND_COUNT, COLUMNS_PER_ROW, DB_PER_UNIT, FLOOR_DB

_UNITS_TO_LOG = DB_PER_UNIT / 10 * math.log(10)
_FLOOR_POWER = 10 ** (FLOOR_DB / 10)


def to_power(mel: Tensor) -> Tensor:
    """Power above the floor, in which full scale is about 1."""
    return _FLOOR_POWER * torch.expm1(mel.float() * _UNITS_TO_LOG).clamp(min=0)


def to_rows(power: Tensor) -> Tensor:
    """The inverse of `to_power`."""
    return torch.log1p(power / _FLOOR_POWER) / _UNITS_TO_LOG


def _uniform(g: torch.Generator, low: float, high: float, *shape: int) -> Tensor:
    return low + (high - low) * torch.rand(*shape, generator=g)


def _chance(g: torch.Generator, p: float, batch: int) -> Tensor:
    return (torch.rand(batch, 1, 1, generator=g) < p).float()


def _smooth_curves(g: torch.Generator, batch: int, db: float) -> Tensor:
    """Random smooth curves over the bands [B, 1, 64], in units of power ratio, of about `db` standard deviation."""
    bands = torch.linspace(0, math.pi, BAND_COUNT)
    waves = torch.cos(bands[None] * torch.arange(1, 7)[:, None])
    weights = torch.randn(batch, 6, generator=g) / torch.arange(1, 7) ** 0.5
    return 10 ** ((weights @ waves)[:, None] * db / 10)


def warp_bands(columns: Tensor, factors: Tensor) -> Tensor:
    """Formants moved: band i read at i * factor, for columns [B, C, 64] and factors [B]."""
    at = (torch.arange(BAND_COUNT)[None] * factors[:, None]).clamp(max=BAND_COUNT - 1)
    low = at.floor().long().clamp(max=BAND_COUNT - 2)
    part = (at - low)[:, None]
    index = low[:, None].expand(-1, columns.shape[1], -1)
    return columns.gather(2, index) * (1 - part) + columns.gather(2, index + 1) * part


def _equalise(power: Tensor, g: torch.Generator) -> Tensor:
    b = len(power)
    level = 10 ** (_uniform(g, -25, 12, b, 1, 1) / 10)
    return power * level * _smooth_curves(g, b, 5.0)


def _limit_bands(power: Tensor, g: torch.Generator) -> Tensor:
    b = len(power)
    bands = torch.arange(BAND_COUNT)[None, None]
    top = torch.where(_chance(g, 0.3, b) > 0, _uniform(g, 38, 64, b, 1, 1), 64.0)
    bottom = torch.where(_chance(g, 0.2, b) > 0, _uniform(g, 0, 9, b, 1, 1), 0.0)
    return power * torch.where((bands < top) & (bands >= bottom), 1.0, 1e-4)


def _reverberate(power: Tensor, g: torch.Generator) -> Tensor:
    b, c, _ = power.shape
    lags = torch.arange(72)[None]
    decay = 10 ** (-6 * lags / 120 / _uniform(g, 0.15, 0.7, b, 1))
    tail = decay * (lags > 2)
    tail = tail / tail.sum(1, keepdim=True) * 10 ** (_uniform(g, -15, 0, b, 1) / 10) * _chance(g, 0.3, b)[:, 0]
    size = c + 72
    spectrum = torch.fft.rfft(power, n=size, dim=1) * torch.fft.rfft(tail, n=size)[..., None]
    return power + torch.fft.irfft(spectrum, n=size, dim=1)[:, :c].clamp(min=0)


def _noise(power: Tensor, g: torch.Generator) -> Tensor:
    """Steady or swelling coloured noise, 0 to 40 dB below the speech."""
    b, c, n = power.shape
    loud = power.mean(2).quantile(0.9, dim=1)[:, None, None]
    colour = _smooth_curves(g, b, 6.0)
    colour = colour / colour.mean(2, keepdim=True)
    flutter = -torch.log(torch.rand(b, c, n, generator=g).clamp(min=1e-4))
    flutter = 0.5 * (flutter + flutter.roll(1, 1))
    swell = 10 ** (
        _uniform(g, 0, 0.5, b, 1, 1) * torch.sin(torch.arange(c)[None, :, None] * _uniform(g, 0.005, 0.2, b, 1, 1))
    )
    level = loud * 10 ** (-_uniform(g, 0, 40, b, 1, 1) / 10) * _chance(g, 0.7, b)
    return power + level * colour * flutter * swell


def _mask_bands(power: Tensor, g: torch.Generator) -> Tensor:
    b = len(power)
    bands = torch.arange(BAND_COUNT)[None, None]
    first = _uniform(g, 0, BAND_COUNT, b, 1, 1)
    inside = (bands >= first) & (bands < first + _uniform(g, 1, 8, b, 1, 1)) & (_chance(g, 0.3, b) > 0)
    return torch.where(inside, power * 1e-3, power)


def augment(mel: Tensor, g: torch.Generator) -> Tensor:
    """Rows [B, T, 128] as another voice, line and room would have made them."""
    b, t, _ = mel.shape
    columns = mel.float().reshape(b, t * COLUMNS_PER_ROW, BAND_COUNT)
    factors = 1 + _uniform(g, -0.12, 0.12, b) * _chance(g, 0.8, b)[:, 0, 0]
    power = to_power(warp_bands(columns, factors))
    for change in (_equalise, _reverberate, _noise, _limit_bands, _mask_bands):
        power = change(power, g)
    return to_rows(power).reshape(b, t, -1)
