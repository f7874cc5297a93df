"""Where the eyes look in idle, and what the lids and the ARKit shapes make of a gaze.

People look at whom they face for most of the time, hop between the eyes and the mouth about once a second, and glance
away for a second or so when it gets long (Argyle and Cook 1976; Yarbus 1967). A saccade of A degrees takes about
2.2 ms a degree and 21 ms (Carpenter 1988). Eyes hold their target while the head sways.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bridge.dsp.noise import F64, I64, Noise, derived, log_normal, normal, smoothstep
from bridge.layers.events import Events, EventStream
from bridge.types import SHAPE_INDEX

FULL_DEFLECTION_RAD: Final = float(np.deg2rad(35.0))
"""The angle at which an eyeLook shape is 1: the slope measured on recorded packets is 0.61 rad."""

AWAY_CHANCE: Final = 0.16
AWAY_S: Final = (0.7, 1.6)
AWAY_HEAD_SHARE: Final = 0.3
HEAD_TURN_S: Final = 0.7
SHORTEST_FIXATION_S: Final = 0.3
DRIFT_RAD: Final = np.deg2rad(0.12)


@dataclass(frozen=True, slots=True)
class Look:
    """Angles [T, 2], yaw and pitch: of the eyes relative to the chest, and the part that the head turns along."""

    eyes_rad: F64
    head_rad: F64


class Glances:
    """Endless seeded fixations on and around a viewer straight ahead, with random access."""

    def __init__(self, seed: int) -> None:
        self._events = EventStream(derived(seed, "fixations"), (220, 8), _draw_fixations)
        self._drift = Noise(derived(seed, "drift"), (3.0, 3.0))

    def at(self, first_index: int, index: I64) -> Look:
        """The look at the consecutive frames `index` [T] that begin at `first_index`."""
        events = self._events.around(first_index, len(index))
        latest = events.latest(index)
        target, before = events.traits[latest], events.traits[latest - 1]
        jump = target[:, :2] - before[:, :2]
        saccade_s = 0.021 + 0.0022 * np.rad2deg(np.abs(jump[:, 0]) + np.abs(jump[:, 1]))
        eyes = before[:, :2] + jump * smoothstep(events.since_s(index, latest) / saccade_s)[:, None]
        return Look(eyes + DRIFT_RAD * self._drift.at(index), self._head(events, index, latest))

    @staticmethod
    def _head(events: Events, index: I64, latest: NDArray[np.intp]) -> F64:
        # A head turn outlasts short fixations, so the last few turns overlap and add up.
        last = latest[:, None] - _OVERLAPPING
        head = events.traits[last, 2:4]
        done = smoothstep(events.since_s(index[:, None], last[:, :-1]) / HEAD_TURN_S)
        turned: F64 = ((head[:, :-1] - head[:, 1:]) * done[..., None]).sum(axis=1)
        return head[:, -1] + turned


_OVERLAPPING: Final = np.arange(int(HEAD_TURN_S / SHORTEST_FIXATION_S) + 2)


def _draw_fixations(u: F64) -> tuple[F64, F64]:
    away = u[:, 0] < AWAY_CHANCE
    side = np.where(u[:, 1] < 0.5, -1.0, 1.0)
    away_yaw = side * np.deg2rad(5.0 + 9.0 * u[:, 2])
    away_pitch = np.deg2rad(-5.0 + 12.0 * u[:, 3])
    # Half of the hops near the face cross it, half are microsaccades.
    reach = np.where(u[:, 1] < 0.5, 1.0, 0.3)
    near_yaw = np.deg2rad(1.5) * reach * normal(u[:, 2], u[:, 6])
    near_pitch = np.deg2rad(1.0) * reach * normal(u[:, 3], u[:, 7])
    eyes = np.stack([np.where(away, away_yaw, near_yaw), np.where(away, away_pitch, near_pitch)], axis=1)
    head = np.where(away[:, None], AWAY_HEAD_SHARE * eyes, 0.0)
    lasting_s = np.clip(log_normal(u[:, 4], u[:, 5], 0.75, 0.6), SHORTEST_FIXATION_S, 3.0)
    # `lasting_s` is how long the fixation before lasted, and it is a glance away that must neither flash nor linger.
    lasting_s[1:] = np.where(away[:-1], np.clip(lasting_s[1:], *AWAY_S), lasting_s[1:])
    return lasting_s, np.concatenate([eyes, head], axis=1)


_IN_OUT: Final = [SHAPE_INDEX[f"eyeLook{way}"] for way in ("OutLeft", "InRight", "InLeft", "OutRight")]
_UP_DOWN: Final = [SHAPE_INDEX[f"eyeLook{way}"] for way in ("DownLeft", "DownRight", "UpLeft", "UpRight")]
_LOOKS: Final = [*_IN_OUT, *_UP_DOWN]
_ANGLES: Final = [0, 0, 0, 0, 1, 1, 1, 1]
_SIGNS: Final = np.array([1.0, 1.0, -1.0, -1.0] * 2, np.float32)
LOOK_SHAPES: Final = tuple(sorted(_IN_OUT + _UP_DOWN))


def write_look_shapes(face: NDArray[np.floating], gaze_rad: NDArray[np.floating]) -> None:
    """Set the eyeLook shapes of `face` [T, 52], in place, to what `gaze_rad` [T, 2] makes of them."""
    deflection = np.minimum(np.maximum(gaze_rad / FULL_DEFLECTION_RAD, -1.0), 1.0)
    face[:, _LOOKS] = np.maximum(deflection[:, _ANGLES] * _SIGNS, 0.0)


def gaze_of_look_shapes(face: NDArray[np.floating]) -> F64:
    """[T, 2] the gaze that the eyeLook shapes of `face` [T, 52] tell, the mean of both eyes."""
    yaw, pitch = face[:, _IN_OUT], face[:, _UP_DOWN]
    both = np.stack(
        [yaw[:, 0] + yaw[:, 1] - yaw[:, 2] - yaw[:, 3], pitch[:, 0] + pitch[:, 1] - pitch[:, 2] - pitch[:, 3]]
    )
    return (0.5 * FULL_DEFLECTION_RAD) * both.T.astype(np.float64)


LID_PER_RAD: Final = 0.87
"""eyeBlink for each radian that the eyes look down: the slope in a recorded take (r 0.86, blinks left out)."""


def lid_of_pitch(pitch_rad: F64) -> F64:
    """[T] how far the upper lids come down with the eyes, 0..1. Lids ride on the eyeballs."""
    return np.clip(LID_PER_RAD * pitch_rad, 0.0, 0.4)
