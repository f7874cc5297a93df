"""Takes: each ending's file says what went in, and a run that fails leaves everything as it was."""

import csv
import os
import wave
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.body.export import body_fields
from bridge.errors import ConfigError, DeviceError
from bridge.takes import SPEECH_ENDINGS, open_takes
from bridge.types import ARKIT_BLENDSHAPES, Motion, motion
from bridge.wire.livelink_values import VALUE_NAMES, values

pytestmark = pytest.mark.unit


def some_motion(frames: int) -> Motion:
    rng = np.random.default_rng(frames)
    return motion(
        0,
        rng.random((frames, 52)),
        head_rad=rng.normal(0, 0.2, (frames, 3)),
        gaze_rad=rng.normal(0, 0.2, (frames, 2)),
    )


def some_samples(count: int) -> np.ndarray:
    return np.random.default_rng(count).uniform(-1, 1, count).astype(np.float32)


def write(path: Path, frames: Motion, samples: np.ndarray, *, blocks: int = 1) -> Path:
    """A take of `frames` and `samples`, written in so many pieces."""
    with open_takes([path], SPEECH_ENDINGS) as takes:
        rows = np.linspace(0, len(frames), blocks + 1).astype(int)
        cuts = np.linspace(0, len(samples), blocks + 1).astype(int)
        for block in range(blocks):
            takes.write(frames[rows[block] : rows[block + 1]], samples[cuts[block] : cuts[block + 1]])
    return path


def load(path: Path) -> dict[str, np.ndarray]:
    with np.load(path, allow_pickle=False) as archive:
        return dict(archive)


def test_npz_has_every_field(tmp_path):
    frames, samples = some_motion(120), some_samples(47_900)
    take = load(write(tmp_path / "a.npz", frames, samples, blocks=7))
    shapes = {name: (array.dtype.kind, array.dtype.itemsize, array.shape) for name, array in take.items()}
    assert shapes == {
        "arkit": ("f", 4, (120, 52)),
        "names": ("U", take["names"].dtype.itemsize, (52,)),
        "fps_num": ("i", take["fps_num"].dtype.itemsize, ()),
        "fps_den": ("i", take["fps_den"].dtype.itemsize, ()),
        "head_wxyz": ("f", 4, (120, 4)),
        "smpl_pose": ("f", 4, (120, 24, 3)),
        "smpl_trans": ("f", 4, (120, 3)),
        "flame_expression": ("f", 4, (120, 100)),
        "flame_jaw": ("f", 4, (120, 3)),
        "flame_neck": ("f", 4, (120, 3)),
        "flame_eyes": ("f", 4, (120, 6)),
        "audio": ("i", 2, (47_900,)),
        "sample_rate_hz": ("i", take["sample_rate_hz"].dtype.itemsize, ()),
        "missing": ("U", take["missing"].dtype.itemsize, (2,)),
    }
    assert (take["fps_num"], take["fps_den"], take["sample_rate_hz"]) == (60, 1, 24_000)
    assert tuple(take["names"]) == ARKIT_BLENDSHAPES
    np.testing.assert_array_equal(take["arkit"], frames.face)
    np.testing.assert_allclose(take["audio"] / 32767, samples, atol=0.51 / 32767)
    fields = body_fields(frames)
    for name in ("head_wxyz", "smpl_pose", "flame_jaw", "flame_neck", "flame_eyes"):
        np.testing.assert_array_equal(take[name], getattr(fields, name))
    for name in take["missing"]:
        assert not take[name].any()


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 40), st.integers(1, 9))
def test_npz_is_the_same_for_any_blocks(tmp_path_factory, frames, blocks):
    folder = tmp_path_factory.mktemp("take")
    content = some_motion(frames), some_samples(frames * 400)
    whole, pieces = write(folder / "a.npz", *content), write(folder / "b.npz", *content, blocks=blocks)
    assert load(whole).keys() == load(pieces).keys()
    for name, array in load(whole).items():
        np.testing.assert_array_equal(array, load(pieces)[name])


def test_silence_and_zeros_take_no_room(tmp_path):
    path = write(tmp_path / "a.npz", motion(0, np.zeros((3600, 52))), np.zeros(3600 * 400, np.float32))
    assert path.stat().st_size < 100_000


def test_csv_holds_the_motion(tmp_path):
    frames = some_motion(130)
    path = write(tmp_path / "a.csv", frames, some_samples(52_000), blocks=3)
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["Timecode"] for row in rows[59:61]] == ["00:00:00:59.000", "00:00:01:00.000"]
    seen = np.array([[float(row[name]) for name in VALUE_NAMES] for row in rows])
    np.testing.assert_allclose(seen, values(frames), atol=1e-7)


def test_wav_holds_the_sound(tmp_path):
    samples = some_samples(4321)
    with wave.open(str(write(tmp_path / "a.WAV", some_motion(11), samples, blocks=2)), "rb") as file:
        assert file.getparams()[:4] == (1, 2, 24_000, 4321)
        heard = np.frombuffer(file.readframes(4321), "<i2")
    np.testing.assert_allclose(heard / 32767, samples, atol=0.51 / 32767)


@pytest.mark.parametrize("failure", [RuntimeError, KeyboardInterrupt])
@pytest.mark.parametrize("there_before", [True, False])
def test_a_failed_run_leaves_everything_as_it_was(tmp_path, failure, there_before):
    paths = [tmp_path / name for name in ("a.npz", "a.csv", "a.wav")]
    if there_before:
        for path in paths:
            path.write_bytes(b"precious")
    with pytest.raises(failure), open_takes(paths, SPEECH_ENDINGS) as takes:
        takes.write(some_motion(60), some_samples(24_000))
        raise failure
    left = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert left == ({path.name: b"precious" for path in paths} if there_before else {})


def test_a_run_that_ends_well_replaces_and_leaves_nothing_else(tmp_path):
    (tmp_path / "a.csv").write_text("old")
    with open_takes([tmp_path / "a.csv", tmp_path / "a.npz"]) as takes:
        takes.write(some_motion(1), some_samples(400))
        assert (tmp_path / "a.csv").read_text() == "old", "not before the end"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.csv", "a.npz"]
    assert (tmp_path / "a.csv").read_text().startswith("Timecode")


@pytest.mark.skipif(os.name != "posix", reason="links need rights elsewhere")
def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "real.csv").write_text("old")
    (tmp_path / "a.csv").symlink_to(tmp_path / "real.csv")
    write(tmp_path / "a.csv", some_motion(1), some_samples(400))
    assert (tmp_path / "a.csv").is_symlink() and (tmp_path / "real.csv").read_text().startswith("Timecode")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@pytest.mark.parametrize("name", ["a.csv", "a.npz", "a.wav"])
def test_a_full_disk_is_one_sentence(tmp_path, monkeypatch, name):
    opened = Path.open

    def full(self: Path, mode: str = "r", *args: object, **kwargs: object):
        return opened(Path("/dev/full"), "wb") if self.suffix == ".part" else opened(self, mode, *args, **kwargs)

    monkeypatch.setattr(Path, "open", full)
    monkeypatch.setattr("tempfile.TemporaryFile", lambda **_: opened(Path("/dev/full"), "w+b"))
    with pytest.raises(DeviceError, match=rf"{name} can't be written: no space left"):
        write(tmp_path / name, some_motion(1000), some_samples(400_000), blocks=200)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("a.xyz", r"one of \.npz, \.csv\.$"),
        ("a", r"one of \.npz"),
        ("a.wav", r"one of \.npz"),
        ("nowhere/a.npz", "there is no folder .*nowhere"),
        ("folder.npz", "not a file"),
        (f"{'x' * 300}/a.npz", "there is no folder"),
        (f"{'x' * 300}.npz", "can't be written"),
    ],
)
def test_what_cannot_be_written_is_refused_before_the_work(tmp_path, name, words):
    (tmp_path / "folder.npz").mkdir()
    with pytest.raises(ConfigError, match=words), open_takes([tmp_path / name]):
        pytest.fail("the work had begun")
    assert not (tmp_path / "nowhere").exists(), "folders are never made"


def test_the_same_name_twice_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="same name"), open_takes([tmp_path / "a.csv", tmp_path / "." / "a.csv"]):
        pytest.fail("the work had begun")


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="needs file permissions, and not to be root")
def test_places_without_permission_are_refused(tmp_path):
    (tmp_path / "a.csv").touch(mode=0o444)
    with pytest.raises(ConfigError, match="write-protected"), open_takes([tmp_path / "a.csv"]):
        pytest.fail("the work had begun")
    tmp_path.chmod(0o555)
    with pytest.raises(ConfigError, match="permission denied"), open_takes([tmp_path / "b.csv"]):
        pytest.fail("the work had begun")
    tmp_path.chmod(0o755)
