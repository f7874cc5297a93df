"""One more style for a face network, learned from recordings of one speaker:

    python -m models.finetune models/weights models/cache/mine models/runs/mine --style mine

Begins from a checkpoint or from weights that ship. Only what belongs to the new style is learned: its vector, and its
last layer, which begin as another style's. All else is as it was to the last bit, the other styles with it. At the end
the new style is measured beside the one it began as, on what `models.data.own` kept out. Stopped or killed, it goes on
where it was when the same command is given again.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from bridge.errors import InputError
from bridge.types import SHAPE_INDEX
from models import command, released, together
from models.data import pack
from models.data.own import KEPT_OUT
from models.data.pack import Pack
from models.losses import MOUTH, correlation, lip_gap, smoothed
from models.model import FaceNet
from models.train import LEAST_FRAMES, Options, Trainer

STEPS = 1500
RATE = 2e-3
LOOKAHEAD = 2


def add_style(network: FaceNet, name: str, like: str) -> FaceNet:
    """The network with one more style, the last, which speaks as `like` does. Raises InputError."""
    styles = network.config.styles
    if name in styles or not name:
        raise InputError(f"The new style can't be called '{name}'; there are {', '.join(styles)} already.")
    if like not in styles:
        raise InputError(f"There is no style '{like}' to begin from; there are {', '.join(styles)}.")
    at = styles.index(like)
    grown = FaceNet(replace(network.config, styles=(*styles, name)))
    weights = network.state_dict()
    weights["style.weight"] = torch.cat([weights["style.weight"], weights["style.weight"][:, at : at + 1]], 1)
    for part in ("face", "face_bias"):
        weights[part] = torch.cat([weights[part], weights[part][at : at + 1]])
    grown.load_state_dict(weights)
    return grown


def learn_last_style_only(network: FaceNet) -> None:
    """Let nothing learn but the last style."""
    for parameter in network.parameters():
        parameter.requires_grad_(False)
    _learn_last(network.face, 0)
    _learn_last(network.face_bias, 0)
    _learn_last(network.style.weight, 1)


def _learn_last(parameter: nn.Parameter, axis: int) -> None:
    def masked(gradient: Tensor) -> Tensor:
        mask = torch.zeros(gradient.shape[axis], device=gradient.device)
        mask[-1] = 1
        return gradient * mask.reshape([-1 if i == axis else 1 for i in range(gradient.ndim)])

    parameter.requires_grad_(True)
    parameter.register_hook(masked)


def finetune(network: FaceNet, packs: Path, run: Path, steps: int, options: Options) -> FaceNet:
    """Learn the last style of `network`; the network that came of it, its running average."""
    learn_last_style_only(network)
    shares = tuple(float(s == network.config.styles[-1]) for s in network.config.styles)
    # Decay would move what no gradient touches.
    trainer = Trainer(packs, run, replace(options, steps=steps, shares=shares, weight_decay=0.0), network)
    trainer.train()
    return trainer.average.cpu().eval()


def measured(network: FaceNet, kept_out: Pack, style: str) -> dict[str, float]:
    """How well a style speaks the clips kept out: r of jaw, lips' gap and mouth shapes that move, the mouth's error."""
    rows: list[dict[str, float]] = []
    which = torch.tensor([[float(style == s) for s in network.config.styles]])
    delay = network.config.lookahead_frames[LOOKAHEAD]
    for start, end in zip([0, *kept_out.ends[:-1]], kept_out.ends, strict=True):
        mel, target = (torch.tensor(kept_out.arrays[n][start:end].astype(np.float32))[None] for n in ("mel", "face"))
        heard = torch.cat([mel, mel.new_zeros(1, delay, mel.shape[2])], 1)
        emotion = mel.new_zeros(1, network.config.emotion_count)
        with torch.no_grad():
            said, _, _ = network.trunk(heard, which, emotion, torch.tensor(LOOKAHEAD), network.silence())
            rows.append(_figures(smoothed(network.lips(said[:, delay:], which)), target))
    return {name: float(np.nanmean([row[name] for row in rows])) for name in rows[0]}


def _figures(face: Tensor, target: Tensor) -> dict[str, float]:
    known = target.isfinite()
    r, moves = correlation(face, target.nan_to_num(), known)
    mouth = torch.tensor(MOUTH)
    gap, moving = correlation(*(lip_gap(f).clamp(min=0) for f in (face, target.nan_to_num())), known.all(2))
    error = (face - target).abs()[..., mouth]
    jaw = SHAPE_INDEX["jawOpen"]
    shapes = r[0, mouth][moves[0, mouth]]
    return {
        "jaw_r": float(r[0, jaw]) if moves[0, jaw] else float("nan"),
        "gap_r": float(gap[0]) if moving[0] else float("nan"),
        "mouth_r": float(shapes.mean()) if len(shapes) else float("nan"),
        "error": float(error[known[..., mouth]].mean()),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("start", type=Path, help="a checkpoint, or a folder with face.onnx and face.json")
    parser.add_argument("packs", type=Path, help="the folder that models.data.own wrote")
    parser.add_argument("run", type=Path, help="the folder of this run; made, or resumed")
    parser.add_argument("--style", required=True, metavar="NAME", help="what the new style is called")
    parser.add_argument("--like", default="natural", metavar="NAME", help="the style it begins as")
    parser.add_argument("--steps", type=command.at_least(1), default=STEPS)
    parser.add_argument("--crops", type=command.at_least(1), default=12)
    parser.add_argument("--frames", type=command.at_least(LEAST_FRAMES), default=Options.frames)
    parser.add_argument("--rate", type=command.above_zero, default=RATE)
    parser.add_argument("--threads", type=command.at_least(1), default=2)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.set_flush_denormal(True)
    network = add_style(released.load(args.start), args.style, args.like)
    path = args.packs / KEPT_OUT / "own.npz"
    if not path.is_file():
        raise InputError(f"There is no {path}; write it with models.data.own.")
    kept_out = pack.read(path)
    options = Options(0, crops=args.crops, frames=args.frames, rate=args.rate)
    with together.joined():
        done = finetune(network, args.packs, args.run, args.steps, options)
        if together.rank() > 0:
            return
    for style in (args.like, args.style):
        figures = measured(done, kept_out, style)
        print(f"{style:12}", "  ".join(f"{name} {value:.3f}" for name, value in figures.items()))


if __name__ == "__main__":
    sys.exit(command.run(main))
