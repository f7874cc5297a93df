"""How much a character moves by itself: still as a news reader, calm, or lively. Eased: it may change at any time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from bridge.dsp.noise import F64
from bridge.errors import ConfigError
from bridge.layers.cues import Cues

# How much of the head's and spine's sway, of the eyes' wandering, and of the hands' gestures.
MANNERS: Final[dict[str, tuple[float, float, float]]] = {
    "still": (0.35, 0.4, 0.3),
    "calm": (1.0, 1.0, 1.0),
    "lively": (1.6, 1.25, 1.2),
}


@dataclass(frozen=True, slots=True)
class Amounts:
    """Factors [T] of what a calm character does."""

    sway: F64
    glances: F64
    gestures: F64


class Manner:
    """The manner over time; calm at first."""

    def __init__(self) -> None:
        self._cues = Cues(MANNERS["calm"])

    def set(self, name: str, index: int) -> None:
        """Move in the manner `name` from frame `index` on. Raises ConfigError for one there is not."""
        if name not in MANNERS:
            raise ConfigError(f"there is no manner '{name}'; there are {', '.join(MANNERS)}")
        self._cues.set(MANNERS[name], index)

    def forget_before(self, index: int) -> None:
        """Say that no frame before `index` will be asked for again."""
        self._cues.forget_before(index)

    def at(self, first_index: int, count: int) -> Amounts:
        """The amounts in `count` frames from `first_index` on."""
        return Amounts(*self._cues.at(first_index, count).T)
