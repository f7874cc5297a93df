"""The lip gap measured on the written face."""

from __future__ import annotations

import numpy as np
import pytest

from bridge.types import Phone
from tools import lip_gap
from tools.avatar import read

pytestmark = pytest.mark.unit


@pytest.fixture(scope="module")
def head(files):
    return read.parse(files[".glb"]).mesh("Head")


def test_the_gap_grows_with_the_jaw_and_mouth_close_takes_it_back(head):
    names = ["jawOpen", "mouthClose"]
    weights = np.array([[0.0, 0.0], [0.2, 0.0], [0.6, 0.0], [0.6, 0.6]])
    gap = lip_gap.middle_gap(lip_gap.gaps(head, names, weights))
    assert gap[0] < 0.1 and gap[3] < 0.1
    assert 3.0 < gap[1] < 0.4 * gap[2]


def test_unknown_shapes_are_passed_over(head):
    assert lip_gap.gaps(head, ["nothing"], np.ones((2, 1))).max() < 0.1


def test_closures_are_counted_once_each():
    assert lip_gap.closures(np.array([3.0, 0.1, 0.2, 4.0, 0.0, 5.0])) == 2


def test_each_bilabial_is_looked_up_where_it_is_spoken():
    gap = np.full(60, 8.0)
    gap[30:33] = 0.2
    phones = [Phone(0.1, 0.2, "m"), Phone(0.2, 0.5, "a"), Phone(0.5, 0.56, "b"), Phone(0.6, 0.65, "p")]
    assert lip_gap.bilabial_gaps(gap, phones, 60.0) == [("m", 8.0), ("b", 0.2), ("p", 0.2)]
