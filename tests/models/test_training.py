"""Training in miniature: packs in, a checkpoint out, gone on with after a stop; and what the losses mean."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs torch")

from bridge.errors import InputError, ModelError  # noqa: E402
from bridge.types import ARKIT_BLENDSHAPES, EMOTIONS, SHAPE_INDEX  # noqa: E402
from models import checkpoint  # noqa: E402
from models.batches import PARTING, Sampler, read_packs  # noqa: E402
from models.config import FaceNetConfig  # noqa: E402
from models.curves import read_log  # noqa: E402
from models.data import pack  # noqa: E402
from models.data.pack import Clip  # noqa: E402
from models.losses import (  # noqa: E402
    LossWeights,
    correlation,
    face_losses,
    gap_loss,
    lip_gap,
    opening_loss,
    rounding_loss,
    shape_scales,
    smoothed,
)
from models.model import FaceNet  # noqa: E402
from models.train import Options, Trainer, rate_factor  # noqa: E402

pytestmark = pytest.mark.model

STYLES = ("grid", "facegood", "teacher", "natural")
JAW = SHAPE_INDEX["jawOpen"]


@pytest.fixture(scope="module")
def packs(tmp_path_factory):
    """Two speakers whose jaw follows the loudness of their sound."""
    folder = tmp_path_factory.mktemp("packs")
    rng = np.random.default_rng(0)
    for style in ("grid", "teacher"):
        clips = []
        for _ in range(6):
            loud = np.clip(np.sin(np.arange(180) / rng.uniform(3, 9)), 0, 1)
            face = np.full((180, 52), 0.05)
            face[:, JAW] = 0.5 * loud
            clips.append(Clip.of(loud[:, None] * rng.uniform(2, 3, 128), face=face, aperture=loud * 0.07))
        pack.write(folder / f"{style}_0.npz", clips, style=style, source="made here", licence="none")
    return folder


def test_training_goes_down_stops_and_goes_on(packs, tmp_path):
    options = Options(minutes=1, crops=4, frames=60, seed=1)
    trainer = Trainer(packs, tmp_path, options)
    errors = [trainer.one_step(0.2)["error"] for _ in range(45)]
    assert np.mean(errors[-8:]) < 0.7 * np.mean(errors[:8])
    trainer.save()
    again = Trainer(packs, tmp_path, options)
    assert again.step == trainer.step == 45
    for one, other in zip(trainer.network.parameters(), again.network.parameters(), strict=True):
        assert torch.equal(one, other)
    assert checkpoint.load_network(tmp_path / "last.pt").config == trainer.network.config


def test_a_run_goes_on_with_what_it_was_begun_with_only(packs, tmp_path):
    options = Options(minutes=1, crops=2, frames=60)
    Trainer(packs, tmp_path / "run", options).save()
    others = tmp_path / "others"
    others.mkdir()
    loud = np.ones((200, 128))
    pack.write(others / "grid_0.npz", [Clip.of(loud)], style="grid", source="made here", licence="none")
    with pytest.raises(ModelError, match=r"last\.pt is of a run with other packs"):
        Trainer(others, tmp_path / "run", options)
    with pytest.raises(ModelError, match="other start and styles"):
        Trainer(packs, tmp_path / "run", options, FaceNet(replace(FaceNetConfig(), styles=(*STYLES, "mine"))))


def test_what_a_kill_has_undone_is_told_once(packs, tmp_path):
    trainer = Trainer(packs, tmp_path, Options(minutes=1, crops=2, frames=60))
    for trainer.step in (100, 200):
        trainer.log({"error": 1.0})
    trainer.step = 100
    trainer.save()
    with (tmp_path / "log.jsonl").open("a") as log:
        log.write('{"step": 3')
    Trainer(packs, tmp_path, trainer.options)
    assert [line["step"] for line in read_log(tmp_path)] == [100]


def test_stopped_by_hand_it_keeps_what_is_done(packs, tmp_path, monkeypatch):
    trainer = Trainer(packs, tmp_path, Options(minutes=1, crops=2, frames=60))
    one_step = trainer.one_step

    def step_and_stop(progress):
        one_step(progress)
        raise KeyboardInterrupt

    monkeypatch.setattr(trainer, "one_step", step_and_stop)
    with pytest.raises(KeyboardInterrupt):
        trainer.train()
    assert checkpoint.load(tmp_path / "last.pt")["step"] == 1


def test_a_run_that_is_done_says_so_and_stays(packs, tmp_path, capsys):
    options = Options(minutes=0, steps=1, crops=2, frames=60)
    Trainer(packs, tmp_path, options).train()
    before = checkpoint.load(tmp_path / "last.pt")["network"]
    assert "has all it was asked for" not in capsys.readouterr().err
    Trainer(packs, tmp_path, options).train()
    assert "has all it was asked for" in capsys.readouterr().err
    after = checkpoint.load(tmp_path / "last.pt")["network"]
    assert all(torch.equal(before[name], after[name]) for name in before)


def test_styles_beyond_the_shares_are_drawn_too(packs, tmp_path):
    rng = np.random.default_rng(0)
    clips = [Clip.of(rng.random((300, 128)), face=rng.random((300, 52)))]
    pack.write(tmp_path / "own_0.npz", clips, style="mine", source="made here", licence="none")
    network = FaceNet(replace(FaceNetConfig(), styles=(*STYLES, "mine")))
    trainer = Trainer(tmp_path, tmp_path / "run", Options(minutes=1, crops=2, frames=60), network)
    assert trainer.sampler.batch(4, 60).style[:, 4].all()


@pytest.mark.parametrize(
    ("styles", "shares", "said"),
    [
        (("facegood", "teacher"), (1.0, 0.0), "packs are of the style grid, teacher; nothing of facegood"),
        (STYLES, (1.0, 1.0), "2 shares for 4 styles"),
        (STYLES, (-1.0, 0.0, 2.0, 0.0), "can be drawn"),
    ],
)
def test_shares_that_fit_nothing_are_refused(packs, styles, shares, said):
    with pytest.raises(InputError, match=said):
        Sampler(read_packs(packs), styles, shares, 0)


def test_a_run_ends_when_its_minutes_are_spent_and_leaves_its_files(packs, tmp_path):
    Trainer(packs, tmp_path, Options(minutes=1e-4, crops=2, frames=60)).train()
    assert checkpoint.load(tmp_path / "last.pt")["step"] == 1


def test_the_rate_is_level_then_falls():
    assert rate_factor(0.0) == rate_factor(0.5) == 1.0
    assert rate_factor(0.75) == pytest.approx(0.51)
    assert rate_factor(1.0) == rate_factor(1.5) == pytest.approx(0.02)


def test_crops_never_learn_across_a_seam_and_silence_shuts_the_mouth(packs):
    sampler = Sampler(read_packs(packs), STYLES, (1.0, 0.0, 0.0, 0.0), seed=0)
    batch = sampler.batch(16, 120, silences=1.0)
    silent = batch.mel.amax(2) == 0
    known = batch.face.isfinite().all(2)
    assert (silent & known).any()
    for name in PARTING:
        assert batch.face[..., SHAPE_INDEX[name]][silent & known].max() <= 0.26, name
    rest = batch.face[:, -1][silent[:, -20:].all(1)]
    assert lip_gap(rest).abs().max() < 0.06


def test_recorded_styles_borrow_other_voices_for_their_lips_alone(packs):
    batch = Sampler(read_packs(packs), STYLES, (0.01, 0.0, 0.99, 0.0), seed=0).batch(64, 60, silences=0.0, emotions=0.0)
    borrowed = (batch.style[:, 0] == 1) & batch.face.isnan().all((1, 2))
    assert 5 < int(borrowed.sum()) < 40
    assert batch.aperture[borrowed].isfinite().float().mean() > 0.5
    assert torch.allclose(batch.gap[borrowed].nan_to_num(), batch.aperture[borrowed].nan_to_num())


def test_the_natural_style_borrows_rounding_too_and_of_its_own_takes_when_but_not_how_much(packs):
    batch = Sampler(read_packs(packs), STYLES, (0.0, 0.0, 0.7, 0.3), seed=0).batch(64, 60, silences=0.0)
    natural = batch.style[:, STYLES.index("natural")] == 1
    recorded = natural & batch.free.any((1, 2))
    known = batch.face[natural & ~recorded].isfinite().any((0, 1))
    assert [ARKIT_BLENDSHAPES[i] for i in known.nonzero().flatten()] == ["mouthFunnel", "mouthPucker"]
    assert recorded.any() and batch.face[recorded].isfinite().any((0, 1)).all()


def test_an_emotion_opens_the_mouth_wider_or_less_and_shut_lips_stay_shut(packs):
    batch = Sampler(read_packs(packs), STYLES, (0.0, 0.0, 1.0, 0.0), seed=0).batch(200, 60, silences=0.0, emotions=1.0)
    widest = {}
    for i, row in enumerate(batch.emotion):
        widest.setdefault(EMOTIONS[int(row.argmax())], []).append(float(batch.face[i, ..., JAW].nan_to_num().max()))
    assert np.mean(widest["angry"]) > np.mean(widest["content"]) > np.mean(widest["sad"])
    assert float(batch.gap.nan_to_num(1).min()) == 0


def test_the_gap_is_known_where_only_the_mouth_is(tmp_path):
    face = np.full((240, 52), np.nan)
    face[:, [SHAPE_INDEX[n] for n in ARKIT_BLENDSHAPES if n.startswith(("jaw", "mouth"))]] = 0
    face[:, JAW] = 0.3
    clip = Clip.of(np.ones((240, 128)), face=face)
    pack.write(tmp_path / "teacher_0.npz", [clip], style="teacher", source="made here", licence="none")
    batch = Sampler(read_packs(tmp_path), STYLES, (0.0, 0.0, 1.0, 0.0), seed=0).batch(4, 60, silences=0.0, emotions=0.0)
    assert batch.gap[:, 20:].numpy() == pytest.approx(0.3, abs=1e-3)


def test_the_gap_is_that_of_the_shared_evaluation():
    face = torch.zeros(52)
    face[JAW] = 0.4
    assert lip_gap(face) == pytest.approx(0.4)
    face[SHAPE_INDEX["mouthClose"]] = 0.4
    assert lip_gap(face) == pytest.approx(0.0)
    for side in ("Left", "Right"):
        face[SHAPE_INDEX[f"mouthLowerDown{side}"]] = 0.2
    assert lip_gap(face) == pytest.approx(0.1)


def test_correlation_is_pearsons_where_known():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(2, 50)), rng.normal(size=(2, 50))
    known = np.ones((2, 50), bool)
    known[0, 30:] = False
    y[1] = 0.3
    r, moves = correlation(*(torch.tensor(v) for v in (x, y, known)))
    assert r[0] == pytest.approx(np.corrcoef(x[0, :30], y[0, :30])[0, 1], abs=1e-4)
    assert moves.tolist() == [True, False]


def test_a_perfect_face_costs_nothing_and_the_unknown_costs_nothing():
    target = torch.rand(3, 40, 52)
    free = torch.zeros(3, 40, 52, dtype=torch.bool)
    scales = shape_scales(torch.full((52,), 0.1))
    assert scales[[i for i, n in enumerate(ARKIT_BLENDSHAPES) if n.startswith("eye")]].max() == 0
    assert sum(face_losses(target, target, free, scales, LossWeights()).values()) == pytest.approx(0, abs=1e-3)
    unknown = torch.full_like(target, torch.nan)
    guess = torch.rand(3, 40, 52, requires_grad=True)
    total = sum(face_losses(guess, unknown, free, scales, LossWeights()).values())
    total = total + gap_loss(guess, torch.full((3, 40), torch.nan), LossWeights())
    assert float(total.detach()) == 0
    total.backward()
    assert guess.grad.isfinite().all()


def test_pressed_lips_are_told_to_open_where_they_must_part_and_left_alone_where_they_meet():
    face = torch.zeros(1, 4, 52)
    face[..., SHAPE_INDEX["mouthPressLeft"]] = face[..., SHAPE_INDEX["mouthPressRight"]] = 0.4
    face.requires_grad_(True)
    opening_loss(face, torch.full((1, 4), 0.3), LossWeights()).backward()
    assert (face.grad[..., JAW] < 0).all()
    assert float(opening_loss(face, torch.zeros(1, 4), LossWeights()).detach()) == 0


def test_lips_that_must_meet_count_most_at_the_end_of_a_run():
    weights, face = LossWeights(), torch.zeros(1, 4, 52)
    face[..., JAW] = 0.2
    met, parted = torch.zeros(1, 4), torch.full((1, 4), 0.4)
    first, last = weights.closure
    for progress, closure in ((0.0, first), (0.5, first), (1.0, last)):
        assert float(opening_loss(face, met, weights, progress)) == pytest.approx(closure * 0.2)
        assert float(opening_loss(face, parted, weights, progress)) == pytest.approx(0.2)


def test_the_losses_are_computed_where_their_inputs_are():
    """The meta device stands for any other than the CPU: it refuses to mix just as a GPU does."""
    with torch.device("meta"):
        face, target = torch.rand(3, 40, 52), torch.rand(3, 40, 52)
        free, gap, scales = torch.zeros(3, 40, 52, dtype=torch.bool), torch.rand(3, 40), torch.rand(52)
    losses = [
        *face_losses(smoothed(face), target, free, scales, LossWeights()).values(),
        gap_loss(face, gap, LossWeights()),
        opening_loss(face, gap, LossWeights()),
        rounding_loss(face, target, free, LossWeights()),
    ]
    assert {loss.device.type for loss in losses} == {"meta"}


def test_the_log_is_lines_of_json(packs, tmp_path):
    trainer = Trainer(packs, tmp_path, Options(minutes=1, crops=2, frames=60))
    trainer.step = 100
    trainer.log({"error": 0.5})
    assert json.loads((tmp_path / "log.jsonl").read_text("utf-8")) == {"step": 100, "spent_s": 0.0, "error": 0.5}
