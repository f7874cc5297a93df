"""The default character, modelled once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.avatar import assemble, parameters
from tools.avatar.assemble import Model
from tools.avatar.sdf import Array
from tools.avatar.shapes.flesh import Flesh

AVATARS = Path(assemble.__file__).parent


@pytest.fixture(scope="session")
def model() -> Model:
    return assemble.model(parameters.read(AVATARS / "default.toml"))


@pytest.fixture(scope="session")
def flesh(model: Model) -> Flesh:
    """The skin with the labels its shapes are made from."""
    return model.flesh


@pytest.fixture(scope="session")
def moves(model: Model) -> dict[str, Array]:
    """The displacement [N, 3] of each shape of the skin, millimetres."""
    return next(part.shapes for part in model.parts if part.name == "Head")
