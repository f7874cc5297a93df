"""Parts by name: those of a folder, those outside, and those that can't be loaded."""

import pytest

from bridge import parts
from bridge.errors import ConfigError, ProviderError

pytestmark = pytest.mark.unit


@pytest.fixture
def folder(tmp_path, monkeypatch):
    package = tmp_path / "shelf"
    package.mkdir()
    for name, text in {
        "__init__": "",
        "good": "Options = build = object",
        "_helper": "raise RuntimeError",
        "lacking": "import a_package_that_nobody_has",
        "empty": "",
    }.items():
        (package / f"{name}.py").write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    return "shelf"


def test_names_are_found_without_an_import(folder):
    assert parts.names(folder) == ["empty", "good", "lacking"]


@pytest.mark.parametrize("name", ["good", "shelf.good"])
def test_a_part_is_loaded_by_its_name_or_path(folder, name):
    assert parts.load(folder, "thing", name, ["good"]).Options is object


def test_an_unknown_one_lists_the_known(folder):
    with pytest.raises(ConfigError, match=r"no thing 'bad'; there are good, lacking"):
        parts.load(folder, "thing", "bad", ["good", "lacking"])


def test_a_missing_package_is_named(folder):
    with pytest.raises(ProviderError, match="a_package_that_nobody_has"):
        parts.load(folder, "thing", "lacking", ["lacking"])
    with pytest.raises(ConfigError, match="a_package_that_nobody_has"):
        parts.load(folder, "thing", "shelf.lacking", [])


@pytest.mark.parametrize("name", ["shelf.empty", "shelf.nothing", "a..b", ".good"])
def test_a_path_must_lead_to_a_part(folder, name):
    with pytest.raises(ConfigError, match=name):
        parts.load(folder, "thing", name, ["good"])
