"""What the 52 shapes must do on the skin, measured on the mesh in millimetres."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from bridge.types import ARKIT_BLENDSHAPES
from tools.avatar.shapes import ARKIT, jaw
from tools.avatar.shapes.flesh import FLIP

pytestmark = pytest.mark.law

STEPS = np.linspace(0.0, 1.0, 11)
# Shapes that go together in recorded speech and emotion.
TOGETHER = [
    {"jawOpen": 0.4, "mouthFunnel": 0.6},
    {"jawOpen": 0.3, "mouthPucker": 0.8},
    {"jawOpen": 0.3, "mouthSmileLeft": 0.8, "mouthSmileRight": 0.8},
    {
        "jawOpen": 0.25,
        "mouthStretchLeft": 0.6,
        "mouthStretchRight": 0.6,
        "mouthLowerDownLeft": 0.5,
        "mouthLowerDownRight": 0.5,
    },
    {"jawOpen": 0.1, "mouthClose": 0.1, "mouthPressLeft": 0.7, "mouthPressRight": 0.7},
    {"mouthRollLower": 0.7, "mouthRollUpper": 0.7, "mouthSmileLeft": 0.3, "mouthSmileRight": 0.3},
    {"mouthFrownLeft": 0.7, "mouthFrownRight": 0.7, "mouthShrugLower": 0.6, "browInnerUp": 0.8},
    {
        "browDownLeft": 1.0,
        "browDownRight": 1.0,
        "eyeSquintLeft": 0.6,
        "eyeSquintRight": 0.6,
        "noseSneerLeft": 0.5,
        "noseSneerRight": 0.5,
    },
    {
        "eyeBlinkLeft": 1.0,
        "eyeBlinkRight": 1.0,
        "mouthSmileLeft": 1.0,
        "mouthSmileRight": 1.0,
        "cheekSquintLeft": 0.7,
        "cheekSquintRight": 0.7,
    },
    {
        "eyeWideLeft": 1.0,
        "eyeWideRight": 1.0,
        "browInnerUp": 1.0,
        "browOuterUpLeft": 1.0,
        "browOuterUpRight": 1.0,
        "jawOpen": 0.5,
    },
]


def moved(flesh, moves, weights):
    return flesh.p + sum(w * moves[name] for name, w in weights.items())


def test_all_shapes_are_there_in_arkits_order(moves):
    assert tuple(moves) == ARKIT == ARKIT_BLENDSHAPES


@pytest.mark.parametrize("name", ARKIT)
def test_a_shape_moves_the_face_visibly_and_within_reason(moves, name):
    length = np.linalg.norm(moves[name], axis=1)
    assert np.isfinite(length).all()
    assert 0.9 < length.max() < 45.0


@pytest.mark.parametrize("name", [n for n in ARKIT if n.endswith("Left")])
def test_right_is_the_mirror_image_of_left(flesh, moves, name):
    other = moves[name.removesuffix("Left") + "Right"]
    assert np.allclose(moves[name][flesh.skin.mirror] * FLIP, other, atol=1e-9)


@pytest.mark.parametrize("name", [n for n in ARKIT if not n.endswith(("Left", "Right"))])
def test_a_shape_without_a_side_is_symmetric(flesh, moves, name):
    assert np.allclose(moves[name][flesh.skin.mirror] * FLIP, moves[name], atol=1e-6)


def lip_gap(flesh, p):
    top, bottom = flesh.skin.contact.T
    return np.linalg.norm(p[top] - p[bottom], axis=1)


def face_height(flesh):
    return flesh.who.eyes.spread + flesh.who.brows.height - flesh.who.head.chin_y


@pytest.mark.parametrize("share", STEPS)
def test_mouth_close_shuts_the_lips_at_any_jaw_opening(flesh, moves, share):
    p = moved(flesh, moves, {"jawOpen": share, "mouthClose": share})
    assert lip_gap(flesh, p).max() < 0.01 * face_height(flesh)


def test_the_open_jaw_opens_the_mouth(flesh, moves):
    assert lip_gap(flesh, moved(flesh, moves, {"jawOpen": 1.0})).max() > 20.0


def test_lips_meet_at_rest_and_stay_met_where_a_shape_does_not_part_them(flesh, moves):
    shut = (
        "mouthPucker",
        "mouthSmileLeft",
        "mouthFrownRight",
        "mouthDimpleLeft",
        "cheekPuff",
        "jawForward",
        "mouthLeft",
    )
    for weights in ({}, *({name: 1.0} for name in shut)):
        if "jawForward" not in weights:
            assert lip_gap(flesh, moved(flesh, moves, weights)).max() < 1.6, weights


@pytest.mark.parametrize("share", STEPS)
def test_a_blinking_lid_never_enters_the_eyeball(flesh, moves, share):
    lid = flesh.left_lid & (flesh.skin.lid >= 0.0)
    p = moved(flesh, moves, {"eyeBlinkLeft": share})[lid]
    assert np.linalg.norm(p - [flesh.who.eyes.spread, 0.0, 0.0], axis=1).min() > flesh.who.eyes.radius


def test_a_blink_shuts_the_eye(flesh, moves):
    p = moved(flesh, moves, {"eyeBlinkLeft": 1.0})
    rim = flesh.left_lid & (flesh.skin.lid == flesh.skin.lid[flesh.skin.lid >= 0].min())
    turn = flesh.skin.lid_turn
    for up in np.linspace(0.3, 2.8, 9):
        above = p[rim][np.argmin(np.abs(turn[rim] - up))]
        below = p[rim][np.argmin(np.abs(turn[rim] - (2 * np.pi - up)))]
        assert above[1] <= below[1] + 0.3


def test_the_chin_turns_about_the_hinge(flesh, moves):
    chin = np.argmin(np.linalg.norm(flesh.p - [0.0, flesh.who.head.chin_y + 8.0, flesh.who.head.chin_z], axis=1))
    expected = jaw.opened(flesh.p[chin])
    assert np.linalg.norm(moves["jawOpen"][chin] - expected) < 2.0


def test_the_upper_face_keeps_still_when_the_jaw_opens(flesh, moves):
    upper = flesh.p[:, 1] > -15.0
    assert np.abs(moves["jawOpen"][upper & (flesh.p[:, 2] > -20)]).max() < 2.0


def test_pucker_and_funnel_differ(flesh, moves):
    parted = lip_gap(flesh, moved(flesh, moves, {"mouthFunnel": 1.0})).max()
    pressed = lip_gap(flesh, moved(flesh, moves, {"mouthPucker": 1.0})).max()
    assert parted > 6.0 and pressed < 1.6


@pytest.mark.parametrize("weights", [*({n: 1.0} for n in ARKIT if n != "mouthClose"), *TOGETHER], ids="+".join)
def test_no_triangle_of_the_outer_skin_turns_over(flesh, moves, weights):
    """All but the red of the lips, which rolls, and the strip of lid beside the margin, which folds at the corners."""
    triangles = flesh.skin.triangles
    outside = (flesh.skin.lip_v[triangles] < 0.0).all(1) & (flesh.skin.lid[triangles] > 0.22).all(1)

    def normals(p):
        a, b, c = (p[triangles[outside][:, i]] for i in range(3))
        n = np.cross(b - a, c - a)
        return n / np.linalg.norm(n, axis=1, keepdims=True)

    agreement = (normals(flesh.p) * normals(moved(flesh, moves, weights))).sum(1)
    assert agreement.min() > -0.3


def test_shapes_that_combine_do_not_push_teeth_through_the_lips(model, flesh, moves):
    teeth = next(p for p in model.parts if p.name == "Teeth")
    red = (flesh.skin.lip_v >= 0.3) & (flesh.skin.lip_v <= 1.0)
    for weights in TOGETHER:
        lips = moved(flesh, moves, weights)[red]
        hard = teeth.position + sum(w * teeth.shapes.get(n, 0.0) for n, w in weights.items())
        for lip in lips[::3]:
            near = np.hypot(hard[:, 0] - lip[0], hard[:, 1] - lip[1]) < 1.0
            assert not near.any() or hard[near, 2].max() < lip[2] + 1.0, weights


def test_lids_do_not_cross_when_gaze_and_squint_combine(flesh, moves):
    lid = flesh.left_lid & (flesh.skin.lid >= 0.0)
    for a, b in itertools.combinations(
        ("eyeLookDownLeft", "eyeLookOutLeft", "eyeSquintLeft", "cheekSquintLeft", "mouthSmileLeft"), 2
    ):
        p = moved(flesh, moves, {a: 1.0, b: 1.0})[lid]
        assert np.linalg.norm(p - [flesh.who.eyes.spread, 0.0, 0.0], axis=1).min() > flesh.who.eyes.radius - 0.2, (a, b)
