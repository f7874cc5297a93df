"""Blinks against the literature and against recorded takes."""

import csv
import gzip
from pathlib import Path

import numpy as np
import pytest

from bridge.layers.blink import LENGTH_S, REST_MEDIAN_S, TALK_MEDIAN_S, Blinks

pytestmark = pytest.mark.unit

TAKES = Path(__file__).parents[3] / "shared" / "data" / "reference" / "livelink_csv"
HOUR = np.arange(216_000, dtype=np.int64)


def lids(median_s: float, index: np.ndarray = HOUR, seed: int = 6) -> np.ndarray:
    return Blinks(seed, median_s).at(int(index[0]), index)


def starts(shut: np.ndarray) -> np.ndarray:
    return np.flatnonzero((shut[1:] > 0) & (shut[:-1] == 0))


def test_the_rate_at_rest_and_in_speech() -> None:
    """17 and up to 26 a minute: Bentivoglio et al. 1997."""
    at_rest, talk = (len(starts(lids(median_s))) / 60 for median_s in (REST_MEDIAN_S, TALK_MEDIAN_S))
    assert 15 < at_rest < 19
    assert 21 < at_rest + talk < 26


def test_intervals_are_skewed_and_never_long() -> None:
    intervals = np.diff(starts(lids(REST_MEDIAN_S))) / 60
    assert 3.0 < intervals.mean() < 5.0
    assert np.median(intervals) < intervals.mean()
    assert intervals.max() < 25.0
    assert 0.05 < (intervals < 0.55).mean() < 0.16


def test_lids_move_evenly_and_open_in_between() -> None:
    shut = lids(REST_MEDIAN_S)
    assert shut.min() >= 0.0 and 0.97 < shut.max() <= 1.0
    assert np.abs(np.diff(shut)).max() < 0.5
    assert (shut > 0).mean() < 0.12


def test_only_blinks_begun_within_bounds() -> None:
    blinks = Blinks(6, REST_MEDIAN_S)
    index = HOUR[:36_000]
    begun = starts(blinks.at(0, index)) + 1
    kept = starts(blinks.at(0, index, (int(begun[10]), int(begun[20])))) + 1
    assert np.array_equal(kept, begun[11:21]) or np.array_equal(kept, begun[10:20])


@pytest.mark.data
@pytest.mark.skipif(not TAKES.is_dir(), reason="the recorded takes are not beside the checkout")
def test_shape_is_that_of_recorded_blinks() -> None:
    recorded = [
        shape for path in sorted(TAKES.glob("*.csv.gz")) for shape in blink_shapes(column(path, "EyeBlinkLeft"))
    ]
    ours = blink_shapes(lids(REST_MEDIAN_S))
    assert len(recorded) > 40
    closing, half = np.median(recorded, axis=0)
    assert np.median(ours, axis=0) == pytest.approx((closing, half), abs=0.051)
    assert max(half_s for _, half_s in ours) < LENGTH_S


def column(path: Path, name: str) -> np.ndarray:
    with gzip.open(path, "rt") as file:
        rows = list(csv.DictReader(file))
    return np.array([float(row[name]) for row in rows])


def blink_shapes(shut: np.ndarray) -> list[tuple[float, float]]:
    """Seconds from 10 to 90 % of each blink's height, and above half of it."""
    shapes, i = [], 0
    while i < len(shut) - 20:
        height = shut[i : i + 14] - shut[i]
        if height[1] > 0.02 and height[4] > 0.15 and height.max() > 0.2:
            share = (shut[i : i + 25] - shut[i]) / height.max()
            closing_s = (np.argmax(share >= 0.9) - np.argmax(share >= 0.1)) / 60
            above = share >= 0.5
            opened = np.argmin(above[np.argmax(above) :])
            shapes.append((closing_s, opened / 60))
            i += 20
        i += 1
    return shapes
