"""The messages of `/ws/control`, JSON text both ways. engine_plugins/PROTOCOL.md says what they mean.

Clients' TypeScript types are made from these dataclasses by tools/make_types.py: a field here is a field there. Reading
raises WireError and nothing else, whatever the text.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from bridge.errors import WireError
from bridge.schema import Control, Value
from bridge.wire.json_object import json_object

Id: TypeAlias = str | int | None
"""What a client calls a message of its own, so that it knows the answer again."""
ID_LENGTH: Final = 100


@dataclass(frozen=True, slots=True)
class State:
    """What is so now: on connecting, whenever a field of it changes, and after a client has fallen behind."""

    rev: int
    subject: str
    rig: str
    you: str
    """What this client is called in `by`."""
    state: str
    epoch: int
    emotion: str
    """What is being shown; a line's own comes before `emotion.name`."""
    waiting_lines: int
    clients: int
    last_error: str
    can_undo: bool
    can_redo: bool
    unsaved: bool
    schema: tuple[Control, ...] | None
    """With `values` on connecting and after falling behind; else null, and both are as they were told."""
    values: Mapping[str, Value] | None


@dataclass(frozen=True, slots=True)
class Changed:
    """A value was set, by a client, an undo, or `PATCH /api/rig`."""

    path: str
    value: Value
    rev: int
    by: str


@dataclass(frozen=True, slots=True)
class Error:
    """A message of this client was refused, and nothing was changed."""

    id: Id
    error: str


@dataclass(frozen=True, slots=True)
class Set:
    """Set a value."""

    path: str
    value: Value
    id: Id = None


@dataclass(frozen=True, slots=True)
class Undo:
    """Take the last step back."""

    id: Id = None


@dataclass(frozen=True, slots=True)
class Redo:
    """Do again what was undone."""

    id: Id = None


@dataclass(frozen=True, slots=True)
class Save:
    """Keep the rig as it was tuned."""

    id: Id = None


@dataclass(frozen=True, slots=True)
class Say:
    """Say a line, as `POST /api/say` does."""

    text: str
    lang: str = ""
    emotion: str = ""
    intensity: float = 1.0
    voice: str = ""
    interrupt: bool = False
    id: Id = None


@dataclass(frozen=True, slots=True)
class Stop:
    """Say no more."""

    id: Id = None


FromServer: TypeAlias = State | Changed | Error
FromClient: TypeAlias = Set | Undo | Redo | Save | Say | Stop
FROM_SERVER: Final = {"state": State, "changed": Changed, "error": Error}
FROM_CLIENT: Final[dict[str, type[FromClient]]] = {
    "set": Set,
    "undo": Undo,
    "redo": Redo,
    "save": Save,
    "say": Say,
    "stop": Stop,
}

_NAMES: Final = {kind: name for name, kind in FROM_SERVER.items()}
_WORDS: Final = {"str": "a text", "float": "a number", "bool": "true or false", "Value": "a number, a text or null"}


def encode(message: FromServer) -> str:
    """The text of a message to a client: ASCII, so that nothing a client has sent can break it."""
    return json.dumps({"type": _NAMES[type(message)], **dataclasses.asdict(message)}, allow_nan=False)


def identify(text: str) -> Id:
    """The `id` of a message that may be wrong otherwise, or None."""
    try:
        return _id(json_object(text).get("id"))
    except WireError:
        return None


def decode(text: str) -> FromClient:
    """What a client says. Raises WireError, one sentence, for what is not one of `FROM_CLIENT`."""
    fields = json_object(text)
    name = fields.pop("type", None)
    kind = FROM_CLIENT.get(name) if isinstance(name, str) else None
    if kind is None:
        raise WireError(f"A message's 'type' is one of {', '.join(FROM_CLIENT)}.")
    known = {f.name: f for f in dataclasses.fields(kind)}
    for key in fields:
        if key not in known:
            raise WireError(f"A '{name}' has no '{key[:60]}'; it may have {', '.join(known)}.")
    for key, field in known.items():
        if key not in fields and field.default is dataclasses.MISSING:
            raise WireError(f"A '{name}' needs '{key}'.")
    return kind(**{key: _checked(key, str(known[key].type), value) for key, value in fields.items()})


def _checked(key: str, hint: str, value: Any) -> Any:
    """`value`, if it is what a field with the type `hint` takes."""
    if hint == "Id":
        return _id(value)
    number = isinstance(value, int | float) and not isinstance(value, bool)
    text = isinstance(value, str)
    fits = {
        "str": text,
        "float": number and abs(value) < 1e9,
        "bool": isinstance(value, bool),
        "Value": number or text or value is None,
    }
    if not fits[hint]:
        raise WireError(f"'{key}' must be {_WORDS[hint]}.")
    return value


def _id(value: Any) -> Id:
    short = isinstance(value, str) and len(value) <= ID_LENGTH
    if value is None or short or (isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**53):
        return value  # type: ignore[no-any-return]
    raise WireError(f"'id' must be a text of at most {ID_LENGTH} characters, or a whole number.")
