"""What may be set while an avatar lives: one schema of paths, kinds, units and ranges, for every client. Pure.

rig.curves.<curve>.gain | offset | min | max | smoothing_ms     of a rig: all its clients see it; kept on `save`
override.<shape>                                                of an avatar: a shape held by hand, or null
emotion.name, emotion.intensity                                 of an avatar: what it shows between its lines
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from bridge.errors import InputError
from bridge.rig.model import Rig
from bridge.rig.tuning import KEYS, bounds
from bridge.types import ARKIT_BLENDSHAPES, EMOTIONS

Value: TypeAlias = float | str | None
Kind: TypeAlias = Literal["number", "choice"]

EMOTION_NAME: Final = "emotion.name"
EMOTION_INTENSITY: Final = "emotion.intensity"


@dataclass(frozen=True, slots=True)
class Control:
    """What a path takes. `*` in `path` stands for each of `names`, or for any curve of the rig if that is empty."""

    path: str
    kind: Kind
    unit: str
    """`` for a plain factor, `weight` 0..1, `curve` in the rig's own units, `ms`."""
    label: str
    """A sentence for a person."""
    default: Value = None
    """What it is when nobody has set it; of a rig, where its file does not say."""
    min: float = 0.0
    max: float = 1.0
    choices: tuple[str, ...] = ()
    """Of a choice."""
    nullable: bool = False
    """Whether null lets go of it."""
    names: tuple[str, ...] = ()


_OVERRIDE: Final = Control(
    "override.*",
    "number",
    "weight",
    "Holds a shape by hand, over all else.",
    nullable=True,
    names=ARKIT_BLENDSHAPES,
)
_NAME: Final = Control(
    EMOTION_NAME,
    "choice",
    "",
    "The emotion shown while no line brings its own.",
    default=EMOTIONS[0],
    choices=EMOTIONS,
)
_INTENSITY: Final = Control(EMOTION_INTENSITY, "number", "weight", "How strong the emotion is.", default=1.0)


def schema(rig: Rig) -> tuple[Control, ...]:
    """All that may be set with `rig` before one's eyes; ranges are in its units."""
    return (*(_of_curves(rig, key) for key in KEYS), _OVERRIDE, _NAME, _INTENSITY)


def curve_path(curve: str, key: str) -> str:
    """The path of a curve's value."""
    return f"rig.curves.{curve}.{key}"


def override_path(shape: str) -> str:
    """The path of a shape held by hand."""
    return f"override.{shape}"


def split_curve_path(path: str) -> tuple[str, str] | None:
    """The curve and key of a path of a rig, or None. Names of curves may have dots in them."""
    curve, dot, key = path.removeprefix("rig.curves.").rpartition(".")
    return (curve, key) if path.startswith("rig.curves.") and dot else None


def check(controls: tuple[Control, ...], path: str, value: Any) -> Value:
    """`value` as `path` takes it. Raises InputError, one sentence, for a path there is not or a value it does not take.

    Whether a curve is one of the rig's is for the rig to say.
    """
    control = _find(controls, path)
    if value is None and control.nullable:
        return None
    if control.kind == "choice":
        if value in control.choices:
            return str(value)
        raise InputError(f"{path} is one of {', '.join(control.choices)}, not {_shown(value)}.")
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InputError(f"{path} takes a number{' or null' if control.nullable else ''}, not {_shown(value)}.")
    if not control.min <= value <= control.max:
        raise InputError(f"{path} lies between {control.min:g} and {control.max:g}, and {_shown(value)} does not.")
    return float(value)


def _find(controls: tuple[Control, ...], path: str) -> Control:
    for control in controls:
        head, star, tail = control.path.partition("*")
        if not star and path == control.path:
            return control
        name = path[len(head) : len(path) - len(tail)]
        known = name in control.names if control.names else name
        if star and path.startswith(head) and path.endswith(tail) and known:
            return control
    raise InputError(f"There is no path {_shown(path)}; there are {', '.join(control.path for control in controls)}.")


def _shown(value: object) -> str:
    """A value in a sentence, cut to a length that a person reads."""
    try:
        text = repr(value)
    except ValueError:  # an integer of thousands of digits
        text = "that number"
    return text if len(text) <= 60 else f"{text[:57]}..."


_KEYS: Final[dict[str, tuple[str, str]]] = {
    "gain": ("", "Multiplies what the curve takes."),
    "offset": ("curve", "Is added to the curve."),
    "min": ("curve", "The least the curve becomes."),
    "max": ("curve", "The most the curve becomes."),
    "smoothing_ms": ("ms", "Calms the curve, which then lags by about as much; not for lips."),
}


def _of_curves(rig: Rig, key: str) -> Control:
    unit, label = _KEYS[key]
    low, high = bounds(rig, key)
    default = {"gain": 1.0, "min": rig.curve_min, "max": rig.curve_max}.get(key, 0.0)
    return Control(f"rig.curves.*.{key}", "number", unit, label, default, low, high)
