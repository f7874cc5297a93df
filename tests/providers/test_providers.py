"""Providers are found by name, built from settings, and refuse what they don't know."""

import subprocess
import sys
import textwrap

import pytest

from bridge import providers
from bridge.errors import ConfigError
from bridge.providers import tts

pytestmark = pytest.mark.unit


@pytest.fixture
def outside(tmp_path, monkeypatch):
    (tmp_path / "outside_voice.py").write_text(
        textwrap.dedent("""
            from dataclasses import dataclass

            @dataclass
            class Options:
                speed: float = 1.0
                loud: bool = False
                key: str | None = None

            def build(options):
                return options
        """)
    )
    (tmp_path / "my").mkdir()
    (tmp_path / "outside_voice.py").rename(tmp_path / "my" / "voice.py")
    (tmp_path / "my" / "nothing.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    return "my.voice"


def test_helpers_are_no_providers():
    assert "espeak" in providers.names("tts")
    assert not any(name.startswith("_") for name in providers.names("tts"))


def test_an_unknown_name_lists_the_known():
    with pytest.raises(ConfigError, match=r"'nobody'.*espeak"):
        tts.build("nobody", {})


@pytest.mark.parametrize("name", ["no.such.module", "my.nothing", "os.path", "a..b"])
def test_a_dotted_path_must_lead_to_a_provider(outside, name):
    with pytest.raises(ConfigError, match=name):
        tts.build(name, {})


def test_a_dotted_path_names_one_outside(outside):
    built = providers.build("tts", outside, {"speed": 2, "loud": True, "key": None})
    assert (built.speed, built.loud, built.key) == (2.0, True, None)
    assert isinstance(built.speed, float)


def test_a_wish_is_granted_where_there_is_such_an_option(outside):
    built = providers.build("tts", outside, {"speed": 2.0}, {"speed": 3.0, "lang": "en"})
    assert built.speed == 3.0
    assert tts.build(outside, {"loud": True}, "en", "Ann").loud


def test_an_unknown_key_lists_the_valid():
    with pytest.raises(ConfigError, match=r"'volume'.*lang.*rate_wpm"):
        tts.build("espeak", {"volume": 1})


@pytest.mark.parametrize("settings", [{"speed": "2"}, {"speed": True}, {"loud": 1}, {"key": 3}])
def test_a_value_of_another_type_is_refused(outside, settings):
    with pytest.raises(ConfigError, match="must be of type"):
        tts.build(outside, settings)


def test_nothing_of_a_provider_is_imported_before_it_is_named():
    code = "import sys, bridge.providers.tts; print([m for m in sys.modules if 'espeak' in m or m == 'soxr'])"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"
