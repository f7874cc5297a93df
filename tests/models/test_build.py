"""The training set in miniature: labelled speech becomes packs."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="training needs torch")
pytest.importorskip("pocketsphinx", reason="it aligns where there are no weights")

from bridge.types import SHAPE_INDEX, Phone
from models import command
from models.data import align, build, pack
from models.data.labelled import Labelled, with_silence
from models.data.phones import UNKNOWN_PHONE, phone_class
from models.data.sentences import HELD_OUT, SENTENCES, mixture

pytestmark = pytest.mark.model

SPEECH = Path(__file__).parents[3] / "shared" / "data" / "more" / "speech"
PHONES = (Phone(0.0, 0.2, "ɑː"), Phone(0.2, 0.3, "p"), Phone(0.3, 0.5, "uː"))


def said(seed: int) -> Labelled:
    noise = np.random.default_rng(seed).normal(0, 0.05, 12_000).astype(np.float32)
    return with_silence(noise, PHONES)


def test_labelled_speech_becomes_a_pack_of_the_articulation_model(tmp_path):
    build.build_labelled(lambda v: [said(v), said(v + 1)], tmp_path, "synthetic", 0)
    found = pack.read(tmp_path / "synthetic_0.npz")
    assert (found.style, len(found.ends), len(found)) == ("teacher", 2, 180)
    assert "espeak-ng" in found.source
    jaw = found.arrays["face"][:90, SHAPE_INDEX["jawOpen"]].astype(float)
    assert jaw[36] > 0.3 > jaw[10]
    assert np.isnan(found.arrays["face"][:, SHAPE_INDEX["browInnerUp"]].astype(float)).all()
    assert found.arrays["phone"][43:47].tolist() == [phone_class("p")] * 4
    assert found.arrays["phone"][5] == UNKNOWN_PHONE


def test_a_variation_is_the_same_speech_at_another_pace(tmp_path):
    for v in (0, 1):
        build.build_labelled(lambda _: [said(0)], tmp_path, "synthetic", v)
    plain, varied = (pack.read(tmp_path / f"synthetic_{v}.npz") for v in (0, 1))
    pace = len(plain) / len(varied)
    assert 0.8 < pace < 1.25
    shut = [int(np.flatnonzero(p.arrays["phone"] == phone_class("p"))[0]) for p in (plain, varied)]
    assert shut[1] * pace == pytest.approx(shut[0], abs=2)


def test_of_no_speech_nothing_is_written(tmp_path):
    build.build_labelled(lambda _: [], tmp_path, "voices", 0)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("lang", SENTENCES)
def test_sentences_held_out_are_never_mixed_in(lang):
    rng = np.random.default_rng(0)
    made = {mixture(lang, rng) for _ in range(400)}
    assert len(made) > 100
    assert made.isdisjoint(SENTENCES[lang][-HELD_OUT:])
    assert set(SENTENCES[lang][:-HELD_OUT]).isdisjoint(SENTENCES[lang][-HELD_OUT:])


@pytest.mark.skipif(not SPEECH.is_dir(), reason="the corpora are not beside the checkout")
def test_pocketsphinx_aligns_where_there_are_no_weights(tmp_path):
    row = next(r for r in align.transcribed(SPEECH / "librispeech") if float(r["seconds"]) < 5)
    sound = tmp_path / "librispeech" / row["file"]
    sound.parent.mkdir(parents=True)
    shutil.copy(SPEECH / "librispeech" / row["file"], sound)
    lines = ["\t".join(row), "\t".join(row.values())]
    (tmp_path / "librispeech" / "index.tsv").write_text("\n".join(lines) + "\n", "utf-8")
    (tmp_path / "speechocean762").mkdir()
    shutil.copy(SPEECH / "speechocean762" / "lexicon.txt", tmp_path / "speechocean762")
    (item,) = align.aligned(tmp_path, "librispeech", None, 0, 1)
    assert item["speaker"] == "librispeech/1272"
    assert [name for *_, name in item["phones"] if name != "SIL"][:6] == ["N", "AO", "R", "IH", "Z", "M"]
    assert all(start < end <= item["seconds"] + 0.4 for start, end, _ in item["phones"])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--no-recorded"], "There is nothing to pack"),
        (["--no-recorded", "--aligned", "{tmp}/none"], "none holds nothing that models.data.align wrote"),
        (["--processes", "1"], "grid_s1 holds no recordings"),
    ],
)
def test_nothing_to_pack_is_told(arguments, said, tmp_path, monkeypatch, capsys):
    where = [a.replace("{tmp}", str(tmp_path)) for a in arguments]
    monkeypatch.setattr("sys.argv", ["build", str(tmp_path), "-o", str(tmp_path / "out"), *where])
    assert command.run(build.main) == 1
    assert said in capsys.readouterr().err
