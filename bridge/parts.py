"""Parts that are chosen by name: a file in the folder of its kind, or a module outside the package by its dotted path.

Such a file exports `Options`, a dataclass with a default for every field, and `build`. Nothing of it is imported before
it is asked for; files whose names begin with an underscore are helpers.
"""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
from types import ModuleType

from bridge.errors import ConfigError, ProviderError


def names(package: str) -> list[str]:
    """The parts in a folder, found without importing them."""
    folder = importlib.import_module(package)
    return sorted(m.name for m in pkgutil.iter_modules(folder.__path__) if not m.name.startswith("_"))


def load(package: str, kind: str, name: str, own: list[str]) -> ModuleType:
    """The module of part `name`: one of `own`, which lie in `package`, or a dotted path. `kind` is a person's word.

    Raises ConfigError where there is none, or where it is no such part, and ProviderError where a package is missing
    that one of the folder needs.
    """
    if name in own:
        try:
            return importlib.import_module(f"{package}.{name}")
        except ImportError as error:
            raise ProviderError(f"The {kind} '{name}' needs a package that is not there: {error}.") from error
    if "." not in name or not _exists(name):
        raise ConfigError(f"There is no {kind} '{name}'; there are {', '.join(own)}, or give a dotted path.")
    try:
        module = importlib.import_module(name)
    except ImportError as error:
        raise ConfigError(f"The {kind} '{name}' can't be imported: {error}.") from error
    if not (hasattr(module, "Options") and hasattr(module, "build")):
        raise ConfigError(f"'{name}' is no {kind}: it must define Options and build.")
    return module


def _exists(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except (ImportError, ValueError):
        return False
