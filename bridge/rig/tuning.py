"""A designer's changes to a rig: what differs from its file in the rows of [tune], as values and as text. Pure.

A change never touches the rig's file: `tuned` lays it over the rig, and `write_back` writes the two as one new file.
All of it is TOML in the form of the rig's own [tune] table, so that rows can be moved by hand too.
"""

from __future__ import annotations

import dataclasses
import math
import tomllib
from collections.abc import Mapping
from typing import Any, Final, TypeAlias

import tomlkit
import tomlkit.exceptions

from bridge.errors import ConfigError
from bridge.rig.model import Curve, Rig
from bridge.rig.smoothing import SMOOTHING_MAX_MS

_FIELDS: Final = {"gain": "gain", "offset": "offset", "min": "low", "max": "high", "smoothing_ms": "smoothing_ms"}
KEYS: Final = tuple(_FIELDS)
"""What can be tuned of a curve, by the names that [tune] has."""
GAIN_LIMIT: Final = 10.0

Changes: TypeAlias = Mapping[tuple[str, str], float]
"""A value for each (curve, key) that is not as in the rig's file."""


def bounds(rig: Rig, key: str) -> tuple[float, float]:
    """The least and greatest value that `key` takes in `rig`, in the units of its curves (smoothing in ms)."""
    span = rig.curve_max - rig.curve_min
    return {
        "gain": (-GAIN_LIMIT, GAIN_LIMIT),
        "offset": (-span, span),
        "min": (rig.curve_min, rig.curve_max),
        "max": (rig.curve_min, rig.curve_max),
        "smoothing_ms": (0.0, SMOOTHING_MAX_MS),
    }[key]


def value(rig: Rig, curve: str, key: str) -> float:
    """What `key` of `curve` is in `rig`. Raises ConfigError for a curve there is not."""
    for row in rig.curves:
        if row.name == curve:
            return float(getattr(row, _FIELDS[key]))
    raise ConfigError(f"The rig '{rig.name}' has no curve '{curve[:60]}'.")


def values(rig: Rig) -> dict[tuple[str, str], float]:
    """What each (curve, key) is in `rig`."""
    return {(curve.name, key): getattr(curve, field) for curve in rig.curves for key, field in _FIELDS.items()}


def tuned(rig: Rig, changes: Changes) -> Rig:
    """`rig` with `changes` laid over it. Raises ConfigError for a curve, key or value it can't have."""
    rows: dict[str, dict[str, Any]] = {}
    names = {curve.name for curve in rig.curves}
    for (name, key), value in changes.items():
        if name not in names:
            raise ConfigError(f"The rig '{rig.name}' has no curve '{name[:60]}'.")
        if key not in _FIELDS:
            raise ConfigError(f"'{key}' can't be tuned; what can is {', '.join(KEYS)}.")
        low, high = bounds(rig, key)
        if not low <= value <= high:
            raise ConfigError(f"The {key} of {name} lies between {low:g} and {high:g}, and {value:g} does not.")
        rows.setdefault(name, {})[_FIELDS[key]] = float(value)
    return dataclasses.replace(
        rig, curves=tuple(_tuned(curve, rows[curve.name]) if curve.name in rows else curve for curve in rig.curves)
    )


def _tuned(curve: Curve, fields: dict[str, Any]) -> Curve:
    out = dataclasses.replace(curve, **fields)
    if not out.low < out.high:
        raise ConfigError(f"The min of {curve.name} must lie below its max, and {out.low:g} is not below {out.high:g}.")
    return out


def differing(rig: Rig, changes: Changes) -> Changes:
    """Those of `changes` that are not as in `rig`, in the rig's order."""
    return {at: changes[at] for at, value in values(rig).items() if changes.get(at, value) != value}


def parse_changes(text: str, rig: Rig) -> Changes:
    """The changes that `changes_text` wrote. Raises ConfigError, one sentence, for what is not that or not of `rig`."""
    try:
        tables = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"It is not TOML: {error}.") from None
    if unknown := sorted(tables.keys() - {"tune"}):
        raise ConfigError(f"It has '{unknown[0]}', and there may only be a [tune] table.")
    changes = {
        (curve, key): _number(value, curve, key)
        for curve, row in _table(tables.get("tune", {}), "tune").items()
        for key, value in _table(row, curve).items()
    }
    tuned(rig, changes)
    return differing(rig, changes)


def changes_text(rig: Rig, changes: Changes) -> str:
    """`changes` as a file of their own."""
    return write_back(f"# What was tuned of the rig '{rig.name}'; its file is as it was.\n", changes)


def write_back(text: str, changes: Changes) -> str:
    """The rig file `text` with `changes` in its [tune] table, all else as it was. Raises ConfigError for other text."""
    if not changes:
        return text
    try:
        document = tomlkit.parse(text)
        table: Any = document.setdefault("tune", tomlkit.table())
        for (curve, key), value in changes.items():
            table.setdefault(curve, tomlkit.inline_table())[key] = value
        return tomlkit.dumps(document)
    except tomlkit.exceptions.TOMLKitError as error:
        raise ConfigError(f"It is not TOML: {error}.") from None


def _table(value: Any, name: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise ConfigError(f"'{name}' must be a table.")
    return value


def _number(value: Any, curve: str, key: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ConfigError(f"The {key} of {curve} must be a number, not {value!r}.")
    try:
        return float(value)
    except OverflowError:
        return math.inf
