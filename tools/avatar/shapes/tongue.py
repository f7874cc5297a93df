"""What the mouth does for the tongue: it opens a little to let it out."""

from __future__ import annotations

import numpy as np

from tools.avatar.sdf import Array
from tools.avatar.shapes import jaw
from tools.avatar.shapes.flesh import Flesh

# How far the jaw opens with tongueOut alone, as a share of jawOpen, so that the tongue passes between the teeth.
JAW_SHARE = 0.3


def shapes(flesh: Flesh) -> dict[str, Array]:
    delta = jaw.opened(flesh.p, JAW_SHARE * jaw.jaw_share(flesh))
    lift = flesh.near_lips(7.0) * (flesh.part > 0) * flesh.split
    return {"tongueOut": delta + flesh.settle(lift[:, None] * np.array([0.0, 1.2, 0.8]))}
