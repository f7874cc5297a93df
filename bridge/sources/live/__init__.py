"""Where somebody's live performance enters, each named by a URL such as `vmc://127.0.0.1:39540`.

A file exports `Options` and `build(options, show)` (see `bridge.addresses`); what is built calls `show` with what it
captures, on a thread of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, cast

from bridge.addresses import resolve, schemes
from bridge.layers.capture import Captured


class LiveSource(Protocol):
    """Something that listens."""

    received: int
    bad: int
    """How many of the messages received could not be read."""
    last_error: str

    def close(self) -> None:
        """Listen no more. May be called twice."""
        ...


def names() -> list[str]:
    """The schemes that come with the package."""
    return schemes(__name__)


def open_source(url: str, show: Callable[[Captured], None]) -> LiveSource:
    """Listen where `url` says. Raises ConfigError or DeviceError."""
    module, options, _ = resolve(__name__, "source", url)
    return cast(LiveSource, module.build(options, show))
