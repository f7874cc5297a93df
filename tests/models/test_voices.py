"""flite and festival say what they are asked to, and when they say each phone."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from bridge.types import F32, Phone
from models.data import voices
from models.data.voices import Line, Voice

pytestmark = pytest.mark.model

HERE = voices.installed()
TEXT = "Bob popped up from behind the piano and bumped his head."
installed = pytest.mark.skipif(not HERE, reason="neither flite nor festival is installed")


def level_db(samples: F32, phones: list[Phone]) -> float:
    """The level of all of some phones."""
    parts = [samples[int(p.start_s * 24_000) : int(p.end_s * 24_000)] for p in phones]
    return float(10 * np.log10(np.concatenate(parts).astype(np.float64).var() + 1e-9))


@installed
@pytest.mark.parametrize("voice", HERE, ids=lambda voice: voice.name)
def test_a_voice_says_the_line_in_its_phones(voice: Voice):
    ((samples, phones),) = voices.say(voice, [Line(TEXT)])
    said = [p for p in phones if p.ipa]
    assert [p.ipa for p in said[:5]] == ["b", "ɑː", "b", "p", "ɑː"]
    assert sum(p.ipa in ("b", "p", "m") for p in said) == 11
    assert all(a.end_s == b.start_s for a, b in itertools.pairwise(phones))
    assert phones[-1].end_s == pytest.approx(len(samples) / 24_000, abs=0.15)
    vowels = [p for p in said if p.ipa in ("ɑː", "ʌ", "iː", "æ", "oʊ", "aɪ", "ɛ")]
    assert level_db(samples, vowels) > level_db(samples, [p for p in phones if not p.ipa]) + 20
    assert level_db(samples, vowels) > level_db(samples, [p for p in said if p.ipa == "p"]) + 6


@installed
def test_lines_come_in_their_order_and_at_their_pace():
    voice = HERE[0]
    quick, slow, other = voices.say(voice, [Line(TEXT, 0.8), Line(TEXT, 1.3), Line("Pam.")])
    assert slow[1][-1].end_s > 1.3 * quick[1][-1].end_s
    assert [p.ipa for p in other[1] if p.ipa] == ["p", "æ", "m"]


@installed
def test_speech_is_shared_out_among_the_voices_and_repeats_with_its_seed(monkeypatch):
    monkeypatch.setattr(voices, "installed", lambda: HERE[:2])
    first, again = (list(voices.spoken(4, seed=3)) for _ in range(2))
    assert len(first) == 4
    assert [phones for _, phones in first] == [phones for _, phones in again]


def test_without_the_programs_there_is_a_sentence_and_no_speech(monkeypatch, capsys):
    monkeypatch.setattr(voices.shutil, "which", lambda _: None)
    assert list(voices.spoken(5, seed=0)) == []
    assert "neither flite nor festival is installed" in capsys.readouterr().err
