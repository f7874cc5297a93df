"""A persona's file: what it may hold, what is refused and where, and that an edit counts from the next turn on."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from bridge.errors import ConfigError
from bridge.persona import Persona
from bridge.persona.files import MAX_BYTES, PersonaFile, find, load, parse
from bridge.persona.lines import LINE_NAMES
from bridge.types import EMOTIONS

pytestmark = pytest.mark.unit

DOCS = Path(__file__).parents[2] / "docs" / "persona.md"

WHOLE = '''
name = "Luna"
lang = "zh-CN"
prompt = """You guide people
through the museum."""
voice = "xiaoxiao"
greeting = "你好"
idle = "lively"
wake = ["露娜", "嗨露娜"]

[taboo]
politics = ["election"]
religion = []

[lines]
busy = "等一下"
not_understood = ["啊？", "什么？"]
[lines.en]
busy = "Wait."
'''


def test_everything_a_file_may_hold():
    persona = parse(WHOLE, "luna.toml")
    assert persona == Persona(
        name="Luna",
        lang="zh-CN",
        prompt="You guide people\nthrough the museum.",
        voice="xiaoxiao",
        greeting="你好",
        idle="lively",
        wake=("露娜", "嗨露娜"),
        taboo={"politics": ("election",), "religion": ()},
        lines={"zh": {"busy": ("等一下",), "not_understood": ("啊？", "什么？")}, "en": {"busy": ("Wait.",)}},
    )
    assert persona.line("busy") == "等一下" and persona.line("busy", "en") == "Wait."


def test_an_empty_file_is_the_default():
    assert parse("", "x.toml") == Persona()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('name = "A"\nnmae = "B"', "p.toml, line 2: there is no setting 'nmae'; a persona may have name, lang"),
        ("\n\nname = 1", "p.toml, line 3: 'name' must be a text"),
        ('name = " "', "line 1: 'name' can't be empty"),
        ('lang = ""', "line 1: 'lang' can't be empty"),
        ('idle = "wild"', "line 1: 'idle' is one of still, calm, lively"),
        ("idle = []", "line 1: 'idle' is one of"),
        ('wake = ["a", ""]', "line 1: 'wake' is a text or a list of texts"),
        ('name = "A"\n[taboo]\npolitics = 3', "line 3: 'politics' is a text or a list"),
        ("taboo = []", "line 1: 'taboo' is a table"),
        ('[lines]\nbuzy = "x"', "line 2: there is no line 'buzy'; there are asr_down"),
        ('[lines.zh]\nbusy = ""', "line 2: 'busy' is a text or a list of texts, none of them empty"),
        ("lines = 1", "line 1: 'lines' is a table"),
        ('[persona]\nname = "A"', "line 1: there is no setting 'persona'"),
        ('name = "A', "p.toml is not TOML"),
    ],
)
def test_a_mistake_is_one_sentence_with_its_line(text, sentence):
    with pytest.raises(ConfigError) as refusal:
        parse(text, "p.toml")
    assert sentence in str(refusal.value) and "\n" not in str(refusal.value)


def test_files_that_cannot_be_read_are_named(tmp_path):
    path = tmp_path / "p.toml"
    with pytest.raises(ConfigError, match=r"p\.toml can't be read"):
        load(path)
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="not UTF-8"):
        load(path)
    path.write_bytes(b"#" * (MAX_BYTES + 1))
    with pytest.raises(ConfigError, match="at most 200,000"):
        load(path)
    path.write_bytes(b'\xef\xbb\xbfname = "Bom"')
    assert load(path).name == "Bom"


def test_a_persona_is_found_by_name_or_path(tmp_path, monkeypatch):
    monkeypatch.setenv("AVATAR_BRIDGE_HOME", str(tmp_path))
    with pytest.raises(ConfigError, match=r"no persona 'luna' .* none yet"):
        find("luna")
    (tmp_path / "personas").mkdir()
    (tmp_path / "personas" / "luna.toml").touch()
    assert find("luna") == tmp_path / "personas" / "luna.toml"
    assert find("other/sol.toml").parts == ("other", "sol.toml")
    for name in ("sol", "", "../personas/luna"):
        with pytest.raises(ConfigError, match="there are: luna"):
            find(name)


def test_an_edit_counts_and_a_broken_one_keeps_the_old_persona(tmp_path):
    path = tmp_path / "p.toml"

    def edit(text: str, tick: int) -> None:
        path.write_text(text, encoding="utf-8")
        os.utime(path, ns=(tick, tick))

    edit('name = "One"', 1)
    file = PersonaFile(path)
    assert not file.refresh() and file.persona.name == "One"
    edit('name = "Two"', 2)
    assert file.refresh() and file.persona.name == "Two" and not file.problem
    edit("name = ", 3)
    assert file.refresh() and file.persona.name == "Two" and "not TOML" in file.problem
    assert not file.refresh()
    path.unlink()
    assert file.refresh() and file.persona.name == "Two" and "can't be read" in file.problem
    edit('name = "Three"', 4)
    assert file.refresh() and file.persona.name == "Three" and file.problem == ""


def test_a_file_that_is_wrong_at_the_start_is_refused(tmp_path):
    with pytest.raises(ConfigError):
        PersonaFile(tmp_path / "none.toml")


def test_the_documented_file_is_a_persona_and_tells_of_every_line():
    document = DOCS.read_text(encoding="utf-8")
    persona = parse(re.search(r"```toml\n(.*?)```", document, re.S)[1], "docs/persona.md")
    assert persona.name == "Luna" and set(persona.taboo) == {"politics", "religion"} and "zh" in persona.lines
    assert all(f"`{name}`" in document for name in (*LINE_NAMES, *EMOTIONS))
