"""From the text of a rig file to a `Rig`. The schema is rigs/README.md.

Every complaint is a ConfigError that names the file and the line.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, NoReturn

from bridge.errors import ConfigError
from bridge.rig.model import AXES, BONE_SOURCES, UPPER_BODY, Axes, Bone, Curve, Rig
from bridge.rig.smoothing import SMOOTHING_MAX_MS
from bridge.rig.sources import SOURCE_INDEX

_TABLES: Final = ("meta", "curves", "tune", "bones")
_META: Final = ("title", "engine", "documentation", "axes", "curve_min", "curve_max")
_TUNE: Final = ("gain", "offset", "min", "max", "smoothing_ms")

_KEY: Final = r'[A-Za-z0-9_-]+|"[^"]*"'
_HEADER: Final = re.compile(rf"\s*\[\s*((?:{_KEY})(?:\.(?:{_KEY}))*)\s*\]")
_ROW: Final = re.compile(rf"\s*({_KEY})\s*=")


def parse(text: str, name: str) -> Rig:
    """The rig that `text` describes; `name` is the file's, without its ending. Raises ConfigError."""
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(_not_toml(str(error), text, name)) from error
    except RecursionError:
        raise ConfigError(f"{name}.toml can't be read: its brackets are nested too deeply.") from None
    return _Reader(name, _line_numbers(text)).rig(tables)


def _not_toml(complaint: str, text: str, name: str) -> str:
    place = re.search(r" \(at (?:line (\d+), column \d+|end of document)\)$", complaint)
    line = int(place[1]) if place and place[1] else max(len(text.splitlines()), 1)
    reason = complaint[: place.start()] if place else complaint
    if reason == "Cannot overwrite a value" and (row := _ROW.match(text.splitlines()[line - 1])):
        key = row[1].strip('"')
        return f"{name}.toml, line {line}: '{key}' stands there twice"
    return f"{name}.toml, line {line}: this is not TOML: {reason.lower()}"


def _line_numbers(text: str) -> dict[tuple[str, str], int]:
    """The line of each (table, key); the table's own has the key ''."""
    lines: dict[tuple[str, str], int] = {}
    table = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _HEADER.match(line):
            table = header[1].replace('"', "")
            lines[table, ""] = number
        elif row := _ROW.match(line):
            lines[table, row[1].strip('"')] = number
    return lines


def _both(source: str) -> tuple[str, ...]:
    """`mouthSmile*` is both mouthSmileLeft and mouthSmileRight."""
    return (f"{source[:-1]}Left", f"{source[:-1]}Right") if source.endswith("*") else (source,)


@dataclass(frozen=True, slots=True)
class _Reader:
    """Checks and converts one file's tables."""

    name: str
    lines: Mapping[tuple[str, str], int]

    def rig(self, tables: dict[str, Any]) -> Rig:
        for table, rows in tables.items():
            if not isinstance(rows, dict):
                self.fail("", table, f"'{table}' stands outside a table")
            self.one_of("", table, table, _TABLES, "table")
        meta = tables.get("meta", {})
        for key in meta:
            self.one_of("meta", key, key, _META, "key")
        curve_min = self.number("meta", "curve_min", meta.get("curve_min", 0.0))
        curve_max = self.number("meta", "curve_max", meta.get("curve_max", 1.0))
        if curve_min >= curve_max:
            self.fail("meta", "curve_max", "curve_max must be greater than curve_min")
        curves = self.curves(tables.get("curves", {}), tables.get("tune", {}), (curve_min, curve_max))
        bones = self.bones(tables.get("bones"))
        if not curves and "bones" not in tables:
            self.fail("curves", "", "a rig needs a [curves] or a [bones] table with at least one row")
        return Rig(
            name=self.name,
            title=self.text("meta", "title", meta.get("title", self.name)),
            engine=self.text("meta", "engine", meta.get("engine", "any")),
            documentation=self.texts("meta", "documentation", meta.get("documentation", [])),
            axes=self.axes(meta.get("axes", "vrm1")),
            curve_min=curve_min,
            curve_max=curve_max,
            curves=curves,
            bones=bones,
        )

    def curves(self, rows: dict[str, Any], tunes: dict[str, Any], bounds: tuple[float, float]) -> tuple[Curve, ...]:
        for target in tunes:
            self.one_of("tune", target, target, rows, "curve")
        return tuple(self.curve(target, row, tunes.get(target, {}), bounds) for target, row in rows.items())

    def curve(self, target: str, row: Any, tune: Any, bounds: tuple[float, float]) -> Curve:
        if not isinstance(tune, dict):
            self.fail("tune", target, f"'{target}' takes a table such as {{ gain = 1.2 }}")
        for key in tune:
            self.one_of("tune", target, key, _TUNE, "key")
        values = {key: self.number("tune", target, value) for key, value in tune.items()}
        low, high = values.get("min", bounds[0]), values.get("max", bounds[1])
        if not bounds[0] <= low < high <= bounds[1]:
            self.fail("tune", target, f"min and max must lie within {bounds[0]:g}..{bounds[1]:g}, min below max")
        smoothing_ms = values.get("smoothing_ms", 0.0)
        if not 0.0 <= smoothing_ms <= SMOOTHING_MAX_MS:
            self.fail("tune", target, f"smoothing_ms lies between 0 and {SMOOTHING_MAX_MS:g}")
        return Curve(
            name=target,
            sources=self.sources(target, row),
            gain=values.get("gain", 1.0),
            offset=values.get("offset", 0.0),
            low=low,
            high=high,
            smoothing_ms=smoothing_ms,
            line=self.lines.get(("curves", target), 0),
        )

    def sources(self, target: str, row: Any) -> tuple[tuple[str, float], ...]:
        if isinstance(row, str):
            row = {row: 1.0}
        if not isinstance(row, dict):
            self.fail("curves", target, f"'{target}' takes a source's name or a table such as {{ jawOpen = 1.0 }}")
        gains = {name: self.number("curves", target, gain) for source, gain in row.items() for name in _both(source)}
        for source in gains:
            self.one_of("curves", target, source, SOURCE_INDEX, "source")
        return tuple(gains.items())

    def bones(self, rows: Any) -> tuple[Bone, ...]:
        if rows is None:
            return tuple(Bone(name, name, 0) for name in UPPER_BODY)
        for target, source in rows.items():
            self.one_of("bones", target, self.text("bones", target, source), BONE_SOURCES, "bone")
        return tuple(Bone(target, source, self.lines.get(("bones", target), 0)) for target, source in rows.items())

    def axes(self, value: Any) -> Axes:
        for axes in AXES:
            if axes == value:
                return axes
        self.fail("meta", "axes", f"there are no axes '{value}'; there are {', '.join(AXES)}")

    def number(self, table: str, key: str, value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 1e6:
            self.fail(table, key, f"'{key}' needs a number, not {value!r}")
        return float(value)

    def text(self, table: str, key: str, value: Any) -> str:
        if not isinstance(value, str):
            self.fail(table, key, f"'{key}' needs a text, not {value!r}")
        return value

    def texts(self, table: str, key: str, value: Any) -> tuple[str, ...]:
        if not isinstance(value, list):
            self.fail(table, key, f"'{key}' needs a list of texts, not {value!r}")
        return tuple(self.text(table, key, item) for item in value)

    def one_of(self, table: str, key: str, value: str, known: Iterable[str], kind: str) -> None:
        if value not in known:
            self.fail(table, key, f"there is no {kind} '{value}'; there are {', '.join(known)}")

    def fail(self, table: str, key: str, complaint: str) -> NoReturn:
        line = self.lines.get((table, key)) or self.lines.get((table or key, "")) or 1
        raise ConfigError(f"{self.name}.toml, line {line}: {complaint}")
