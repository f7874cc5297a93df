"""Learning curves of runs, side by side, as a page:

    python -m models.curves models/runs/first models/runs/second -o curves.html

One chart for each part of the loss, the step along the bottom, a line a run. Scales are logarithmic.
"""

from __future__ import annotations

import argparse
import html
import json
import math
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from bridge.errors import InputError
from models import command
from models.report import COLOURS, STYLE

WIDTH, HEIGHT, MARGIN = 460, 220, 34
NOT_PLOTTED: Final = ("step", "spent_s")

Log = Sequence[Mapping[str, float]]


def read_log(run: Path) -> list[dict[str, float]]:
    """The lines of a run's log. Raises InputError naming the file and the line."""
    path = run / "log.jsonl" if run.is_dir() else run
    lines: list[dict[str, float]] = []
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeError) as e:
        raise InputError(f"{path} can't be read: {e}.") from None
    for number, line in enumerate(text.splitlines(), 1):
        try:
            lines.append({name: float(value) for name, value in json.loads(line).items()})
            lines[-1]["step"]
        except (ValueError, TypeError, AttributeError, KeyError) as e:
            raise InputError(f"{path}, line {number}, is no line of a training log: {e}.") from e
    if not lines:
        raise InputError(f"{path} is empty.")
    return lines


def chart(name: str, logs: Mapping[str, Log]) -> str:
    """One part of the loss over the steps of each run, as SVG."""
    points = {run: [(line["step"], line[name]) for line in log if line.get(name, 0) > 0] for run, log in logs.items()}
    values = [value for row in points.values() for _, value in row]
    most_steps = max(step for row in points.values() for step, _ in row)
    low, high = math.log(min(values)), math.log(max(values))
    high = max(high, low + 0.1)

    def place(step: float, value: float) -> str:
        x = MARGIN + (WIDTH - 2 * MARGIN) * step / most_steps
        y = HEIGHT - MARGIN - (HEIGHT - 2 * MARGIN) * (math.log(value) - low) / (high - low)
        return f"{x:.1f},{y:.1f}"

    lines = "".join(
        f'<polyline points="{" ".join(place(*p) for p in row)}" fill="none" stroke="{colour}" stroke-width="1.6"/>'
        for row, colour in zip(points.values(), COLOURS, strict=False)
    )
    marks = "".join(
        f'<text x="2" y="{y}" font-size="11" fill="#777">{math.exp(value):.3g}</text>'
        for y, value in ((MARGIN, high), (HEIGHT - MARGIN, low))
    )
    last = f'<text x="{WIDTH - MARGIN}" y="{HEIGHT - 8}" font-size="11" text-anchor="end">{most_steps:.0f} steps</text>'
    svg = f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}">{marks}{last}{lines}</svg>'
    return (
        f'<figure style="display:inline-block;margin:.6em"><figcaption>{html.escape(name)}</figcaption>{svg}</figure>'
    )


def page(logs: Mapping[str, Log]) -> str:
    """All parts of all runs. Raises InputError for more runs than can be told apart."""
    if len(logs) > len(COLOURS):
        raise InputError(f"{len(logs)} runs can't be told apart in one chart; {len(COLOURS)} can.")
    names = list(dict.fromkeys(name for log in logs.values() for line in log for name in line))
    drawn = [
        n for n in names if n not in NOT_PLOTTED and any(line.get(n, 0) > 0 for log in logs.values() for line in log)
    ]
    key = " ".join(
        f'<b style="color:{colour}">{html.escape(run)}</b>' for run, colour in zip(logs, COLOURS, strict=False)
    )
    head = f'<!doctype html><meta charset="utf-8"><title>Learning curves</title><style>{STYLE}</style>'
    return f"{head}<h1>Learning curves</h1><p>{key}</p>" + "".join(chart(name, logs) for name in drawn)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", type=Path, nargs="+", help="folders of runs, or their log.jsonl")
    parser.add_argument("-o", "--out", type=Path, required=True, metavar="PAGE.html")
    args = parser.parse_args()
    args.out.write_text(page({str(run): read_log(run) for run in args.runs}), "utf-8")
    print(f"wrote {args.out}")


if __name__ == "__main__":
    sys.exit(command.run(main))
