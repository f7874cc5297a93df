"""Training of what is drawn: brows, head, gaze and body, on top of a network whose lips are trained and stay so.

    python -m models.life models/cache/packed models/runs/life --from models/runs/main/last.pt --minutes 15

Many motions go with one sentence. Their mean, which a squared error asks for, is none of them, so noise goes in.

Where motion was recorded, a proper score says how good the draws are: the energy score (Gneiting and Raftery,
"Strictly Proper Scoring Rules, Prediction, and Estimation", JASA 102, 2007; for sound: Gritsenko et al., "A Spectral
Energy Distance for Parallel Speech Synthesis", NeurIPS 2020). Two draws a, b and what was recorded, y, each a stretch
of frames, cost (|a - y| + |b - y| - |a - b|) / 2: least, in the mean, when draws are distributed as recordings.
Stretches of several lengths, of positions, speeds and accelerations, make the motion right and not only its poses.

Recorded are one speaker's head and brows, who sits still and reads: the style of that name is taught by them. For all
else there is a rule that turns sound and noise into motion (`models/gestures.py`). It has heard the whole utterance;
the network learns to do the same while it hears, from the same noise.
"""

from __future__ import annotations

import argparse
import sys
from collections import deque
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from bridge.dsp.noise import Noise
from models import command, released, together
from models.augment import augment
from models.batches import Batch
from models.config import NATURAL_SPEAKER
from models.gestures import moves
from models.losses import masked_mean, smoothed
from models.model import BROWS, FaceNet, Moved, pasts_in
from models.train import Options, Trainer

RATE = 2e-3
SHARES = (0.2, 0.1, 0.3, 0.4)
EXPRESSION = len(BROWS) + 3
"""How many of the columns were recorded: brows and head."""
SHORTEST_RUN_FRAMES = 60
BROWS_AT_REST = 0.2
"""The quantile of a run that is taken for brows at rest."""

STRETCHES = ((6, 24, 90), (6, 24), (6,))
"""Frames of the stretches that are scored whole: of positions, of speeds, of accelerations."""
RULE_WEIGHTS = (1.0, 0.5, 0.2)
"""Of positions, speeds and accelerations that a rule gives, each in units of its spread."""
BROW_WEIGHT = 3.0
"""They move seldom, and are looked at most."""
LEAST_FRAMES = 120
"""Of a crop: the longest stretch, and the longest lookahead."""
SCALED_ON = 8
"""Batches that spreads are taken from."""
LEAST_SCALE = 0.3
"""Added to each column's spread, of the mean: what hardly moves must not outweigh the rest."""

POOL = 48
FRESH_EVERY = 4
"""Of so many steps one hears new crops, the others crops of the pool again, with other noise."""
SAMPLED_FRAMES = 1 << 24


def joined(moved: Moved) -> Tensor:
    """Brows, head, gaze and joints side by side, [B, T, N]."""
    return torch.cat([moved.brows, moved.head, moved.gaze, moved.body.flatten(2)], 2)


def recorded(batch: Batch) -> Tensor:
    """Brows and head [B, T, 8] where a camera saw them, NaN elsewhere: of the longest run of each crop."""
    rows = []
    for face, head in zip(batch.face.numpy(), batch.head.numpy(), strict=True):
        seen = np.concatenate([face[:, BROWS], head], 1)
        run = longest_run(np.isfinite(seen).all(1))
        seen[~run] = np.nan
        if run.any():
            # Cameras see some faces frown all the time; what counts is the movement.
            brows = seen[run, : len(BROWS)]
            seen[run, : len(BROWS)] = np.maximum(brows - np.quantile(brows, BROWS_AT_REST, axis=0), 0)
        rows.append(seen)
    return torch.from_numpy(np.stack(rows).astype(np.float32))


def ruled(batch: Batch, noise: Tensor) -> Tensor:
    """All columns [B, T, N] by rule, for noise [B, T, channels] and as many frames of the batch."""
    heard = batch.mel[:, : noise.shape[1]].numpy()
    rows = [moves(mel, drawn) for mel, drawn in zip(heard, noise.numpy(), strict=True)]
    return torch.from_numpy(np.stack(rows))


def longest_run(known: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """[T] the longest run of true values, if it is long enough: poses jump from clip to clip."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], known, [False]]).astype(int))).reshape(-1, 2)
    out = np.zeros_like(known)
    if len(edges):
        start, end = edges[np.argmax(edges[:, 1] - edges[:, 0])]
        if end - start >= SHORTEST_RUN_FRAMES:
            out[start:end] = True
    return out


def scales_of(y: Tensor) -> list[Tensor]:
    """The spread [N] of positions, speeds and accelerations of what is known of targets [B, T, N]."""
    scales = []
    for order in range(len(STRETCHES)):
        moved = y.diff(n=order, dim=1).flatten(0, 1)
        known = moved.isfinite()
        count = known.sum(0).clamp(min=1)
        mean = torch.where(known, moved, 0).sum(0) / count
        scale = (torch.where(known, moved - mean, 0) ** 2).sum(0).div(count).sqrt()
        scales.append(scale)
    return scales


def energy_score(a: Tensor, b: Tensor, y: Tensor, scales: list[Tensor]) -> Tensor:
    """How badly draws a, b [B, T, N] go with the recordings y [B, T, N], over all stretches that are wholly known."""
    parts = []
    for order, lengths in enumerate(STRETCHES):
        tracks = [t.diff(n=order, dim=1) / scales[order] for t in (a, b, y)]
        for length in lengths:
            one, other, wanted = (t.unfold(1, length, max(1, length // 2)).flatten(2) for t in tracks)
            known = wanted.isfinite().all(2)
            wanted = torch.where(known[..., None], wanted, 0)
            score = _far(one, wanted) + _far(other, wanted) - _far(one, other)
            parts.append(masked_mean(score, known) / 2)
    return torch.stack(parts).mean()


def squared_error(x: Tensor, y: Tensor, scales: list[Tensor]) -> Tensor:
    """Mean squared error of x from y [B, T, N], in positions and, less, in speeds and accelerations."""
    weights = torch.ones_like(scales[0])
    weights[: len(BROWS)] = BROW_WEIGHT
    parts = [weights * ((x - y).diff(n=order, dim=1) / scale) ** 2 for order, scale in enumerate(scales)]
    return torch.stack([w * part.mean() for w, part in zip(RULE_WEIGHTS, parts, strict=True)]).sum()


def _far(x: Tensor, y: Tensor) -> Tensor:
    """Distances [B, W] of stretches [B, W, M], in units of a coordinate. The small term keeps the gradient finite."""
    return (((x - y) ** 2).mean(2) + 1e-6).sqrt()


@dataclass(frozen=True)
class Heard:
    """A batch, what the trunk makes of it, [B, T, width] each, and by how many frames that is late."""

    batch: Batch
    heard: Tensor
    said: Tensor
    delay: int


class LifeTrainer(Trainer):
    """A run in which only `network.life` is learned."""

    def __init__(self, packs_folder: Path, run: Path, options: Options, network: FaceNet) -> None:
        network.requires_grad_(False)
        network.life.requires_grad_(True)
        super().__init__(packs_folder, run, options, network)
        self._rng = np.random.default_rng(options.seed + self.step + 1_000_003 * together.rank())
        self._noise = Noise(options.seed, network.config.noise_hz)
        self._pool: deque[Heard] = deque(maxlen=POOL)
        self._reader = network.config.styles.index(NATURAL_SPEAKER)
        self._recorded_scales, self._ruled_scales = self._scales()

    def _scales(self) -> tuple[list[Tensor], list[Tensor]]:
        batches = [self.sampler.batch(self.options.crops, self.options.frames) for _ in range(SCALED_ON)]
        seen = torch.cat([recorded(b) for b in batches])
        told = torch.cat([ruled(b, self._drawn_noise(*b.mel.shape[:2])) for b in batches])
        by_rule = [s + LEAST_SCALE * s[EXPRESSION:].mean() for s in scales_of(told)]
        by_camera = [s + LEAST_SCALE * s.mean() for s in scales_of(seen)]
        return [s.to(self.device) for s in by_camera], [s.to(self.device) for s in by_rule]

    def _heard(self) -> Heard:
        """A batch of the pool: the trunk, which learns nothing, takes the longest, so most are heard again."""
        if self.step % FRESH_EVERY == 0 or not self._pool:
            self._pool.append(self._listen(self.sampler.batch(self.options.crops, self.options.frames)))
        return self._pool[int(self._rng.integers(len(self._pool)))]

    def _listen(self, batch: Batch) -> Heard:
        network = self.network.eval()
        index = int(torch.randint(len(network.config.lookahead_frames), (), generator=self.generator))
        mel = augment(batch.mel, self.generator).to(self.device)
        style, emotion = batch.style.to(self.device), batch.emotion.to(self.device)
        with torch.no_grad():
            lookahead = torch.tensor(index, device=self.device)
            said, heard, _ = network.trunk(mel, style, emotion, lookahead, network.silence(len(mel)))
        return Heard(batch, heard, said, network.config.lookahead_frames[index])

    def _losses(self, _: float) -> dict[str, Tensor]:
        network, heard = self.network, self._heard()
        network.life.train()
        count, frames = heard.said.shape[:2]
        noise = self._drawn_noise(2 * count, frames)
        moved, _ = network.life(
            torch.cat([heard.heard, heard.heard]),
            torch.cat([heard.said, heard.said]),
            noise.to(self.device),
            pasts_in(network.silence(2 * count), "life", network.config.life_layers),
        )
        drawn = smoothed(joined(moved))[:, heard.delay :]
        told = torch.cat([ruled(heard.batch, n) for n in noise[:, heard.delay :].chunk(2)])
        a, b = drawn[..., :EXPRESSION].chunk(2)
        reads = (heard.batch.style.argmax(1) == self._reader)[:, None, None]
        seen = torch.where(reads, recorded(heard.batch), torch.nan)[:, : frames - heard.delay].to(self.device)
        # The reader's brows and head are his own.
        told[..., :EXPRESSION] = torch.where(
            torch.cat([reads, reads]), drawn[..., :EXPRESSION].detach().cpu(), told[..., :EXPRESSION]
        )
        return {
            "recorded": energy_score(a, b, seen, self._recorded_scales),
            "ruled": squared_error(drawn, told.to(self.device), self._ruled_scales),
        }

    def _drawn_noise(self, batch: int, frames: int) -> Tensor:
        """[B, T, N] stretches of the noise that the running network is given."""
        starts = self._rng.integers(0, SAMPLED_FRAMES, batch)
        rows = self._noise.at((starts[:, None] + np.arange(frames)).reshape(-1))
        return torch.from_numpy(rows.reshape(batch, frames, -1).astype(np.float32))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("packs", type=Path, help="the folder that models.data.build wrote")
    parser.add_argument("run", type=Path, help="the folder of this run; made, or resumed")
    parser.add_argument("--from", dest="start", type=Path, required=True, help="a checkpoint, or a folder of weights")
    parser.add_argument(
        "--minutes", type=command.above_zero, default=15, help="in all, those before a resumption included"
    )
    parser.add_argument("--rate", type=command.above_zero, default=RATE)
    parser.add_argument("--crops", type=command.at_least(1), default=12)
    parser.add_argument("--frames", type=command.at_least(LEAST_FRAMES), default=Options.frames)
    parser.add_argument("--threads", type=command.at_least(1), default=2)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.set_flush_denormal(True)
    options = Options(args.minutes, crops=args.crops, frames=args.frames, rate=args.rate, shares=SHARES)
    with together.joined():
        LifeTrainer(args.packs, args.run, options, released.load(args.start)).train()


if __name__ == "__main__":
    sys.exit(command.run(main))
