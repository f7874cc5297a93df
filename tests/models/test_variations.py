"""What makes one recording many must keep its timing: the curves are not changed with it."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs torch")

from bridge.dsp.logmel import log_mel  # noqa: E402
from models.augment import augment, to_power, to_rows, warp_bands  # noqa: E402
from models.data.vary import CODECS, Variation, at_pace, vary  # noqa: E402

pytestmark = pytest.mark.model


def clicks(count: int = 48_000) -> np.ndarray:
    """Bursts of a buzz, each 0.1 s, at uneven times."""
    rng = np.random.default_rng(3)
    out = rng.normal(0, 1e-3, count).astype(np.float32)
    for start in (3000, 9000, 17_000, 30_000, 39_000):
        t = np.arange(2400) / 24_000
        out[start : start + 2400] += 0.3 * np.sign(np.sin(2 * np.pi * 150 * t)) * np.hanning(2400)
    return out


def level(samples: np.ndarray) -> np.ndarray:
    return log_mel(np.clip(samples, -1, 1)).mean(1)


@pytest.mark.parametrize(
    "variation",
    [Variation(pitch=1.4), Variation(pitch=0.75), Variation(room_s=0.4)]
    + [Variation(codec=i) for i in range(len(CODECS))],
)
def test_the_sound_keeps_its_time(variation):
    varied = vary(clicks(), variation, np.random.default_rng(0))
    one, other = level(clicks()), level(varied)
    count = min(len(one), len(other)) - 12
    fit = [np.corrcoef(one[6 : 6 + count], other[6 + k : 6 + k + count])[0, 1] for k in range(-6, 7)]
    assert abs(int(np.argmax(fit)) - 6) <= 1
    assert max(fit) > 0.8


def test_pace_shortens_sound_and_curves_alike():
    variation = Variation(pace=1.15)
    varied = level(vary(clicks(), variation, np.random.default_rng(0)))
    curves = at_pace(level(clicks()), variation.pace, len(varied))
    assert len(varied) == pytest.approx(120 / 1.15, abs=1)
    assert np.corrcoef(varied, curves)[0, 1] > 0.9


def test_pitch_moves_the_voice_up():
    t = np.arange(24_000) / 24_000
    sine = (0.3 * np.sin(2 * np.pi * 500 * t)).astype(np.float32)
    varied = vary(sine, Variation(pitch=1.3), np.random.default_rng(0))
    spectrum = np.abs(np.fft.rfft(varied[4000:20_000] * np.hanning(16_000)))
    assert np.argmax(spectrum) * 24_000 / 16_000 == pytest.approx(650, rel=0.02)


def test_power_and_rows_are_inverse():
    rows = torch.rand(2, 5, 128) * 3.5
    assert torch.allclose(to_rows(to_power(rows)), rows, atol=1e-4)


def test_bands_move_by_the_factor():
    columns = torch.zeros(1, 1, 64)
    columns[0, 0, 40] = 1
    assert int(warp_bands(columns, torch.tensor([0.8]))[0, 0].argmax()) == 50


def test_augmented_rows_are_rows_and_repeat_with_the_seed():
    rows = torch.rand(8, 60, 128) * 3.5
    rows[3] = 0
    one = augment(rows, torch.Generator().manual_seed(1))
    other = augment(rows, torch.Generator().manual_seed(1))
    assert torch.equal(one, other)
    assert one.shape == rows.shape
    assert one.isfinite().all()
    assert one.min() >= 0
    assert one.max() < 6
