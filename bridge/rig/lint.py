"""What a rig file says that is allowed, yet hardly meant."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from bridge.errors import ConfigError
from bridge.rig.compile import compile_rig
from bridge.rig.model import Curve, Rig
from bridge.rig.parse import parse
from bridge.rig.sources import SOURCES, VISEMES, VOWELS
from bridge.types import SHAPE_COUNT, SHAPE_INDEX

# What a face must show of speech: the movement, and the sources of which one at least must move a curve.
_SPEECH: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    ("an open mouth", ("jawOpen", "mouthLowerDownLeft", "vowelAa", "visemeaa")),
    ("lips that meet", ("mouthClose", "mouthPressLeft", "mouthRollUpper", "visemePP", *VOWELS)),
    ("rounded lips", ("mouthPucker", "mouthFunnel", "vowelOu", "visemeU")),
    ("spread lips", ("mouthStretchLeft", "mouthSmileLeft", "vowelIh", "visemeI")),
    ("a blink", ("eyeBlinkLeft",)),
)
_RESTING: Final = frozenset(("visemeSil",))
"""Sources that are 1, not 0, when the face is at rest."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A doubt about a line, or an error that makes the file unusable. Line 0 means the file as a whole."""

    line: int
    message: str
    is_error: bool = False


def check(text: str, name: str) -> list[Finding]:
    """What is wrong or doubtful in a rig file's text, by line; empty where all is well."""
    try:
        rig = parse(text, name)
    except ConfigError as error:
        found = re.search(r"line (\d+)", str(error))
        return [Finding(int(found[1]) if found else 0, str(error), is_error=True)]
    findings = [*_names(rig), *_ranges(rig), *_symmetry(rig), *_coverage(rig), *_bones(rig)]
    return sorted(findings, key=lambda finding: finding.line)


def _names(rig: Rig) -> Iterator[Finding]:
    """Targets that differ by nothing an engine may tell apart."""
    seen: dict[str, str] = {}
    for curve in rig.curves:
        like = re.sub("[^a-z0-9]", "", curve.name.lower())
        if like in seen:
            yield Finding(curve.line, f"'{curve.name}' and '{seen[like]}' may be one curve to an engine")
        seen[like] = curve.name


def _ranges(rig: Rig) -> Iterator[Finding]:
    """Curves that rest outside their range, are cut off early, or never get anywhere."""
    compiled = compile_rig(rig)
    for column, curve in enumerate(rig.curves):
        weights = compiled.matrix[:, column].astype(np.float64)
        rest = curve.offset + sum(gain * curve.gain for source, gain in curve.sources if source in _RESTING)
        if not curve.low <= rest <= curve.high:
            yield Finding(curve.line, f"'{curve.name}' rests at {rest:g}, outside {curve.low:g}..{curve.high:g}")
        reach = _reach(weights)
        room = curve.high - curve.low
        if curve.sources and reach < 0.05 * room and not _has_angle(curve):
            yield Finding(curve.line, f"'{curve.name}' moves by {reach:g} at most, of a range of {room:g}")
        if any(gain and abs(gain * curve.gain) > 4.0 * room for _, gain in curve.sources):
            yield Finding(curve.line, f"'{curve.name}' is at its end long before its source is")


def _reach(weights: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> float:
    return float(max(weights[weights > 0].sum(), -weights[weights < 0].sum()))


def _has_angle(curve: Curve) -> bool:
    return any(source.startswith(("head", "gaze")) for source, _ in curve.sources)


_MIRRORED: Final = {"L": "R", "l": "r", "Left": "Right", "left": "right"}
_MIRROR: Final = {**_MIRRORED, **{right: left for left, right in _MIRRORED.items()}}
_SIDEWAYS: Final = ("headYaw", "headRoll", "gazeYaw")
_SIDE_WORD: Final = re.compile(
    r"(?<![a-z])(Left|Right|left|right|[LRlr])(?![a-z])|(?<=[a-z])(Left|Right|[LR])(?![a-z])"
)


def mirrored(name: str) -> str:
    """The name with its left and right exchanged: mouthSmileLeft, Eye_L_Look_R, upperarm_l, ParamEyeLOpen."""
    return _SIDE_WORD.sub(lambda found: _MIRROR[found[0]], name)


def _symmetry(rig: Rig) -> Iterator[Finding]:
    """Curves of one side without their like on the other, or with other gains there."""
    by_name = {curve.name: curve for curve in rig.curves}
    for curve in rig.curves:
        other_name = mirrored(curve.name)
        if other_name == curve.name:
            continue
        other = by_name.get(other_name)
        if other is None and _has_side(curve):
            yield Finding(curve.line, f"'{curve.name}' has no '{other_name}' beside it")
        if other and curve.name < other_name and not _alike(curve, other):
            yield Finding(curve.line, f"'{curve.name}' and '{other_name}' do not mirror each other")


def _has_side(curve: Curve) -> bool:
    return any(source in SHAPE_INDEX and mirrored(source) != source for source, _ in curve.sources)


def _alike(curve: Curve, other: Curve) -> bool:
    """Whether `other` takes the mirror image of what `curve` takes.

    Angles to the side may have the other sign there or the same one: both eyes look the same way.
    """
    ours = set(curve.sources)
    mirror = {(mirrored(source), gain) for source, gain in other.sources}
    flipped = {(source, -gain if source in _SIDEWAYS else gain) for source, gain in mirror}
    return ours in (mirror, flipped) and (curve.gain, curve.offset) == (other.gain, other.offset)


def _coverage(rig: Rig) -> Iterator[Finding]:
    """Movements of speech that no curve shows. A rig of bones alone shows none, and does not mean to."""
    used = {source for curve in rig.curves for source, gain in curve.sources if gain * curve.gain}
    if not used & set(SOURCES[:SHAPE_COUNT] + VOWELS + VISEMES) or rig.engine == "research":
        return
    for movement, sources in _SPEECH:
        if not used & set(sources):
            yield Finding(0, f"no curve shows {movement}: none takes {', '.join(sources)}")


def _bones(rig: Rig) -> Iterator[Finding]:
    """Two bones that turn by the same joint: the target turns twice."""
    taken: dict[str, str] = {}
    for bone in rig.bones:
        if bone.source in taken:
            yield Finding(bone.line, f"'{bone.name}' and '{taken[bone.source]}' both take '{bone.source}'")
        taken[bone.source] = bone.name
