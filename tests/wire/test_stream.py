"""The stream's bytes: golden messages replayed, encode and decode inverse, nothing but WireError for what is broken."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.errors import WireError
from bridge.types import ARKIT_BLENDSHAPES, RigFrames, RigLayout, freeze
from bridge.wire import stream
from tools import make_vectors

pytestmark = pytest.mark.vectors

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "stream.json").read_text(encoding="utf-8"))
LAYOUT = make_vectors.layout()


def test_the_golden_messages_are_what_the_encoder_writes():
    assert make_vectors.vectors() == VECTORS


@pytest.mark.parametrize("vector", VECTORS["good"], ids=lambda v: v["name"])
def test_a_golden_message_decodes_to_what_it_means(vector):
    message = stream.decode(bytes.fromhex(vector["hex"]), LAYOUT)
    expect = vector["expect"]
    assert message.epoch == expect["epoch"]
    match message:
        case stream.FramesMessage(frames=frames):
            assert frames.first_index == expect["first_index"]
            np.testing.assert_allclose(frames.curves, expect["curves"], atol=1e-6)
            np.testing.assert_allclose(frames.bones_wxyz, expect["bones_wxyz"], atol=1e-6)
        case stream.AudioMessage():
            assert message.start_sample == expect["start_sample"]
            assert message.pcm16.tolist() == expect["pcm16"]
        case stream.EventMessage():
            assert {"name": message.name, **message.fields}.items() <= expect.items()
        case stream.LayoutMessage():
            assert stream.layout_json(message).items() <= expect.items()


@pytest.mark.parametrize("vector", VECTORS["bad"], ids=lambda v: v["name"])
def test_a_broken_message_is_refused(vector):
    with pytest.raises(WireError):
        stream.decode(bytes.fromhex(vector["hex"]), LAYOUT)


def test_an_unknown_type_is_skipped():
    assert stream.decode(bytes.fromhex(VECTORS["skip"]["hex"]), LAYOUT) is None


@given(st.binary(max_size=400))
def test_bytes_of_any_kind_raise_nothing_but_wire_errors(data):
    for head in (b"", b"AB\x01\x01", b"AB\x01\x02", b"AB\x01\x03", b"AB\x01\x04"):
        with contextlib.suppress(WireError):
            stream.decode(head + data, LAYOUT)


@given(st.text(max_size=80))
def test_client_text_of_any_kind_raises_nothing_but_wire_errors(text):
    with contextlib.suppress(WireError):
        stream.decode_client(text)


def test_a_client_says_what_was_played():
    assert stream.decode_client('{"type":"played","epoch":2,"sample":4800}') == stream.Played(2, 4800)
    assert stream.decode_client('{"type":"wave"}') is None


@pytest.mark.parametrize("sample", ["-1", "1.5", "true", "null", '"7"'])
def test_a_played_that_is_no_count_is_refused(sample):
    with pytest.raises(WireError, match="sample"):
        stream.decode_client(f'{{"type":"played","epoch":0,"sample":{sample}}}')


@given(
    seed=st.integers(0, 2**32 - 1),
    count=st.integers(1, 16),
    epoch=st.integers(0, 2**32 - 1),
    first_index=st.integers(0, 2**32 - 17),
    low=st.floats(-100, 0),
    span=st.floats(0.5, 200),
)
def test_decode_undoes_encode_to_half_a_step(seed, count, epoch, first_index, low, span):
    rng = np.random.default_rng(seed)
    layout = RigLayout(("a", "b", "c"), ("head", "neck"), low, low + span)
    curves = freeze(low + span * rng.random((count, 3)))
    bones = rng.normal(size=(count, 2, 4))
    bones /= np.linalg.norm(bones, axis=-1, keepdims=True)
    sent = stream.FramesMessage(epoch, RigFrames(first_index, curves, freeze(bones)))
    data = stream.encode(sent, layout)
    got = stream.decode(data, layout)
    assert (got.epoch, got.frames.first_index) == (epoch, first_index)
    np.testing.assert_allclose(got.frames.curves, curves, atol=span * (0.5 / 255) + 1e-4)
    same_turn = np.abs(np.sum(got.frames.bones_wxyz * bones, axis=-1))
    assert (same_turn > 1 - 1e-4).all()
    np.testing.assert_allclose(np.linalg.norm(got.frames.bones_wxyz, axis=-1), 1, atol=1e-6)
    again = stream.encode(got, layout)
    reread = stream.decode(again, layout)
    np.testing.assert_allclose(reread.frames.curves, got.frames.curves, atol=1e-5 * max(1, span))


def test_a_frame_of_the_default_rig_keeps_within_160_bytes():
    bones = tuple(f"bone{i}" for i in range(16))
    layout = RigLayout(ARKIT_BLENDSHAPES, bones)
    still = np.zeros((16, 16, 4), np.float32)
    still[..., 0] = 1
    frames = RigFrames(0, freeze(np.zeros((16, 52))), freeze(still))
    data = stream.encode(stream.FramesMessage(0, frames), layout)
    assert len(data) / 16 <= 160


def test_json_shows_the_same_frames():
    frames = make_vectors.frames(120, 3)
    texts = stream.encode_json_frames(stream.FramesMessage(7, frames))
    rows = [json.loads(text) for text in texts]
    assert [row["index"] for row in rows] == [120, 121, 122]
    assert [row["pts_ns"] for row in rows] == [2_000_000_000, 2_016_666_666, 2_033_333_333]
    assert all(row["type"] == "frame" and row["epoch"] == 7 for row in rows)
    np.testing.assert_allclose([row["curves"] for row in rows], frames.curves, atol=1e-5)
    np.testing.assert_allclose([row["bones_wxyz"] for row in rows], frames.bones_wxyz, atol=1e-6)
