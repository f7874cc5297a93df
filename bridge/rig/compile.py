"""A rig as arrays: one matrix for the curves, one row number for each bone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bridge.rig.model import BONE_JOINTS, WHOLE_HEAD, Axes, Rig
from bridge.rig.smoothing import kernel
from bridge.rig.sources import SOURCE_INDEX, SOURCES
from bridge.types import F32, JOINT_COUNT, JOINT_INDEX, SHAPE_COUNT, RigLayout, freeze

EYE_ROW: Final = JOINT_COUNT
HEAD_ROW: Final = JOINT_COUNT + 1
"""Bones index the 24 SMPL joints and two rows more: the eyes, and the head with the neck's share."""

# Where w x y z of a quaternion come from in other axes, and with which sign. A mirrored space turns the other way round
# each axis: Unity mirrors X, Unreal swaps Y and Z.
_COMPONENTS: Final[dict[Axes, tuple[tuple[int, ...], tuple[float, ...]]]] = {
    "vrm1": ((0, 1, 2, 3), (1.0, 1.0, 1.0, 1.0)),
    "vrm0": ((0, 1, 2, 3), (1.0, -1.0, 1.0, -1.0)),
    "unity": ((0, 1, 2, 3), (1.0, 1.0, -1.0, -1.0)),
    "unreal": ((0, 1, 3, 2), (1.0, -1.0, -1.0, -1.0)),
}


@dataclass(frozen=True, slots=True)
class CompiledRig:
    """Curves are sources [T, S] @ `matrix` [S, C] + `offset` [C], within `low`..`high` [C].

    S is 52 where the shapes alone are used, else the length of `SOURCES`. `smoothing` is none, or the `kernel` [H, C]
    that is laid over the sums before the limits.
    """

    layout: RigLayout
    matrix: F32
    offset: F32
    low: F32
    high: F32
    smoothing: F32 | None
    bone_rows: NDArray[np.intp]
    components: NDArray[np.intp]
    """Which of w x y z each component of a bone's quaternion is, times `signs` [4]."""
    signs: F32


def compile_rig(rig: Rig) -> CompiledRig:
    """The arrays that `rig` comes to."""
    matrix = np.zeros((len(SOURCES), len(rig.curves)))
    for column, curve in enumerate(rig.curves):
        for source, weight in curve.sources:
            matrix[SOURCE_INDEX[source], column] = weight * curve.gain
    order, signs = _COMPONENTS[rig.axes]
    smoothing_ms = [curve.smoothing_ms for curve in rig.curves]
    return CompiledRig(
        layout=RigLayout(
            curves=tuple(curve.name for curve in rig.curves),
            bones=tuple(bone.name for bone in rig.bones),
            curve_min=rig.curve_min,
            curve_max=rig.curve_max,
            axes=rig.axes,
        ),
        matrix=freeze(matrix if matrix[SHAPE_COUNT:].any() else matrix[:SHAPE_COUNT]),
        offset=freeze(np.array([curve.offset for curve in rig.curves])),
        low=freeze(np.array([curve.low for curve in rig.curves])),
        high=freeze(np.array([curve.high for curve in rig.curves])),
        smoothing=kernel(smoothing_ms) if any(smoothing_ms) else None,
        bone_rows=np.array([_row(bone.source) for bone in rig.bones], np.intp),
        components=np.array(order, np.intp),
        signs=freeze(np.array(signs)),
    )


def _row(source: str) -> int:
    if source == WHOLE_HEAD:
        return HEAD_ROW
    joint = BONE_JOINTS[source]
    return JOINT_INDEX[joint] if joint else EYE_ROW
