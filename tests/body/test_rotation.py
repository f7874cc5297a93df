"""Rotation maths against scipy's, and its laws."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from bridge.body.rotation import canonical, compose, multiply, quaternion, rotation_vector, toward, yaw_pitch_roll

pytestmark = pytest.mark.law

vectors = st.tuples(*[st.floats(-1.7, 1.7)] * 3).map(np.array)


def scipy_wxyz(rotation: Rotation) -> np.ndarray:
    return canonical(rotation.as_quat()[..., [3, 0, 1, 2]])


@given(vectors)
def test_quaternions_are_unit_and_agree_with_scipy(v: np.ndarray) -> None:
    q = quaternion(v)
    assert np.linalg.norm(q) == pytest.approx(1.0, abs=1e-12) and q[0] >= 0
    assert q == pytest.approx(scipy_wxyz(Rotation.from_rotvec(v)), abs=1e-12)
    assert rotation_vector(q) == pytest.approx(v, abs=1e-9)


@given(vectors, vectors)
def test_products_and_compositions_agree_with_scipy(a: np.ndarray, b: np.ndarray) -> None:
    ra, rb = Rotation.from_rotvec(a), Rotation.from_rotvec(b)
    assert canonical(multiply(quaternion(a), quaternion(b))) == pytest.approx(scipy_wxyz(ra * rb), abs=1e-9)
    assert Rotation.from_rotvec(compose(a, b)).inv() * (rb * ra) == Near()


@given(vectors, vectors, st.floats(0, 1))
def test_the_way_toward_is_a_slerp(a: np.ndarray, b: np.ndarray, fraction: float) -> None:
    ra, rb = Rotation.from_rotvec(a), Rotation.from_rotvec(b)
    if (ra.inv() * rb).magnitude() > 3.1:
        return  # half a turn may be taken either way
    expected = Rotation.from_rotvec(fraction * (rb * ra.inv()).as_rotvec()) * ra
    assert Rotation.from_rotvec(toward(a, b, np.array(fraction))).inv() * expected == Near()


@given(st.floats(-3, 3), st.floats(-1.5, 1.5), st.floats(-3, 3))
def test_angles_are_those_about_y_then_x_then_z(yaw: float, pitch: float, roll: float) -> None:
    turned = Rotation.from_euler("YXZ", [yaw, pitch, roll])
    assert Rotation.from_euler("YXZ", yaw_pitch_roll(scipy_wxyz(turned))).inv() * turned == Near(1e-6)


def test_an_array_of_rotations_gives_the_bits_that_single_ones_give() -> None:
    a, b = np.random.default_rng(0).normal(size=(2, 33, 24, 3))
    whole = compose(a, b)
    assert all(np.array_equal(compose(a[i : i + 1], b[i : i + 1])[0], whole[i]) for i in range(len(a)))


class Near:
    """Equal to any rotation by next to nothing."""

    def __init__(self, tolerance_rad: float = 1e-7) -> None:
        self.tolerance_rad = tolerance_rad

    def __eq__(self, rotation: object) -> bool:
        return isinstance(rotation, Rotation) and rotation.magnitude() < self.tolerance_rad

    __hash__ = None
