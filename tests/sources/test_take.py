"""Takes read back: what was written returns, other rates and orders come onto the grid, and bad files are refused."""

import gzip
from pathlib import Path

import numpy as np
import pytest

from bridge.body.export import body_fields
from bridge.errors import InputError
from bridge.sources.take import read_take
from bridge.takes import open_takes
from bridge.types import ARKIT_BLENDSHAPES, SHAPE_INDEX, Motion, motion, still
from bridge.wire.livelink_csv import HEADER, encode

pytestmark = pytest.mark.unit

APP_TAKES = Path(__file__).resolve().parents[3] / "shared" / "data" / "reference" / "livelink_csv"


def some_motion(frames: int = 90) -> Motion:
    """A motion whose gaze agrees with its eyeLook shapes, as the mixer's does."""
    rng = np.random.default_rng(frames)
    face = rng.random((frames, 52)).astype(np.float32)
    left, down = rng.uniform(0, 1, (2, frames))
    for name, value in (("OutLeft", left), ("InLeft", 0), ("InRight", left), ("OutRight", 0)):
        face[:, SHAPE_INDEX[f"eyeLook{name}"]] = value
    for side in ("Left", "Right"):
        face[:, SHAPE_INDEX[f"eyeLookDown{side}"]], face[:, SHAPE_INDEX[f"eyeLookUp{side}"]] = down, 0
    pose = np.zeros((frames, 24, 3))
    pose[:, 16] = rng.normal(0, 0.3, (frames, 3))
    return motion(
        0,
        face,
        head_rad=rng.normal(0, 0.2, (frames, 3)),
        gaze_rad=np.deg2rad(35) * np.stack([left, down], axis=1),
        pose_rad=pose,
    )


def archive(**changes: object) -> dict[str, np.ndarray]:
    """The fields that a take must have, three frames long, with changes; a change to None leaves one out."""
    fields = {"arkit": np.zeros((3, 52)), "names": np.array(ARKIT_BLENDSHAPES), "fps_num": 60, "fps_den": 1} | changes
    return {name: np.asarray(value) for name, value in fields.items() if value is not None}


def test_npz_returns(tmp_path):
    frames, samples = some_motion(), np.random.default_rng(1).uniform(-1, 1, 36_000).astype(np.float32)
    with open_takes([tmp_path / "a.npz"]) as takes:
        takes.write(frames, samples)
    take = read_take(tmp_path / "a.npz")
    for name in ("face", "head_rad", "gaze_rad", "pose_rad"):
        np.testing.assert_allclose(getattr(take.motion, name), getattr(frames, name), atol=1e-5, err_msg=name)
    assert take.samples is not None
    np.testing.assert_allclose(take.samples, samples, atol=1e-4)
    np.testing.assert_allclose(body_fields(take.motion).smpl_pose, body_fields(frames).smpl_pose, atol=1e-6)


def test_csv_returns(tmp_path):
    frames = some_motion()
    with open_takes([tmp_path / "a.csv"]) as takes:
        takes.write(frames, np.zeros(36_000, np.float32))
    take = read_take(tmp_path / "a.csv")
    assert take.samples is None
    for name in ("face", "head_rad", "gaze_rad"):
        np.testing.assert_allclose(getattr(take.motion, name), getattr(frames, name), atol=1e-5, err_msg=name)


@pytest.mark.data
@pytest.mark.skipif(not APP_TAKES.is_dir(), reason="the recordings are not beside the checkout")
def test_the_apps_takes_come_onto_the_grid(tmp_path):
    for source in APP_TAKES.glob("*.csv.gz"):
        (tmp_path / "a.csv").write_bytes(gzip.decompress(source.read_bytes()))
        frames = read_take(tmp_path / "a.csv").motion
        lines = (tmp_path / "a.csv").read_text().splitlines()[1:]
        # The phone's clock gains about a thousandth on its count of frames.
        assert 0 <= len(frames) - len(lines) <= 0.003 * len(lines)
        assert frames.face.max() > 0.3


@pytest.mark.parametrize(("num", "den"), [(25, 1), (30, 1), (30_000, 1001), (120, 1)])
def test_other_frame_rates_come_onto_the_grid(tmp_path, num, den):
    rate = num / den
    ramp = np.arange(int(2 * rate) + 1) / rate / 4
    np.savez(tmp_path / "a.npz", **archive(arkit=np.tile(ramp[:, None], 52), fps_num=num, fps_den=den))
    face = read_take(tmp_path / "a.npz").motion.face
    assert len(face) == int(ramp[-1] * 4 * 60 + 1e-3) + 1
    np.testing.assert_allclose(face[:, 7], np.arange(len(face)) / 240, atol=1e-6)


def test_shapes_go_by_name(tmp_path):
    names = ["_neutral", "JawOpen", "mouthLeft", "other"]
    values = np.array([[0.9, 0.25, 0.5, 0.7]])
    np.savez(tmp_path / "a.npz", **archive(names=np.array(names), arkit=values))
    face = read_take(tmp_path / "a.npz").motion.face
    expected = np.zeros(52)
    expected[[SHAPE_INDEX["jawOpen"], SHAPE_INDEX["mouthLeft"]]] = 0.25, 0.5
    np.testing.assert_allclose(face, [expected])


def test_weights_beyond_the_range_are_cut_to_it(tmp_path):
    np.savez(tmp_path / "a.npz", **archive(arkit=np.array([[-0.5, 1.5] * 26])))
    np.testing.assert_array_equal(read_take(tmp_path / "a.npz").motion.face, [[0, 1] * 26])


def test_sound_of_another_rate_is_resampled(tmp_path):
    tone = np.sin(2 * np.pi * 440 * np.arange(48_000) / 48_000)
    fields = archive(arkit=np.zeros((60, 52)), audio=(tone * 20_000).astype(np.int16), sample_rate_hz=48_000)
    np.savez(tmp_path / "a.npz", **fields)
    samples = read_take(tmp_path / "a.npz").samples
    assert samples is not None and len(samples) == 24_000
    expected = np.sin(2 * np.pi * 440 * np.arange(24_000) / 24_000) * 20_000 / 32767
    np.testing.assert_allclose(samples[500:-500], expected[500:-500], atol=1e-4)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"arkit": None}, "it has no field arkit"),
        ({"names": None}, "it has no field names"),
        ({"fps_den": None}, "it has no field fps_den"),
        ({"arkit": np.zeros((3, 51))}, r"arkit is \[3, 51\], not frames by the 52 names"),
        ({"arkit": np.zeros((0, 52))}, r"arkit is \[0, 52\]"),
        ({"arkit": np.zeros(52)}, r"arkit is \[52\]"),
        ({"arkit": np.full((3, 52), np.nan)}, r"arkit holds a value that is not a finite number, at \[0, 0\]"),
        ({"arkit": np.full((3, 52), "x")}, "arkit is not numbers"),
        ({"names": np.array([f"shape{index}" for index in range(52)])}, "none of its names"),
        ({"fps_num": 0}, "0 frames a second"),
        ({"fps_den": 0}, "frames a second can't be"),
        ({"fps_num": np.array([60, 60])}, "fps_num is not one number"),
        ({"head_wxyz": np.zeros((2, 4))}, r"head_wxyz is \[2, 4\], not \[3, 4\]"),
        ({"head_wxyz": np.zeros((3, 4))}, "without length"),
        ({"smpl_pose": np.zeros((3, 72))}, r"smpl_pose is \[3, 72\]"),
        ({"audio": np.zeros((2, 3)), "sample_rate_hz": 24_000}, "not one row of samples"),
        ({"audio": np.zeros(3), "sample_rate_hz": 0}, "0 samples a second"),
        ({"audio": np.zeros(3)}, "no field sample_rate_hz"),
        ({"arkit": np.array([[None] * 52] * 3)}, "damaged or not"),
    ],
)
def test_npz_that_are_no_takes_are_refused(tmp_path, changes, words):
    np.savez(tmp_path / "a.npz", **archive(**changes))
    with pytest.raises(InputError, match=rf"^a\.npz is not a take that can be read: .*{words}"):
        read_take(tmp_path / "a.npz")


def test_broken_files_are_refused(tmp_path):
    np.savez_compressed(tmp_path / "whole.npz", **archive(arkit=np.random.default_rng(0).random((300, 52))))
    whole = (tmp_path / "whole.npz").read_bytes()
    text = HEADER + encode(still(0, 3))
    files = {
        "empty.npz": b"",
        "noise.npz": np.random.default_rng(1).bytes(2000),
        "cut.npz": whole[: len(whole) // 2],
        "hurt.npz": whole[:5000] + bytes(500) + whole[5500:],
        "turned.npz": bytes(byte ^ (1000 < at < len(whole) - 3000) for at, byte in enumerate(whole)),
        "text.npz": b"hello",
        "empty.csv": b"",
        "binary.csv": whole,
        "other.csv": b"a,b\n1,2\n",
        "cut.csv": text.encode()[:-30],
        "leap.csv": text.replace("00:00:00:02", "05:00:00:02").encode(),
    }
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(InputError, match=rf"^{name} is not a take that can be read: .*\.$"):
            read_take(tmp_path / name)


def test_single_arrays_and_other_endings_are_refused(tmp_path):
    with (tmp_path / "a.npz").open("wb") as file:
        np.save(file, np.zeros(3))
    with pytest.raises(InputError, match="single array"):
        read_take(tmp_path / "a.npz")
    with pytest.raises(InputError, match=r"\.npz and \.csv files can"):
        read_take(tmp_path / "a.bvh")
    with pytest.raises(InputError, match="There is no file"):
        read_take(tmp_path / "b.npz")
    (tmp_path / "c.npz").mkdir()
    with pytest.raises(InputError, match="is a folder"):
        read_take(tmp_path / "c.npz")
