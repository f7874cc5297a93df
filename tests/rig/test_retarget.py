"""Motion through a rig: laws of every rig, and where a turn ends up."""

from pathlib import Path

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from bridge.rig.parse import parse
from bridge.rig.retarget import Retarget
from bridge.types import ARKIT_BLENDSHAPES, JOINT_INDEX, Motion, motion, still

pytestmark = pytest.mark.law

RIGS = Path(__file__).parents[2] / "rigs"
FILES = sorted(RIGS.glob("*.toml"))


def load(path: Path) -> Retarget:
    return Retarget(parse(path.read_text("utf-8"), path.stem))


def anything(count: int = 40) -> Motion:
    rng = np.random.default_rng(2)
    return motion(
        7,
        rng.random((count, 52)),
        head_rad=0.4 * rng.standard_normal((count, 3)),
        gaze_rad=0.2 * rng.standard_normal((count, 2)),
        pose_rad=0.5 * rng.standard_normal((count, 24, 3)),
    )


def turned(rig: Retarget, bone: str, **arrays: list) -> Rotation:
    frames = rig.apply(motion(0, np.zeros((1, 52)), **arrays))
    return Rotation.from_quat(frames.bones_wxyz[0, rig.layout.bones.index(bone)][[1, 2, 3, 0]])


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_rig(path: Path) -> None:
    rig = load(path)
    frames = rig.apply(anything())
    assert frames.first_index == 7
    assert frames.curves.shape == (40, len(rig.layout.curves))
    assert frames.bones_wxyz.shape == (40, len(rig.layout.bones), 4)
    assert (frames.curves >= rig.layout.curve_min).all() and (frames.curves <= rig.layout.curve_max).all()
    assert np.linalg.norm(frames.bones_wxyz, axis=-1) == pytest.approx(1.0, abs=1e-6)
    assert (frames.bones_wxyz[..., 0] >= 0).all()
    identity = rig.apply(still(0, 2)).bones_wxyz
    assert np.array_equal(np.abs(identity), np.broadcast_to([1.0, 0.0, 0.0, 0.0], identity.shape))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_pieces_give_what_the_whole_gives(path: Path) -> None:
    rig, whole = load(path), anything()
    frames = rig.apply(whole)
    pieces = [rig.apply(whole[i : i + 3]) for i in range(0, len(whole), 3)]
    assert np.concatenate([p.curves for p in pieces]) == pytest.approx(frames.curves, abs=1e-4)
    assert np.array_equal(np.concatenate([p.bones_wxyz for p in pieces]), frames.bones_wxyz)


def test_arkit_is_the_identity() -> None:
    rig = load(RIGS / "arkit.toml")
    assert rig.layout.curves == ARKIT_BLENDSHAPES
    assert len(rig.layout.curves) + 6 * len(rig.layout.bones) <= 160
    whole = anything()
    assert np.array_equal(rig.apply(whole).curves, whole.face)


def test_neck_and_head_together_make_the_turn() -> None:
    rig = load(RIGS / "arkit.toml")
    turn = [[0.2, 0.4, -0.1]]
    both = turned(rig, "neck", head_rad=turn) * turned(rig, "head", head_rad=turn)
    assert both.as_rotvec() == pytest.approx(turn[0], abs=1e-6)


def test_gaze_turns_both_eyes_left_and_down() -> None:
    rig = load(RIGS / "arkit.toml")
    ahead = np.array([0.0, 0.0, 1.0])
    for eye in ("leftEye", "rightEye"):
        assert turned(rig, eye, gaze_rad=[[0.3, 0.0]]).apply(ahead)[0] == pytest.approx(np.sin(0.3), abs=1e-6)
        assert turned(rig, eye, gaze_rad=[[0.0, 0.3]]).apply(ahead)[1] == pytest.approx(-np.sin(0.3), abs=1e-6)


def test_unity_and_vrm0_turn_to_the_same_side() -> None:
    """A head turned to its own left and nodding down does so in each world's own axes."""
    head = [[0.2, 0.5, 0.0]]
    text = "[meta]\naxes = '{}'\n[curves]\na = 'jawOpen'\n"
    ours, vrm0, unity = (
        turned(Retarget(parse(text.format(axes), "x")), "head", head_rad=head) for axes in ("vrm1", "vrm0", "unity")
    )
    ahead = ours.apply([0.0, 0.0, 1.0])
    assert ahead[0] > 0 and ahead[1] < 0
    half_round, mirror = np.array([-1, 1, -1]), np.array([-1, 1, 1])
    assert vrm0.apply([0.0, 0.0, -1.0]) == pytest.approx(ahead * half_round, abs=1e-6)
    assert unity.apply([0.0, 0.0, 1.0]) == pytest.approx(ahead * mirror, abs=1e-6)


def test_joints_land_on_their_bones() -> None:
    rig = load(RIGS / "arkit.toml")
    pose = np.zeros((1, 24, 3))
    pose[0, JOINT_INDEX["left_shoulder"]] = (0.0, 0.0, -1.2)
    assert turned(rig, "leftUpperArm", pose_rad=pose).apply([1.0, 0.0, 0.0])[1] < -0.9
    assert turned(rig, "rightUpperArm", pose_rad=pose).magnitude() == 0.0


def test_head_angles_are_sources() -> None:
    rig = Retarget(parse("[meta]\ncurve_min = -30\ncurve_max = 30\n[curves]\nX = { headYaw = 57.29578 }", "x"))
    frames = rig.apply(motion(0, np.zeros((2, 52)), head_rad=[[0.0, 0.2, 0.0], [0.0, 3.0, 0.0]]))
    assert frames.curves[:, 0] == pytest.approx([np.rad2deg(0.2), 30.0], abs=1e-4)
