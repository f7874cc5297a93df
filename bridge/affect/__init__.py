"""Feelings: the visitor's, from words, voice and face; and the avatar's own, from what it says.

`text` reads words, `prosody` the voice, `face` the ARKit shapes; each gives `Evidence`, which `fuse` puts together.
No single sign tells what somebody feels: all of this is a guess with its confidence, meant to colour an answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from bridge.types import EMOTIONS, F32, freeze

Source = Literal["text", "voice", "face"]
SOURCES: Final[tuple[Source, ...]] = ("text", "voice", "face")


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one source says."""

    source: Source
    likelihood: F32
    """[8] in the order of `EMOTIONS`, summing to 1."""
    confidence: float
    """0..1: how much the source has to go by, and how far it is to be trusted at all."""
    intensity: float
    """0..1: how strongly it is shown, whichever emotion it is."""


@dataclass(frozen=True, slots=True)
class Affect:
    """What somebody seems to feel."""

    emotion: str
    """One of `EMOTIONS`."""
    intensity: float
    """0..1."""
    confidence: float
    """0..1."""
    sources: tuple[Source, ...]
    """Those that speak for this emotion, the strongest first; none for a neutral one that nothing speaks for."""


UNKNOWN: Final = Affect("neutral", 0.0, 0.0, ())


def evidence(source: Source, scores: dict[str, float], confidence: float, intensity: float) -> Evidence:
    """Evidence from scores of at least 0 by emotion, of which only the proportions count; none of them: neutral."""
    likelihood = np.array([max(scores.get(name, 0.0), 0.0) for name in EMOTIONS])
    if not likelihood.sum() > 0.0:
        likelihood[EMOTIONS.index("neutral")] = 1.0
    clipped = (min(max(value, 0.0), 1.0) for value in (confidence, intensity))
    return Evidence(source, freeze(likelihood / likelihood.sum()), *clipped)
