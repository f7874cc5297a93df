"""Recorded pairs: read by name, brought to the sound's length, and refused with the file's name and the reason."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch", reason="training needs torch")
soundfile = pytest.importorskip("soundfile", reason="training needs soundfile")

from bridge.errors import InputError  # noqa: E402
from bridge.types import ARKIT_BLENDSHAPES  # noqa: E402
from models.batches import read_packs  # noqa: E402
from models.data import pack  # noqa: E402
from models.data.pack import Clip  # noqa: E402
from models.data.pairs import jaw_scale, read_pair  # noqa: E402

pytestmark = pytest.mark.model

FRAMES = 90


def pair(folder, **changed):
    rng = np.random.default_rng(0)
    stored = {
        "arkit": rng.random((FRAMES, 52)).astype(np.float16),
        "names": np.array(ARKIT_BLENDSHAPES),
        "fps_num": 60,
        "fps_den": 1,
        **changed,
    }
    path = folder / "take.npz"
    np.savez(path, **{k: v for k, v in stored.items() if v is not None})
    soundfile.write(folder / "take.wav", rng.normal(0, 0.1, FRAMES * 800), 48_000)
    return path


def test_shapes_are_taken_by_name(tmp_path):
    plain = read_pair(pair(tmp_path)).face
    rng = np.random.default_rng(0)
    face = rng.random((FRAMES, 52)).astype(np.float16)
    order = rng.permutation(52)
    shuffled = read_pair(pair(tmp_path, arkit=face[:, order], names=np.array(ARKIT_BLENDSHAPES)[order])).face
    assert np.array_equal(plain, shuffled)
    assert plain.shape == (FRAMES, 52)


def test_the_head_is_freed_of_the_cameras_angle(tmp_path):
    tilt, nod = np.deg2rad(30) / 2, np.deg2rad(3) * np.sin(np.arange(FRAMES)) / 2
    wxyz = np.stack([np.cos(tilt + nod), np.sin(tilt + nod), np.zeros(FRAMES), np.zeros(FRAMES)], 1)
    head = read_pair(pair(tmp_path, head_wxyz=wxyz)).head_rad
    assert np.abs(head.mean(0)).max() < 1e-3
    assert head[:, 0].max() == pytest.approx(np.deg2rad(3), rel=0.05)


def test_what_the_camera_lost_is_marked(tmp_path):
    valid = np.ones(FRAMES, bool)
    valid[10:20] = False
    read = read_pair(pair(tmp_path, valid=valid))
    assert not read.valid[10:20].any()
    assert read.valid[:10].all()


def test_the_jaw_of_a_speaker_is_brought_to_half_at_its_99th_percentile(tmp_path):
    read = read_pair(pair(tmp_path))
    jaw = read.face[:, ARKIT_BLENDSHAPES.index("jawOpen")]
    assert np.percentile(jaw * jaw_scale([read]), 99) == pytest.approx(0.5, abs=1e-3)


NAN = np.full((FRAMES, 52), 0.5, np.float32)
NAN[7, 3] = np.nan


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"arkit": NAN}, "not finite, first in frame 7"),
        ({"arkit": np.full((FRAMES, 52), 1.5)}, "outside 0 to 1"),
        ({"arkit": np.zeros((FRAMES, 51))}, "not frames of 52"),
        ({"arkit": np.zeros((FRAMES // 2, 52))}, r"0\.75 s of face for 1\.50 s"),
        ({"names": np.array([*ARKIT_BLENDSHAPES[:-1], ARKIT_BLENDSHAPES[0]])}, "does not name"),
        ({"names": np.array([*ARKIT_BLENDSHAPES[:-1], "tail"])}, "does not name"),
        ({"fps_num": 30}, "30 frames a second"),
        ({"fps_num": None}, "no face animation"),
        ({"arkit": None}, "has no arkit"),
        ({"valid": np.ones(3, bool)}, r"valid is \[3\] for 90"),
        ({"valid": np.ones((FRAMES, 2), bool)}, r"valid is \[90, 2\] for 90"),
    ],
)
def test_what_does_not_fit_is_refused_by_name_and_reason(tmp_path, changed, said):
    with pytest.raises(InputError, match=f"take.npz.*{said}"):
        read_pair(pair(tmp_path, **changed))


def test_a_file_that_was_cut_off_or_is_none_is_refused(tmp_path):
    path = pair(tmp_path)
    whole = path.read_bytes()
    for broken in (whole[: len(whole) // 2], whole[:-30], b"PK\x03\x04 no archive", b""):
        path.write_bytes(broken)
        with pytest.raises(InputError, match=r"take\.npz"):
            read_pair(path)


def test_a_pack_that_is_broken_or_of_uneven_length_is_refused(tmp_path):
    path = tmp_path / "p_0.npz"
    pack.write(path, [Clip.of(np.ones((90, 128)))], style="grid", source="made here", licence="none")
    assert len(pack.read(path)) == 90
    with np.load(path) as z:
        stored = {name: z[name] for name in z.files}
    for changed, said in (
        ({"face": stored["face"][:80]}, "80, 90 rows"),
        ({"mel": np.full((90, 128), np.nan, np.float16)}, "not finite"),
    ):
        np.savez(path, **{**stored, **changed})
        with pytest.raises(InputError, match=rf"p_0\.npz.*{said}"):
            pack.read(path)
    path.write_bytes(path.read_bytes()[:500])
    with pytest.raises(InputError, match=r"p_0\.npz"):
        pack.read(path)
    path.unlink()
    with pytest.raises(InputError, match="holds no packed features"):
        read_packs(tmp_path)


def test_a_face_without_sound_and_a_file_of_another_kind_are_refused(tmp_path):
    path = pair(tmp_path)
    (tmp_path / "take.wav").write_bytes(b"RIFF")
    with pytest.raises(InputError, match=r"take\.wav"):
        read_pair(path)
    (tmp_path / "take.wav").unlink()
    with pytest.raises(InputError, match="no sound"):
        read_pair(path)
