"""What the 52 shapes must do on the skin, measured on the mesh in millimetres."""

from __future__ import annotations

import csv
import itertools
from pathlib import Path

import numpy as np
import pytest

from bridge.types import ARKIT_BLENDSHAPES
from tools.avatar import faults
from tools.avatar.shapes import ARKIT, jaw
from tools.avatar.shapes.flesh import FLIP
from tools.sheet import poses

pytestmark = pytest.mark.law

STEPS = np.linspace(0.0, 1.0, 11)
# What counts as harm, millimetres; less than can be seen.
TEETH_MM, LIPS_MM, LIDS_MM, EYE_MM = 0.1, 0.6, 0.9, 0.05


def found(face, many):
    """The harm done by each of many weights of shapes, by name."""
    out = {}
    for name, weights in many.items():
        skin, teeth = face.posed(weights)
        harm = {
            "folds": len(faults.folds(face.flesh, skin)),
            "lid in eye": faults.lid_in_eye(face.flesh, skin) > EYE_MM,
            "lids crossed": faults.lids_crossed(face.flesh, skin) > LIDS_MM,
            "lips crossed": faults.lips_crossed(face.flesh, skin) > LIPS_MM,
            "teeth through lips": faults.teeth_through(face.flesh, skin, teeth) > TEETH_MM,
        }
        if any(harm.values()):
            out[name] = {what: much for what, much in harm.items() if much}
    return out


def spoken_pairs():
    """The weights of each pair of pairs.tsv (made by tools/shape_pairs.py from recorded speech), both sides alike."""
    out = {}
    with (Path(__file__).parent / "pairs.tsv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            weights = {}
            for which in ("first", "second"):
                name, weight = row[which], float(row[f"{which}_weight"])
                weights |= dict.fromkeys([name] if name in ARKIT else [f"{name}Left", f"{name}Right"], weight)
            # mouthClose undoes jawOpen and has no meaning beyond it.
            weights["jawOpen"] = max(weights.get("jawOpen", 0.0), weights.get("mouthClose", 0.0))
            out[f"{row['first']} {row['second']}"] = weights
    return out


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


def test_a_shape_alone_does_no_harm(face):
    alone = {name: {name: 1.0} for name in ARKIT if name != "mouthClose"}
    assert found(face, alone | {"rest": {}, "mouthClose": {"mouthClose": 1.0, "jawOpen": 1.0}}) == {}


def test_shapes_that_speech_puts_together_do_no_harm(face):
    assert found(face, spoken_pairs()) == {}


def test_the_faces_of_emotions_and_visemes_do_no_harm(face):
    assert found(face, {f"{pose.label}": pose.weights for pose in (*poses.emotions(), *poses.visemes())}) == {}


def test_harm_would_be_seen(face):
    """Each measure goes off when what it measures is done to the face."""
    skin, teeth = face.posed({})
    flesh = face.flesh
    assert faults.teeth_through(flesh, skin, teeth + np.array([0.0, 0.0, 10.0])) > TEETH_MM
    assert faults.lips_crossed(flesh, face.posed({"mouthClose": 1.0})[0]) > LIPS_MM
    assert faults.lids_crossed(flesh, flesh.p + 1.3 * face.moves["eyeBlinkLeft"]) > LIDS_MM
    assert faults.lid_in_eye(flesh, skin - np.array([0.0, 0.0, 3.0])) > EYE_MM
    assert len(faults.folds(flesh, skin + 4.0 * face.moves["mouthSmileLeft"])) > 0


def test_lids_do_not_cross_when_gaze_and_squint_combine(flesh, moves):
    lid = flesh.left_lid & (flesh.skin.lid >= 0.0)
    for a, b in itertools.combinations(
        ("eyeLookDownLeft", "eyeLookOutLeft", "eyeSquintLeft", "cheekSquintLeft", "mouthSmileLeft"), 2
    ):
        p = moved(flesh, moves, {a: 1.0, b: 1.0})[lid]
        assert np.linalg.norm(p - [flesh.who.eyes.spread, 0.0, 0.0], axis=1).min() > flesh.who.eyes.radius - 0.2, (a, b)
