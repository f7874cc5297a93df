"""The stream around the network, with a network small enough to know what must come out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.dsp import logmel
from bridge.dsp.logmel import log_mel
from bridge.errors import InputError, ModelError
from bridge.face.model import MOST_FRAMES_A_CALL, StreamingFaceModel
from bridge.face.network import FaceNetworkInfo
from bridge.timebase import frames_for_samples
from bridge.types import ARKIT_BLENDSHAPES, EMOTIONS, JOINT_INDEX

pytestmark = pytest.mark.law

DELAYS = (0, 3, 6, 12)
INFO = FaceNetworkInfo(
    mel=logmel.settings(),
    lookahead_frames=DELAYS,
    styles=("one", "two"),
    default_style=(0.25, 0.75),
    emotions=EMOTIONS,
    shapes=ARKIT_BLENDSHAPES,
    states={"past": (1, 12, 1)},
    noise_hz=(1.0, 4.0),
    joints=("spine2", "left_elbow"),
)


class LoudnessAfterLookahead:
    """jawOpen is the loudness of the row `lookahead` ahead; two more shapes show what was asked for."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self.past = np.zeros(12)

    def __call__(self, inputs):
        rows = inputs["mel"][0]
        loud = np.concatenate([self.past, rows.mean(1)])
        self.past = loud[-12:]
        face = np.zeros((1, len(rows), 52), np.float32)
        face[0, :, 17] = loud[12:] / 4
        face[0, :, 0] = inputs["emotion"][0, 1]
        face[0, :, 1] = inputs["style"][0, 0]
        drawn = inputs["noise"][0, :, :1]
        return {
            "face": face,
            "head": np.tile(drawn, 3)[None],
            "gaze": np.tile(drawn, 2)[None],
            "body": np.tile(drawn, 6).reshape(1, len(rows), 2, 3),
        }


def model(lookahead_ms: int = 100, network=LoudnessAfterLookahead) -> StreamingFaceModel:
    return StreamingFaceModel(network(), INFO, lookahead_ms)


def noise(count: int) -> np.ndarray:
    return np.random.default_rng(count).normal(0, 0.2, count).astype(np.float32)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 3000), max_size=12), st.sampled_from([0, 50, 100, 200]))
def test_any_chunking_gives_the_same_frames_counted_from_0(sizes, lookahead_ms):
    samples = noise(sum(sizes))
    stream = model(lookahead_ms)
    parts = [stream.push(piece) for piece in np.split(samples, np.cumsum(sizes))[:-1]] if sizes else []
    parts.append(stream.flush())
    assert [p.first_index for p in parts] == np.cumsum([0, *(len(p) for p in parts[:-1])]).tolist()
    assert sum(map(len, parts)) == frames_for_samples(len(samples))
    whole = model(lookahead_ms)
    offline = [whole.push(samples), whole.flush()]
    for name in ("face", "head_rad", "gaze_rad", "pose_rad"):
        cut, uncut = (np.concatenate([getattr(p, name) for p in frames]) for frames in (parts, offline))
        assert np.allclose(cut, uncut, atol=1e-5)


@pytest.mark.parametrize("lookahead_ms", [0, 50, 100, 200])
def test_a_frame_comes_out_as_soon_as_its_lookahead_and_the_next_frame_are_in(lookahead_ms):
    stream = model(lookahead_ms)
    needed = 400 * (2 + lookahead_ms * 60 // 1000)
    assert len(stream.push(noise(needed - 1))) == 0
    assert len(stream.push(noise(1))) == 1


def test_a_frame_is_that_of_the_audio_it_belongs_to_and_a_quarter_of_each_neighbour():
    samples = noise(8000)
    stream = model(100)
    face = np.concatenate([stream.push(samples).face, stream.flush().face])
    ahead = np.concatenate([log_mel(samples), np.zeros((6, 128), np.float32)])[6:].mean(1)
    raw = np.pad(np.clip(ahead / 4, 0, 1), 1, mode="edge")
    smooth = (raw[:-2] + 2 * raw[1:-1] + raw[2:]) / 4
    assert np.allclose(face[:13, 17], smooth[:13], atol=1e-5)


def test_a_long_push_is_cut_into_calls():
    sizes = []

    class Watched(LoudnessAfterLookahead):
        def __call__(self, inputs):
            sizes.append(inputs["mel"].shape[1])
            return super().__call__(inputs)

    model(0, Watched).push(noise(400 * (2 * MOST_FRAMES_A_CALL + 5)))
    assert sizes == [MOST_FRAMES_A_CALL, MOST_FRAMES_A_CALL, 5]


def test_reset_forgets_the_sound_and_draws_anew():
    stream = model()
    first = stream.push(noise(9000))
    stream.flush()
    stream.reset()
    again = stream.push(noise(9000))
    assert np.array_equal(again.face, first.face)
    assert not np.allclose(again.head_rad, first.head_rad, atol=0.1)


def test_what_is_drawn_is_the_seed_s_and_goes_to_its_joints():
    one, same, other = (StreamingFaceModel(LoudnessAfterLookahead(), INFO, seed=s).push(noise(9000)) for s in (1, 1, 2))
    assert np.array_equal(one.pose_rad, same.pose_rad)
    assert not np.allclose(one.pose_rad, other.pose_rad, atol=0.1)
    moved = {name for name, joint in JOINT_INDEX.items() if one.pose_rad[:, joint].any()}
    assert moved == set(INFO.joints)


def test_emotion_and_style_hold_from_the_next_push():
    stream = model(0)
    assert stream.push(noise(1200)).face[0, :2].tolist() == [0, 0.25]
    stream.set_emotion("happy", 0.5)
    stream.set_style("one")
    assert stream.push(noise(1200)).face[-1, :2].tolist() == [0.5, 1]
    stream.set_emotion("neutral")
    stream.set_style()
    assert stream.push(noise(1200)).face[-1, :2].tolist() == [0, 0.25]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (lambda m: m.set_emotion("bored"), "bored"),
        (lambda m: m.set_emotion("happy", 1.5), "between 0 and 1"),
        (lambda m: m.set_emotion("happy", float("nan")), "between 0 and 1"),
        (lambda m: m.set_style("three"), "three"),
        (lambda m: m.set_style([1.0]), "2 finite weights"),
        (lambda m: m.push(np.array([0, np.nan], np.float32)), "0.000042 s"),
    ],
)
def test_wrong_use_is_refused_with_a_sentence(wrong, said):
    with pytest.raises(InputError, match=said):
        wrong(model())


def test_a_lookahead_not_trained_for_is_refused():
    with pytest.raises(InputError, match="0, 50, 100, 200 ms"):
        model(70)


def test_a_network_that_gives_no_numbers_is_an_error():
    class Broken(LoudnessAfterLookahead):
        def __call__(self, inputs):
            out = super().__call__(inputs)
            out["face"][0, 0, 0] = np.nan
            return out

    with pytest.raises(ModelError, match="finite"):
        model(0, Broken).push(noise(400))


def test_the_description_survives_its_file():
    assert FaceNetworkInfo.from_json(INFO.to_json()) == INFO


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "can't be read"),
        ("{}", "can't be read"),
        ("[]", "can't be read"),
        (replace(INFO, states={"key_past": (1, 4, 60, 48)}).to_json(), "export it anew"),
        (replace(INFO, mel={**INFO.mel, "hop": 100}).to_json(), "log-mel"),
        (replace(INFO, shapes=INFO.shapes[::-1]).to_json(), "shapes"),
        (replace(INFO, default_style=(1.0,)).to_json(), "style"),
        (replace(INFO, joints=("tail",)).to_json(), "joints"),
    ],
)
def test_a_description_that_does_not_fit_is_refused(text, said):
    with pytest.raises(ModelError, match=said):
        FaceNetworkInfo.from_json(text)
