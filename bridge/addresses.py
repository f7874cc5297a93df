"""Parts named by a URL, such as `vmc://host:39539?rig=vrm0`: its scheme is a file, the rest its options.

The file lies in the folder of its kind, or, with dots in the scheme, is a module outside the package. It exports
`Options`, a dataclass with a default for every field, and `build`. Host, port and query are fields like any other.
Nothing of it is imported before it is asked for.
"""

from __future__ import annotations

import dataclasses
import re
from types import ModuleType
from typing import Any, Final, Literal, get_args, get_origin, get_type_hints
from urllib.parse import parse_qsl, unquote, urlsplit

from bridge.errors import ConfigError
from bridge.parts import load, names

_ADDRESS: Final = re.compile(r"(?P<host>\[[^\]]*\]|[^:]*)(?::(?P<port>.*))?")
_NO_TEXT: Final = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
"""Control characters, and halves of characters: no system takes them in a name, and no answer can hold the latter."""
_YES_NO: Final = {"1": True, "true": True, "yes": True, "": True, "0": False, "false": False, "no": False}


def schemes(package: str) -> list[str]:
    """The schemes of a folder, found without importing their files. Other files have an underscore in their names."""
    return [name for name in names(package) if "_" not in name]


@dataclasses.dataclass(frozen=True, slots=True)
class NoCommon:
    """What all of a kind take beside their own options, where that is nothing."""


def resolve(package: str, kind: str, url: str, common: type[Any] = NoCommon) -> tuple[ModuleType, Any, Any]:
    """The module that `url` names, its options, and those that all of its kind have: the dataclass `common`.

    `kind` is what a person calls it. Raises ConfigError.
    """
    valid = schemes(package)
    _check_text(kind, url, url)
    try:
        parts = urlsplit(url)
        query = parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query))
    except ValueError as error:
        raise ConfigError(f"'{url}' is not a {kind}'s address: {error}.") from None
    if "://" not in url or not parts.scheme:
        raise ConfigError(f"'{url}' is not a {kind}'s address, such as {valid[0]}://127.0.0.1.")
    module = load(package, kind, parts.scheme, valid)
    address = _ADDRESS.fullmatch(parts.netloc)
    if address is None or parts.path.strip("/") or parts.fragment:
        raise ConfigError(f"'{url}' is not a {kind}'s address: {parts.scheme}://host:port?key=value is.")
    given = {key: value for key, value in address.groupdict().items() if value}
    if "host" in given:
        given["host"] = unquote(given["host"]).strip("[]")
    for key, value in query:
        if key in ("host", "port") or key in given:
            raise ConfigError(f"'{url}' gives '{key}' twice.")
        given[key] = value
    for text in (*given, *given.values()):
        _check_text(kind, url, text)
    shared = {key: value for key, value in given.items() if key in _keys(common) and key not in _keys(module.Options)}
    own = {key: value for key, value in given.items() if key not in shared}
    valid_keys = [*_keys(module.Options), *_keys(common)]
    return (
        module,
        _options(parts.scheme, module.Options, own, valid_keys),
        _options(parts.scheme, common, shared, valid_keys),
    )


def _check_text(kind: str, url: str, text: str) -> None:
    """Raises ConfigError where `text`, which is `url` or was written in it as %00 and the like, can't be a name."""
    if _NO_TEXT.search(text):
        raise ConfigError(f"{url!a} is not a {kind}'s address: it holds control or broken characters.")


def _keys(options: type[Any]) -> list[str]:
    return [field.name for field in dataclasses.fields(options)]


def _options(scheme: str, options: type[Any], given: dict[str, str], valid: list[str]) -> Any:
    types = get_type_hints(options)
    for key in given:
        if key not in types:
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
