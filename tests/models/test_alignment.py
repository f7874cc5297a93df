"""The aligner finds the likeliest times of a known sequence of phones, and nothing else."""

from __future__ import annotations

import itertools
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

soundfile = pytest.importorskip("soundfile", reason="training needs soundfile")
pytest.importorskip("torch", reason="training needs torch")
pytest.importorskip("pocketsphinx", reason="its dictionary is read")

import torch  # noqa: E402

from bridge.errors import InputError, ModelError  # noqa: E402
from bridge.types import Phone  # noqa: E402
from models import checkpoint, ear  # noqa: E402
from models.config import FaceNetConfig  # noqa: E402
from models.data import listen, viterbi  # noqa: E402
from models.data.labelled import aligned_speech  # noqa: E402
from models.data.lexicon import Lexicon, Word, from_ipa, read_spoken  # noqa: E402
from models.data.phones import ARPABET_TO_IPA, phone_class  # noqa: E402
from models.data.viterbi import LEAST_FRAMES, LEAST_SILENCE_FRAMES, Segment  # noqa: E402
from models.model import FaceNet  # noqa: E402

pytestmark = pytest.mark.model

SILENCE = 0
WORDS = st.lists(st.lists(st.integers(1, 4), min_size=1, max_size=3), min_size=1, max_size=4)
SMALL = FaceNetConfig(row_hidden=8, row_width=8, front_hidden=16, width=16, layers=1, heads=2, feedforward=16)


def scores_of(segments: list[Segment], noise: float, seed: int = 0) -> np.ndarray:
    """Log likelihoods [T, 5] that favour these segments."""
    rng = np.random.default_rng(seed)
    heard = rng.normal(0, noise, (segments[-1].end, 5))
    for s in segments:
        heard[s.start : s.end, s.phone] += 3
    return (heard - np.log(np.exp(heard).sum(1, keepdims=True))).astype(np.float32)


def tiled(rows: list[tuple[int, int, int]]) -> list[Segment]:
    """Segments one after another, from their lengths, phones and words."""
    ends = np.cumsum([length for length, *_ in rows]).tolist()
    return [Segment(end - n, end, phone, word) for end, (n, phone, word) in zip(ends, rows, strict=True)]


SAID = tiled([(9, 0, -1), (4, 1, 0), (6, 2, 0), (5, 1, 1), (12, 0, -1), (3, 3, 2), (8, 4, 2), (7, 0, -1)])


def test_known_boundaries_are_recovered():
    assert viterbi.align(scores_of(SAID, 0.0), [[1, 2], [1], [3, 4]], SILENCE) == SAID


@pytest.mark.parametrize("seed", range(5))
def test_noise_moves_a_boundary_by_little(seed):
    found = viterbi.align(scores_of(SAID, 1.0, seed), [[1, 2], [1], [3, 4]], SILENCE)
    assert [(s.phone, s.word) for s in found] == [(s.phone, s.word) for s in SAID]
    assert max(abs(a.start - b.start) for a, b in zip(found, SAID, strict=True)) <= 2


@given(WORDS, st.integers(0, 1000), st.integers(30, 60))
@settings(max_examples=60, deadline=None)
def test_phones_keep_their_order_and_last_long_enough_whatever_is_heard(words, seed, frames):
    heard = np.random.default_rng(seed).normal(0, 3, (frames, 5)).astype(np.float32)
    found = viterbi.align(heard, words, SILENCE)
    assert [s.start for s in found] == [0, *(s.end for s in found[:-1])]
    assert found[-1].end == frames
    spoken = [(s.word, s.phone) for s in found if s.word >= 0]
    assert spoken == [(i, phone) for i, word in enumerate(words) for phone in word]
    assert all(s.end - s.start >= (LEAST_SILENCE_FRAMES if s.word < 0 else LEAST_FRAMES) for s in found)
    within = [(a.word, b.word) for a, b in itertools.pairwise(found) if b.word < 0 <= a.word]
    assert all(following == word + 1 for word, following in zip([a for a, _ in within], _after(found), strict=True))


def _after(found: list[Segment]) -> list[int]:
    """The word after each silence that follows one; one more than the last at the end."""
    last = max(s.word for s in found)
    pairs = itertools.zip_longest(found[1:], found[2:])
    return [after.word if after else last + 1 for s, after in pairs if s.word < 0]


@pytest.mark.parametrize("seed", range(8))
def test_no_other_division_of_the_time_is_likelier(seed):
    frames = 9
    heard = np.random.default_rng(seed).normal(0, 2, (frames, 5)).astype(np.float32)
    found = viterbi.align(heard, [[1, 2, 3]], SILENCE)
    got = sum(float(heard[s.start : s.end, s.phone].sum()) for s in found)
    best = -np.inf
    # Nine frames hold three phones and at most one silence: before them or after.
    for phones in ((1, 2, 3), (SILENCE, 1, 2, 3), (1, 2, 3, SILENCE)):
        for cuts in itertools.combinations(range(1, frames), len(phones) - 1):
            edges = (0, *cuts, frames)
            least = [LEAST_SILENCE_FRAMES if p == SILENCE else LEAST_FRAMES for p in phones]
            if all(b - a >= n for (a, b), n in zip(itertools.pairwise(edges), least, strict=True)):
                spans = zip(itertools.pairwise(edges), phones, strict=True)
                best = max(best, sum(float(heard[a:b, p].sum()) for (a, b), p in spans))
    assert got == pytest.approx(best, abs=1e-4)


def test_what_can_not_be_said_in_the_time_is_refused():
    with pytest.raises(InputError, match="5 frames can't hold"):
        viterbi.align(np.zeros((5, 5), np.float32), [[1, 2], [3]], SILENCE)
    for nothing in ([], [[1], []]):
        with pytest.raises(InputError, match="nothing to align"):
            viterbi.align(np.zeros((50, 5), np.float32), nothing, SILENCE)


def test_another_text_is_less_like_the_sound():
    scores = scores_of(SAID, 0.5)
    right = listen.likeness(scores, viterbi.align(scores, [[1, 2], [1], [3, 4]], SILENCE))
    wrong = listen.likeness(scores, viterbi.align(scores, [[4, 3], [2], [2, 1]], SILENCE))
    assert wrong < right - 0.5 < right <= 0


def test_words_are_found_guessed_and_told():
    lexicon = Lexicon({"zorbing": ("Z", "AO", "R", "B", "IH", "NG")})
    found = {word.text: word.phones for word in lexicon.words("The bishop's zorbing, 'misdemeanant'!")}
    assert found["bishop's"] == ("B", "IH", "SH", "AH", "P", "S")
    assert found["zorbing"] == ("Z", "AO", "R", "B", "IH", "NG")
    assert set(found["misdemeanant"]) <= set(ARPABET_TO_IPA)
    assert found["misdemeanant"][0] == "M"
    assert lexicon.words("a cat", [("EY",), ("K", "AE", "T")])[0] == Word("a", ("EY",))


def test_a_corpus_may_tell_phones_with_stress_and_place(tmp_path):
    (tmp_path / "text-phone").write_text("0001.0\tHH_B AW1_E\n0001.1\tM_S\n", "utf-8")
    assert read_spoken(tmp_path / "text-phone") == {"0001": [("HH", "AW"), ("M",)]}


def test_espeak_labels_become_arpabet():
    assert from_ipa(["ˈaɪ", "ɪɹ", "tʃ", "əl", "ɚ", ""]) == ("AY", "IH", "R", "CH", "AH", "L", "ER")


def test_every_frame_gets_likelihoods_the_same_by_whatever_pieces(monkeypatch):
    torch.manual_seed(0)
    listener = listen.Listener(FaceNet(SMALL))
    samples = np.random.default_rng(0).normal(0, 0.1, 24_000).astype(np.float32)
    whole = listener.hear(samples)
    assert whole.shape == (60, SMALL.phone_count)
    np.testing.assert_allclose(np.exp(whole).sum(1), 1, atol=1e-5)
    monkeypatch.setattr(listen, "CHUNK_FRAMES", 7)
    np.testing.assert_allclose(listener.hear(samples), whole, atol=1e-4)


def test_an_aligner_gives_seconds_or_nothing(tmp_path, monkeypatch):
    torch.manual_seed(0)
    aligner = listen.NetworkAligner(FaceNet(SMALL))
    path = tmp_path / "noise.wav"
    soundfile.write(path, np.random.default_rng(0).normal(0, 0.1, 24_000), 24_000)
    words = [Word("a", ("EY",)), Word("cat", ("K", "AE", "T"))]
    monkeypatch.setattr(listen, "LEAST_LIKENESS", -100.0)
    found = aligner.align(path, words)
    assert [name for *_, name in found if name != "SIL"] == ["EY", "K", "AE", "T"]
    assert found[0][0] == 0
    assert found[-1][1] == pytest.approx(1)
    monkeypatch.setattr(listen, "LEAST_LIKENESS", 0.5)
    assert aligner.align(path, words) is None
    assert aligner.align(path, words * 20) is None


def test_weights_that_can_not_listen_are_refused_by_name(tmp_path):
    with pytest.raises(ModelError, match=r"neither a last\.pt nor a face\.onnx"):
        listen.load(tmp_path)
    checkpoint.save(tmp_path / "last.pt", FaceNet(SMALL))
    assert listen.load(tmp_path).config == SMALL
    cut = FaceNet(SMALL).state_dict()
    del cut["phones.weight"]
    torch.save({**checkpoint.load(tmp_path / "last.pt"), "network": cut}, tmp_path / "cut.pt")
    with pytest.raises(ModelError, match=r"cut\.pt lacks parts.*phones\.weight"):
        listen.load(tmp_path / "cut.pt")


def test_the_head_for_phones_is_kept_beside_the_weights_it_belongs_to(tmp_path):
    network, other = FaceNet(SMALL), FaceNet(SMALL)
    (tmp_path / "face.onnx").write_bytes(b"weights")
    with pytest.raises(ModelError, match=r"no phones\.npz.*give a checkpoint"):
        ear.restore(other, tmp_path)
    ear.keep(network, tmp_path)
    ear.restore(other, tmp_path)
    assert torch.allclose(other.phones.weight, network.phones.weight, atol=1e-3)
    (tmp_path / "face.onnx").write_bytes(b"others")
    with pytest.raises(ModelError, match=r"phones\.npz was kept beside another face\.onnx"):
        ear.restore(other, tmp_path)
    (tmp_path / "phones.npz").write_bytes(b"nothing")
    with pytest.raises(ModelError, match=r"phones\.npz is no head for phones"):
        ear.restore(other, tmp_path)


def test_aligned_utterances_are_shared_out_and_held_out_speakers_left_out(tmp_path):
    rows = []
    for speaker in ("1", "2", "1272"):
        for i in range(2):
            name = f"librispeech/en/dev-clean/{speaker}/{i}.wav"
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            soundfile.write(tmp_path / name, np.full(2400, 0.1 * i), 24_000)
            phones = [[0.0, 0.05, "SIL"], [0.05, 0.1, "P"]]
            rows.append({"file": name, "speaker": speaker, "seconds": 0.1, "phones": phones})
    path = tmp_path / "librispeech.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    every = list(aligned_speech(path, tmp_path))
    assert len(every) == 4
    assert every[0].phones == (Phone(0.0, 0.05, ""), Phone(0.05, 0.1, "p"))
    shares = [list(aligned_speech(path, tmp_path, part=i, parts=2)) for i in (0, 1)]
    assert [len(share) for share in shares] == [2, 2]
    assert [float(i.samples.mean()) for i in shares[1]] == pytest.approx([0.1, 0.1], abs=1e-3)
    assert len(list(aligned_speech(path, tmp_path, "unseen"))) == 2
    assert phone_class(every[0].phones[0].ipa) == SILENCE
