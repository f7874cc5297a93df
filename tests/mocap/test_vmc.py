"""What a VMC application sends means the same as what we would send it."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.bridge import make_retarget
from bridge.layers.mixer import Mixer
from bridge.layers.regions import ALL_REGIONS
from bridge.mocap.vmc import KEPT_ROUNDS, Performer
from bridge.sinks.vmc import Options, Vmc
from bridge.types import SHAPE_INDEX
from bridge.wire import vmc

pytestmark = pytest.mark.law

FRAMES = Mixer(2).mix(0, 40)


class Wire:
    """The messages that our own sink sends."""

    def __init__(self, rig):
        self.retarget = make_retarget(rig)
        self.sink = Vmc(Options(rig=rig), self.retarget.layout)
        self.items = []
        self.sink._datagrams.close()
        self.sink._datagrams = self

    def send(self, data):
        self.items += vmc.decode(data)

    def of(self, frames):
        self.items = []
        self.sink.send(0, frames, self.retarget.apply(frames))
        return self.items


def received(items):
    performer = Performer()
    assert performer.take(items)
    return performer.captured(ALL_REGIONS)


@pytest.mark.parametrize("row", [0, 13, 39])
def test_perfect_sync_and_bones_come_back_as_they_went(row):
    sent = FRAMES[row : row + 1]
    got = received(Wire("vrm0_perfect_sync").of(sent))
    assert got.regions == ALL_REGIONS and got.shapes.all()
    np.testing.assert_allclose(got.frame.face, sent.face, atol=1e-6)
    np.testing.assert_allclose(got.frame.head_rad, sent.head_rad, atol=1e-5)
    np.testing.assert_allclose(got.frame.gaze_rad, sent.gaze_rad, atol=1e-5)
    np.testing.assert_allclose(got.frame.pose_rad, sent.pose_rad, atol=1e-5)


def test_presets_become_shapes_that_look_like_them():
    for name, shape in {"A": "jawOpen", "Blink_L": "eyeBlinkLeft", "aa": "jawOpen", "Joy": "mouthSmileLeft"}.items():
        got = received([vmc.Blend(name, 1.0), vmc.Apply()])
        assert got.frame.face[0, SHAPE_INDEX[shape]] > 0.3 and got.shapes[SHAPE_INDEX[shape]] == 1
        assert got.frame.face.sum() == got.frame.face[0, got.shapes > 0].sum()
    assert received([vmc.Blend("Blink_L", 1.0), vmc.Apply()]).frame.face[0, SHAPE_INDEX["eyeBlinkRight"]] == 0


def test_own_shapes_go_before_presets():
    got = received([vmc.Blend("A", 1.0), vmc.Blend("jawopen", 0.2), vmc.Apply()])
    assert got.frame.face[0, SHAPE_INDEX["jawOpen"]] == np.float32(0.2)


def test_blends_wait_for_apply():
    performer = Performer()
    assert not performer.take([vmc.Blend("JawOpen", 1.0)])
    assert not performer.captured(ALL_REGIONS).frame.face.any()
    assert performer.take([vmc.Apply()]) and performer.captured(ALL_REGIONS).frame.face.any()


def test_what_is_not_sent_is_left_alone():
    got = received([vmc.Pose("Head", (0, 0, 0), (0, 0, 0, 1))])
    assert got.regions == {"head"} and not got.shapes.any()
    assert received([vmc.Pose("Spine", (0, 0, 0), (0, 0.1, 0, 1))]).regions == {"body"}


def test_a_turn_to_the_own_left_stays_one():
    half = np.deg2rad(10) / 2
    got = received([vmc.Pose("Head", (0, 0, 0), (0, -np.sin(half), 0, np.cos(half)))])
    np.testing.assert_allclose(got.frame.head_rad, [[0, np.deg2rad(10), 0]], atol=1e-6)


STILL = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0)
MODELS = {
    "perfect sync": (vmc.Blend("JawOpen", 0.8), vmc.Blend("BrowInnerUp", 0.5), vmc.Apply()),
    "presets": (vmc.Blend("A", 0.5), vmc.Blend("Blink", 1.0), vmc.Apply()),
    "VRM 1.0": (vmc.Blend("surprised", 1.0), vmc.Apply()),
    "eyes": (vmc.Pose("LeftEye", STILL[:3], (0, 0.2, 0, 1)), vmc.Pose("Head", STILL[:3], (0.1, 0, 0, 1))),
    "arms": (vmc.Pose("LeftUpperArm", STILL[:3], (0, 0, 0.5, 1)), vmc.Pose("Hips", STILL[:3], STILL[3:])),
}


def same(one, other):
    arrays = [(x.shapes, x.frame.face, x.frame.head_rad, x.frame.gaze_rad, x.frame.pose_rad) for x in (one, other)]
    return one.regions == other.regions and all(map(np.array_equal, *arrays))


@pytest.mark.parametrize("later", [name for name in MODELS if name not in ("eyes", "arms")])
@pytest.mark.parametrize("first", [name for name in MODELS if name not in ("eyes", "arms")])
def test_another_model_replaces_the_one_before(first, later):
    performer = Performer()
    performer.take(MODELS[first] * 3)
    for _ in range(KEPT_ROUNDS + 2):
        performer.take(MODELS[later])
    assert same(performer.captured(ALL_REGIONS), received(MODELS[later]))


@pytest.mark.parametrize("first", ["eyes", "arms"])
def test_bones_that_are_told_no_more_are_forgotten_though_no_frame_has_an_end(first):
    (later,) = {"eyes", "arms"} - {first}
    performer = Performer()
    performer.take(MODELS[first])
    for _ in range(KEPT_ROUNDS + 2):
        for item in MODELS[later]:
            performer.take([item])
    assert same(performer.captured(ALL_REGIONS), received(MODELS[later]))


@given(st.integers(1, KEPT_ROUNDS))
def test_what_is_told_now_and_then_stays(rounds):
    performer = Performer()
    performer.take([vmc.Blend("JawOpen", 0.8), vmc.Blend("BrowInnerUp", 0.1), vmc.Apply()])
    for _ in range(rounds):
        performer.take([vmc.Blend("BrowInnerUp", 0.2), vmc.Apply()])
    assert performer.captured(ALL_REGIONS).frame.face[0, SHAPE_INDEX["jawOpen"]] == np.float32(0.8)


def test_names_without_meaning_leave_no_trace():
    def weight(names):
        performer = Performer()
        tracemalloc.start()
        try:
            for i in range(names):
                performer.take([vmc.Pose(f"x{i}", STILL[:3], STILL[3:]), vmc.Blend(f"y{i}", 0.5)])
            performer.take([vmc.Apply()])
            return tracemalloc.get_traced_memory()[0], performer.captured(ALL_REGIONS)
        finally:
            tracemalloc.stop()

    (few, nothing), (many, still_nothing) = weight(1), weight(5000)
    assert many < few + 100_000, "20 bytes a name, where a row of a dictionary takes over 100"
    assert same(nothing, still_nothing) and not nothing.regions
    assert not Performer().take([vmc.Pose("x", STILL[:3], STILL[3:]), vmc.Blend("y", 1.0)])


NUMBERS = st.floats(-1e3, 1e3, width=32)


@given(st.lists(st.one_of(
    st.builds(vmc.Blend, st.sampled_from(["A", "JawOpen", "Joy", "x"]), NUMBERS), st.just(vmc.Apply()),
    st.builds(vmc.Pose, st.sampled_from(["Head", "Neck", "LeftEye", "Hips", "x"]), st.tuples(NUMBERS, NUMBERS, NUMBERS),
              st.tuples(NUMBERS, NUMBERS, NUMBERS, NUMBERS)))))  # fmt: skip
def test_whatever_is_sent_is_finite_and_in_range(items):
    performer = Performer()
    performer.take(items)
    got = performer.captured(ALL_REGIONS)
    assert got.frame.face.min() >= 0 and got.frame.face.max() <= 1
    for array in (got.frame.head_rad, got.frame.gaze_rad, got.frame.pose_rad):
        assert np.isfinite(array).all()
    assert np.linalg.norm(got.frame.head_rad) < np.pi + 1e-5
