"""The settings that docs/minds.md shows are those that there are."""

from __future__ import annotations

import dataclasses
import importlib
import re
import tomllib
from pathlib import Path

import pytest

from bridge.providers import build

pytestmark = pytest.mark.law

PAGE = Path(__file__).parents[2] / "docs" / "minds.md"
BLOCKS = [tomllib.loads(block) for block in re.findall(r"^```toml\n(.*?)^```", PAGE.read_text("utf-8"), re.S | re.M)]
CASES = [("llm", BLOCKS[1]["mind"]), ("realtime", BLOCKS[2]["realtime"])]


@pytest.mark.parametrize(("kind", "shown"), CASES)
def test_every_setting_is_shown_and_valid(kind, shown, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "a key")
    module = importlib.import_module(f"bridge.providers.{kind}.{shown['provider']}")
    assert {field.name for field in dataclasses.fields(module.Options)} == shown["settings"].keys()
    assert build(kind, shown["provider"], shown["settings"])


@pytest.mark.parametrize(("kind", "shown"), CASES)
def test_what_is_shown_is_the_default_but_for_the_server(kind, shown):
    module = importlib.import_module(f"bridge.providers.{kind}.{shown['provider']}")
    differing = {key for key, value in shown["settings"].items() if getattr(module.Options(), key) != value}
    assert differing <= {"base_url", "model"}
