"""The settings of a running bridge: `bridge.toml` in the user's folder, or a file named with `-c`."""

from __future__ import annotations

import dataclasses
import ipaddress
import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, get_type_hints

from bridge import resources
from bridge.errors import ConfigError
from bridge.memory import MemorySettings
from bridge.turns import TurnSettings

DEFAULT_PORT: Final = 8765
TOKEN_VARIABLE: Final = "AVATAR_BRIDGE_TOKEN"
"""The variable of the environment that may hold the token."""
LIPS: Final = ("model", "phones")
_TOKEN: Final = re.compile(r"[!#-+\--:<-\[\]-~]*")
"""What a cookie's value may hold (RFC 6265, 4.1.1): a token travels in one, in a header and in an address."""


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """Where the server listens, and to whom."""

    host: str = "127.0.0.1"
    port: int = DEFAULT_PORT
    token: str = ""
    """Needed off loopback. Sent as a Bearer header, or by engines as `?token=` on WebSockets.

    Printable ASCII without blanks and `" , ; \\`, as it must fit a cookie.
    """
    origins: tuple[str, ...] = ()
    """Web origins, such as https://example.org, whose pages may use this server beside its own."""
    tls_cert: str = ""
    tls_key: str = ""
    subjects: int = 8
    """How many avatars may be live at once."""
    subject_idle_s: float = 600.0
    """After how long without listeners and speech an avatar is removed (the default one never is)."""


@dataclass(frozen=True, slots=True)
class VoiceSettings:
    """Which voice speaks. `settings` are the provider's own. Raises ConfigError for tables of voices not in use."""

    provider: str = "espeak"
    lang: str = "en"
    """The language of text whose script does not show it."""
    settings: dict[str, Any] = field(default_factory=dict)
    fallback: tuple[str, ...] = ("espeak",)
    """Who speaks, in order, where the provider can't; the embedded voice is the last in any case."""
    fallback_settings: dict[str, Any] = field(default_factory=dict)
    """A table for each of `fallback` that needs one."""

    def __post_init__(self) -> None:
        for name, table in self.fallback_settings.items():
            if name not in self.fallback or not isinstance(table, dict):
                raise ConfigError(
                    f"'voice.fallback_settings.{name}' is no table of a voice in 'fallback', "
                    f"which has {', '.join(self.fallback) or 'none'}."
                )

    @property
    def stand_ins(self) -> dict[str, dict[str, Any]]:
        """The voices of `fallback`, in order, each with its settings."""
        return {name: self.fallback_settings.get(name, {}) for name in self.fallback}


@dataclass(frozen=True, slots=True)
class AvatarSettings:
    """How the avatar moves, and what it says first. Raises ConfigError for lips that go by something else."""

    seed: int = 0
    """Of all that is drawn by chance: the same seed gives the same blinks, and the same gestures to the same speech."""
    lookahead_ms: int = 100
    """How much audio the face model hears ahead of a frame: 0, 50, 100 or 200."""
    style: str = ""
    """The manner of speaking, one of the face model's; empty: its default."""
    lips: str = "model"
    """What moves them: `model` hears the sound; `phones` are what the voice tells, where it does."""
    weights: str = ""
    """A folder with a face model of your own, as `models.export` writes it; empty: the one that comes along."""
    precision: str = "single"
    """What the face model multiplies in: `single`, or `int8`, which is quicker on a weak or busy processor."""
    greeting: str = ""
    """What it says when somebody comes; empty: what its persona says."""
    sinks: tuple[str, ...] = ()
    """Where it goes from the start, such as livelink://192.168.1.20."""
    sources: tuple[str, ...] = ()
    """What moves it from the start, such as vmc://127.0.0.1:39540."""

    def __post_init__(self) -> None:
        if self.lips not in LIPS:
            raise ConfigError(f"Lips go by {' or '.join(LIPS)}, not by '{self.lips}'.")


@dataclass(frozen=True, slots=True)
class HearingSettings:
    """Which recogniser hears. `settings` are the provider's own."""

    provider: str = ""
    """Empty: faster-whisper if its model is on disk, else pocketsphinx where there is one."""
    lang: str = ""
    """The language that is expected; empty: the recogniser finds out, if it can."""
    settings: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MindSettings:
    """Who thinks of answers. `settings` are the provider's own."""

    provider: str = "scripted"
    settings: dict[str, Any] = field(default_factory=dict)
    persona: str = ""
    """A TOML file, or the name of one in `personas` in your folder; empty: the built-in character."""
    greets: bool = False
    """Whether it greets a visitor whose microphone comes."""


@dataclass(frozen=True, slots=True)
class RealtimeSettings:
    """A speech-to-speech model in place of recogniser, language model and voice. `settings` are the provider's own."""

    provider: str = ""
    """Empty: none."""
    settings: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Settings:
    """All of it. Each table of the file is one of these."""

    server: ServerSettings = field(default_factory=ServerSettings)
    voice: VoiceSettings = field(default_factory=VoiceSettings)
    avatar: AvatarSettings = field(default_factory=AvatarSettings)
    hearing: HearingSettings = field(default_factory=HearingSettings)
    turns: TurnSettings = field(default_factory=TurnSettings)
    mind: MindSettings = field(default_factory=MindSettings)
    realtime: RealtimeSettings = field(default_factory=RealtimeSettings)
    memory: MemorySettings = field(default_factory=MemorySettings)


def load(path: Path | None = None) -> Settings:
    """The settings in `path`, or in the user's `bridge.toml` if there is one. Raises ConfigError, naming the file."""
    chosen = path or resources.home() / "bridge.toml"
    if path is None and not chosen.is_file():
        return Settings()
    return parse(resources.read_text(chosen), str(chosen))


def parse(text: str, name: str) -> Settings:
    """The settings that `text` holds; `name` is for the error's sentence. Unknown keys are refused."""
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{name} is not TOML: {error}.") from None
    settings: Settings = _table(Settings, tables, name, "")
    check(settings.server)
    return settings


def check(server: ServerSettings) -> None:
    """Raises ConfigError where settings do not go together, or would open the server to the network without a token."""
    if not 0 < server.port < 65536:
        raise ConfigError(f"A port lies between 1 and 65535, and {server.port} does not.")
    if not _TOKEN.fullmatch(server.token):
        raise ConfigError(
            'A token is made of printable ASCII characters without blanks, quotation marks (") and any of , ; \\.'
        )
    if server.subjects < 1:
        raise ConfigError(f"At least one subject must have its place; 'subjects' is {server.subjects}.")
    if not is_loopback(server.host) and not server.token:
        raise ConfigError(
            f"Listening on {server.host} opens the bridge to the network: "
            "give a token with --token or AVATAR_BRIDGE_TOKEN, or stay on 127.0.0.1."
        )
    if bool(server.tls_cert) != bool(server.tls_key):
        raise ConfigError("HTTPS needs both a certificate (--tls-cert) and its key (--tls-key).")


def is_loopback(host: str) -> bool:
    """Whether `host` can only be reached from this machine."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def _table(kind: type[Any], given: dict[str, Any], name: str, at: str) -> Any:
    """A settings dataclass from a TOML table, each value of the type that the field has."""
    hints = get_type_hints(kind)
    fields = {f.name: f for f in dataclasses.fields(kind)}
    values: dict[str, Any] = {}
    for key, value in given.items():
        where = f"{at}.{key}" if at else key
        if key not in fields:
            raise ConfigError(f"{name} has no setting '{where}'; it may have {', '.join(fields)}.")
        hint = hints[key]
        if dataclasses.is_dataclass(hint) and isinstance(hint, type):
            if not isinstance(value, dict):
                raise ConfigError(f"{name}: '{where}' is a table.")
            values[key] = _table(hint, value, name, where)
        else:
            values[key] = _value(hint, value, f"{name}: '{where}'")
    return kind(**values)


def _value(hint: Any, value: Any, where: str) -> Any:
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if hint == tuple[str, ...]:
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return tuple(value)
        raise ConfigError(f"{where} is a list of texts.")
    plain = dict if hint == dict[str, Any] else hint
    if not isinstance(value, plain) or (plain is int and isinstance(value, bool)):
        words = {int: "a whole number", float: "a number", str: "a text", dict: "a table", bool: "true or false"}
        raise ConfigError(f"{where} must be {words[plain]}.")
    return value
