"""What can go wrong with a service outside the process, in one wording for all: who, what happened, what to do."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeVar

import httpx

from bridge.errors import ProviderError, WireError
from bridge.providers._waiting import retry_after
from bridge.wire.json_object import json_object

T = TypeVar("T")
_SAID_AT_MOST: Final = 200


@dataclass(frozen=True, slots=True)
class Failures:
    """What the sentences need to know of a service; the key only so that it never stands in one."""

    name: str
    """What a person calls it, such as `The recogniser`."""
    url: str = ""
    """Where it is, if that is for a person to know."""
    remedy: str = "its server asks for no key, so what stands before it does"
    """What to do where it refuses access."""
    model: str = ""
    """Which model it is asked for, if any."""
    key: str = field(default="", repr=False)

    @property
    def who(self) -> str:
        """How they begin, such as `The recogniser at 127.0.0.1:8000`; a password in the address is left out."""
        return f"{self.name} at {httpx.URL(self.url).netloc.decode()}" if self.url else self.name

    def unreachable(self, remedy: str = "is it running, and is its address right") -> ProviderError:
        """No connection came about."""
        return self.failed("can't be reached", remedy, retryable=True)

    def cut(self, said: object = "") -> ProviderError:
        """It ended before its answer did."""
        return self.failed("broke off in the middle", said=said, retryable=True)

    def silent(self, seconds: float) -> ProviderError:
        """Nothing came for this long."""
        return self.failed(f"has sent nothing for {seconds:g} s", retryable=True)

    def malformed(self, why: object = "") -> ProviderError:
        """Not what its protocol says."""
        remedy = "" if why else "is its address right"
        return self.failed("sent what can't be understood", remedy, said=why, retryable=True)

    def refused(self, status: int, headers: Mapping[str, str], body: str = "") -> ProviderError:
        """An HTTP status that is no success."""
        said = _said(body)
        if status in (401, 403):
            return self.failed(f"refused access (status {status})", self.remedy)
        if status == 404:
            thing = f"model '{self.model}'" if self.model else "such model or voice"
            return self.failed(f"has no such address, or no {thing}", "check its settings", said=said)
        if status == 429:
            return self.failed("has had too many requests", retry_after(headers), retryable=True)
        if status == 408 or status >= 500:
            return self.failed(f"failed with status {status}", "try again in a moment", retryable=True)
        return self.failed(f"refused the request with status {status}", said=said)

    def failed(self, what: str, remedy: str = "", *, said: object = "", retryable: bool = False) -> ProviderError:
        """Any failure: the rest of a sentence, what to do, and what the service itself said of it."""
        todo = f"; {remedy}" if remedy else ""
        return ProviderError(f"{self.who} {what}{self._reason(said)}{todo}.", retryable=retryable)

    def _reason(self, said: object) -> str:
        """What the service said, short and without the key, as the rest of a sentence; a web page says nothing."""
        text = " ".join(str(said).split()) if isinstance(said, str | Exception) else ""
        if self.key:
            text = text.replace(self.key, "[key]")
        text = "" if text.startswith("<") else text[:_SAID_AT_MOST].rstrip(". ")
        return f": {text}" if text else ""


def _said(body: str) -> str:
    """What a refusal says, from the shapes that services use; all of it where it has another."""
    try:
        said: object = json_object(body)
    except WireError:
        return body
    for key in ("error", "detail", "message"):
        if isinstance(said, dict) and key in said:
            said = said[key]
    return said if isinstance(said, str) else body


async def in_time(answer: Awaitable[T], seconds: float, failures: Failures) -> T:
    """What `answer` comes to. Raises ProviderError where it does not come within `seconds`."""
    try:
        async with asyncio.timeout(seconds):
            return await answer
    except TimeoutError:
        raise failures.silent(seconds) from None
