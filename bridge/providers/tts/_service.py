"""What voices behind a network have in common: how long they are waited for, and the clips that they clone."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from bridge.errors import ConfigError, ProviderError
from bridge.providers._checks import SECONDS, in_range
from bridge.providers._failures import Failures, in_time

T = TypeVar("T")
_LARGEST_CLIP: Final = 20 << 20


@dataclass(frozen=True)
class Waits:
    """How long a voice is waited for. Raises ConfigError for a number out of its range."""

    connect_s: float = 5.0
    """How long a connection may take, up to 600."""
    first_sound_s: float = 10.0
    """How long until the first sound of a sentence comes, up to 600."""
    stall_s: float = 5.0
    """How long the sound may pause, up to 600."""

    def __post_init__(self) -> None:
        in_range("A voice", self, connect_s=SECONDS, first_sound_s=SECONDS, stall_s=SECONDS)


async def next_piece(pieces: AsyncGenerator[T, None], seconds: float, failures: Failures) -> T | None:
    """The next of `pieces`, or None after the last. Raises ProviderError where it does not come within `seconds`."""
    return await in_time(anext(pieces, None), seconds, failures)


def without_sound(failures: Failures) -> ProviderError:
    """An answer without sound."""
    return failures.failed("answered without a sound", "does it speak this language", retryable=True)


def clip(name: str, path: str) -> bytes:
    """The bytes of a reference clip, none for an empty path. Raises ConfigError where it can't be read."""
    if not path:
        return b""
    try:
        data = Path(path).expanduser().read_bytes()
    except OSError as error:
        raise ConfigError(f"{name}'s reference {path!r} can't be read: {error.strerror}.") from None
    if not 0 < len(data) <= _LARGEST_CLIP:
        raise ConfigError(f"{name}'s reference {path!r} is empty or larger than {_LARGEST_CLIP >> 20} MiB.")
    return data
