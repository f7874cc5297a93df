"""The gesture layer: hands that speak along, and stay down when nothing is said.

A gesture is a raise of one or both forearms, a hold with a few beats, and a way back (preparation, stroke, retraction:
Kendon 2004; beats: McNeill 1992). When and how is drawn from the seed, for words can't be told from a mouth; gestures
fall within speech, leave pauses between them, and sink at once when it stops.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from bridge.dsp.noise import F64, I64, Noise, derived, log_normal, smoothstep
from bridge.layers.blend import Layer
from bridge.layers.events import EventStream
from bridge.layers.regions import Region
from bridge.layers.speech import Spoken
from bridge.types import JOINT_COUNT, JOINT_INDEX, SHAPE_COUNT, motion

MEDIAN_S: Final = 4.4
SHORTEST_S: Final = 3.4
LONGEST_S: Final = 14.0
RAISE_S: Final = 0.5
LOWER_S: Final = 0.8
"""A gesture is over within `SHORTEST_S`, before the next one begins."""

LARGEST: Final = 1.5

BODY: Final[frozenset[Region]] = frozenset(("body",))

# Degrees that a raised left arm adds to one at rest, about X, Y and Z of the parent; the right one is its mirror image.
_RAISED_DEG: Final = {"shoulder": (-16.0, -20.0, -4.0), "elbow": (0.0, -66.0, 0.0), "wrist": (0.0, 4.0, 10.0)}
_BEAT_DEG: Final = {"shoulder": (-1.5, 0.0, 0.0), "elbow": (0.0, 6.0, 0.0), "wrist": (0.0, 0.0, -6.0)}
_MIRROR: Final = np.array((1.0, -1.0, -1.0))
_TORSO_DEG: Final = (0.7, 1.3, 0.7)
_SPINE: Final = tuple(JOINT_INDEX[name] for name in ("spine1", "spine2", "spine3"))


def _arms(degrees: dict[str, tuple[float, float, float]]) -> tuple[F64, F64]:
    """[24, 3] rotation vectors, of the left arm and of the right."""
    left, right = np.zeros((JOINT_COUNT, 3)), np.zeros((JOINT_COUNT, 3))
    for joint, turn in degrees.items():
        left[JOINT_INDEX[f"left_{joint}"]] = np.deg2rad(turn)
        right[JOINT_INDEX[f"right_{joint}"]] = np.deg2rad(turn) * _MIRROR
    return left, right


_RAISED: Final = _arms(_RAISED_DEG)
_BEAT: Final = _arms(_BEAT_DEG)


class GestureLayer:
    """Endless seeded gestures, with random access."""

    def __init__(self, seed: int) -> None:
        seed = derived(seed, "gesture")
        self._events = EventStream(seed, (40, 8), _draw)
        self._torso = Noise(derived(seed, "torso"), (0.35, 0.3, 0.4))

    def layers(self, first_index: int, count: int, spoken: list[Spoken], size: F64 | float = 1.0) -> list[Layer]:
        """The layer for `count` frames from `first_index` on, or none where nobody speaks.

        `size` [T] says how large the gestures are; beyond `LARGEST` they grow no more.
        """
        if not spoken:
            return []
        index = np.arange(first_index, first_index + count, dtype=np.int64)
        pose = np.zeros((count, JOINT_COUNT, 3))
        for stretch in spoken:
            pose += self._pose(first_index, index, stretch)
        pose *= np.broadcast_to(np.minimum(size, LARGEST), count)[:, None, None]
        frames = motion(first_index, np.zeros((count, SHAPE_COUNT), np.float32), pose_rad=pose)
        return [Layer("gesture", frames, 1.0, BODY)]

    def _pose(self, first_index: int, index: I64, spoken: Spoken) -> NDArray[np.float64]:
        """[T, 24, 3] rotation vectors to add."""
        events = self._events.around(first_index, len(index))
        latest = events.latest(index)
        left, right, size, stay_s, beat_hz = events.traits[latest].T
        since_s = events.since_s(index, latest)
        shown = smoothstep(since_s / RAISE_S) * (1.0 - smoothstep((since_s - RAISE_S - stay_s) / LOWER_S))
        shown *= size * spoken.body * events.begun_in(latest, spoken.start_index, spoken.end_index)
        beat = shown * np.sin(2.0 * np.pi * beat_hz * since_s)
        pose = np.zeros((len(index), JOINT_COUNT, 3))
        for hand, raised, beaten in ((left, _RAISED[0], _BEAT[0]), (right, _RAISED[1], _BEAT[1])):
            pose += (hand * shown)[:, None, None] * raised + (hand * beat)[:, None, None] * beaten
        lean = self._torso.at(index) * (np.deg2rad(_TORSO_DEG) / len(_SPINE)) * spoken.body[:, None]
        pose[:, _SPINE] += lean[:, None]
        return pose


def _draw(u: F64) -> tuple[F64, F64]:
    """Traits of a gesture: left and right hand's part, size, stay (seconds), beats a second."""
    intervals = np.clip(log_normal(u[:, 0], u[:, 1], MEDIAN_S, 0.5), SHORTEST_S, LONGEST_S)
    both = u[:, 2] < 0.35
    left = np.where(both | (u[:, 2] < 0.6), 0.8 + 0.2 * u[:, 3], 0.0)
    right = np.where(both | (u[:, 2] >= 0.6), 0.8 + 0.2 * u[:, 4], 0.0)
    return intervals, np.stack([left, right, 0.45 + 0.55 * u[:, 5], 0.3 + 1.6 * u[:, 6], 1.3 + 0.9 * u[:, 7]], axis=1)
