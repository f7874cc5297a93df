"""Voices, recognisers, language models and speech detectors: one file each, in a folder for each kind.

A provider's file exports `Options`, a dataclass whose fields have defaults and units, and `build(options)`. Files whose
names begin with an underscore are helpers. Nothing of a provider is imported before it is asked for by name.
"""

from __future__ import annotations

import dataclasses
import importlib
import importlib.util
import pkgutil
from collections.abc import Mapping
from types import ModuleType
from typing import Any, get_type_hints

from bridge.errors import ConfigError


def names(kind: str) -> list[str]:
    """The providers of a kind (`tts`, `asr`, ...) that come with the package, found without importing them."""
    folder = importlib.import_module(f"{__name__}.{kind}")
    return sorted(m.name for m in pkgutil.iter_modules(folder.__path__) if not m.name.startswith("_"))


def build(kind: str, name: str, settings: Mapping[str, object]) -> Any:
    """Build provider `name` of `kind`: a file in its folder, or a dotted path to a module outside the package.

    Raises ConfigError for an unknown name, an unknown key or a value of the wrong type, listing what is valid,
    and whatever the provider raises on being built.
    """
    module = _load(kind, name)
    return module.build(_options(name, module.Options, settings))


def _load(kind: str, name: str) -> ModuleType:
    own = names(kind)
    if name in own:
        return importlib.import_module(f"{__name__}.{kind}.{name}")
    if "." not in name:
        raise ConfigError(f"There is no {kind} called {name!r}; there are {', '.join(own)}, or give a dotted path.")
    try:
        found = importlib.util.find_spec(name)
    except (ImportError, ValueError):
        found = None
    if found is None:
        raise ConfigError(f"The {kind} {name!r} is no module that can be imported here.")
    module = importlib.import_module(name)
    if not (hasattr(module, "Options") and hasattr(module, "build")):
        raise ConfigError(f"The {kind} {name!r} is no provider: it must define Options and build(options).")
    return module


def _options(name: str, options: type[Any], settings: Mapping[str, object]) -> Any:
    types = get_type_hints(options)
    valid = [field.name for field in dataclasses.fields(options)]
    values: dict[str, object] = {}
    for key, given in settings.items():
        if key not in valid:
            raise ConfigError(f"{name} has no setting {key!r}; it has {', '.join(valid) or 'none'}.")
        wanted = types[key]
        value = float(given) if wanted is float and type(given) is int else given
        if not isinstance(value, wanted) or (isinstance(value, bool) and wanted is not bool):
            shown = getattr(wanted, "__name__", str(wanted))
            raise ConfigError(f"The setting {key!r} of {name} is {value!r}; it must be of type {shown}.")
        values[key] = value
    return options(**values)
