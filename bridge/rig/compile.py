"""A rig as arrays: one matrix for the curves, one row number for each bone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bridge.rig.model import BONE_JOINTS, SOURCE_INDEX, SOURCES, Axes, Rig
from bridge.types import F32, JOINT_COUNT, JOINT_INDEX, RigLayout, freeze

EYE_ROW: Final = JOINT_COUNT
"""Bones index the 24 SMPL joints, and one row more: the eyes."""

# Signs of the x y z part of a quaternion seen in other axes. VRM 0 models stand turned half round about Y; Unity is
# left-handed with X to the character's right: mirroring X turns the other two axes' sense.
_SIGNS: Final[dict[Axes, tuple[float, float, float, float]]] = {
    "vrm1": (1.0, 1.0, 1.0, 1.0),
    "vrm0": (1.0, -1.0, 1.0, -1.0),
    "unity": (1.0, 1.0, -1.0, -1.0),
}


@dataclass(frozen=True, slots=True)
class CompiledRig:
    """Curves are `sources` [T, S] @ `matrix` [S, C] + `offset` [C], within `low`..`high` [C]."""

    layout: RigLayout
    matrix: F32
    offset: F32
    low: F32
    high: F32
    bone_rows: NDArray[np.intp]
    bone_signs: F32


def compile_rig(rig: Rig) -> CompiledRig:
    """The arrays that `rig` comes to."""
    matrix = np.zeros((len(SOURCES), len(rig.curves)))
    for column, curve in enumerate(rig.curves):
        for source, weight in curve.sources:
            matrix[SOURCE_INDEX[source], column] = weight * curve.gain
    joints = [BONE_JOINTS[bone.source] for bone in rig.bones]
    return CompiledRig(
        layout=RigLayout(
            curves=tuple(curve.name for curve in rig.curves),
            bones=tuple(bone.name for bone in rig.bones),
            curve_min=rig.curve_min,
            curve_max=rig.curve_max,
        ),
        matrix=freeze(matrix),
        offset=freeze(np.array([curve.offset for curve in rig.curves])),
        low=freeze(np.array([curve.low for curve in rig.curves])),
        high=freeze(np.array([curve.high for curve in rig.curves])),
        bone_rows=np.array([JOINT_INDEX[joint] if joint else EYE_ROW for joint in joints], np.intp),
        bone_signs=freeze(np.array(_SIGNS[rig.axes])),
    )
