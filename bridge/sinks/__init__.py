"""Where motion and sound leave: takes (files), and live targets, each named by a URL such as `vmc://host:39539?rig=vrm0`.

The scheme names the file of this folder, or, with dots in it, a module outside the package. It exports `Options`, a
dataclass with a default for every field, and `build(options, layout)`. Host, port and query are fields like any other.
Nothing of a sink is imported before it is asked for. (Files of takes have an underscore in their names, which no scheme
has.)
"""

from __future__ import annotations

import dataclasses
import importlib
import importlib.util
import pkgutil
import re
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Final, Literal, Protocol, cast, get_args, get_origin, get_type_hints
from urllib.parse import parse_qsl, unquote, urlsplit

from bridge.errors import ConfigError
from bridge.ports import Sink
from bridge.types import RigLayout

_ADDRESS: Final = re.compile(r"(?P<host>\[[^\]]*\]|[^:]*)(?::(?P<port>.*))?")
_YES_NO: Final = {"1": True, "true": True, "yes": True, "": True, "0": False, "false": False, "no": False}


class SinkOptions(Protocol):
    """What the options of every sink have."""

    @property
    def rig(self) -> str:
        """The rig whose curves it gets."""
        ...


@dataclass(frozen=True, slots=True)
class Target:
    """A sink that can be opened, and opened again. `open` needs the layout of the rig called `rig`."""

    url: str
    rig: str
    open: Callable[[RigLayout], Sink]


def names() -> list[str]:
    """The schemes that come with the package, found without importing them."""
    return sorted(m.name for m in pkgutil.iter_modules(__path__) if "_" not in m.name)


def target(url: str) -> Target:
    """The sink that `url` names, not opened yet. Raises ConfigError, listing what is valid."""
    try:
        parts = urlsplit(url)
        query = parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query))
    except ValueError as error:
        raise ConfigError(f"'{url}' is not a sink's address: {error}.") from None
    if "://" not in url or not parts.scheme:
        raise ConfigError(f"'{url}' is not a sink's address, such as {names()[0]}://127.0.0.1.")
    module = _load(parts.scheme)
    address = _ADDRESS.fullmatch(parts.netloc)
    if address is None or parts.path.strip("/") or parts.fragment:
        raise ConfigError(f"'{url}' is not a sink's address: {parts.scheme}://host:port?key=value is.")
    given = {key: value for key, value in address.groupdict().items() if value}
    if "host" in given:
        given["host"] = unquote(given["host"]).strip("[]")
    for key, value in query:
        if key in ("host", "port") or key in given:
            raise ConfigError(f"'{url}' gives '{key}' twice.")
        given[key] = value
    options = _options(parts.scheme, module.Options, given)
    return Target(url, options.rig, lambda layout: cast(Sink, module.build(options, layout)))


def _load(scheme: str) -> ModuleType:
    if scheme in names():
        return importlib.import_module(f"{__name__}.{scheme}")
    found = None
    if "." in scheme:
        try:
            found = importlib.util.find_spec(scheme)
        except (ImportError, ValueError):
            found = None
    if found is None:
        raise ConfigError(f"There is no sink '{scheme}'; there are {', '.join(names())}, or give a dotted path.")
    module = importlib.import_module(scheme)
    if not (hasattr(module, "Options") and hasattr(module, "build")):
        raise ConfigError(f"'{scheme}' is no sink: it must define Options and build(options, layout).")
    return module


def _options(scheme: str, options: type[Any], given: dict[str, str]) -> Any:
    types = get_type_hints(options)
    valid = [field.name for field in dataclasses.fields(options)]
    for key in given:
        if key not in valid:
            raise ConfigError(f"{scheme} has no option '{key}'; it has {', '.join(valid)}.")
    made = options(**{key: _value(f"{scheme}'s '{key}'", types[key], text) for key, text in given.items()})
    port = getattr(made, "port", 1)
    if not 0 < port < 65536:
        raise ConfigError(f"A port lies between 1 and 65535, and {port} does not.")
    return made


def _value(what: str, kind: Any, text: str) -> Any:
    """`text` as a value of type `kind`. Raises ConfigError."""
    if get_origin(kind) is Literal:
        if text in get_args(kind):
            return text
        raise ConfigError(f"{what} is one of {', '.join(get_args(kind))}, not '{text}'.")
    if kind is bool:
        if text.lower() in _YES_NO:
            return _YES_NO[text.lower()]
        raise ConfigError(f"{what} is 1 or 0, not '{text}'.")
    if kind in (int, float):
        try:
            number = kind(text)
        except ValueError:
            number = float("nan")
        if not abs(number) < 1e9:
            raise ConfigError(f"{what} must be a {'whole ' if kind is int else ''}number, not '{text}'.")
        return number
    return text
