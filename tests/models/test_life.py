"""What is drawn: motion that goes with the sound, differs from draw to draw, and leaves the lips alone."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs torch")

from bridge.dsp.noise import Noise  # noqa: E402
from models.config import FaceNetConfig  # noqa: E402
from models.data import pack  # noqa: E402
from models.data.pack import Clip  # noqa: E402
from models.gestures import moves, phrases  # noqa: E402
from models.life import SHARES, LifeTrainer, energy_score, longest_run, recorded  # noqa: E402
from models.model import FaceNet  # noqa: E402
from models.train import Options  # noqa: E402

pytestmark = pytest.mark.model

CONFIG = FaceNetConfig()
BROWS, HEAD, GAZE, BODY = slice(0, 5), slice(5, 8), slice(8, 10), slice(10, None)
ELBOWS = [10 + 3 * CONFIG.joints.index(f"{side}_elbow") + 1 for side in ("left", "right")]


def rows(*parts: tuple[int, float]) -> np.ndarray:
    """Log-mel rows of syllables, 0.2 s each, every other one stressed, for (frames, loudness) one after another."""
    loud = np.concatenate([np.full(count, level) for count, level in parts])
    syllable = 0.75 + 0.25 * np.sin(np.arange(len(loud)) * np.pi / 12)
    return np.repeat((0.2 + loud * syllable)[:, None], CONFIG.mel_width, 1).astype(np.float32)


SAID = rows((60, 0.0), (180, 1.5), (120, 0.0), (150, 1.5), (120, 0.0))


def drawn(seed: int, count: int = len(SAID)) -> np.ndarray:
    return Noise(seed, CONFIG.noise_hz).at(np.arange(count))


def test_phrases_end_at_pauses_and_hold_their_stresses():
    found = phrases(SAID)
    assert [(round(p.start, -1), round(p.end, -1)) for p in found] == [(60, 240), (360, 510)]
    for phrase in found:
        assert len(phrase.stresses) >= 4
        assert all(phrase.start <= at < phrase.end and 0 < strength <= 1 for at, strength in phrase.stresses)


def test_silence_moves_nothing():
    assert phrases(rows((300, 0.0))) == []
    assert not moves(rows((300, 0.0)), drawn(1, 300)).any()


def test_noise_settles_what_is_done_and_sound_when():
    one, same, other = (moves(SAID, drawn(seed)) for seed in (1, 1, 2))
    assert np.array_equal(one, same)
    assert np.abs(one - other).max() > 0.1
    for seed in range(20):
        made = moves(SAID, drawn(seed))
        # Before the first word nothing; long after a phrase the hands are down and the eyes are back.
        assert not made[:58].any()
        assert np.abs(made[330:350, GAZE]).max() < 0.01 and np.abs(made[330:350][:, ELBOWS]).max() < 0.02
        assert np.abs(made[-5:]).max() < 0.02
        assert made[:, BROWS].min() >= 0 and made[:, BROWS].max() < 0.8
        assert np.abs(np.diff(made, axis=0)).max() < 0.1


def test_some_phrases_have_gestures_and_some_have_none():
    raised = [np.abs(moves(SAID, drawn(seed))[60:240][:, ELBOWS]).max() > 0.3 for seed in range(60)]
    assert 0.3 < np.mean(raised) < 0.8


def test_the_energy_score_prefers_the_right_spread():
    """A proper score: draws as scattered as what was recorded cost less than their mean, or too wild ones."""
    g = torch.Generator().manual_seed(0)
    known = torch.randn(400, 90, 2, generator=g)
    scales = [torch.ones(2)] * 3

    def cost(spread: float) -> float:
        a, b = (spread * torch.randn(400, 90, 2, generator=g) for _ in range(2))
        return float(energy_score(a, b, known, scales))

    assert cost(1.0) < 0.95 * min(cost(0.0), cost(2.0))


def test_only_what_is_wholly_known_is_scored():
    g = torch.Generator().manual_seed(0)
    a, b, y = (torch.randn(2, 120, 3, generator=g) for _ in range(3))
    scales = [torch.ones(3)] * 3
    y[1] = torch.nan
    assert energy_score(a, b, y, scales) == pytest.approx(float(energy_score(a[:1], b[:1], y[:1], scales)), rel=1e-5)
    assert energy_score(a, b, torch.full_like(y, torch.nan), scales) == 0


def test_only_the_longest_run_of_a_crop_is_learned_from():
    known = np.ones(200, bool)
    known[[70, 71, 180]] = False
    assert np.flatnonzero(longest_run(known)).tolist() == list(range(72, 180))
    assert not longest_run(known[:50]).any()


@pytest.fixture(scope="module")
def packs(tmp_path_factory):
    """A reader whose head nods with the sound, and a voice of which only the sound is known."""
    folder = tmp_path_factory.mktemp("packs")
    rng = np.random.default_rng(0)
    for style in ("grid", "teacher"):
        clips = []
        for _ in range(4):
            mel = rows((40, 0.0), (100, 1.5), (60, 0.0)) * rng.uniform(0.9, 1.1)
            face = np.full((200, 52), 0.05 if style == "grid" else np.nan)
            face[:, 17] = 0.1 * mel.mean(1)
            head = np.full((200, 3), np.nan) if style == "teacher" else 0.01 * mel[:, :3]
            clips.append(Clip.of(mel, face=face, head=head, aperture=0.02 * mel.mean(1)))
        pack.write(folder / f"{style}_0.npz", clips, style=style, source="made here", licence="none")
    return folder


def test_it_learns_what_is_drawn_and_leaves_the_lips_to_the_last_bit(packs, tmp_path):
    torch.manual_seed(0)
    network = FaceNet(CONFIG)
    before = {name: p.clone() for name, p in network.named_parameters()}
    trainer = LifeTrainer(packs, tmp_path, Options(1, crops=4, frames=120, rate=2e-3, shares=SHARES), network)
    losses = [trainer.one_step(0.0)["ruled"] for _ in range(50)]
    assert np.mean(losses[-8:]) < 0.6 * np.mean(losses[:8])
    changed = {name for name, p in network.named_parameters() if not torch.equal(p, before[name])}
    assert changed and all(name.startswith("life.") for name in changed)


def test_brows_are_learned_as_movements_from_rest(packs, tmp_path):
    trainer = LifeTrainer(
        packs, tmp_path, Options(1, crops=6, frames=120, shares=(1.0, 0.0, 0.0, 0.0)), FaceNet(CONFIG)
    )
    seen = recorded(trainer.sampler.batch(6, 120))
    known = seen.isfinite().all(2)
    assert known.any() and not known.all()
    assert float(seen[known][:, :5].abs().max()) == 0.0
