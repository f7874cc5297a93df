"""What makes one character differ from another: a few dozen named lengths, angles and colours, read from TOML.

Lengths are millimetres in head space: the origin lies midway between the eyeballs, +X to the character's own left,
+Y up, +Z out of the face. Angles are degrees, colours sRGB hex.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field, fields, is_dataclass
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Head:
    """The bony shape and what lies on it."""

    skull_width: float = 150.0
    skull_top: float = 108.0
    skull_back: float = -140.0
    forehead_z: float = 24.0
    cheek_width: float = 94.0
    cheek_fullness: float = 1.0
    jaw_width: float = 70.0
    chin_y: float = -87.5
    chin_z: float = 21.0
    chin_width: float = 13.0
    neck_radius: float = 34.5
    brow_ridge: float = 0.5


@dataclass(frozen=True)
class Nose:
    length: float = 32.5
    tip_z: float = 37.5
    tip_radius: float = 7.2
    wing_width: float = 23.0
    bridge_radius: float = 6.0
    bridge_z: float = 12.5


@dataclass(frozen=True)
class Eyes:
    """`spread` is the distance of an eyeball's centre from the midline; lid angles are seen from that centre."""

    radius: float = 19.0
    spread: float = 35.0
    iris_radius: float = 10.3
    lid_thickness: float = 1.7
    inner_deg: float = 44.0
    outer_deg: float = 56.0
    upper_deg: float = 25.0
    lower_deg: float = 24.0
    tilt_deg: float = 4.0
    lash_length: float = 6.0
    iris: str = "#3f7d8c"
    iris_rim: str = "#1d3442"


@dataclass(frozen=True)
class Mouth:
    y: float = -57.0
    half_width: float = 21.0
    upper_height: float = 5.2
    lower_height: float = 7.4
    fullness: float = 4.4
    corner_lift: float = 2.0
    bow: float = 1.0


@dataclass(frozen=True)
class Brows:
    thickness: float = 6.8
    height: float = 26.0
    arch: float = 4.5
    length: float = 37.0
    colour: str = "#5a3626"


@dataclass(frozen=True)
class Hair:
    """`style` names a function of hair.py."""

    style: str = "bob"
    colour: str = "#6b3f2a"
    light: str = "#a86b43"
    length: float = 1.0


@dataclass(frozen=True)
class Skin:
    base: str = "#f2c4a6"
    blush: str = "#e3816d"
    lips: str = "#cd7a76"
    shade: str = "#c98b72"
    lines: float = 0.0
    """0 is a young skin, 1 shows the folds of age."""
    stubble: float = 0.0
    """How dark the shaven beard shows, 0..1."""


@dataclass(frozen=True)
class Clothes:
    top: str = "#2f6f73"
    trim: str = "#f2e6d0"
    trousers: str = "#39424f"
    shoes: str = "#e9e4da"


@dataclass(frozen=True)
class Body:
    """`collar_y` is the height of the collar's middle in head space: the higher, the shorter the neck."""

    height_m: float = 1.6
    collar_y: float = -131.0
    shoulder_half_width: float = 148.0
    waist_half_width: float = 102.0
    hip_half_width: float = 128.0


@dataclass(frozen=True)
class Character:
    name: str = "default"
    seed: int = 1
    head: Head = field(default_factory=Head)
    nose: Nose = field(default_factory=Nose)
    eyes: Eyes = field(default_factory=Eyes)
    mouth: Mouth = field(default_factory=Mouth)
    brows: Brows = field(default_factory=Brows)
    hair: Hair = field(default_factory=Hair)
    skin: Skin = field(default_factory=Skin)
    clothes: Clothes = field(default_factory=Clothes)
    body: Body = field(default_factory=Body)


def read(path: Path) -> Character:
    """The character a parameter file describes; what it leaves out keeps the default, an unknown key is an error."""
    return _fill(Character, tomllib.loads(path.read_text(encoding="utf-8")), path.name)


def _fill(kind: type[T], values: dict[str, Any], where: str) -> T:
    known = {f.name: f for f in fields(kind)}  # type: ignore[arg-type]
    unknown = sorted(set(values) - set(known))
    if unknown:
        raise ValueError(f"{where} has an unknown key {unknown[0]!r}; known are {', '.join(sorted(known))}.")
    built: dict[str, Any] = {}
    for name, value in values.items():
        default = known[name].default_factory
        inner = default() if callable(default) else None
        built[name] = _fill(type(inner), value, f"{where} [{name}]") if is_dataclass(inner) else value
    return kind(**built)


def rgb(colour: str) -> tuple[float, float, float]:
    """sRGB 0..1 of a "#rrggbb" colour."""
    return int(colour[1:3], 16) / 255, int(colour[3:5], 16) / 255, int(colour[5:7], 16) / 255
