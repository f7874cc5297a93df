"""`python -m tools.sheet KIND MODEL ... -o OUT`: renders a contact sheet with three.js in headless Chromium.

KIND is shapes, visemes, emotions, portrait, or film (with --take). Needs Chromium, Chrome or Edge, and the modules of
engine_plugins/web.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from tools.browser import PageError
from tools.sheet import poses
from tools.sheet.render import MODULES, render

# Degrees around the head; 0 looks it in the face.
VIEWS = {"front": 0.0, "three-quarter": 35.0, "profile": 90.0}
KINDS = {"shapes": poses.shapes, "visemes": poses.visemes, "emotions": poses.emotions, "portrait": poses.portrait}
TYPES = {".png": "image/png", ".webp": "image/webp", ".jpg": "image/jpeg"}


def main() -> int:
    args = _arguments()
    shown = poses.film(args.take, args.start, args.end, args.frames) if args.kind == "film" else KINDS[args.kind]()
    if args.only:
        shown = [p for p in shown if any(word in p.label for word in args.only)]
    cells = [_cell(model, pose, view, args) for model in args.models for pose in shown for view in args.views]
    job = {
        "cell": [args.size, int(args.size * 1.08)],
        "columns": len(args.views) * max(1, args.columns // len(args.views)),
        "wave": args.kind == "film",
        "type": TYPES[args.out.suffix],
        "quality": args.quality,
        "cells": cells,
    }
    try:
        picture, messages = render(job, {_path(model): model for model in args.models}, args.modules)
    except PageError as e:
        print(f"The sheet was not drawn: {e}.", file=sys.stderr)
        return 1
    args.out.write_bytes(picture)
    for message in dict.fromkeys(messages):
        print(message, file=sys.stderr)
    print(f"{args.out}: {len(shown)} poses, {len(picture) / 1000:.0f} kB")
    return 0


def _path(model: Path) -> str:
    """Where the page finds a model."""
    return f"/{model.name}"


def _cell(model: Path, pose: poses.Pose, view: str, args: argparse.Namespace) -> dict[str, Any]:
    """One picture. Places are metres from the point between the eyes."""
    distance = {"film": 0.8, "portrait": 1.2}.get(args.kind, 0.66)
    drop = -0.045 if args.kind == "portrait" else -0.022
    middle = -0.03 + 0.02 * (view == "profile")
    return {
        "model": _path(model),
        "label": model.stem if args.kind == "portrait" else pose.label if view == args.views[0] else view,
        "weights": pose.weights,
        "bones": {**poses.ARMS_DOWN, **pose.bones},
        "wave": pose.wave if view == args.views[0] else [],
        "span": len(args.views),
        "view": {"turn": VIEWS[view], "distance": distance, "offset": [0.0, drop, middle]},
    }


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tools.sheet", description=__doc__)
    parser.add_argument("kind", choices=[*KINDS, "film"])
    parser.add_argument("models", type=Path, nargs="+", help=".glb or .vrm")
    parser.add_argument("-o", "--out", type=Path, required=True, help="picture to write: .webp, .png or .jpg")
    parser.add_argument("--views", nargs="+", choices=list(VIEWS), default=list(VIEWS))
    parser.add_argument("--size", type=int, default=230, help="width of a cell in pixels")
    parser.add_argument("--columns", type=int, default=12)
    parser.add_argument("--quality", type=float, default=0.8, help="0..1, for .webp and .jpg")
    parser.add_argument("--only", nargs="+", help="show only poses whose label contains one of these words")
    parser.add_argument("--take", type=Path, help="the .npz of a film")
    parser.add_argument("--start", type=float, default=0.0, help="seconds")
    parser.add_argument("--end", type=float, help="seconds")
    parser.add_argument("--frames", type=int, default=24)
    parser.add_argument("--modules", type=Path, default=MODULES, help="with three and @pixiv/three-vrm")
    args = parser.parse_args()
    if args.kind == "film" and not args.take:
        parser.error("film needs --take FILE.npz")
    if args.out.suffix not in TYPES:
        parser.error(f"{args.out.name} must end in {', '.join(TYPES)}")
    return args


if __name__ == "__main__":
    sys.exit(main())
