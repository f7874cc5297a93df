"""From a recording of one's own to a style of one's own: the take read and cut, and the whole way in miniature."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs torch")
soundfile = pytest.importorskip("soundfile", reason="training needs soundfile")

from bridge import resources  # noqa: E402
from bridge.bridge import make_face_network  # noqa: E402
from bridge.config import AvatarSettings  # noqa: E402
from bridge.errors import InputError, ModelError  # noqa: E402
from bridge.onnx import OnnxNetwork, load_face_model  # noqa: E402
from bridge.providers.tts.espeak import Options as VoiceOptions  # noqa: E402
from bridge.providers.tts.espeak import speak  # noqa: E402
from bridge.types import ARKIT_BLENDSHAPES, SHAPE_INDEX, motion  # noqa: E402
from bridge.wire import livelink_csv  # noqa: E402
from models import finetune, released  # noqa: E402
from models.data import own, pack  # noqa: E402
from models.data.import_take import import_take, read_performance  # noqa: E402
from models.data.pairs import read_pair  # noqa: E402
from models.export import export  # noqa: E402
from models.finetune import add_style, learn_last_style_only, measured  # noqa: E402
from models.model import Query  # noqa: E402
from models.train import Options  # noqa: E402

pytestmark = pytest.mark.model

RECORDED = Path(__file__).parents[3] / "shared" / "data" / "pairs" / "facegood_zh" / "1114_3_15.npz"
JAW = SHAPE_INDEX["jawOpen"]


@pytest.fixture(scope="module")
def spoken():
    """Samples, and the face that the shipped model gives them."""
    samples = speak("Good morning. We may put the blue book away now, or read it aloud.", VoiceOptions()).samples
    model = load_face_model(resources.folder("weights"))
    return samples, np.concatenate([model.push(samples).face, model.flush().face])


def csv_of(path: Path, face: np.ndarray, rows: slice = slice(None), fps: int = 60) -> Path:
    """A Live Link Face take of a face [T, 52]; `rows` leaves frames out, `fps` counts the timecode's frames."""
    lines = livelink_csv.encode(motion(0, face)).splitlines(keepends=True)
    if fps == 30:
        times = [f"00:00:{i // 30:02d}:{i % 30:02d}.000" for i in range(len(lines[::2]))]
        lines = [t + line[line.index(",") :] for t, line in zip(times, lines[::2], strict=True)]
    path.write_text(livelink_csv.HEADER + "".join(lines[rows]), "utf-8")
    return path


def wav_of(path: Path, samples: np.ndarray) -> Path:
    soundfile.write(path, samples, 24_000)
    return path


def percent(line: str) -> str:
    """A row of a take with its values in percent."""
    time, count, *values = line.split(",")
    return ",".join([time, count, *(f"{100 * float(v):.6f}" for v in values)]) + "\n"


def moving_face(count: int) -> np.ndarray:
    """Each shape swings at its own rate."""
    swing = np.sin(np.arange(count)[:, None] / np.linspace(12, 40, 52))
    return np.asarray(0.4 + 0.3 * swing, np.float32)


def test_columns_go_by_name_and_the_sound_stands_beside_them(tmp_path):
    face = moving_face(200)
    samples = np.random.default_rng(0).normal(0, 0.1, 200 * 400)
    take, sound = csv_of(tmp_path / "a.csv", face), wav_of(tmp_path / "a.wav", samples)
    import_take(take, sound, tmp_path / "pairs", anyway=True)
    read = read_pair(tmp_path / "pairs" / "a_000.npz")
    assert read.face == pytest.approx(face, abs=1e-3)
    assert read.samples == pytest.approx(samples, abs=1e-3)
    header = livelink_csv.HEADER.split(",")
    assert header.index("JawRight") < header.index("JawLeft"), "the columns' order is not the packets'"


def test_thirty_frames_a_second_become_sixty(tmp_path):
    face = moving_face(240)
    read = read_performance(csv_of(tmp_path / "a.csv", face, fps=30)).motion
    assert len(read) == pytest.approx(240, abs=2)
    assert read.face[:230] == pytest.approx(face[:230], abs=2e-3)


def test_frames_without_a_face_are_not_learned_from(tmp_path):
    face = moving_face(300)
    lines = livelink_csv.encode(motion(0, face)).splitlines(keepends=True)
    path = tmp_path / "a.csv"
    path.write_text(livelink_csv.HEADER + "".join(lines[:100] + lines[160:]), "utf-8")
    seen = read_performance(path).seen
    assert len(seen) == 300
    assert not seen[101:159].any()
    assert seen[:100].all() and seen[161:].all()


def test_a_face_that_is_lost_at_first_does_not_shift_the_rest(tmp_path):
    face = moving_face(300)
    lines = livelink_csv.encode(motion(0, face)).splitlines(keepends=True)
    lost = [f"{line.split(',')[0]},0\n" for line in lines[:120]]
    path = tmp_path / "a.csv"
    path.write_text(livelink_csv.HEADER + "".join(lost + lines[120:]), "utf-8")
    read = read_performance(path)
    assert len(read.seen) == 300 and not read.seen[:120].any() and read.seen[120:].all()
    assert read.motion.face[120:] == pytest.approx(face[120:], abs=1e-6)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({}, ""),
        ({"names": ["jawOpen"], "arkit": moving_face(300)[:, :1]}, r"a\.npz lacks the shapes eyeBlinkLeft"),
        ({"arkit": 100 * moving_face(300)}, r"a\.npz holds values"),
        ({"valid": np.zeros(300, bool)}, r"a\.npz has no frame"),
        ({"valid": np.ones(7, bool)}, r"a\.npz: valid is \[7\]"),
    ],
    ids=["whole", "one shape", "percent", "never seen", "other length"],
)
def test_takes_in_arrays_are_held_to_the_same(tmp_path, changed, said):
    valid = np.arange(300) % 100 > 30
    stored = {"arkit": moving_face(300), "names": ARKIT_BLENDSHAPES, "fps_num": 60, "fps_den": 1, "valid": valid}
    np.savez(tmp_path / "a.npz", **{**stored, **changed})
    if said:
        with pytest.raises(InputError, match=said):
            read_performance(tmp_path / "a.npz")
    else:
        assert (read_performance(tmp_path / "a.npz").seen == valid).all()


def test_a_take_brought_in_again_replaces_its_pieces_and_no_other_take_of_that_name_does(tmp_path):
    samples = np.random.default_rng(0).normal(0, 0.1, 60 * 40 * 400)
    sound, take = wav_of(tmp_path / "a.wav", samples), csv_of(tmp_path / "a.csv", moving_face(60 * 40))
    pairs = tmp_path / "pairs"
    import_take(take, sound, pairs, anyway=True)
    assert len(sorted(pairs.iterdir())) == 6
    import_take(take, wav_of(tmp_path / "b.wav", samples[: -11 * 24_000]), pairs, -10_500, anyway=True)
    before = {path: path.read_bytes() for path in pairs.iterdir()}
    assert len(before) == 4
    with pytest.raises(InputError, match=r"a_000\.npz is of another take"):
        import_take(csv_of(take, moving_face(60 * 41)), sound, pairs, anyway=True)
    assert {path: path.read_bytes() for path in pairs.iterdir()} == before


def test_long_takes_are_cut_into_even_pieces_that_hold_everything(tmp_path):
    face = moving_face(60 * 40)
    samples = np.random.default_rng(0).normal(0, 0.1, 60 * 40 * 400)
    take, sound = csv_of(tmp_path / "a.csv", face), wav_of(tmp_path / "a.wav", samples)
    import_take(take, sound, tmp_path / "pairs", anyway=True)
    pieces = [read_pair(p) for p in sorted((tmp_path / "pairs").glob("*.npz"))]
    assert {len(p.face) for p in pieces} == {800}
    assert np.concatenate([p.face for p in pieces]) == pytest.approx(face, abs=1e-3)


@pytest.mark.parametrize("late", [-9, 0, 14])
def test_the_lips_tell_how_late_the_face_is(tmp_path, spoken, late):
    samples, face = spoken
    face = np.concatenate([np.repeat(face[:1], late, 0), face]) if late > 0 else face[-late:]
    take, sound = csv_of(tmp_path / "a.csv", face), wav_of(tmp_path / "a.wav", samples)
    said = import_take(take, sound, tmp_path / "pairs", None)
    assert f"taken as {late * 1000 / 60:.0f} ms late" in said
    read = read_pair(tmp_path / "pairs" / "a_000.npz")
    model = load_face_model(resources.folder("weights"))
    again = np.concatenate([model.push(read.samples).face, model.flush().face])
    n = min(len(again), len(read.face))
    # The model itself hears nothing before the cut, so the first half second may differ.
    assert np.corrcoef(again[30:n, JAW], read.face[30:n, JAW])[0, 1] > 0.95


def test_what_does_not_fit_is_refused_by_name_and_reason(tmp_path, spoken):
    samples, face = spoken
    sound, take = wav_of(tmp_path / "sound.wav", samples), csv_of(tmp_path / "take.csv", face)
    text = take.read_text("utf-8")

    def refused(said: str, changed: str | None = None, sound: Path = sound, **options: float | None) -> None:
        if changed is not None:
            take.write_text(changed, "utf-8")
        with pytest.raises(InputError, match=said):
            import_take(take, sound, tmp_path / "pairs", **options)

    refused(r"take\.csv .*sound-long\.wav .* one take", sound=wav_of(tmp_path / "sound-long.wav", np.tile(samples, 4)))
    refused(r"no-such\.wav", sound=tmp_path / "no-such.wav")
    refused(r"take\.csv lacks the shapes .*jawOpen", text.replace("JawOpen", "JawsOpen"))
    lines = text.splitlines(keepends=True)
    cells = lines[7].split(",")
    cells[20] = "nan"
    refused(r"take\.csv .*line 8 .*finite", "".join([*lines[:7], ",".join(cells), *lines[8:]]))
    refused(r"take\.csv .*not the header", "a,b,c\n1,2,3\n")
    refused(r"take\.csv holds a face that never moves", csv_of(take, np.zeros_like(face)).read_text("utf-8"))
    refused(r"take\.csv holds values .* between 0 and 1", "".join([lines[0], *(percent(line) for line in lines[1:])]))
    noise = np.random.default_rng(1).random(face.shape).astype(np.float32)
    for offset_ms in (None, 0.0):
        refused(r"do not follow the sound", csv_of(take, noise).read_text("utf-8"), offset_ms=offset_ms)
    assert not (tmp_path / "pairs").exists()


def query(style: list[float], lookahead: int, frames: int = 30) -> Query:
    g = torch.Generator().manual_seed(frames)
    mel, noise = torch.rand(1, frames, 128, generator=g) * 3, torch.randn(1, frames, 21, generator=g)
    return Query(mel, torch.tensor([style]), torch.zeros(1, 8), torch.tensor(lookahead), noise)


def test_a_style_added_speaks_as_the_one_it_began_as():
    network = released.load(resources.folder("weights"))
    grown = add_style(network, "mine", "grid").eval()
    with torch.no_grad():
        old, _ = network(query([1.0, 0, 0, 0], 2), network.silence())
        new, _ = grown(query([0.0, 0, 0, 0, 1], 2), grown.silence())
    assert torch.equal(old.face, new.face)
    for name, like, said in (("grid", "grid", "already"), ("mine", "nobody", "no style 'nobody'")):
        with pytest.raises(InputError, match=said):
            add_style(network, name, like)


def test_weights_that_ship_are_read_back_as_they_run():
    network = released.load(resources.folder("weights"))
    stream = OnnxNetwork(resources.folder("weights") / "face.onnx").stream(network.config.states)
    asked = query([0.25] * 4, 1)
    with torch.no_grad():
        frames, _ = network(asked, network.silence())
    out = stream({k: v.numpy() for k, v in asked._asdict().items()})
    for name, expected in frames._asdict().items():
        assert out[name] == pytest.approx(expected.numpy(), abs=1e-5)


def test_weights_of_another_kind_are_refused_by_name(tmp_path):
    (tmp_path / "face.json").write_text((resources.folder("weights") / "face.json").read_text("utf-8"), "utf-8")
    (tmp_path / "face.onnx").write_bytes(b"no network")
    with pytest.raises(ModelError, match=r"face\.onnx"):
        released.load(tmp_path)


def test_the_head_for_phones_comes_along_or_is_left_out(tmp_path):
    ships, mine, deaf = resources.folder("weights"), tmp_path / "mine", tmp_path / "deaf"
    for folder in (mine, deaf):
        folder.mkdir()
    export(add_style(released.load(ships), "mine", "grid"), mine, (1.0, 0, 0, 0, 0))
    for name in ("weight", "bias"):
        assert (np.load(mine / "phones.npz")[name] == np.load(ships / "phones.npz")[name]).all()
    (mine / "phones.npz").unlink()
    export(released.load(mine), deaf, (1.0, 0, 0, 0, 0))
    assert not (deaf / "phones.npz").exists(), "a head made by chance"


def test_packing_again_leaves_nothing_of_before(tmp_path):
    samples = np.random.default_rng(0).normal(0, 0.1, 60 * 40 * 400)
    take = csv_of(tmp_path / "a.csv", 0.3 * moving_face(60 * 40))
    import_take(take, wav_of(tmp_path / "a.wav", samples), tmp_path / "pairs", anyway=True)
    own.build(tmp_path / "pairs", tmp_path / "packs", "mine", variations=2)
    own.build(tmp_path / "pairs", tmp_path / "packs", "other", variations=1)
    (path,) = (tmp_path / "packs").glob("*.npz")
    packed = pack.read(path)
    assert packed.style == "other"
    jaw = packed.arrays["face"][:, JAW].astype(np.float32)
    assert np.percentile(jaw, 99) == pytest.approx(0.3 * 0.7, abs=0.01), "the speaker moves as far as they do"


def test_only_the_last_style_learns():
    network = add_style(released.load(resources.folder("weights")), "mine", "natural")
    learn_last_style_only(network)
    frames, _ = network(query([0.2] * 5, 0), network.silence())
    frames.face.square().sum().backward()
    assert network.rows.hidden.weight.grad is None
    assert network.face.grad[:-1].abs().max() == 0 < network.face.grad[-1].abs().max()
    assert network.style.weight.grad[:, :-1].abs().max() == 0 < network.style.weight.grad[:, -1].abs().max()


@pytest.mark.skipif(not RECORDED.is_file(), reason="the recorded pairs are not beside the checkout")
def test_the_whole_way_from_a_take_to_a_style_that_fits_its_speaker_better(tmp_path):
    """A take of somebody the shipped weights never heard speak these sentences; its last quarter is kept out."""
    recorded = read_pair(RECORDED)
    take = csv_of(tmp_path / "take.csv", recorded.face)
    import_take(take, wav_of(tmp_path / "take.wav", recorded.samples), tmp_path / "pairs", None)
    learned, kept = own.build(tmp_path / "pairs", tmp_path / "packs", "mine", variations=1)
    assert learned > 2 * kept > 600
    before = released.load(resources.folder("weights"))
    grown = add_style(before, "mine", "natural")
    options = Options(0, crops=6, frames=120, rate=3e-3, seed=1)
    done = finetune.finetune(grown, tmp_path / "packs", tmp_path / "run", 60, options)
    held_out = pack.read(tmp_path / "packs" / own.KEPT_OUT / "own.npz")
    was, now = measured(done, held_out, "natural"), measured(done, held_out, "mine")
    assert now["error"] < 0.95 * was["error"]
    assert now["mouth_r"] > was["mouth_r"]
    for name, weight in before.state_dict().items():
        kept = done.state_dict()[name]
        assert torch.equal(weight, kept[:4] if name.startswith("face") else kept[:, :4] if "style" in name else kept), (
            name
        )
    (tmp_path / "weights").mkdir()
    export(done, tmp_path / "weights", tuple(float(s == "mine") for s in done.config.styles))
    settings = AvatarSettings(style="mine", weights=str(tmp_path / "weights"))
    stream = make_face_network(settings).stream(settings.lookahead_ms)
    stream.set_style(settings.style)
    assert len(stream.push(recorded.samples[:24_000]).face) > 40
    assert stream.styles == (*before.config.styles, "mine")
