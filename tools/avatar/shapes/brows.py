"""Brows and forehead: the frontal muscle lifts them, the corrugators draw them down and together."""

from __future__ import annotations

from tools.avatar.sdf import Array
from tools.avatar.shapes.flesh import Flesh


def shapes(flesh: Flesh) -> dict[str, Array]:
    down, outer = brow_down(flesh), outer_up(flesh)
    inner = inner_up(flesh)
    return {
        "browDownLeft": down,
        "browDownRight": flesh.mirrored(down),
        "browInnerUp": inner + flesh.mirrored(inner),
        "browOuterUpLeft": outer,
        "browOuterUpRight": flesh.mirrored(outer),
    }


def _points(flesh: Flesh) -> tuple[float, float, float, float]:
    """x of the brow's inner end, middle and outer end, and its height."""
    e, b = flesh.who.eyes, flesh.who.brows
    return e.spread - 0.5 * b.length, e.spread, e.spread + 0.5 * b.length, b.height


def brow_down(flesh: Flesh) -> Array:
    inner, middle, outer, y = _points(flesh)
    delta = flesh.pull(flesh.at(inner - 3.0, y - 2.0), (11.0, 12.0, 26.0), (-2.4, -5.2, 1.2), flesh.left)
    delta += flesh.pull(flesh.at(middle, y), (12.0, 11.0, 26.0), (-0.8, -3.0, 0.6), flesh.left)
    delta += flesh.pull(flesh.at(outer - 4.0, y), (11.0, 10.0, 26.0), (0.0, -1.4, 0.2), flesh.left)
    delta += flesh.pull(flesh.at(3.0, y - 4.0), (3.4, 9.0, 20.0), (0.0, 0.0, -1.1), flesh.left)
    return delta + flesh.pull((middle, 16.0, 16.0), (17.0, 6.0, 18.0), (0.0, -2.2, 0.8), flesh.left)


def inner_up(flesh: Flesh) -> Array:
    """One side of browInnerUp."""
    inner, middle, _, y = _points(flesh)
    delta = flesh.pull(flesh.at(inner - 1.0, y), (11.0, 13.0, 26.0), (0.8, 9.0, -0.6), flesh.left)
    delta += flesh.pull(flesh.at(middle - 2.0, y), (12.0, 11.0, 26.0), (0.0, 2.2, -0.2), flesh.left)
    delta += flesh.pull(flesh.at(inner, y + 22.0), (24.0, 12.0, 30.0), (0.0, 3.2, 0.2), flesh.left)
    return delta + flesh.pull((inner + 8.0, 17.0, 18.0), (12.0, 6.0, 18.0), (0.0, 1.8, 0.0), flesh.left)


def outer_up(flesh: Flesh) -> Array:
    _, middle, outer, y = _points(flesh)
    delta = flesh.pull(flesh.at(outer - 4.0, y), (13.0, 13.0, 26.0), (0.6, 6.8, -1.8), flesh.left)
    delta += flesh.pull(flesh.at(middle, y + 1.0), (12.0, 12.0, 26.0), (0.0, 3.6, -0.6), flesh.left)
    delta += flesh.pull(flesh.at(middle + 6.0, y + 20.0), (20.0, 12.0, 30.0), (0.0, 2.4, -0.6), flesh.left)
    return delta + flesh.pull((outer - 8.0, 17.0, 10.0), (13.0, 6.0, 18.0), (0.0, 2.2, 0.0), flesh.left)
