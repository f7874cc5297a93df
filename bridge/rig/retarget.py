"""Canonical motion to the curves and bones of a rig."""

from __future__ import annotations

import numpy as np

from bridge.body.rotation import F64, canonical, quaternion
from bridge.body.skeleton import joint_rotations, of_gaze
from bridge.rig import sources
from bridge.rig.compile import compile_rig
from bridge.rig.model import Rig
from bridge.rig.smoothing import smooth
from bridge.types import F32, SHAPE_COUNT, Motion, RigFrames, RigLayout, freeze


class Retarget:
    """A rig, ready to be applied. Holds no state: frames may be asked for in any order.

    Curves with smoothing take the frames before into account: `apply` wants them handed in, up to `SMOOTHING_FRAMES`.
    """

    def __init__(self, rig: Rig) -> None:
        self._rig = compile_rig(rig)

    @property
    def layout(self) -> RigLayout:
        """The names and ranges that `apply`'s columns have."""
        return self._rig.layout

    def apply(self, motion: Motion, before: Motion | None = None) -> RigFrames:
        """The frames of `motion` as this rig's curves [T, C] and bones [T, B, 4]. `before` ends where `motion` begins.

        Without it the face is taken to have stood still.
        """
        sums = self._sums(motion)
        if self._rig.smoothing is not None and len(motion):
            past = sums[:0] if before is None else self._sums(before)
            sums = smooth(past, sums, self._rig.smoothing)
        curves = np.clip(sums, self._rig.low, self._rig.high)
        return RigFrames(motion.first_index, freeze(curves), freeze(self._bones(motion)))

    def _sums(self, motion: Motion) -> F32:
        taken = motion.face if len(self._rig.matrix) == SHAPE_COUNT else sources.values(motion)
        return taken @ self._rig.matrix + self._rig.offset

    def _bones(self, motion: Motion) -> F64:
        joints, head = quaternion(joint_rotations(motion)), quaternion(motion.head_rad)
        rotations = np.concatenate([joints, of_gaze(motion.gaze_rad)[:, None], head[:, None]], axis=1)
        return canonical(rotations[:, self._rig.bone_rows][..., self._rig.components] * self._rig.signs)
