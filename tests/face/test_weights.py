"""The weights that ship, through the runtime that ships: what must hold whatever they were trained on."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge import resources
from bridge.onnx import PRECISIONS, FaceNetwork
from bridge.types import SHAPE_INDEX

pytestmark = pytest.mark.law

NETWORKS = {precision: FaceNetwork(resources.folder("weights"), precision=precision) for precision in PRECISIONS}
CUTTING_ERROR = {"single": 1e-5, "int8": 2e-3}
TIME = np.arange(48_000) / 24_000
RNG = np.random.default_rng(0)
SPEECHLIKE = (0.3 * np.sin(2 * np.pi * 140 * TIME) * np.clip(np.sin(2 * np.pi * 4 * TIME), 0, 1)).astype(np.float32)
SPEECHLIKE += RNG.normal(0, 0.01, len(TIME)).astype(np.float32)


def spoken(samples: np.ndarray, lookahead_ms: int = 100, precision: str = "single") -> np.ndarray:
    stream = NETWORKS[precision].stream(lookahead_ms)
    return np.concatenate([stream.push(samples.astype(np.float32)).face, stream.flush().face])


def lip_gap(face: np.ndarray) -> np.ndarray:
    """How far apart the lips are, in units of jawOpen, after the shapes' own meaning."""

    def s(name: str) -> np.ndarray:
        return face[:, SHAPE_INDEX[name]]

    parted = sum(0.25 * s(f"mouth{w}{side}") for w in ("LowerDown", "UpperUp") for side in ("Left", "Right"))
    pressed = sum(0.25 * s(f"mouthPress{side}") for side in ("Left", "Right"))
    pressed += sum(0.15 * s(f"mouthRoll{lip}") for lip in ("Lower", "Upper"))
    return np.maximum(0, s("jawOpen") - s("mouthClose") + parted + 0.2 * s("mouthFunnel") - pressed)


SIGNALS = {
    "white noise": RNG.normal(0, 0.3, len(TIME)),
    "clipping": np.sign(SPEECHLIKE) * 40,
    "a constant": np.ones(len(TIME)),
    "zeros": np.zeros(len(TIME)),
    "a 20 Hz tone": np.sin(2 * np.pi * 20 * TIME),
    "a single sample": np.array([0.5]),
    "the largest float": np.full(4000, np.finfo(np.float32).max),
}


@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("name", SIGNALS)
def test_every_value_is_finite_and_in_0_to_1(name, precision):
    stream = NETWORKS[precision].stream(100)
    samples = SIGNALS[name].astype(np.float32)
    for out in (stream.push(samples), stream.flush()):
        for values in (out.face, out.head_rad, out.gaze_rad, out.pose_rad):
            assert np.isfinite(values).all()
        assert ((out.face >= 0) & (out.face <= 1)).all()
        assert np.abs(out.head_rad).max(initial=0) < 1


@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("lookahead_ms", [0, 50, 100, 200])
def test_silence_gives_a_shut_mouth(lookahead_ms, precision):
    assert lip_gap(spoken(np.zeros(72_000), lookahead_ms, precision)).max() <= 0.03


def test_silence_after_speech_gives_a_shut_mouth():
    face = spoken(np.concatenate([SPEECHLIKE, np.zeros(48_000)]))
    assert lip_gap(face)[len(SPEECHLIKE) // 400 + 24 :].mean() <= 0.03


@pytest.mark.parametrize("precision", PRECISIONS)
@settings(max_examples=8, deadline=None)
@given(st.lists(st.integers(1, 9000), min_size=2, max_size=12), st.sampled_from([0, 50, 100, 200]))
def test_streamed_equals_offline_for_any_chunking(precision, sizes, lookahead_ms):
    samples = np.resize(SPEECHLIKE, sum(sizes))
    stream = NETWORKS[precision].stream(lookahead_ms)
    parts = [stream.push(piece).face for piece in np.split(samples, np.cumsum(sizes))[:-1]]
    streamed = np.concatenate([*parts, stream.flush().face])
    assert np.allclose(streamed, spoken(samples, lookahead_ms, precision), atol=CUTTING_ERROR[precision])


def test_the_mouth_follows_speech():
    opening = lip_gap(spoken(SPEECHLIKE))
    loud = np.clip(np.sin(2 * np.pi * 4 * np.arange(len(opening)) / 60), 0, 1)
    assert max(np.corrcoef(np.roll(loud, k), opening)[0, 1] for k in range(-6, 7)) > 0.3


def test_the_network_is_small():
    weights = resources.folder("weights")
    assert sum(f.stat().st_size for f in weights.iterdir()) < 16e6
