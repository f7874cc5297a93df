"""How layers lie on each other."""

import numpy as np
import pytest

from bridge.body.rotation import compose
from bridge.layers.blend import ORDER, RULES, Layer, stack
from bridge.layers.regions import REGIONS
from bridge.types import SHAPE_INDEX, motion, still

pytestmark = pytest.mark.unit


def face(**values: float) -> np.ndarray:
    out = np.zeros((2, 52), np.float32)
    for name, value in values.items():
        out[:, SHAPE_INDEX[name]] = value
    return out


def test_every_layer_has_a_rule_for_every_region() -> None:
    assert tuple(RULES) == ORDER
    assert all(set(rules) == set(REGIONS) for rules in RULES.values())


def test_over_add_and_max() -> None:
    base = motion(0, face(jawOpen=0.4, browInnerUp=0.2, eyeBlinkLeft=0.6))
    spoken = motion(0, face(jawOpen=0.8, browInnerUp=0.3, eyeBlinkLeft=0.5))
    out = stack(base, [Layer("speech", spoken, 0.5)]).face[0]
    assert out[SHAPE_INDEX["jawOpen"]] == pytest.approx(0.6)
    assert out[SHAPE_INDEX["browInnerUp"]] == pytest.approx(0.35)
    assert out[SHAPE_INDEX["eyeBlinkLeft"]] == pytest.approx(0.6)


def test_the_order_is_the_layers_own() -> None:
    low, high = motion(0, face(jawOpen=0.2)), motion(0, face(jawOpen=0.9))
    layers = [Layer("override", high), Layer("speech", low)]
    assert stack(still(0, 2), layers).face[0, SHAPE_INDEX["jawOpen"]] == pytest.approx(0.9)


def test_regions_and_weights_keep_layers_out() -> None:
    moved = motion(0, face(jawOpen=0.5, browInnerUp=0.5), head_rad=np.full((2, 3), 0.1), gaze_rad=np.full((2, 2), 0.1))
    out = stack(still(0, 2), [Layer("capture", moved, np.array([0.0, 1.0], np.float32), frozenset(("jaw",)))])
    assert out.face[:, SHAPE_INDEX["jawOpen"]] == pytest.approx([0.0, 0.5])
    assert not out.face[:, SHAPE_INDEX["browInnerUp"]].any() and not out.head_rad.any() and not out.gaze_rad.any()


def test_heads_turn_on_top_of_each_other() -> None:
    nod, shake = np.array([[0.3, 0.0, 0.0]] * 2), np.array([[0.0, 0.4, 0.0]] * 2)
    base = motion(0, face(), head_rad=nod)
    added = stack(base, [Layer("gesture", motion(0, face(), head_rad=shake))])
    assert added.head_rad == pytest.approx(compose(nod, shake), abs=1e-6)
    replaced = stack(base, [Layer("capture", motion(0, face(), head_rad=shake))])
    assert replaced.head_rad == pytest.approx(shake, abs=1e-6)
    halfway = stack(motion(0, face()), [Layer("capture", motion(0, face(), head_rad=shake), 0.5)])
    assert halfway.head_rad == pytest.approx(0.5 * shake, abs=1e-6)
