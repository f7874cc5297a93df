"""The network in torch: what goes in with a state comes out with a state, for any cutting; and as ONNX."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest

onnx = pytest.importorskip("onnx", reason="exporting needs onnx")
torch = pytest.importorskip("torch", reason="training needs torch")

from bridge import resources  # noqa: E402
from bridge.errors import ModelError  # noqa: E402
from bridge.face.network import FaceNetworkInfo  # noqa: E402
from bridge.onnx import FaceNetwork, OnnxNetwork, load_face_model  # noqa: E402
from models import checkpoint, released, stored  # noqa: E402
from models.config import FaceNetConfig  # noqa: E402
from models.export import export, main  # noqa: E402
from models.model import BROWS, Face, FaceNet, Query, alibi_slopes, distance_bias  # noqa: E402
from models.quantise import BLOCK, in_blocks  # noqa: E402

pytestmark = pytest.mark.model

SMALL = FaceNetConfig(
    **{"width": 32, "layers": 2, "heads": 2, "feedforward": 48, "front_hidden": 24, "row_hidden": 16, "row_width": 12},
    **{"life_width": 16, "life_layers": 1, "life_feedforward": 24},
)


@pytest.fixture(scope="module")
def network() -> FaceNet:
    torch.manual_seed(0)
    return FaceNet(SMALL).eval()


@pytest.fixture(scope="module")
def folder(network, tmp_path_factory):
    path = tmp_path_factory.mktemp("weights")
    export(network, path, (0.2, 0.3, 0.4, 0.1))
    return path


def inputs(frames: int, batch: int = 1):
    g = torch.Generator().manual_seed(frames)
    mel = torch.rand(batch, frames, SMALL.mel_width, generator=g) * 3
    style = torch.nn.functional.one_hot(torch.arange(batch) % len(SMALL.styles), len(SMALL.styles)).float()
    noise = torch.randn(batch, frames, len(SMALL.noise_hz), generator=g)
    return mel, style, torch.zeros(batch, SMALL.emotion_count), noise


def spoken(network, mel, style, emotion, noise, lookahead) -> Face:
    with torch.no_grad():
        return network(Query(mel, style, emotion, torch.tensor(lookahead), noise), network.silence())[0]


@pytest.mark.parametrize("cut", [(1,) * 80, (4,) * 20, (3, 70, 7)])
@pytest.mark.parametrize("lookahead", range(4))
def test_any_cutting_gives_the_same_frames(network, cut, lookahead):
    mel, style, emotion, noise = inputs(80)
    state = network.silence()
    parts = []
    with torch.no_grad():
        for piece, drawn in zip(mel.split(list(cut), 1), noise.split(list(cut), 1), strict=True):
            part, state = network(Query(piece, style, emotion, torch.tensor(lookahead), drawn), state)
            parts.append(part)
    whole = spoken(network, mel, style, emotion, noise, lookahead)
    for name in Face._fields:
        cut_up = torch.cat([getattr(part, name) for part in parts], 1)
        assert torch.allclose(cut_up, getattr(whole, name), atol=1e-5)


def test_lips_do_not_depend_on_what_is_drawn(network):
    mel, style, emotion, noise = inputs(50)
    one, other = (spoken(network, mel, style, emotion, n, 2) for n in (noise, noise.flip(1)))
    changed = (one.face != other.face).any(1)[0]
    assert [i for i in range(52) if changed[i]] == BROWS
    for drawn, again in zip(one[1:], other[1:], strict=True):
        assert (drawn - again).abs().amax() > 1e-4


@pytest.mark.parametrize("lookahead", range(4))
def test_a_frame_hears_its_lookahead_and_not_a_row_more(network, lookahead):
    """Row 50 changes what comes out at row 50, not before; which frame that is, the lookahead says."""
    mel, *rest = inputs(60)
    changed = mel.clone()
    changed[:, 50] += 1
    one, other = (spoken(network, heard, *rest, lookahead) for heard in (mel, changed))
    for part, again in zip(one, other, strict=True):
        difference = (part - again).abs().flatten(2).amax((0, 2))
        assert difference[:50].max() == 0
        assert difference[50] > 0


@pytest.mark.parametrize("lookahead", range(4))
def test_learning_and_running_compute_the_same(network, lookahead):
    rows, past = torch.randn(2, 30, SMALL.row_width), torch.randn(2, SMALL.window_rows - 1, SMALL.row_width)
    with torch.no_grad():
        running, _ = network.front.eval()(rows, past, torch.tensor(lookahead))
        learning, _ = network.front.train()(rows, past, torch.tensor(lookahead))
    network.eval()
    assert torch.allclose(running, learning, atol=1e-5)


def test_memory_is_bounded(network):
    """A row further back than all layers together look changes nothing."""
    reach = SMALL.layers * SMALL.past_frames + SMALL.life_layers * SMALL.life_past_frames
    reach += SMALL.window_rows + SMALL.row_taps
    mel, *rest = inputs(reach + 40)
    changed = mel.clone()
    changed[:, 5] += 1
    one, other = (spoken(network, heard, *rest, 2) for heard in (mel, changed))
    for part, again in zip(one, other, strict=True):
        difference = (part - again).abs().flatten(2).amax((0, 2))
        assert difference[5:20].max() > 0
        assert difference[reach + 10 :].max() == 0


def test_the_bias_grows_with_distance_and_hides_the_future():
    bias = distance_bias(3, 4, alibi_slopes(2))[0]
    assert bias.shape == (2, 3, 7)
    for frame in range(3):
        seen = bias[0, frame, frame : frame + 5]
        assert (seen.diff() > 0).all()
        assert seen[-1] == 0
        assert (bias[0, frame, frame + 5 :] < -1000).all()


@pytest.mark.parametrize("lookahead", range(4))
def test_onnx_equals_torch(network, folder, lookahead):
    """Calls of ever other lengths, for which what is remembered moves to other rings; twice, as it can be forgotten."""
    stream = OnnxNetwork(folder / "face.onnx").stream(SMALL.states)
    for _ in range(2):
        state = network.silence()
        for frames in (1, 1, 3, 1, 70, 2, 300, 4, 5, 1):
            mel, style, emotion, noise = inputs(frames)
            query = Query(mel, style, emotion, torch.tensor(lookahead), noise)
            with torch.no_grad():
                expected, state = network(query, state)
            found = stream({name: array.numpy() for name, array in query._asdict().items()})
            for name in Face._fields:
                assert np.allclose(found[name], getattr(expected, name).numpy(), atol=1e-4)
        stream.reset()


def test_what_ships_is_exported_again_to_the_byte(tmp_path, monkeypatch):
    ships = resources.folder("weights")
    monkeypatch.setattr(sys, "argv", ["export", str(ships), "-o", str(tmp_path)])
    main()
    names = {f.name for f in tmp_path.iterdir()}
    assert names == {f.name for f in ships.iterdir() if f.is_file()}
    for name in names - {"phones.npz"}:
        assert (tmp_path / name).read_bytes() == (ships / name).read_bytes(), name
    with np.load(tmp_path / "phones.npz") as made, np.load(ships / "phones.npz") as kept:
        assert all(np.array_equal(made[key], kept[key]) for key in ("weight", "bias", "of"))


def test_eight_bits_say_the_same_whatever_the_cutting(folder):
    samples = np.random.default_rng(0).normal(0, 0.1, 24_000).astype(np.float32)
    plain = FaceNetwork(folder).stream().push(samples).face
    shared = FaceNetwork(folder, precision="int8")
    eight = shared.stream().push(samples).face
    stream = shared.stream()
    cut = np.concatenate([stream.push(piece).face for piece in np.split(samples, 60)])
    assert 0 < np.abs(eight - plain).max() < 0.02
    assert cut == pytest.approx(eight, abs=2e-3)


def test_every_linear_layer_is_in_eight_bits(folder):
    exact, eight = (onnx.load(str(folder / name)).graph for name in ("face.onnx", "face.int8.onnx"))
    weights = {t.name for t in exact.initializer}
    linear = sum(n.op_type == "MatMul" and f"{n.input[1]}{stored.STEPS}" in weights for n in exact.node)
    narrow = sum(n.op_type == "MatMulNBits" for n in eight.node)
    assert narrow >= 4 * (SMALL.layers + SMALL.life_layers) and linear - narrow <= 1  # the styles' last layers


@pytest.mark.parametrize("inputs_", [1, 64, 100])
def test_blocks_hold_the_steps_of_a_row_and_zeros(inputs_):
    steps = np.random.default_rng(0).integers(-127, 128, (inputs_, 5)).astype(np.int8)
    blocks = in_blocks(steps).astype(np.int16) - 128
    rows = blocks.reshape(5, -1)
    assert (rows[:, :inputs_] == steps.T).all() and not rows[:, inputs_:].any()
    assert blocks.shape[1:] == (-(-inputs_ // BLOCK), BLOCK)


def test_the_exported_folder_is_what_the_runtime_loads(folder):
    stream = load_face_model(folder, 50)
    samples = np.random.default_rng(0).normal(0, 0.1, 4000).astype(np.float32)
    assert len(stream.push(samples)) + len(stream.flush()) == 10
    assert FaceNetwork(folder).provider == "CPUExecutionProvider"
    info = FaceNetworkInfo.from_json((folder / "face.json").read_text("utf-8"))
    assert info.default_style == pytest.approx((0.2, 0.3, 0.4, 0.1))


def test_a_folder_without_weights_or_with_others_is_refused(folder, tmp_path):
    with pytest.raises(ModelError, match="no description"):
        load_face_model(tmp_path)
    (tmp_path / "face.json").write_text((folder / "face.json").read_text("utf-8"), "utf-8")
    with pytest.raises(ModelError, match="no network at"):
        load_face_model(tmp_path)
    (tmp_path / "face.onnx").write_bytes(b"not a network")
    with pytest.raises(ModelError, match="no network that can be run"):
        load_face_model(tmp_path)
    (tmp_path / "face.onnx").write_bytes((folder / "face.onnx").read_bytes())
    described = json.loads((tmp_path / "face.json").read_text("utf-8"))
    described["states"]["mel_past"] = [1, 2, 127]
    (tmp_path / "face.json").write_text(json.dumps(described), "utf-8")
    with pytest.raises(ModelError, match="can't be run"):
        load_face_model(tmp_path).push(np.zeros(4000, np.float32))


def test_weights_with_other_layers_can_not_be_trained_on(folder, tmp_path):
    """Such as those exported before what a layer remembers was rows."""
    described = json.loads((folder / "face.json").read_text("utf-8"))
    described["states"] = {"key_past": [1, 4, 60, 192]}
    (tmp_path / "face.json").write_text(json.dumps(described), "utf-8")
    (tmp_path / "face.onnx").write_bytes((folder / "face.onnx").read_bytes())
    with pytest.raises(ModelError, match=r"face\.onnx .* export it anew"):
        released.load(tmp_path)


def test_checkpoints_survive_and_broken_ones_are_named(network, tmp_path):
    path = tmp_path / "last.pt"
    checkpoint.save(path, network, step=3)
    again = checkpoint.load_network(path)
    assert all(torch.equal(a, b) for a, b in zip(network.parameters(), again.parameters(), strict=True))
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(ModelError, match=r"last\.pt"):
        checkpoint.load(path)
    torch.save({"config": {"width": 3}}, path)
    with pytest.raises(ModelError, match=r"last\.pt"):
        checkpoint.load_network(path)


def test_weights_that_the_network_has_not_are_refused_by_name(folder, tmp_path):
    model = onnx.load(str(folder / "face.onnx"))
    model.graph.initializer.append(onnx.numpy_helper.from_array(np.zeros(3, np.float32), "network.layers.9.up.bias"))
    onnx.save(model, str(tmp_path / "face.onnx"))
    (tmp_path / "face.json").write_text((folder / "face.json").read_text("utf-8"), "utf-8")
    with pytest.raises(ModelError, match=r"face\.onnx .* no layers\.9\.up\.bias"):
        released.load(tmp_path)


def test_the_file_tells_nothing_of_where_it_was_made(folder):
    written = (folder / "face.onnx").read_bytes()
    assert b"model.py" not in written and str(Path(__file__).resolve().parents[2]).encode() not in written
