"""Training, on whatever there is: a CPU, a GPU, or several. Resumes by itself where it was stopped.

    python -m models.train models/cache/packed models/runs/first --minutes 30
    torchrun --nproc-per-node 4 -m models.train models/cache/packed models/runs/first --minutes 30

Each run's folder holds `last.pt`, to resume from, and `log.jsonl`, a line for every hundred steps.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F
from tqdm import tqdm

from bridge.errors import ModelError
from models import checkpoint, command, released, together
from models.augment import augment
from models.batches import Sampler, read_packs, shape_std
from models.config import FaceNetConfig
from models.data import pack
from models.data.phones import UNKNOWN_PHONE
from models.losses import (
    LossWeights,
    face_losses,
    gap_loss,
    opening_loss,
    rounding_loss,
    shape_scales,
    smoothed,
)
from models.model import FaceNet

WARM_UP_STEPS = 200
EMA = 0.998
AVERAGE_EVERY = 5
LOG_EVERY = 100
LEAST_FRAMES = 60
"""Of a crop: it begins in the midst of speech, and may be cut into silence."""


@dataclass(frozen=True)
class Options:
    """What a run is made with; kept in its checkpoint."""

    minutes: float
    steps: int = 0
    """How many, instead of minutes, if not 0."""
    save_every: int = 200
    crops: int = 24
    frames: int = 216
    rate: float = 1.2e-3
    weight_decay: float = 0.02
    seed: int = 0
    shares: tuple[float, ...] = (0.12, 0.13, 0.45, 0.3)
    """How often each style is drawn; of more styles than these, the others as often as the rarest."""
    bfloat16: bool = False


def rate_factor(progress: float) -> float:
    """The learning rate over a run: level for its first half, then down to a fiftieth along half a cosine."""
    down = min(max(2 * progress - 1, 0.0), 1.0)
    return 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * down))


class Trainer:
    """One run: network, its running average (which is what ships), optimiser and generators."""

    def __init__(self, packs_folder: Path, run: Path, options: Options, network: FaceNet | None = None) -> None:
        """`network`: what to begin from instead of chance; only what asks for a gradient is learned."""
        self.options, self.run = options, run
        run.mkdir(parents=True, exist_ok=True)
        torch.manual_seed(options.seed)
        self.device = together.device()
        packs = read_packs(packs_folder)
        self.network = FaceNet(FaceNetConfig()) if network is None else network
        self.average = FaceNet(self.network.config)
        self.average.load_state_dict(self.network.state_dict())
        self.network.to(self.device)
        self.average.to(self.device).eval()
        self.scales = shape_scales(shape_std(packs)).to(self.device)
        self.optimiser = torch.optim.AdamW(
            [p for p in self.network.parameters() if p.requires_grad],
            options.rate,
            betas=(0.9, 0.98),
            weight_decay=options.weight_decay,
            fused=True,
        )
        self.step, self.spent_s = 0, 0.0
        self.weights = LossWeights()
        styles = self.network.config.styles
        self._made_of = {
            "packs": pack.fingerprint(packs),
            "start": "" if network is None else checkpoint.fingerprint(network),
            "styles": list(styles),
        }
        if (run / "last.pt").is_file():
            self._resume()
        # The weights begin alike in all processes; what is drawn from here on does not.
        seed = options.seed + 1000 * self.step + 1_000_003 * together.rank()
        torch.manual_seed(seed)
        shares = (*options.shares, *[min(options.shares)] * (len(styles) - len(options.shares)))
        self.sampler = Sampler(packs, styles, shares, seed)
        self.generator = torch.Generator().manual_seed(seed)

    def train(self) -> None:
        """Go on until the minutes are spent, or the steps done where their number is given; stopped, keep what is done.

        Says so where nothing is left to do.
        """
        if self._progress >= 1 and together.rank() == 0:
            print(f"{self.run} has all it was asked for already; ask for more, or name another folder", file=sys.stderr)
        try:
            self._go_on()
        except KeyboardInterrupt:
            self.save()
            raise
        self.save()

    def _go_on(self) -> None:
        options = self.options
        total = options.steps or round(options.minutes * 60)
        parts: dict[str, list[float]] = {}
        started, before_s = time.monotonic(), self.spent_s
        unit, silent = "step" if options.steps else "s", together.rank() > 0
        with tqdm(total=total, initial=round(self._done), unit=unit, mininterval=5, disable=silent) as bar:
            while (progress := self._progress) < 1:
                for name, value in self.one_step(progress).items():
                    parts.setdefault(name, []).append(value)
                self.spent_s = together.agreed(before_s + time.monotonic() - started, self.device)
                bar.update(round(self._done) - bar.n)
                if self.step % LOG_EVERY == 0:
                    # A batch without phones has no loss of theirs; it counts as none.
                    steps = max(map(len, parts.values()))
                    means = {name: sum(values) / steps for name, values in parts.items()}
                    self.log(means)
                    bar.set_postfix({name: f"{mean:.3f}" for name, mean in means.items()})
                    parts = {}
                if self.step % options.save_every == 0:
                    self.save()

    @property
    def _progress(self) -> float:
        """0..1"""
        return self._done / (self.options.steps or self.options.minutes * 60)

    @property
    def _done(self) -> float:
        """Steps or seconds, whichever the run's length is given in."""
        return self.step if self.options.steps else self.spent_s

    def save(self) -> None:
        """Write the checkpoint; `network` in it is the running average."""
        if together.rank() > 0:
            return
        checkpoint.save(
            self.run / "last.pt",
            self.average,
            training=self.network.state_dict(),
            optimiser=self.optimiser.state_dict(),
            step=self.step,
            spent_s=self.spent_s,
            options=asdict(self.options),
            made_of=self._made_of,
        )

    def _resume(self) -> None:
        path = self.run / "last.pt"
        found = checkpoint.load(path)
        if other := [what for what, of in self._made_of.items() if found.get("made_of", {}).get(what) != of]:
            raise ModelError(f"{path} is of a run with other {' and '.join(other)}; name another folder for this one.")
        try:
            self.average.load_state_dict(found["network"])
            self.network.load_state_dict(found["training"])
            self.optimiser.load_state_dict(found["optimiser"])
            self.step, self.spent_s = found["step"], found["spent_s"]
        except (LookupError, RuntimeError, ValueError) as e:
            raise ModelError(f"{path} is of another run, which can't be gone on with here: {e}") from e
        if together.rank() == 0:
            self._forget_lines_after(self.step)

    def one_step(self, progress: float) -> dict[str, float]:
        """One batch learned from, at `progress` 0..1 of the run; what each part of the loss was."""
        warm = min(1.0, (self.step + 1) / WARM_UP_STEPS)
        for group in self.optimiser.param_groups:
            group["lr"] = self.options.rate * warm * rate_factor(progress)
        losses = self._losses(progress)
        total = torch.stack(list(losses.values())).sum()
        self.optimiser.zero_grad(set_to_none=True)
        total.backward()
        together.average_gradients(self.network.parameters())
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.optimiser.step()
        self.step += 1
        if self.step % AVERAGE_EVERY == 0:
            self._average()
        return {name: float(value.detach()) for name, value in losses.items()}

    def _average(self) -> None:
        decay = min(EMA**AVERAGE_EVERY, (self.step + 1) / (self.step + 10 * AVERAGE_EVERY))
        with torch.no_grad():
            for kept, new in zip(self.average.parameters(), self.network.parameters(), strict=True):
                kept.lerp_(new, 1 - decay)

    def _losses(self, progress: float) -> dict[str, Tensor]:
        """The parts of the loss, of one batch, at `progress` 0..1 of the run."""
        batch = self.sampler.batch(self.options.crops, self.options.frames)
        network = self.network.train()
        index = int(torch.randint(len(network.config.lookahead_frames), (), generator=self.generator))
        delay = network.config.lookahead_frames[index]
        mel = augment(batch.mel, self.generator).to(self.device)
        style = batch.style.to(self.device)
        emotion = batch.emotion.to(self.device)
        lookahead = torch.tensor(index, device=self.device)
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.options.bfloat16):
            hidden, _, _ = network.trunk(mel, style, emotion, lookahead, network.silence(len(mel)))
        hidden = hidden.float()[:, delay:]
        face = smoothed(network.lips(hidden, style))
        rows = slice(batch.mel.shape[1] - delay)
        target, free = batch.face[:, rows].to(self.device), batch.free[:, rows].to(self.device)
        losses = face_losses(face, target, free, self.scales, self.weights)
        losses["gap"] = gap_loss(face, batch.aperture[:, rows].to(self.device), self.weights)
        losses["opening"] = opening_loss(face, batch.gap[:, rows].to(self.device), self.weights, progress)
        losses["rounding"] = rounding_loss(face, target, free, self.weights)
        phone = batch.phone[:, rows].to(self.device)
        if bool((phone != UNKNOWN_PHONE).any()):
            scores = network.phones(hidden).flatten(0, 1)
            entropy = F.cross_entropy(scores, phone.flatten(), ignore_index=UNKNOWN_PHONE)
            losses["phones"] = self.weights.phones * entropy
        return losses

    def _forget_lines_after(self, step: int) -> None:
        """Take out of the log what a kill has undone: it is done, and told, once more."""
        log = self.run / "log.jsonl"
        if log.is_file():
            lines = log.read_text("utf-8").splitlines(keepends=True)
            log.write_text("".join(line for line in lines if _step_of(line) <= step), "utf-8")

    def log(self, means: dict[str, float]) -> None:
        """Add a line to the log; in several processes it tells of the first one's crops."""
        if together.rank() > 0:
            return
        line: dict[str, Any] = {"step": self.step, "spent_s": round(self.spent_s, 1)}
        line.update({k: round(v, 5) for k, v in means.items()})
        with (self.run / "log.jsonl").open("a", encoding="utf-8") as f:
            f.write(json.dumps(line) + "\n")


def _step_of(line: str) -> float:
    """The step that a line of the log is of; one that was cut off is of none."""
    try:
        return float(json.loads(line)["step"])
    except ValueError:
        return math.inf


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("packs", type=Path, help="the folder that models.data.build wrote")
    parser.add_argument("run", type=Path, help="the folder of this run; made, or resumed")
    length = parser.add_mutually_exclusive_group(required=True)
    length.add_argument(
        "--minutes", type=command.above_zero, default=0, help="in all, those before a resumption included"
    )
    length.add_argument("--steps", type=command.at_least(1), default=0, help="likewise")
    parser.add_argument("--from", dest="start", type=Path, help="a checkpoint, or a folder of weights, to begin with")
    parser.add_argument("--rate", type=command.above_zero, default=Options.rate)
    parser.add_argument("--crops", type=command.at_least(1), default=Options.crops, help="a step, in each process")
    parser.add_argument("--frames", type=command.at_least(LEAST_FRAMES), default=Options.frames, help="of each crop")
    parser.add_argument("--save-every", type=command.at_least(1), default=Options.save_every, metavar="STEPS")
    parser.add_argument("--shares", type=float, nargs="+", default=Options.shares)
    parser.add_argument("--threads", type=command.at_least(1), default=2)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.set_flush_denormal(True)
    options = Options(
        args.minutes,
        steps=args.steps,
        save_every=args.save_every,
        crops=args.crops,
        frames=args.frames,
        rate=args.rate,
        shares=tuple(args.shares),
    )
    start = None if args.start is None else released.load(args.start)
    with together.joined():
        Trainer(args.packs, args.run, options, start).train()


if __name__ == "__main__":
    sys.exit(command.run(main))
