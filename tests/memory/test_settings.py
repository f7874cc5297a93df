"""The settings of memory and knowledge, and what they mean."""

from __future__ import annotations

import pytest

from bridge.errors import ConfigError
from bridge.memory import MemorySettings, Passage
from bridge.memory.knowledge import folder

pytestmark = pytest.mark.unit

DAY_NS = 86_400 * 10**9


def test_days_are_counted_back_from_now_and_none_means_for_ever():
    assert MemorySettings(kept_days=3).keep_from_ns(10 * DAY_NS) == 7 * DAY_NS
    assert MemorySettings(kept_days=0).keep_from_ns(10 * DAY_NS) == 0


@pytest.mark.parametrize("name", ["kept_days", "context_characters", "knowledge_files", "knowledge_file_mb"])
def test_nothing_is_negative(name):
    with pytest.raises(ConfigError, match=f"memory.{name} is -1"):
        MemorySettings(**{name: -1})


def test_documents_are_in_the_users_folder_unless_told_otherwise(tmp_path, monkeypatch):
    monkeypatch.setenv("AVATAR_BRIDGE_HOME", str(tmp_path))
    assert folder(MemorySettings()) == tmp_path / "knowledge"
    assert folder(MemorySettings(knowledge=str(tmp_path / "x"))) == tmp_path / "x"


@pytest.mark.parametrize(
    ("heading", "page", "citation"),
    [("", 0, "a.md"), ("Hours > Winter", 0, "a.md, Hours > Winter"), ("", 3, "a.md, page 3")],
)
def test_a_citation_says_where_it_stands(heading, page, citation):
    assert Passage("a.md", "A", heading, page, "text").citation == citation
