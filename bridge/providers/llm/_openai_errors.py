"""From the `openai` client's errors to one sentence: what happened, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import openai

from bridge.errors import ProviderError
from bridge.providers._waiting import retry_after


@dataclass(frozen=True, slots=True)
class Words:
    """What sentences need to know of the provider; the key only so that it never stands in one."""

    server: str
    model: str
    key: str

    def error(self, cause: Exception) -> ProviderError:
        """The sentence for an error of the client, which may be of the network, the server or the stream."""
        if isinstance(cause, openai.APITimeoutError):
            return self.unreachable()
        if isinstance(cause, openai.APIConnectionError):
            lost = cause.__cause__ is not None and "Connect" not in type(cause.__cause__).__name__
            return self.cut() if lost else self.unreachable()
        if isinstance(cause, openai.APIStatusError):
            return self._refused(cause)
        if isinstance(cause, openai.APIError):  # an error event within the stream
            return self._failed(f"broke off{self._reason(cause)}", retryable=True)
        return self._failed("sent something that is no chat-completions event", retryable=True)

    def unreachable(self) -> ProviderError:
        """No connection came about."""
        return self._failed("can't be reached; is it running, and is base_url right", retryable=True)

    def cut(self) -> ProviderError:
        """The connection ended before the answer did."""
        return self._failed("broke off in the middle of its answer", retryable=True)

    def silent(self, seconds: float) -> ProviderError:
        """Nothing came for this long."""
        return self._failed(f"has sent nothing for {seconds:g} s", retryable=True)

    def empty(self, finish: str) -> ProviderError:
        """An answer without a word, ended for the reason `finish`."""
        if finish == "content_filter":
            return self._failed("declined to answer: its content filter stopped it")
        if finish == "length":
            return self._failed("used up max_tokens before its first word; allow more")
        return self._failed("answered without a word", retryable=True)

    def malformed(self, tools: list[str]) -> ProviderError:
        """An answer made of nothing but unusable tool calls."""
        return self._failed(f"asked for {', '.join(tools)} in a way that is no JSON", retryable=True)

    def _refused(self, cause: openai.APIStatusError) -> ProviderError:
        status = cause.status_code
        if status in (401, 403):
            return self._failed("refused the key; set api_key in its settings, or OPENAI_API_KEY, to a valid one")
        if status == 404:
            return self._failed(f"has no model '{self.model}' or no such address; check model and base_url")
        if status == 429 and cause.code == "insufficient_quota":
            return self._failed("says that the account has no credit left")
        if status == 429:
            return self._failed(f"has had too many requests; {retry_after(cause.response.headers)}", retryable=True)
        if status == 408 or status >= 500:
            return self._failed(f"failed with status {status}; try again in a moment", retryable=True)
        return self._failed(f"refused the request with status {status}{self._reason(cause)}")

    def _reason(self, cause: openai.APIError) -> str:
        """What the server itself said, short and without the key."""
        body: Any = cause.body
        said = body.get("message") if isinstance(body, dict) else None
        text = " ".join(str(said or cause.message or "").split())
        if self.key:
            text = text.replace(self.key, "[key]")
        return f": {text[:200].rstrip('. ')}" if text else ""

    def _failed(self, what: str, *, retryable: bool = False) -> ProviderError:
        return ProviderError(f"The language model at {self.server} {what}.", retryable=retryable)
