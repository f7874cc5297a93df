"""The three characters, each modelled once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.avatar import VARIATIONS, assemble, parameters
from tools.avatar.assemble import Model
from tools.avatar.faults import Face
from tools.avatar.sdf import Array
from tools.avatar.shapes.flesh import Flesh

AVATARS = Path(assemble.__file__).parent


@pytest.fixture(scope="session", params=VARIATIONS)
def model(request: pytest.FixtureRequest) -> Model:
    return assemble.model(parameters.read(AVATARS / f"{request.param}.toml"))


@pytest.fixture(scope="session")
def files(model: Model) -> dict[str, bytes]:
    """The character's file of each format, by suffix."""
    return assemble.pack(model)


@pytest.fixture(scope="session")
def flesh(model: Model) -> Flesh:
    """The skin with the labels its shapes are made from."""
    return model.flesh


@pytest.fixture(scope="session")
def moves(model: Model) -> dict[str, Array]:
    """The displacement [N, 3] of each shape of the skin, millimetres."""
    return model.part("Head").shapes


@pytest.fixture(scope="session")
def face(model: Model) -> Face:
    return Face(model.flesh, model.part("Head").shapes, model.part("Teeth"))
