"""The baselines do what their names say, and the figures are those of the shared script."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="training needs torch")

from bridge.dsp.logmel import log_mel
from bridge.types import SHAPE_INDEX, Phone
from models import baselines
from models.data import pack
from models.data.pack import Clip
from models.data.phones import ARPABET_TO_IPA, UNKNOWN_PHONE, phone_class
from models.data.split import held_out, split_of
from models.evaluate import Item, Judge, measure, table, teacher

pytestmark = pytest.mark.model

SCRIPT = Path(__file__).parents[3] / "shared" / "eval" / "evaluate.py"
JAW = SHAPE_INDEX["jawOpen"]
TIME = np.arange(48_000) / 24_000
SWELLS = (np.sin(2 * np.pi * 200 * TIME) * np.clip(np.sin(2 * np.pi * 2 * TIME), 1e-3, 1)).astype(np.float32)


def test_a_jaw_driven_by_loudness_opens_with_the_level():
    face = baselines.loudness_jaw(SWELLS)
    level = np.clip(np.sin(2 * np.pi * 2 * np.arange(120) / 60), 0, 1)
    assert np.corrcoef(face[:, JAW], level)[0, 1] > 0.7
    assert np.delete(face, JAW, 1).max() == 0


def test_ridge_regression_finds_a_linear_relation(tmp_path):
    rng = np.random.default_rng(0)
    samples = rng.normal(0, 0.1, 240_000).astype(np.float32) * np.repeat(rng.random(60), 4000)
    mel = log_mel(samples.astype(np.float32))
    face = np.zeros((len(mel), 52))
    face[:, JAW] = mel[:, :64].mean(1) / 6
    pack.write(tmp_path / "p.npz", [Clip.of(mel, face=face)], style="grid", source="made here", licence="none")
    found = baselines.Ridge([pack.read(tmp_path / "p.npz")])(samples.astype(np.float32))
    assert np.corrcoef(found[:, JAW], face[:, JAW])[0, 1] > 0.97


def test_every_phone_of_arpabet_has_a_class_of_its_own():
    classes = {phone_class(ipa) for ipa in ARPABET_TO_IPA.values()}
    assert classes == set(range(len(classes)))
    assert len(classes) <= 40
    assert phone_class("ʘ") == UNKNOWN_PHONE


def test_the_split_keeps_whole_speakers_and_a_tenth_of_one_out():
    assert split_of("pairs/hdtf/anything") == split_of("more/pairs/lrwar_ar/00139") == "unseen"
    assert split_of("pairs/grid_s1/no_such_sentence") == "train"
    seen = [start for start, split in held_out().items() if split == "seen"]
    assert 95 <= sum(start.startswith("pairs/grid_s1/") for start in seen) <= 100


@pytest.mark.skipif(not SCRIPT.is_file(), reason="the shared evaluation script is not beside the checkout")
def test_the_figures_are_the_shared_scripts():
    phones = tuple(Phone(0.2 + 0.1 * i, 0.3 + 0.1 * i, p) for i, p in enumerate(["m", "ɑː", "b", "uː", "p", "ɑː"]))
    item = Item("made here", SWELLS, phones=phones, silences_s=(1.6, 2.0))
    figures = measure(Judge(SCRIPT), [item], teacher, "teacher")
    assert figures["closure_recall"] == figures["open_recall"] == figures["round_recall"] == 1
    assert figures["silence_gap"] < 0.01
    still = measure(Judge(SCRIPT), [item], lambda _: np.zeros((120, 52), np.float32), "still")
    assert still["open_recall"] == 0
    text = table("made here", {"teacher": figures, "still": still})
    assert text.count("\n|") == 4
