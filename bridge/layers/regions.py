"""The regions of a face and body, and which of the 52 shapes lies in which."""

from __future__ import annotations

import re
from functools import cache
from typing import Final, Literal

import numpy as np

from bridge.types import ARKIT_BLENDSHAPES, F32, freeze

Region = Literal["brows", "eyes", "mouth", "jaw", "tongue", "cheeks", "head", "body"]
REGIONS: Final[tuple[Region, ...]] = ("brows", "eyes", "mouth", "jaw", "tongue", "cheeks", "head", "body")
FACE_REGIONS: Final[frozenset[Region]] = frozenset(REGIONS[:6])
ALL_REGIONS: Final[frozenset[Region]] = frozenset(REGIONS)

_BY_FIRST_WORD: Final[dict[str, Region]] = {
    "brow": "brows",
    "eye": "eyes",
    "jaw": "jaw",
    "mouth": "mouth",
    "tongue": "tongue",
    "cheek": "cheeks",
    "nose": "cheeks",
}


def region_of(shape: str) -> Region:
    """The region that the ARKit shape lies in, by the first word of its name."""
    return _BY_FIRST_WORD[re.split("[A-Z]", shape, maxsplit=1)[0]]


SHAPE_REGIONS: Final[tuple[Region, ...]] = tuple(region_of(name) for name in ARKIT_BLENDSHAPES)


@cache
def shape_mask(regions: frozenset[Region]) -> F32:
    """[52], 1 where the shape lies in one of `regions`, else 0."""
    return freeze(np.array([region in regions for region in SHAPE_REGIONS]))
