"""What the options of all providers must keep to."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from bridge.errors import ConfigError

SECONDS: Final = (0.001, 600)
"""How long somebody may be kept waiting."""


def in_range(owner: str, options: object, **ranges: tuple[float, float]) -> None:
    """Raises ConfigError for a field of `options` outside of its range, whose ends are in it."""
    for name, (low, high) in ranges.items():
        if not low <= getattr(options, name) <= high:
            raise ConfigError(f"{owner}'s {name} is {getattr(options, name)}; it must lie in {low} to {high}.")


def one_of(owner: str, options: object, **choices: Collection[str]) -> None:
    """Raises ConfigError for a field of `options` that is none of its choices."""
    for name, valid in choices.items():
        if getattr(options, name) not in valid:
            raise ConfigError(f"{owner}'s {name} is {getattr(options, name)!r}; it must be one of {', '.join(valid)}.")
