"""The mouths that other people's lip sync is given, and the files that keep what it made of a clip."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

pytest.importorskip("torch", reason="training needs torch")

from bridge.errors import InputError
from bridge.rig.sources import VISEMES
from bridge.types import ARKIT_BLENDSHAPES, SHAPE_COUNT, SHAPE_INDEX
from models.evaluate import Item, peer, thinned
from models.losses import ROUNDING, lip_gap_of
from models.peers import mouths, stored
from models.peers.__main__ import Peer

pytestmark = pytest.mark.model

TABLES = {
    "oculus": mouths.OCULUS,
    "talkinghead": mouths.TALKINGHEAD,
    "rhubarb": mouths.RHUBARB,
    "ulipsync": mouths.ULIPSYNC,
}
CLOSED = {"oculus": "PP", "talkinghead": "PP", "rhubarb": "A", "ulipsync": "N"}
OPEN = {"oculus": "aa", "talkinghead": "aa", "rhubarb": "D", "ulipsync": "A"}
ROUND = {"oculus": "U", "talkinghead": "U", "rhubarb": "F", "ulipsync": "U"}
REST = {"oculus": "sil", "talkinghead": "sil", "rhubarb": "X", "ulipsync": "N"}
SAMPLES = np.sin(np.arange(4100) / 20).astype(np.float32)
FRAMES = 11


def a_face() -> np.ndarray:
    return np.random.default_rng(0).random((FRAMES, SHAPE_COUNT)).astype(np.float32)


@pytest.mark.parametrize("table", TABLES)
def test_every_mouth_is_a_face_of_the_arkit_shapes(table):
    for mouth in TABLES[table].values():
        assert mouth.shape == (SHAPE_COUNT,)
        assert mouth.min() >= 0 and mouth.max() <= 1
        moved = {name for name, value in zip(ARKIT_BLENDSHAPES, mouth, strict=True) if value}
        assert all(name.startswith(("jaw", "mouth", "tongue")) for name in moved)
        left = {name.removesuffix("Left") for name in moved if name.endswith("Left")}
        assert left == {name.removesuffix("Right") for name in moved if name.endswith("Right")}


@pytest.mark.parametrize("table", TABLES)
def test_mouths_do_what_they_are_called(table):
    mouth = TABLES[table]
    assert lip_gap_of(mouth[CLOSED[table]][None])[0] <= 0.06
    assert lip_gap_of(mouth[OPEN[table]][None])[0] >= 0.3
    assert mouth[ROUND[table]][ROUNDING].max() > 0.3
    assert not mouth[REST[table]].any()


def test_the_visemes_are_those_of_oculus():
    known = {name.removeprefix("viseme").lower() for name in VISEMES}
    assert {name.lower() for name in mouths.OCULUS} == {name.lower() for name in mouths.TALKINGHEAD} == known


@given(arrays(np.float32, (5, 15), elements=st.floats(0, 1, width=32)))
def test_any_mixture_of_visemes_is_a_face(weights):
    face = mouths.face(list(mouths.OCULUS), weights, mouths.OCULUS)
    assert face.shape == (5, SHAPE_COUNT)
    assert face.min() >= 0 and face.max() <= 1


def test_half_a_viseme_is_half_a_mouth():
    face = mouths.face(["aa", "sil"], np.array([[0.5, 0.5]], np.float32), mouths.OCULUS)
    np.testing.assert_allclose(face[0], mouths.OCULUS["aa"] / 2)


def test_a_shape_without_a_mouth_is_named():
    with pytest.raises(InputError, match="grin"):
        mouths.face(["aa", "grin"], np.ones((3, 2), np.float32), mouths.OCULUS)


def test_a_late_peer_is_moved_ahead_and_cuts_are_faded_where_they_are():
    weights = np.zeros((40, 2), np.float32)
    weights[:20, 1] = weights[20:, 0] = 1

    def opens_at(**how: int) -> tuple[float, int]:
        face = Peer("one", lambda *_: {}, {}, **how).face(["aa", "sil"], weights, mouths.OCULUS)
        jaw = face[:, SHAPE_INDEX["jawOpen"]] / mouths.OCULUS["aa"][SHAPE_INDEX["jawOpen"]]
        return float(40 - jaw.sum()), int(((jaw > 0.01) & (jaw < 0.99)).sum())

    assert opens_at() == (20, 0)
    assert opens_at(ahead_frames=6) == (14, 0)
    at, fading = opens_at(fade_frames=7)
    assert at == pytest.approx(20)
    assert fading == 6


def test_what_is_kept_comes_back(tmp_path):
    face = a_face()
    stored.write(tmp_path / "someone 1.0" / "clip.npz", face, SAMPLES)
    assert stored.peers(tmp_path) == ["someone 1.0"]
    speak = peer(tmp_path / "someone 1.0")
    np.testing.assert_array_equal(speak(Item("clip", SAMPLES)), face)
    assert speak(Item("another clip", SAMPLES)) is None


def test_a_folder_without_peers_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"models\.peers"):
        stored.peers(tmp_path)


def cut_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-400])


def with_a_flipped_byte(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[300] ^= 0xFF
    path.write_bytes(bytes(content))


def empty(path: Path) -> None:
    path.write_bytes(b"")


def no_archive(path: Path) -> None:
    path.write_text("<html>404</html>", "utf-8")


def without_names(path: Path) -> None:
    np.savez(path, arkit=a_face(), fps_num=60, fps_den=1, sound_crc32=0)


@pytest.mark.parametrize("spoil", [cut_short, with_a_flipped_byte, empty, no_archive, without_names])
def test_a_broken_file_is_refused_by_its_name(tmp_path, spoil):
    path = tmp_path / "clip.npz"
    stored.write(path, a_face(), SAMPLES)
    spoil(path)
    with pytest.raises(InputError, match=r"clip\.npz"):
        stored.read(path, SAMPLES)


def test_another_sounds_file_is_refused(tmp_path):
    stored.write(tmp_path / "clip.npz", a_face(), SAMPLES)
    with pytest.raises(InputError, match="another sound"):
        stored.read(tmp_path / "clip.npz", SAMPLES * 0.9)


@pytest.mark.parametrize(
    ("face", "why"),
    [
        (np.zeros((FRAMES - 1, SHAPE_COUNT), np.float32), "frames"),
        (np.full((FRAMES, SHAPE_COUNT), np.nan, np.float32), "within 0 and 1"),
        (np.full((FRAMES, SHAPE_COUNT), 1.5, np.float32), "within 0 and 1"),
    ],
)
def test_what_is_no_face_of_the_sound_is_refused(tmp_path, face, why):
    stored.write(tmp_path / "clip.npz", face, SAMPLES)
    with pytest.raises(InputError, match=rf"clip\.npz.*{why}"):
        stored.read(tmp_path / "clip.npz", SAMPLES)


@given(st.integers(1, 200), st.integers(1, 50))
def test_thinning_spreads_over_all(count, most):
    items = [Item(str(i), SAMPLES) for i in range(count)]
    kept = [int(item.name) for item in thinned(items, most)]
    assert 1 <= len(kept) <= most
    assert kept[0] == 0 and count - kept[-1] <= -(-count // most)
    assert thinned(items, None) == items
