"""Settings: defaults, every key of the documentation, and what is refused."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bridge.config import Settings, load, parse
from bridge.errors import ConfigError

pytestmark = pytest.mark.unit

DOCS = Path(__file__).parents[1] / "docs" / "settings.md"


def test_no_file_means_defaults(tmp_path, monkeypatch):
    monkeypatch.setenv("AVATAR_BRIDGE_HOME", str(tmp_path / "none"))
    assert load() == Settings()


def test_the_file_in_the_users_folder_is_read(tmp_path, monkeypatch):
    monkeypatch.setenv("AVATAR_BRIDGE_HOME", str(tmp_path))
    (tmp_path / "bridge.toml").write_text('[voice]\nlang = "zh"\n', encoding="utf-8")
    assert load().voice.lang == "zh"


def test_the_documented_file_is_the_defaults():
    example = re.search(r"```toml\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.S)[1]
    settings = parse(example, "docs/settings.md")
    assert settings.server == Settings().server and settings.avatar == Settings().avatar


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("port = 1", "no setting 'port'"),
        ("[server]\nprot = 1", "no setting 'server.prot'; it may have host, port"),
        ('[server]\nport = "8765"', "'server.port' must be a whole number"),
        ("[server]\nport = true", "'server.port' must be a whole number"),
        ("[server]\nport = 99999", "between 1 and 65535"),
        *((f"[server]\ntoken = '{t}'", "printable ASCII") for t in ("a b", "a;b", "a,b", 'a"b', "a\\b", "schlüssel")),
        ("[server]\nsubjects = 0", "'subjects' is 0"),
        ('[server]\nhost = "0.0.0.0"', "give a token"),
        ('[server]\ntls_cert = "a.pem"', "both a certificate"),
        ('[server]\norigins = "x"', "a list of texts"),
        ('[avatar]\nlips = "ears"', "model or phones, not by 'ears'"),
        ("server = 1", "'server' is a table"),
        ("[server", "is not TOML"),
    ],
)
def test_a_mistake_is_one_sentence_with_the_file(text, sentence):
    with pytest.raises(ConfigError) as refusal:
        parse(text, "my.toml")
    assert sentence in str(refusal.value) and "\n" not in str(refusal.value)


def test_a_token_opens_the_network():
    assert parse('[server]\nhost = "0.0.0.0"\ntoken = "x"', "my.toml").server.host == "0.0.0.0"


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ConfigError, match=r"none\.toml"):
        load(tmp_path / "none.toml")
