"""A training set made to fit."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch", reason="training needs torch")

from models import command
from models.batches import Sampler, read_packs
from models.data import pack, thin
from models.data.pack import Clip

pytestmark = pytest.mark.model

CLIPS, FRAMES = 12, 240


@pytest.fixture
def packs(tmp_path):
    folder = tmp_path / "packed"
    folder.mkdir()
    rng = np.random.default_rng(0)
    for name, style, variations in (("grid_s1", "grid", 3), ("librispeech", "teacher", 1)):
        for v in range(variations):
            clips = [
                Clip.of(
                    rng.random((FRAMES + i, 128)) * 3 + v,
                    face=np.where(np.arange(52) < 40, rng.random((FRAMES + i, 52)), np.nan),
                    phone=rng.integers(0, 40, FRAMES + i).astype(np.uint8),
                )
                for i in range(CLIPS)
            ]
            pack.write(folder / f"{name}_{v}.npz", clips, style=style, source=f"made as {name}", licence="none")
    return folder


def test_it_fits_and_every_source_has_its_share(packs, tmp_path):
    out = tmp_path / "travel"
    out.mkdir()
    written = thin.thin(packs, out, 1.0)
    files = sorted(out.iterdir())
    assert written == sum(f.stat().st_size for f in files) <= thin.MIB
    assert [f.name for f in files] == ["grid_s1_0.npz", "librispeech_0.npz"]
    sizes = [len(p) for p in read_packs(out)]
    assert max(sizes) < 1.5 * min(sizes)


def test_clips_are_whole_and_of_all_variations_and_hardly_changed(packs, tmp_path):
    out = tmp_path / "travel"
    out.mkdir()
    thin.thin(packs, out, 1.0)
    kept = pack.read(out / "grid_s1_0.npz")
    originals = {}
    for v in range(3):
        found = pack.read(packs / f"grid_s1_{v}.npz")
        for start, end in zip([0, *found.ends[:-1]], found.ends, strict=True):
            originals[found.arrays["phone"][start:end].tobytes()] = (v, found, slice(start, end))
    seen = []
    for start, end in zip([0, *kept.ends[:-1]], kept.ends, strict=True):
        v, found, clip = originals[kept.arrays["phone"][start:end].tobytes()]
        seen.append(v)
        for name, step in (("mel", thin.MEL_STEP), ("face", thin.FACE_STEP)):
            one, other = (p.arrays[name].astype(np.float32) for p in (kept, found))
            assert np.allclose(one[start:end], other[clip], atol=step, equal_nan=True)
    assert set(seen) == {0, 1, 2} and len(seen) >= 3
    assert (kept.style, kept.source) == ("grid", "made as grid_s1")


def test_what_fits_as_it_is_is_kept_whole(packs, tmp_path):
    out = tmp_path / "travel"
    out.mkdir()
    thin.thin(packs, out, 100.0)
    assert len(pack.read(out / "grid_s1_0.npz").ends) == 3 * CLIPS
    crops = Sampler(read_packs(out), ("grid", "facegood", "teacher", "natural"), (1, 0, 1, 1), 0)
    assert crops.batch(4, 100).mel.isfinite().all()


def test_a_folder_without_packs_is_refused(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["thin", str(tmp_path), "-o", str(tmp_path / "out")])
    assert command.run(thin.main) == 1
    assert "holds no packed features" in capsys.readouterr().err
