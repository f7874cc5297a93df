"""Values held by hand."""

import numpy as np
import pytest

from bridge.errors import ConfigError
from bridge.layers.gaze import FULL_DEFLECTION_RAD
from bridge.layers.mixer import Mixer
from bridge.layers.override import OverrideLayer
from bridge.types import SHAPE_INDEX

pytestmark = pytest.mark.unit


def test_a_held_shape_lies_over_all_others() -> None:
    mixer, free = Mixer(1), Mixer(1).mix(0, 300)
    mixer.override.set("browInnerUp", 0.8)
    mixer.override.set("mouthSmileLeft", 0.6, 0.5)
    held = mixer.mix(0, 300)
    brow, smile = SHAPE_INDEX["browInnerUp"], SHAPE_INDEX["mouthSmileLeft"]
    assert np.allclose(held.face[:, brow], 0.8)
    assert np.allclose(held.face[:, smile], 0.3 + 0.5 * free.face[:, smile], atol=1e-6)
    others = [i for i in range(52) if i not in (brow, smile)]
    assert np.array_equal(held.face[:, others], free.face[:, others])


def test_held_eyes_turn_the_gaze_too() -> None:
    mixer = Mixer(1)
    for eye in ("Left", "Right"):
        mixer.override.set(f"eyeLookUp{eye}", 0.5)
        mixer.override.set(f"eyeLookDown{eye}", 0.0)
    held = mixer.mix(0, 50)
    assert np.allclose(held.gaze_rad[:, 1], -0.5 * FULL_DEFLECTION_RAD, atol=1e-5)
    assert np.allclose(held.face[:, SHAPE_INDEX["eyeLookUpRight"]], 0.5, atol=1e-5)


def test_release() -> None:
    mixer, free = Mixer(1), Mixer(1).mix(0, 30)
    mixer.override.set("jawOpen", 1.0)
    mixer.override.set("cheekPuff", 1.0)
    mixer.override.release("jawOpen")
    assert not mixer.mix(0, 30).face[:, SHAPE_INDEX["jawOpen"]].any()
    mixer.override.release()
    assert np.array_equal(mixer.mix(0, 30).face, free.face)


def test_mistakes_are_told() -> None:
    override = OverrideLayer()
    with pytest.raises(ConfigError, match="no ARKit shape 'jaw'"):
        override.set("jaw", 0.1)
    with pytest.raises(ConfigError, match=r"between 0 and 1, not 1\.5"):
        override.set("jawOpen", 1.5)
    with pytest.raises(ConfigError, match="between 0 and 1"):
        override.set("jawOpen", float("nan"))
