"""How far the inner lips are apart over a take, in millimetres on a face.

`python -m tools.lip_gap TAKE.npz [--model MODEL.glb]` prints a summary; `-o GAPS.csv` writes the gap of each frame.
`--say TEXT [--lang en]`, in place of a take, lets the embedded voice speak and the face model listen, and tells how far
the lips are apart in each p, b and m. The model is one of this project's avatars: its Head mesh names the pairs of
vertices where the lips meet (`lipPairs`).
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

CHECKOUT = Path(__file__).resolve().parents[1]
if __name__ == "__main__":
    sys.path.insert(0, str(CHECKOUT))

from bridge.onnx import load_face_model  # noqa: E402
from bridge.providers.tts.espeak import Options, speak  # noqa: E402
from bridge.types import ARKIT_BLENDSHAPES, Phone  # noqa: E402
from tools.avatar.read import Mesh, load  # noqa: E402

# Lips nearer than this look shut from any distance a face is seen at.
SHUT_MM = 1.0
# Pairs counted as the middle of the mouth: the nearest share to the midline.
MIDDLE = 0.4
# How long before and after its mark a p, b or m may shut; the silence of a p comes before its mark.
AROUND_S, BEFORE_P_S = 0.03, 0.07
FPS = 60


def gaps(head: Mesh, names: list[str], weights: NDArray[np.floating]) -> NDArray[np.float64]:
    """Height of the opening [T, P] in millimetres at each pair of the lips, for weights [T, len(names)].

    Negative where the lower lip is above the upper. Columns go from the middle of the mouth outwards.
    """
    pairs = np.asarray(head.extras["lipPairs"])
    pairs = pairs[np.argsort(np.abs(head.position[pairs[:, 0], 0]), kind="stable")]
    up = np.array([0.0, 1.0, 0.0])
    top, bottom = pairs.T
    out = np.tile((head.position[top] - head.position[bottom]) @ up, (len(weights), 1))
    for k, name in enumerate(names):
        if name in head.shapes:
            delta = head.shapes[name]
            out += np.outer(weights[:, k], (delta[top] - delta[bottom]) @ up)
    return 1000.0 * out


def middle_gap(all_gaps: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean opening [T] over the middle of the mouth, not below zero."""
    count = max(1, int(MIDDLE * all_gaps.shape[1]))
    return np.maximum(all_gaps[:, :count].mean(1), 0.0)


def closures(gap_mm: NDArray[np.float64]) -> int:
    """How many times the lips come to touch."""
    shut = gap_mm < SHUT_MM
    return int((shut[1:] & ~shut[:-1]).sum() + shut[0])


def bilabial_gaps(gap_mm: NDArray[np.float64], phones: Iterable[Phone], fps: float) -> list[tuple[str, float]]:
    """The smallest gap in each p, b and m of known speech, in order, with its label."""
    out = []
    for phone in phones:
        if phone.ipa[:1] in ("p", "b", "m"):
            begin = phone.start_s - (BEFORE_P_S if phone.ipa[0] == "p" else AROUND_S)
            span = slice(max(0, round(begin * fps)), round((phone.end_s + AROUND_S) * fps) + 1)
            if len(gap_mm[span]):
                out.append((phone.ipa, float(gap_mm[span].min())))
    return out


def spoken(text: str, lang: str) -> tuple[NDArray[np.float32], list[Phone]]:
    """What the face model makes of the embedded voice [T, 52] at 60 frames a second, and the phones it heard."""
    speech = speak(text, Options(lang=lang))
    model = load_face_model(CHECKOUT / "models" / "weights")
    pieces = [model.push(speech.samples), model.flush()]
    return np.concatenate([piece.face for piece in pieces]), list(speech.phones)


def summary(every: NDArray[np.float64], fps: float) -> str:
    """What the gaps [T, P] of a take amount to, for a person to read."""
    gap = middle_gap(every)
    low, half, high = np.percentile(gap, (5, 50, 95))
    return (
        f"{len(gap)} frames, {len(gap) / fps:.2f} s\n"
        f"gap in the middle: p5 {low:.2f}, median {half:.2f}, p95 {high:.2f}, most {gap.max():.2f} mm\n"
        f"shut (under {SHUT_MM} mm) {100 * (gap < SHUT_MM).mean():.1f} % of the time, {closures(gap)} closures\n"
        f"deepest overlap of the lips: {max(0.0, -every.min()):.2f} mm"
    )


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tools.lip_gap", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("take", type=Path, nargs="?", help="an .npz of the bridge")
    source.add_argument("--say", metavar="TEXT")
    parser.add_argument("--lang", default="en", help="of what is said")
    parser.add_argument("--model", type=Path, default=CHECKOUT / "build" / "avatar" / "default.glb")
    parser.add_argument("-o", "--out", type=Path, help="a .csv of time and gap")
    args = parser.parse_args()
    head = load(args.model).mesh("Head")
    phones: list[Phone] = []
    if args.say:
        weights, phones = spoken(args.say, args.lang)
        names, fps = list(ARKIT_BLENDSHAPES), float(FPS)
    else:
        take = np.load(args.take, allow_pickle=False)
        names, weights = [str(n) for n in take["names"]], take["arkit"]
        fps = float(take["fps_num"]) / float(take["fps_den"])
    every = gaps(head, names, weights)
    print(f"{args.take.name if args.take else args.say} on {args.model.name}: {summary(every, fps)}")
    met = bilabial_gaps(middle_gap(every), phones, fps)
    if met:
        shut = sum(gap < SHUT_MM for _, gap in met)
        print(f"p, b, m: {shut} of {len(met)} shut; " + ", ".join(f"{label} {gap:.1f}" for label, gap in met))
    if args.out:
        rows = np.column_stack([np.arange(len(every)) / fps, middle_gap(every)])
        np.savetxt(args.out, rows, "%.4f", ",", header="time_s,gap_mm", comments="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
