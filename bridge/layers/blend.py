"""How one layer lies on what is below it: the only place where motions are combined."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from bridge.body.rotation import compose, toward
from bridge.layers.regions import ALL_REGIONS, REGIONS, SHAPE_REGIONS, Region
from bridge.types import F32, Motion, freeze, motion

LayerName = Literal["speech", "emotion", "gesture", "capture", "override"]
ORDER: Final[tuple[LayerName, ...]] = ("speech", "emotion", "gesture", "capture", "override")
"""From the bottom up, on the idle layer; limits come last of all."""

Rule = Literal["over", "add", "max"]
"""`over` fades from what is below to the layer by its weight; `add` adds to it; `max` lets the stronger show."""

_OVER: Final[dict[Region, Rule]] = dict.fromkeys(REGIONS, "over")
_ADD: Final[dict[Region, Rule]] = dict.fromkeys(REGIONS, "add")
RULES: Final[dict[str, dict[Region, Rule]]] = {
    # The voice owns the mouth. Lids shut for whichever layer blinks, and idle life goes on in brows, head and body.
    "speech": _OVER | {"brows": "add", "eyes": "max", "head": "add", "body": "add"},
    "emotion": _ADD,
    "gesture": _ADD | {"eyes": "max"},
    "capture": _OVER,
    "override": _OVER,
}


@dataclass(frozen=True, slots=True)
class Layer:
    """Frames to lay on those below: as strong as `weight` [T] or for all alike, 0..1, and only in `regions`.

    `shape_weights` [52], where given, further weigh each face shape.
    """

    name: LayerName
    motion: Motion
    weight: float | F32 = 1.0
    regions: frozenset[Region] = ALL_REGIONS
    shape_weights: F32 | None = None


def stack(base: Motion, layers: Iterable[Layer]) -> Motion:
    """`layers`, each as long as `base` and on the same frames, laid on it in the order of `ORDER`."""
    mix = _Mix(base)
    for layer in sorted(layers, key=lambda layer: ORDER.index(layer.name)):
        assert layer.motion.first_index == base.first_index and len(layer.motion) == len(base), "other frames"
        mix.lay(layer)
    return mix.motion()


class _Mix:
    """The frames as mixed so far."""

    def __init__(self, base: Motion) -> None:
        self._first_index = base.first_index
        self._face = base.face.copy()
        self._head, self._gaze, self._pose = base.head_rad, base.gaze_rad, base.pose_rad

    def motion(self) -> Motion:
        return motion(self._first_index, self._face, head_rad=self._head, gaze_rad=self._gaze, pose_rad=self._pose)

    def lay(self, layer: Layer) -> None:
        weight = np.asarray(layer.weight, np.float32).reshape(-1, 1)
        if not weight.any():
            return
        self._lay_face(layer, weight)
        rules = RULES[layer.name]
        if "head" in layer.regions:
            self._head = _turned(self._head, layer.motion.head_rad, weight, rules["head"])
        if "body" in layer.regions:
            self._pose = _turned(self._pose, layer.motion.pose_rad, weight[:, None], rules["body"])
        if "eyes" in layer.regions:
            gaze = layer.motion.gaze_rad
            self._gaze = self._gaze + weight * (gaze - self._gaze if rules["eyes"] == "over" else gaze)

    def _lay_face(self, layer: Layer, weight: NDArray[np.float32]) -> None:
        if layer.shape_weights is not None:
            weight = weight * layer.shape_weights
        for rule, mask in _shape_masks(layer.name, layer.regions):
            if rule == "over":
                self._face += (layer.motion.face - self._face) * (weight * mask)
            elif rule == "add":
                self._face += layer.motion.face * (weight * mask)
            else:
                np.maximum(self._face, layer.motion.face * (weight * mask), out=self._face)


def _turned(below: F32, layer: F32, weight: NDArray[np.float32], rule: Rule) -> F32:
    """Rotation vectors [..., 3] of `layer` laid on those `below`."""
    if rule == "over":
        return freeze(toward(below, layer, weight))
    return freeze(compose(below, layer * weight)) if layer.any() else below


@cache
def _shape_masks(name: LayerName, regions: frozenset[Region]) -> tuple[tuple[Rule, F32], ...]:
    """The rules that apply to shapes of `regions` in the layer, each with the mask [52] of its shapes."""
    rules = [RULES[name][region] if region in regions else None for region in SHAPE_REGIONS]
    kinds: tuple[Rule, ...] = ("over", "add", "max")
    return tuple((kind, freeze(np.array([rule == kind for rule in rules]))) for kind in kinds if kind in rules)
