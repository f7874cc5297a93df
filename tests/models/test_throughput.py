"""Many streams as one batch are as each alone; their work is counted as by hand; the most that fit are found."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="models/ needs torch")

import onnxruntime as ort  # noqa: E402
from hypothesis import given  # noqa: E402
from hypothesis import strategies as st  # noqa: E402

from bridge.errors import DeviceError, ModelError  # noqa: E402
from bridge.onnx import OnnxNetwork  # noqa: E402
from models import command, throughput  # noqa: E402
from models.config import FaceNetConfig  # noqa: E402
from models.export import export  # noqa: E402
from models.model import Face, FaceNet, Layer, distance_bias  # noqa: E402
from models.roofline import Machine, Work, count, count_flops, silent_call  # noqa: E402
from models.streams import OnnxStreams, TorchStreams, onnx_session, with_one_lookahead  # noqa: E402

pytestmark = pytest.mark.model

SMALL = FaceNetConfig(
    **{"width": 32, "layers": 2, "heads": 2, "feedforward": 48, "front_hidden": 24, "row_hidden": 16, "row_width": 12},
    **{"life_width": 16, "life_layers": 1, "life_feedforward": 24, "past_frames": 6, "life_past_frames": 9},
)
WORK = Work(frames=1, flops=100, weight_bytes=1000, state_bytes=30, query_bytes=6, face_bytes=4)


@pytest.fixture(scope="module")
def network() -> FaceNet:
    torch.manual_seed(0)
    network = FaceNet(SMALL).eval()
    with torch.no_grad():
        for p in network.parameters():
            # Norms that have learned nothing are all alike, and the exporter would keep one of them.
            p.add_(torch.randn_like(p) * 0.05)
    return network


@pytest.fixture(scope="module")
def folder(network, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("weights")
    export(network, path, (0.0, 0.0, 0.4, 0.6))
    return path


@pytest.mark.parametrize("frames", [1, 3])
def test_a_multiplication_and_an_addition_are_two(frames):
    stack = torch.nn.Sequential(torch.nn.Linear(7, 5), torch.nn.GELU(), torch.nn.Linear(5, 3))
    assert count_flops(stack, torch.zeros(1, frames, 7)) == 2 * (7 * 5 + 5 * 3) * frames


def test_the_work_of_attention_is_counted_by_hand():
    width, feedforward, past, frames = 8, 12, 5, 3
    layer = Layer(width, 2, feedforward, 0.0).eval()
    x, before = torch.zeros(1, frames, width), torch.zeros(1, past, width)
    linear = width * 3 * width + width * width + 2 * width * feedforward
    attention = 2 * width * (past + frames)
    found = count_flops(layer, x, (before, before), distance_bias(frames, past, torch.ones(2)))
    assert found == 2 * frames * (linear + attention)


@pytest.mark.parametrize("frames", [1, 4])
def test_a_call_moves_its_arrays(network, frames):
    work = count(network, frames)
    assert work.state_bytes == 4 * sum((rows + frames) * width for _, rows, width in SMALL.states.values())
    assert work.query_bytes == 4 * (frames * (128 + len(SMALL.noise_hz)) + len(SMALL.styles) + 8)
    assert work.face_bytes == 4 * frames * (52 + 3 + 2 + 3 * len(SMALL.joints))
    assert work.weight_bytes == 4 * sum(p.numel() for n, p in network.named_parameters() if "phones" not in n)
    assert work.bytes_of(10) - work.bytes_of(9) == work.state_bytes + work.query_bytes + work.face_bytes


def test_each_stream_of_a_batch_is_the_same_work(network):
    assert count_flops(network, *silent_call(network, 5, 2)) == count(network, 2).flops_of(5)


@given(st.floats(1e2, 1e6), st.floats(1e2, 1e6), st.floats(0.1, 100))
def test_the_roofline_s_streams_just_fit_its_time(flops_s, bytes_s, budget_s):
    machine = Machine(flops_s, bytes_s)
    most = machine.most_streams(WORK, budget_s)
    assert most == 0 or max(machine.least_s(WORK, most)) <= budget_s * (1 + 1e-9)
    assert max(machine.least_s(WORK, most + 1)) >= budget_s * (1 - 1e-9)


def alone(folder: Path, network: FaceNet, mel: np.ndarray, noise: np.ndarray, style: torch.Tensor) -> list[Face]:
    """The ticks of one stream [ticks, T, ...], by calls as the bridge makes them."""
    stream = OnnxNetwork(folder / "face.onnx").stream(network.config.states)
    query, _ = silent_call(network, 1, mel.shape[1], style)
    arrays = {name: array.numpy() for name, array in query._asdict().items()}
    said = []
    for rows, drawn in zip(mel, noise, strict=True):
        found = stream({**arrays, "mel": rows[None], "noise": drawn[None]})
        said.append(Face(*(found[name][0].copy() for name in Face._fields)))
    return said


@pytest.mark.parametrize("frames", [1, 3])
@pytest.mark.parametrize("engine", throughput.ENGINES)
def test_streams_of_a_batch_are_as_each_alone(network, folder, engine, frames):
    streams, ticks = 3, 7
    rng = np.random.default_rng(0)
    mel = rng.random((streams, ticks, frames, SMALL.mel_width), np.float32) * 3
    noise = rng.standard_normal((streams, ticks, frames, len(SMALL.noise_hz)), np.float32)
    style = torch.tensor([0.0, 0.0, 0.4, 0.6])
    query, state = silent_call(network, streams, frames, style)
    if engine == "torch":
        batch = TorchStreams(network, query, state)
    else:
        batch = OnnxStreams(onnx_session(folder / "face.onnx", "cpu"), query, state, "cpu")
    one_by_one = [alone(folder, network, mel[i], noise[i], style) for i in range(streams)]
    for t in range(ticks):
        batch.mel[:], batch.noise[:] = mel[:, t], noise[:, t]
        found = batch.tick()
        for i in range(streams):
            for name, expected in one_by_one[i][t]._asdict().items():
                np.testing.assert_allclose(found[name][i], expected, atol=1e-4)


def test_a_call_reads_nothing_back_from_the_device(network):
    """Which no CUDA graph may do, and no array of shape alone can; nor are there arrays on two devices."""
    query, state = silent_call(network, 3, 2)
    fixed = with_one_lookahead(network, query.lookahead).to("meta")
    arrays = [{k: v.to("meta") for k, v in some.items() if k != "lookahead"} for some in (query._asdict(), state)]
    with torch.no_grad():
        faces, _ = fixed(query._replace(**arrays[0], lookahead=int(query.lookahead)), arrays[1])
    assert {face.device.type for face in faces} == {"meta"}


@given(st.integers(0, 500), st.integers(1, 300))
def test_the_search_finds_the_most_that_fit(fitting, most):
    asked = []
    assert throughput.largest(lambda n: not asked.append(n) and n <= fitting, most) == min(fitting, most)
    assert len(asked) <= 20 and max(asked, default=0) <= most


@given(st.integers(1, 10**6), st.floats(0.01, 0.2))
def test_a_search_may_stop_near_by(fitting, tolerance):
    found = throughput.largest(lambda n: n <= fitting, 1 << 20, tolerance)
    assert fitting * (1 - tolerance) - 1 <= found <= fitting


class Slow:
    """Streams whose ticks take a made-up time on the clock, a millisecond each; now and then one is late."""

    def __init__(self, streams: int, clock: list[float], every: int) -> None:
        self.mel, self.noise = np.zeros((streams, 1, 2), np.float32), np.zeros((streams, 1, 1), np.float32)
        self._clock, self._every, self._ticks = clock, every, 0

    def tick(self) -> throughput.Frames:
        self._ticks += 1
        self._clock[0] += 1e-3 * len(self.mel) + (0.05 if self._ticks % self._every == 0 else 0)
        return {}


@pytest.mark.parametrize(("every", "held"), [(10_000, 16), (70, 16), (20, None)])
def test_one_late_tick_in_a_hundred_is_borne(monkeypatch, every, held):
    clock = [0.0]
    monkeypatch.setattr(throughput, "perf_counter", lambda: clock[0])
    found = throughput.most_held(lambda n: Slow(n, clock, every), 64, 100, 0.01605)
    assert (found and found.streams) == held
    if found is not None:
        assert (found.p50_s, found.p99_s) == (pytest.approx(0.016), pytest.approx(0.016))


def test_more_than_the_memory_holds_does_not_fit_and_other_errors_are_told(monkeypatch):
    clock = [0.0]
    monkeypatch.setattr(throughput, "perf_counter", lambda: clock[0])

    def make(streams: int) -> Slow:
        if streams > 5:
            raise RuntimeError("Failed to allocate memory for requested buffer of size 1")
        return Slow(streams, clock, 1000)

    found = throughput.most_held(make, 64, 10, 1.0)
    assert found is not None and found.streams == 5
    with pytest.raises(ZeroDivisionError):
        throughput.most_held(lambda n: 1 // 0, 64, 10, 1.0)


def test_several_frames_have_their_time_less_the_margin():
    assert throughput.frames_budget_s(1, 16.0) == pytest.approx(0.016)
    assert throughput.frames_budget_s(4, 16.0) == pytest.approx(4 / 60 - (1 / 60 - 0.016))


def test_a_table_of_both_engines_is_printed(folder, monkeypatch, capsys):
    monkeypatch.setattr("models.roofline.MATMUL_SIZE", {"cpu": 64})
    monkeypatch.setattr("models.roofline.COPY_BYTES", {"cpu": 1 << 20})
    arguments = [str(folder), "--frames", "2", "--ticks", "3", "--most", "2"]
    monkeypatch.setattr("sys.argv", ["throughput", *arguments])
    throughput.main()
    lines = capsys.readouterr().out.splitlines()
    for engine in throughput.ENGINES:
        (row,) = (line for line in lines if line.startswith(f"| {engine} | 2 | 32.7 |"))
        assert row.count("|") == 9
    assert sum(line.startswith("| 2 | ") for line in lines) == len(throughput.BATCHES)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_without_a_gpu_one_sentence_says_so(folder, monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["throughput", str(folder), "--provider", "cuda"])
    assert command.run(throughput.main) == 1
    assert "torch finds no GPU here" in capsys.readouterr().err


@pytest.mark.skipif("CUDAExecutionProvider" in ort.get_available_providers(), reason="this onnxruntime has CUDA")
def test_without_its_package_onnxruntime_names_it(folder):
    with pytest.raises(DeviceError, match="put onnxruntime-gpu"):
        onnx_session(folder / "face.onnx", "cuda")


def test_a_file_that_is_no_network_is_named(tmp_path):
    (tmp_path / "face.onnx").write_bytes(b"no network")
    with pytest.raises(ModelError, match=r"face\.onnx is no network"):
        onnx_session(tmp_path / "face.onnx", "cpu")
