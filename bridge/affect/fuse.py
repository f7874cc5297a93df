"""What words, voice and face say together: late fusion, each by its confidence, fading with its age.

An emotion is kept until another has clearly more to speak for it, so that what is shown does not flicker.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from bridge.affect import UNKNOWN, Affect, Evidence, Source
from bridge.timebase import NS_PER_S
from bridge.types import EMOTIONS

HALF_LIFE_S: Final[dict[Source, float]] = {"text": 20.0, "voice": 12.0, "face": 2.0}
"""After how long a source's evidence counts half: a face is seen all the time, words come once a turn."""

_NEUTRAL: Final = EMOTIONS.index("neutral")
_DOUBT: Final = 0.15
"""What speaks for neutral where nothing else does."""
_LEAD: Final = 1.3
"""How many times more must speak for another emotion than for the one that is on."""
_GONE: Final = 0.02
"""A source whose evidence has faded so far is no longer heard."""


class Fusion:
    """One person's affect over time. Times are nanoseconds on any one clock, and need not be in order."""

    def __init__(self) -> None:
        self._latest: dict[Source, tuple[Evidence, int]] = {}
        self._current = _NEUTRAL

    def put(self, told: Evidence, at_ns: int) -> None:
        """Take what a source says; it replaces what that source said before, unless it has nothing to go by."""
        if told.confidence > 0.0:
            self._latest[told.source] = (told, at_ns)

    def affect(self, now_ns: int) -> Affect:
        """What the person seems to feel now."""
        heard = [(told, weight) for told, weight in self._weighted(now_ns) if weight > _GONE]
        if not heard:
            self._current = _NEUTRAL
            return UNKNOWN
        mass = np.zeros(len(EMOTIONS))
        mass[_NEUTRAL] = _DOUBT
        for told, weight in heard:
            mass += weight * told.likelihood
        leader = int(mass.argmax())
        if mass[leader] > _LEAD * mass[self._current]:
            self._current = leader
        share = float(mass[self._current] / mass.sum())
        certainty = 1.0 - float(np.prod([1.0 - weight for _, weight in heard]))
        return Affect(EMOTIONS[self._current], self._shown(heard), share * certainty, self._speaking_for(heard))

    def reset(self) -> None:
        """Another person: forget everything."""
        self._latest.clear()
        self._current = _NEUTRAL

    def _weighted(self, now_ns: int) -> list[tuple[Evidence, float]]:
        """Each source's evidence with its confidence, faded by its age."""
        return [
            (told, told.confidence * 0.5 ** (max(0, now_ns - at_ns) / NS_PER_S / HALF_LIFE_S[told.source]))
            for told, at_ns in self._latest.values()
        ]

    def _shown(self, heard: list[tuple[Evidence, float]]) -> float:
        """How strongly the emotion that is on is shown, by those that speak for it."""
        if self._current == _NEUTRAL:
            return 0.0
        weights = [weight * float(told.likelihood[self._current]) for told, weight in heard]
        total = sum(weights)
        shown = sum(weight * told.intensity for weight, (told, _) in zip(weights, heard, strict=True))
        return shown / total if total > 0.0 else 0.0

    def _speaking_for(self, heard: list[tuple[Evidence, float]]) -> tuple[Source, ...]:
        """The sources for which the emotion that is on is likelier than chance, the strongest first."""
        ranked = sorted(heard, key=lambda item: -item[1] * float(item[0].likelihood[self._current]))
        return tuple(told.source for told, _ in ranked if told.likelihood[self._current] > 2.0 / len(EMOTIONS))
