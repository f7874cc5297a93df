"""OpenAI's own client, for OpenAI and for servers that copy it: built, waited for, and its errors as sentences."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, Awaitable
from typing import Any, Final

import openai

from bridge.errors import ConfigError, ProviderError
from bridge.providers._access import checked_url, key_from, on_this_machine
from bridge.providers._failures import Failures, in_time

_KEY: Final = "OPENAI_API_KEY"
_BROKEN: Final = (openai.OpenAIError, ValueError, TypeError, AttributeError, RecursionError)
"""What the client raises for a network, a server or an event that is not as it should be."""
_END: Final = object()


class Server:
    """A server and its `client`. `failures` has the sentences for what goes wrong."""

    def __init__(self, kind: str, base_url: str, api_key: str, model: str, connect_s: float) -> None:
        """`kind` is what a person calls it; an empty address or key is the environment's, else OpenAI's or none.

        Raises ConfigError where a key is missing or the address is none.
        """
        url, key = base_url or os.environ.get("OPENAI_BASE_URL", ""), key_from(api_key, _KEY)
        if not key and not url:
            raise ConfigError(f"The openai {kind} needs a key: set api_key in its settings, or {_KEY}.")
        self.client = openai.AsyncOpenAI(
            api_key=key or "none",
            base_url=checked_url("openai", url) if url else None,
            max_retries=0,  # a person is waiting: better a sentence now than an answer in two minutes
            timeout=openai.Timeout(None, connect=connect_s),
            http_client=openai.DefaultAsyncHttpxClient(trust_env=False) if on_this_machine(url) else None,
        )
        remedy = f"set api_key in its settings, or {_KEY}, to a valid one"
        self.failures = Failures(f"The {kind}", str(self.client.base_url), remedy, model, key)

    async def answer(self, request: Awaitable[Any], seconds: float) -> Any:
        """What the client returns. Raises ProviderError where it fails or takes longer."""
        try:
            return await in_time(request, seconds, self.failures)
        except _BROKEN as error:
            raise self._error(error) from error

    async def events(self, request: Awaitable[Any], first_s: float, stall_s: float) -> AsyncGenerator[Any, None]:
        """The events that a request is answered with, none waited for too long. Raises ProviderError."""
        stream, patience_s = await self.answer(request, first_s), first_s
        try:
            while (event := await self.answer(anext(stream, _END), patience_s)) is not _END:
                yield event
                patience_s = stall_s
        finally:
            await stream.close()

    async def aclose(self) -> None:
        """Close the connections; answers under way break off."""
        await self.client.close()

    def _error(self, cause: Exception) -> ProviderError:
        if isinstance(cause, openai.APITimeoutError):
            return self.failures.unreachable()
        if isinstance(cause, openai.APIConnectionError):
            never = cause.__cause__ is None or "Connect" in type(cause.__cause__).__name__
            return self.failures.unreachable() if never else self.failures.cut()
        if isinstance(cause, openai.APIStatusError) and cause.code == "insufficient_quota":
            return self.failures.failed("says that the account has no credit left")
        if isinstance(cause, openai.APIStatusError):
            return self.failures.refused(cause.status_code, cause.response.headers, _said(cause))
        if isinstance(cause, openai.APIError):  # an error event within the stream
            return self.failures.cut(_said(cause))
        return self.failures.malformed()


def _said(cause: openai.APIError) -> str:
    """What the server itself said."""
    body: Any = cause.body
    return str((body.get("message") if isinstance(body, dict) else None) or cause.message)
