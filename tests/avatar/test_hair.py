"""Where hair may be: on the head, not in it, and not before the eyes."""

from __future__ import annotations

import numpy as np
import pytest

from tools.avatar.hair import STYLES, hairline

pytestmark = pytest.mark.law


@pytest.fixture(scope="session")
def hair(model):
    return model.part("Hair")


def test_hair_lies_on_the_head(flesh, hair):
    """Its edge sinks a little into the skin and no further; a knot on the crown stands on hair and is left out."""
    below_a_knot = hair.position[hair.position[:, 1] < 85.0]
    assert flesh.skull(below_a_knot).min() > -4.0


def test_nothing_hangs_before_the_eyes(flesh, hair):
    e = flesh.who.eyes
    aside = np.abs(np.abs(hair.position[:, 0]) - e.spread)
    before = (aside < 0.8 * e.radius) & (np.abs(hair.position[:, 1]) < 0.6 * e.radius) & (hair.position[:, 2] > 0.0)
    assert not before.any()


def test_every_normal_has_a_length(hair):
    assert np.linalg.norm(hair.normal, axis=1).min() > 0.5


def test_the_face_is_outside_the_hairline_and_the_crown_inside(flesh):
    style = STYLES[flesh.who.hair.style]
    skin = flesh.p
    nose, crown = skin[np.argmax(skin[:, 2])], skin[np.argmax(skin[:, 1])]
    assert hairline(style, nose) < 0.0 < hairline(style, crown)
