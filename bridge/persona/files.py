"""A persona's TOML: read strictly, and read again when it has changed."""

from __future__ import annotations

import dataclasses
import re
import tomllib
from pathlib import Path
from typing import Any, Final

from bridge import resources
from bridge.errors import ConfigError
from bridge.layers.manner import MANNERS
from bridge.persona import DEFAULT_LANG, Persona, base_language
from bridge.persona.lines import LINE_NAMES

MAX_BYTES: Final = 200_000
"""A longer file is refused: all of the prompt goes to the language model with every question."""

_KEYS: Final = tuple(f.name for f in dataclasses.fields(Persona))
_Ways = dict[str, tuple[str, ...]]


def find(name: str) -> Path:
    """The file of the persona `name`: itself a path to a TOML, or `personas/<name>.toml` in the user's folder.

    Raises ConfigError naming those there are.
    """
    if name.endswith(".toml"):
        return Path(name).expanduser()
    place = resources.home() / "personas"
    path = place / f"{name}.toml"
    if path.parent == place and path.is_file():
        return path
    there = ", ".join(sorted(p.stem for p in place.glob("*.toml"))) or "none yet"
    raise ConfigError(f"There is no persona '{name}' in {place}; there are: {there}.")


def load(path: Path) -> Persona:
    """The persona in `path`. Raises ConfigError, naming the file and the line."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"{path} can't be read: {error.strerror}.") from None
    if len(data) > MAX_BYTES:
        raise ConfigError(f"{path} has {len(data):,} bytes; a persona has at most {MAX_BYTES:,}.")
    try:
        return parse(data.decode("utf-8-sig"), str(path))
    except UnicodeDecodeError:
        raise ConfigError(f"{path} is not UTF-8 text.") from None


def parse(text: str, name: str) -> Persona:
    """The persona that `text` holds; `name` is for the error's sentence. Unknown keys are refused."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{name} is not TOML: {error}.") from None
    except RecursionError:
        raise ConfigError(f"{name} can't be read: its brackets are nested too deeply.") from None
    return _Reader(text, name).persona(table)


class PersonaFile:
    """A persona that follows its file: what is edited counts from the next turn on."""

    def __init__(self, path: Path) -> None:
        """Raises ConfigError where the file is missing or wrong: at the start there is no older persona to keep."""
        self._path = path
        self._stamp = _stamp(path)
        self._persona = load(path)
        self.problem = ""
        """Why the latest edit does not count, as a sentence; empty where it does."""

    @property
    def persona(self) -> Persona:
        """The latest that could be read."""
        return self._persona

    def refresh(self) -> bool:
        """Look whether the file has changed (one `stat`), and read it; whether `persona` or `problem` is another now.

        A file that is gone or wrong leaves the persona as it was.
        """
        stamp = _stamp(self._path)
        if stamp == self._stamp:
            return False
        self._stamp = stamp
        before = (self._persona, self.problem)
        try:
            self._persona, self.problem = load(self._path), ""
        except ConfigError as error:
            self.problem = str(error)
        return before != (self._persona, self.problem)


def _stamp(path: Path) -> tuple[int, int, int]:
    """What tells one version of a file from the next; zeros where there is no file. Editors that replace a file give
    it another inode, which tells versions of one length apart that were written within one tick of the file's clock."""
    try:
        stat = path.stat()
    except OSError:
        return 0, 0, 0
    return stat.st_mtime_ns, stat.st_size, stat.st_ino


class _Reader:
    """Checks a persona's table. `text` is what it was parsed from, searched for the line of a mistake."""

    def __init__(self, text: str, name: str) -> None:
        self._lines = text.splitlines()
        self._name = name

    def persona(self, table: dict[str, Any]) -> Persona:
        for key in table:
            if key not in _KEYS:
                raise self._mistake(key, f"there is no setting '{key}'; a persona may have {', '.join(_KEYS)}")
        values: dict[str, Any] = {}
        for key in ("name", "lang", "prompt", "voice", "greeting"):
            if key in table:
                values[key] = self._text(table, key)
        if "idle" in table:
            values["idle"] = self._idle(table["idle"])
        if "wake" in table:
            values["wake"] = self._texts("wake", table["wake"])
        if "taboo" in table:
            taboo = self._table("taboo", table["taboo"])
            values["taboo"] = {topic: self._words(topic, words) for topic, words in taboo.items()}
        if "lines" in table:
            own = base_language(values.get("lang", DEFAULT_LANG))
            values["lines"] = self._all_lines(self._table("lines", table["lines"]), own)
        return Persona(**values)

    def _text(self, table: dict[str, Any], key: str) -> str:
        value = table[key]
        if not isinstance(value, str):
            raise self._mistake(key, f"'{key}' must be a text")
        if key in ("name", "lang") and not value.strip():
            raise self._mistake(key, f"'{key}' can't be empty")
        return value.strip()

    def _idle(self, value: object) -> str:
        if not isinstance(value, str) or value not in MANNERS:
            raise self._mistake("idle", f"'idle' is one of {', '.join(MANNERS)}")
        return value

    def _texts(self, key: str, value: object) -> tuple[str, ...]:
        """A text, or a list of texts."""
        values = [value] if isinstance(value, str) else value
        if not isinstance(values, list) or not all(isinstance(item, str) and item.strip() for item in values):
            raise self._mistake(key, f"'{key}' is a text or a list of texts, none of them empty")
        return tuple(item.strip() for item in values)

    def _words(self, key: str, value: object) -> tuple[str, ...]:
        """As `_texts`, or an empty list: a topic's name alone betrays it."""
        return () if value == [] else self._texts(key, value)

    def _table(self, key: str, value: object) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise self._mistake(key, f"'{key}' is a table")
        return value

    def _all_lines(self, table: dict[str, Any], own: str) -> dict[str, _Ways]:
        """`[lines]` in the persona's own language, `[lines.zh]` in another."""
        mine = {key: value for key, value in table.items() if not isinstance(value, dict)}
        found = {own: self._some_lines(mine)} if mine else {}
        for lang, value in table.items():
            if isinstance(value, dict):
                found[lang.casefold()] = found.get(lang.casefold(), {}) | self._some_lines(value)
        return found

    def _some_lines(self, table: dict[str, Any]) -> _Ways:
        for key in table:
            if key not in LINE_NAMES:
                raise self._mistake(key, f"there is no line '{key}'; there are {', '.join(LINE_NAMES)}")
        return {key: ways for key, value in table.items() if (ways := self._texts(key, value))}

    def _mistake(self, key: str, sentence: str) -> ConfigError:
        """The error, with the line that `key` stands in where it is found: as a key, or as a table's head."""
        word = rf"[\"']?{re.escape(key)}[\"']?"
        place = re.compile(rf"\s*(?:{word}\s*[=.]|\[\s*(?:[\w-]+\s*\.\s*)*{word}\s*[\].])")
        numbers = [number for number, line in enumerate(self._lines, 1) if place.match(line)]
        where = f"{self._name}, line {numbers[0]}" if numbers else self._name
        return ConfigError(f"{where}: {sentence}.")
