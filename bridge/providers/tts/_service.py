"""What voices behind a network have in common: how long they are waited for, and the sentences for their failures."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Final, TypeVar
from urllib.parse import urlsplit

from bridge.errors import ConfigError, ProviderError
from bridge.providers._waiting import retry_after

T = TypeVar("T")
_LONGEST_S: Final = 600.0
_SAID_AT_MOST: Final = 200
_LARGEST_CLIP: Final = 20 << 20


@dataclass(frozen=True)
class Waits:
    """How long a voice is waited for. Raises ConfigError for a number out of its range."""

    connect_s: float = 5.0
    """How long a connection may take, 0 to 600."""
    first_sound_s: float = 10.0
    """How long until the first sound of a sentence comes, 0 to 600."""
    stall_s: float = 5.0
    """How long the sound may pause, 0 to 600."""

    def __post_init__(self) -> None:
        for field in fields(Waits):
            if not 0 < getattr(self, field.name) <= _LONGEST_S:
                raise ConfigError(
                    f"A voice's {field.name} is {getattr(self, field.name)}; it must lie between 0 and {_LONGEST_S:g}."
                )


@dataclass(frozen=True, slots=True)
class Words:
    """The sentences for what can go wrong with a voice. `name` is its own, as `Azure`; `key` never stands in one."""

    name: str
    where: str
    """Its address, for a person."""
    remedy: str
    """What to do where it refuses access."""
    key: str = ""

    def unreachable(self) -> ProviderError:
        """No connection came about."""
        return self.failed(f"can't be reached at {self.where}; is it running, and is the address right", retryable=True)

    def cut(self) -> ProviderError:
        """The connection ended before the sound did."""
        return self.failed("broke off in the middle of a sentence", retryable=True)

    def silent(self, seconds: float) -> ProviderError:
        """Nothing came for this long."""
        return self.failed(f"has sent nothing for {seconds:g} s", retryable=True)

    def empty(self) -> ProviderError:
        """An answer without sound."""
        return self.failed("answered without a sound; does it speak this language", retryable=True)

    def malformed(self, why: object) -> ProviderError:
        """Not what its protocol says."""
        return self.failed(f"sent what can't be understood: {self._short(str(why))}", retryable=True)

    def refused(self, status: int, headers: Mapping[str, str], said: str = "") -> ProviderError:
        """An HTTP status that is no success; `said` is what the service told."""
        if status in (401, 403):
            return self.failed(f"refused access (status {status}): {self.remedy}")
        if status == 404:
            return self.failed(f"has no such address, model or voice at {self.where}; check its settings")
        if status == 429:
            return self.failed(f"has had too many requests; {retry_after(headers)}", retryable=True)
        if status == 408 or status >= 500:
            return self.failed(f"failed with status {status}; try again in a moment", retryable=True)
        return self.failed(f"refused the request with status {status}: {self._short(said) or 'no reason given'}")

    def failed(self, what: str, *, retryable: bool = False) -> ProviderError:
        """Any other failure, as the rest of a sentence that begins with the voice's name."""
        return ProviderError(f"The {self.name} voice {what.rstrip('. ')}.", retryable=retryable)

    def _short(self, said: str) -> str:
        text = " ".join(said.split())
        if self.key:
            text = text.replace(self.key, "...")
        return text[:_SAID_AT_MOST]


async def next_piece(pieces: AsyncGenerator[T, None], seconds: float, words: Words) -> T | None:
    """The next of `pieces`, or None after the last. Raises ProviderError where it does not come within `seconds`."""
    try:
        async with asyncio.timeout(seconds):
            return await anext(pieces, None)
    except TimeoutError:
        raise words.silent(seconds) from None


def key_from(option: str, variable: str) -> str:
    """An API key: the option, else the environment variable."""
    return option or os.environ.get(variable, "")


def checked_url(name: str, url: str, schemes: tuple[str, ...] = ("http", "https")) -> str:
    """`url` without a slash at its end. Raises ConfigError where it is no address of one of the schemes."""
    try:
        parts = urlsplit(url)
        whole = parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
    except ValueError:
        whole = False
    if not whole:
        raise ConfigError(f"{name}'s address {url!r} is none, such as {schemes[0]}://127.0.0.1:8000.")
    return url.rstrip("/")


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
