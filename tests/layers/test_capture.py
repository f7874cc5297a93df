"""The capture layer: eased in, held, eased out; the same in any pieces; only what it knows, where it may."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.layers.capture import EASE_FRAMES, HOLD_FRAMES, Captured, CaptureLayer, regions_of
from bridge.layers.mixer import Mixer
from bridge.layers.regions import ALL_REGIONS, FACE_REGIONS
from bridge.types import SHAPE_INDEX, freeze, motion

pytestmark = pytest.mark.law

BROW, JAW = SHAPE_INDEX["browInnerUp"], SHAPE_INDEX["jawOpen"]


def captured(value=1.0, regions=ALL_REGIONS, shapes=(BROW, JAW)):
    known = np.zeros(52, np.float32)
    known[list(shapes)] = 1
    frame = motion(0, np.full((1, 52), value), head_rad=np.array([[0.0, 0.3, 0.0]]))
    return Captured(frame, freeze(known), regions)


def mixed(mixer, first, count):
    return mixer.mix(first, count)


def test_it_comes_and_goes_without_a_step_and_holds_between():
    mixer = Mixer(0)
    mixer.capture.set(captured(), 100)
    jaw = mixed(mixer, 60, 160).face[:, JAW]
    assert (jaw[:40] < 0.1).all() and (jaw[60:70] > 0.99).all() and (jaw[100:] < 0.1).all()
    assert np.abs(np.diff(jaw)).max() < 1.3 / EASE_FRAMES


def test_a_steady_stream_stays_whole():
    mixer = Mixer(0)
    for index in range(0, 300, 2):
        mixer.capture.set(captured(), index)
    assert (mixed(mixer, EASE_FRAMES, 298 - EASE_FRAMES + HOLD_FRAMES).face[:, JAW] > 0.99).all()


def test_what_it_does_not_know_or_may_not_is_left_below():
    plain = mixed(Mixer(4), 100, 30)
    mixer = Mixer(4)
    mixer.capture.set(captured(regions=frozenset({"brows"})), 60)
    shown = mixed(mixer, 100, 30)
    others = [i for i in range(52) if i != BROW]
    np.testing.assert_allclose(shown.face[:, others], plain.face[:, others], atol=1e-6)
    np.testing.assert_allclose(shown.head_rad, plain.head_rad, atol=1e-6)
    assert (shown.face[:, BROW] > plain.face[:, BROW]).any()


@given(st.lists(st.integers(1, 25), min_size=1, max_size=8))
def test_the_same_in_any_pieces(pieces):
    layer, whole = CaptureLayer(), CaptureLayer()
    for one in (layer, whole):
        one.set(captured(0.7), 5)
    weights, at = [], 0
    for count in pieces:
        found = layer.layers(at, count)
        weights += found[0].weight.tolist() if found else [0.0] * count
        at += count
    found = whole.layers(0, at)
    assert weights == (found[0].weight.tolist() if found else [0.0] * at)


def test_regions_by_name():
    assert regions_of("brows, eyes") == {"brows", "eyes"} and regions_of("") == frozenset()
    assert regions_of(",".join(FACE_REGIONS)) == FACE_REGIONS
    with pytest.raises(ValueError, match="ears, nose"):
        regions_of("nose,brows,ears")
