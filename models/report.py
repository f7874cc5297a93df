"""What the figures leave out, to be looked at: each set's worst clips, their curves beside the recorded ones."""

from __future__ import annotations

import base64
import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

HEIGHT, MARGIN = 160, 20
PX_PER_FRAME = 3
COLOURS: Final = ("#222222", "#d1495b", "#2b7a9e", "#8a6fb0")
STYLE: Final = (
    "body{font:15px/1.5 system-ui,sans-serif;margin:2em auto;max-width:64em;color:#222}"
    "table{border-collapse:collapse}td,th{padding:.2em .7em;text-align:right;border-bottom:1px solid #ddd}"
    "th:first-child{text-align:left}img{max-width:100%}div.wide{overflow-x:auto}"
    "svg{background:#fafafa}figure{margin:1.5em 0;overflow-x:auto}"
)


@dataclass(frozen=True)
class Chart:
    """Curves [T] over the same frames, by name; each is drawn in its own colour, the first in black."""

    title: str
    curves: Mapping[str, NDArray[np.float32]]

    def svg(self) -> str:
        """The chart, a grid line a second, as wide as it is long."""
        frames = max(len(c) for c in self.curves.values())
        top = max(float(np.nan_to_num(c).max()) for c in self.curves.values()) or 1.0
        width = frames * PX_PER_FRAME + 2 * MARGIN
        seconds = "".join(
            f'<line x1="{x}" x2="{x}" y1="0" y2="{HEIGHT}" stroke="#e5e5e5"/>'
            for x in range(MARGIN, width, 60 * PX_PER_FRAME)
        )
        lines = "".join(
            self._line(curve, top, colour) for curve, colour in zip(self.curves.values(), COLOURS, strict=False)
        )
        key = " ".join(
            f'<b style="color:{colour}">{html.escape(name)}</b>'
            for name, colour in zip(self.curves, COLOURS, strict=False)
        )
        return (
            f"<figure><figcaption>{html.escape(self.title)}: {key}</figcaption>"
            f'<svg viewBox="0 0 {width} {HEIGHT}" width="{width}" height="{HEIGHT}">{seconds}{lines}</svg></figure>'
        )

    @staticmethod
    def _line(curve: NDArray[np.float32], top: float, colour: str) -> str:
        height = HEIGHT - 2 * MARGIN
        points = " ".join(
            f"{MARGIN + i * PX_PER_FRAME},{HEIGHT - MARGIN - height * value / top:.1f}"
            for i, value in enumerate(np.nan_to_num(curve))
        )
        return f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.6"/>'


@dataclass(frozen=True)
class Section:
    """A set: the figures of each way of speaking, and the charts of its worst clips."""

    title: str
    figures: Mapping[str, Mapping[str, float]]
    charts: Sequence[Chart]

    def markup(self) -> str:
        """The section as HTML."""
        columns = list(dict.fromkeys(name for row in self.figures.values() for name in row))
        head = "<tr><th></th>" + "".join(f"<th>{html.escape(c)}</th>" for c in columns) + "</tr>"
        rows = "".join(
            f"<tr><th>{html.escape(label)}</th>"
            + "".join(f"<td>{row[c]:.3f}</td>" if c in row else "<td></td>" for c in columns)
            + "</tr>"
            for label, row in self.figures.items()
        )
        charts = "".join(chart.svg() for chart in self.charts)
        table = f'<div class="wide"><table>{head}{rows}</table></div>'
        return f"<h2>{html.escape(self.title)}</h2>{table}{charts}"


@dataclass(frozen=True)
class Film:
    """A filmstrip, WebP, or why there is none."""

    sentence: str
    picture: bytes = b""
    failure: str = ""

    def markup(self) -> str:
        """The strip as HTML, the picture within it."""
        title = f"<h2>All emotions: “{html.escape(self.sentence)}”</h2>"
        if not self.picture:
            return f"{title}<p>{html.escape(self.failure)}</p>"
        return f'{title}<img alt="" src="data:image/webp;base64,{base64.b64encode(self.picture).decode()}">'


def write(path: Path, sections: Sequence[Section], film: Film | None = None) -> None:
    """Write the page; it needs nothing but itself."""
    body = (film.markup() if film else "") + "".join(section.markup() for section in sections)
    head = f'<!doctype html><meta charset="utf-8"><title>Face model</title><style>{STYLE}</style>'
    path.write_text(f"{head}<h1>Face model</h1>{body}", "utf-8")
