"""Voices, recognisers, language models and speech detectors: one file each, in a folder for each kind.

A provider's file exports `Options`, a dataclass whose fields have defaults and units, and `build(options)`. Files whose
names begin with an underscore are helpers. Nothing of a provider is imported before it is asked for by name.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, get_type_hints

from bridge import parts
from bridge.errors import ConfigError


def names(kind: str) -> list[str]:
    """The providers of a kind (`tts`, `asr`, ...) that come with the package, found without importing them."""
    return parts.names(f"{__name__}.{kind}")


def build(kind: str, name: str, settings: Mapping[str, object], wishes: Mapping[str, object] | None = None) -> Any:
    """Build provider `name` of `kind`: a file in its folder, or a dotted path to a module outside the package.

    `wishes` go before `settings`, but are left out where the provider has no such option.

    Raises ConfigError for an unknown name, an unknown key or a value of the wrong type, listing what is valid,
    and whatever the provider raises on being built.
    """
    module = parts.load(f"{__name__}.{kind}", kind, name, names(kind))
    own = {field.name for field in dataclasses.fields(module.Options)}
    granted = {key: value for key, value in (wishes or {}).items() if key in own}
    return module.build(_options(name, module.Options, {**settings, **granted}))


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
