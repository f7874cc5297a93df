"""The field's figures are distances of the right vertices, and nothing else."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.errors import InputError
from bridge.types import SHAPE_COUNT, SHAPE_INDEX
from models.vertices import Head, figures

pytestmark = pytest.mark.law

REFERENCE = Path(__file__).parents[3] / "shared" / "data" / "reference" / "ict_facekit_arkit_morphs.npz"


def delta(vertex: int, *moved: float) -> np.ndarray:
    out = np.zeros((6, 3), np.float32)
    out[vertex] = moved
    return out


# Vertices: 0 and 1 lips, 2 and 3 brows, 4 cheek, 5 beyond the face.
DELTAS = {
    "mouthRollUpper": delta(0, 0, 1, 0),
    "mouthRollLower": delta(1, 0, -1, 0),
    "jawOpen": delta(1, 0, -3, 4) + delta(5, 9, 9, 9),
    "cheekPuff_L": delta(4, 7, 0, 0),
    "browInnerUp_L": delta(2, 0, 2, 0),
    "browInnerUp_R": delta(3, 0, 2, 0),
}
HEAD = Head(DELTAS, face_vertices=5)


def faces(seed: int, count: int = 30) -> np.ndarray:
    return np.random.default_rng(seed).random((count, SHAPE_COUNT)).astype(np.float32)


def held(**weights: float) -> np.ndarray:
    out = np.zeros((30, SHAPE_COUNT), np.float32)
    for name, weight in weights.items():
        out[:, SHAPE_INDEX[name]] = weight
    return out


def test_the_regions_are_what_their_shapes_move():
    assert HEAD.lips.tolist() == [0, 1]
    assert HEAD.upper.tolist() == [2, 3]


@given(st.integers(0, 99))
@settings(max_examples=20)
def test_the_same_face_is_nowhere_off(seed):
    assert figures(HEAD, faces(seed), faces(seed)) == {"lve_mm": 0, "fdd_mm": 0}


def test_the_lip_error_is_the_farthest_lip_vertexs_in_millimetres():
    assert HEAD.lip_vertex_error(held(jawOpen=0.5), held()) == pytest.approx(25)
    assert HEAD.lip_vertex_error(held(jawOpen=0.5, mouthRollUpper=1), held()) == pytest.approx(25)
    assert HEAD.lip_vertex_error(held(mouthRollUpper=1), held()) == pytest.approx(10)


@given(st.integers(0, 99), st.floats(0.1, 10))
@settings(max_examples=20)
def test_a_head_of_another_size_has_errors_of_that_size(seed, size):
    larger = Head({name: value * size for name, value in DELTAS.items()}, face_vertices=5)
    one, other = (figures(h, faces(seed), faces(seed + 1)) for h in (HEAD, larger))
    assert other["lve_mm"] == pytest.approx(one["lve_mm"] * size, rel=1e-3)
    assert other["fdd_mm"] == pytest.approx(one["fdd_mm"] * size, rel=1e-2, abs=1e-4 * size)


@given(st.integers(0, 99))
@settings(max_examples=20)
def test_what_moves_no_lip_is_no_lip_error_and_what_moves_no_brow_no_deviation(seed):
    face, other = faces(seed), faces(seed)
    other[:, SHAPE_INDEX["cheekPuff"]] = 0
    other[:, SHAPE_INDEX["browInnerUp"]] = 0
    assert HEAD.lip_vertex_error(other, face) == 0
    other = faces(seed)
    other[:, [SHAPE_INDEX[n] for n in ("jawOpen", "cheekPuff", "mouthRollUpper")]] = 0
    assert HEAD.upper_face_deviation(other, face) == 0


def test_a_still_face_deviates_by_the_recorded_movement_and_a_livelier_one_below_zero():
    swing = held()
    swing[:, SHAPE_INDEX["browInnerUp"]] = np.tile([0.0, 1.0], 15)
    assert HEAD.upper_face_deviation(held(browInnerUp=0.7), swing) == pytest.approx(10)
    assert HEAD.upper_face_deviation(1.5 * swing, swing) == pytest.approx(-5)
    assert HEAD.upper_face_deviation(swing, held(jawOpen=1)) is None


def test_faces_of_other_lengths_are_compared_where_both_are():
    assert figures(HEAD, faces(3, 40), faces(3, 40)[:30])["lve_mm"] == 0


def test_what_is_no_head_is_refused_by_name(tmp_path):
    (tmp_path / "head.npz").write_bytes(b"no head")
    with pytest.raises(InputError, match=r"head\.npz"):
        Head.read(tmp_path / "head.npz")


@pytest.mark.skipif(not REFERENCE.is_file(), reason="the reference head is not beside the checkout")
def test_on_the_reference_head_the_lips_are_the_lips():
    head = Head.read(REFERENCE)
    assert 150 < len(head.lips) < 1000 < 5 * len(head.upper)
    with np.load(REFERENCE) as z:
        places = z["V"]
    lips, upper = places[head.lips], places[head.upper]
    assert np.abs(lips[:, 0]).max() < 4, "no wider than a mouth, cm"
    assert np.ptp(lips[:, 1]) < 5
    assert upper[:, 1].min() > lips[:, 1].max()
    assert 5 < head.lip_vertex_error(held(jawOpen=1), held()) < 60
