"""What a persona says and won't talk about."""

from __future__ import annotations

from string import Formatter

import pytest

from bridge.persona import Persona
from bridge.persona.lines import GREETINGS, LINE_NAMES, LINES

pytestmark = pytest.mark.unit


@pytest.mark.parametrize("lang", LINES)
@pytest.mark.parametrize("name", LINE_NAMES)
def test_there_is_a_line_for_every_trouble_in_every_language(lang, name):
    assert Persona(lang=lang).line(name).strip()
    assert [field for _, field, *_ in Formatter().parse(GREETINGS[lang]) if field] == ["name"]


def test_a_line_comes_in_the_language_asked_for_else_its_own_else_english():
    persona = Persona(lang="de-AT", lines={"de": {"busy": ("Gleich!",)}, "fr": {"slow": ("Hm.", "Euh.")}})
    assert persona.line("busy") == "Gleich!"
    assert persona.line("busy", "ko") == "Gleich!"
    assert persona.line("slow", "fr-FR", turn=3) == "Euh."
    assert persona.line("busy", "zh-Hant") == LINES["zh"]["busy"][0]
    assert Persona(lang="ko").line("busy") == LINES["en"]["busy"][0]


def test_the_greeting_and_the_wake_phrases_follow_the_name():
    assert "Mia" in Persona(name="Mia", lang="zh").hello
    assert Persona(name="Mia").wake_phrases == ("Mia", "hey Mia")
    assert Persona(greeting="Yo {name}").hello == "Yo {name}"
    assert Persona(wake=("computer",)).wake_phrases == ("computer",)


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("Who wins the ELECTIONS?", "politics"),
        ("the president’s dog", "politics"),
        ("Let's talk Politics.", "politics"),
        ("He was elected", ""),
        ("a megavote", ""),
        ("我想问一下选举的事", "政治"),
        ("What a nice day", ""),
        ("", ""),
    ],
)
def test_taboo_topics_are_told_by_their_words(text, topic):
    persona = Persona(taboo={"politics": ("election", "president", "vote"), "政治": ("选举",)})
    assert persona.taboo_in(text) == topic
