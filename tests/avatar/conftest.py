"""The default character, modelled once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.avatar import assemble, parameters, shapes, skin
from tools.avatar.assemble import Model
from tools.avatar.shapes.flesh import Flesh
from tools.avatar.skull import Skull

AVATARS = Path(assemble.__file__).parent


@pytest.fixture(scope="session")
def model() -> Model:
    return assemble.model(parameters.read(AVATARS / "default.toml"))


@pytest.fixture(scope="session")
def flesh(model: Model) -> Flesh:
    """The skin with the labels its shapes are made from."""
    skull = Skull(model.who)
    return Flesh(model.who, skull, skin.build(model.who, skull))


@pytest.fixture(scope="session")
def moves(flesh: Flesh) -> dict:
    return shapes.of_skin(flesh)
