"""Limits on any motion at all."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from bridge.layers.gaze import gaze_of_look_shapes
from bridge.layers.limits import limit
from bridge.types import SHAPE_INDEX, Motion, motion

pytestmark = pytest.mark.law

anything = st.floats(width=32, allow_nan=True, allow_infinity=True)
motions = st.builds(
    lambda face, head, gaze, pose: motion(3, face, head_rad=head, gaze_rad=gaze, pose_rad=pose),
    *(arrays.arrays(np.float32, (2, *shape), elements=anything) for shape in ((52,), (3,), (2,), (24, 3))),
)


def at(frames: Motion, name: str) -> np.ndarray:
    return frames.face[:, SHAPE_INDEX[name]]


@given(motions)
def test_what_comes_out_is_possible(wild: Motion) -> None:
    held = limit(wild)
    for array in (held.face, held.head_rad, held.gaze_rad, held.pose_rad):
        assert np.isfinite(array).all()
    assert held.face.min() >= 0.0 and held.face.max() <= 1.0
    assert (at(held, "mouthClose") <= at(held, "jawOpen")).all()
    for side in ("Left", "Right"):
        assert (at(held, f"eyeBlink{side}") + at(held, f"eyeWide{side}") <= 1.0 + 1e-6).all()
    for name in ("jaw", "mouth"):
        assert (np.minimum(at(held, f"{name}Left"), at(held, f"{name}Right")) == 0.0).all()
    assert gaze_of_look_shapes(held.face) == pytest.approx(held.gaze_rad, abs=1e-6)


@given(motions)
def test_twice_is_once(wild: Motion) -> None:
    once = limit(wild)
    twice = limit(once)
    for name in ("face", "head_rad", "gaze_rad", "pose_rad"):
        assert np.array_equal(getattr(once, name), getattr(twice, name))


def test_what_is_possible_passes() -> None:
    rng = np.random.default_rng(1)
    face = np.zeros((5, 52))
    face[:, [SHAPE_INDEX["jawOpen"], SHAPE_INDEX["browInnerUp"]]] = rng.random((5, 2))
    frames = motion(0, face, head_rad=0.3 * rng.standard_normal((5, 3)), pose_rad=rng.standard_normal((5, 24, 3)))
    held = limit(frames)
    assert np.array_equal(held.face, frames.face) and np.array_equal(held.head_rad, frames.head_rad)
    assert np.array_equal(held.pose_rad, frames.pose_rad)
