"""The sentences for what can go wrong with a recogniser behind a network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from bridge.errors import ProviderError
from bridge.providers._waiting import retry_after

_SAID_AT_MOST: Final = 200


@dataclass(frozen=True, slots=True)
class Words:
    """What the sentences need to know of the server; the key only so that it never stands in one."""

    server: str
    """Its address, for a person."""
    remedy: str
    """What to do where it refuses access."""
    key: str = ""

    def unreachable(self, hint: str = "is it running, and is its address right") -> ProviderError:
        """No connection came about."""
        return self.failed(f"can't be reached; {hint}", retryable=True)

    def cut(self) -> ProviderError:
        """The connection ended before the transcript did."""
        return self.failed("broke off in the middle of a turn", retryable=True)

    def silent(self, seconds: float) -> ProviderError:
        """Nothing came for this long."""
        return self.failed(f"has sent nothing for {seconds:g} s", retryable=True)

    def malformed(self) -> ProviderError:
        """Not what its protocol says."""
        return self.failed(
            "sent what can't be understood; is it the service that its address should be", retryable=True
        )

    def refused(self, status: int, headers: Mapping[str, str], said: str = "") -> ProviderError:
        """An HTTP status that is no success; `said` is what the server told."""
        if status in (401, 403):
            return self.failed(f"refused access (status {status}); {self.remedy}")
        if status == 404:
            return self.failed("has no such address or model; check its settings")
        if status == 429:
            return self.failed(f"has had too many requests; {retry_after(headers)}", retryable=True)
        if status == 408 or status >= 500:
            return self.failed(f"failed with status {status}; try again in a moment", retryable=True)
        return self.failed(f"refused the request with status {status}{self._reason(said)}")

    def failed(self, what: str, *, retryable: bool = False) -> ProviderError:
        """Any other failure, as the rest of a sentence that begins with the recogniser."""
        return ProviderError(f"The recogniser at {self.server} {what}.", retryable=retryable)

    def _reason(self, said: str) -> str:
        text = " ".join(said.split())
        if self.key:
            text = text.replace(self.key, "[key]")
        return f": {text[:_SAID_AT_MOST].rstrip('. ')}" if text else ""
