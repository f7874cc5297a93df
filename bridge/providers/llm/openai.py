"""Any server that speaks OpenAI's chat completions: OpenAI itself, Ollama, vLLM, llama.cpp, LM Studio, DeepSeek.

Answers stream as server-sent events (platform.openai.com/docs/api-reference/chat-streaming), read by OpenAI's own
client. Closing the generator closes the HTTP connection, which is how these servers are told to stop.
"""

from __future__ import annotations

import base64
import json
import logging
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any, Final

from bridge.dialogue import Delta, Message, TextDelta, Tool, ToolCall
from bridge.errors import ProviderError
from bridge.providers._checks import in_range
from bridge.providers._failures import Failures
from bridge.providers._openai import Server
from bridge.providers.llm._calls import Calls
from bridge.providers.llm._thinking import Thinking

log = logging.getLogger(__name__)

_SECONDS: Final = (0.001, 3600)
"""How long somebody may wait for a model, which may have to be loaded first."""


@dataclass(frozen=True)
class Options:
    """Which server and model to ask, and how long to wait. Raises ConfigError for a number out of its range."""

    base_url: str = ""
    """Such as `http://127.0.0.1:11434/v1` for Ollama; empty: `OPENAI_BASE_URL`, else OpenAI."""
    api_key: str = field(default="", repr=False)
    """Empty: `OPENAI_API_KEY`. Servers of your own often need none."""
    model: str = "gpt-5.4-mini"
    """The server's name for it, such as `qwen3:8b`."""
    temperature: float = -1.0
    """0 (always the likeliest word) to 2; below 0: the model's own, which some models insist on."""
    max_tokens: int = 0
    """The longest answer, in tokens, thoughts included; 0: the server's own limit."""
    connect_s: float = 5.0
    """How long a connection may take."""
    first_token_s: float = 60.0
    """How long until the answer begins: a local server may have to load the model first."""
    stall_s: float = 15.0
    """How long the answer may pause."""

    def __post_init__(self) -> None:
        in_range("openai", self, temperature=(-1, 2), max_tokens=(0, 10**6))
        in_range("openai", self, connect_s=_SECONDS, first_token_s=_SECONDS, stall_s=_SECONDS)


class OpenAi:
    """The server as an `Llm`. Answers may overlap."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._server = Server("language model", options.base_url, options.api_key, options.model, options.connect_s)
        ours = self._server.client.base_url.host.endswith("openai.com")
        self._limit = "max_completion_tokens" if ours else "max_tokens"

    async def stream(self, messages: Sequence[Message], tools: Sequence[Tool] = ()) -> AsyncGenerator[Delta, None]:
        """Answer the last message; what the model thinks first is left out. Raises ProviderError.

        A tool call whose arguments are no JSON object is left out with a line in the log, unless there is nothing else.
        After a tool's result the answer may be empty; else it has a delta at least.
        """
        answer = _Answer(self._server.failures)
        request = self._server.client.chat.completions.create(**self._request(messages, tools))
        try:
            async with aclosing(
                self._server.events(request, self._options.first_token_s, self._options.stall_s)
            ) as chunks:
                async for chunk in chunks:
                    for delta in answer.push(chunk):
                        yield delta
        except ProviderError:
            if not answer.finished:  # what goes wrong after the last word is no matter
                raise
        for delta in answer.end(may_be_empty=bool(messages) and messages[-1].role == "tool"):
            yield delta

    async def aclose(self) -> None:
        """Close the connections; answers under way break off."""
        await self._server.aclose()

    def _request(self, messages: Sequence[Message], tools: Sequence[Tool]) -> dict[str, Any]:
        request: dict[str, Any] = {
            "model": self._options.model,
            "messages": [_message(message) for message in messages],
            "stream": True,
        }
        if tools:
            request["tools"] = [_tool(tool) for tool in tools]
        if self._options.temperature >= 0:
            request["temperature"] = self._options.temperature
        if self._options.max_tokens:
            request[self._limit] = self._options.max_tokens
        return request


class _Answer:
    """One answer, from the client's chunks to deltas."""

    def __init__(self, failures: Failures) -> None:
        self._failures = failures
        self._calls = Calls()
        self._thinking = Thinking()
        self._finish = ""
        self._yielded = False

    @property
    def finished(self) -> bool:
        """Whether the server has said that this is all."""
        return bool(self._finish)

    def push(self, chunk: Any) -> list[Delta]:
        """The deltas of a chunk. Raises ProviderError where it is none."""
        try:
            return [delta for choice in (chunk.choices or [])[:1] for delta in self._deltas(choice)]
        except (AttributeError, TypeError, RecursionError) as error:
            raise self._failures.malformed() from error

    def end(self, *, may_be_empty: bool) -> list[Delta]:
        """What is left when the stream has ended. Raises ProviderError where it ended too early, or empty."""
        if not self._finish:
            raise self._failures.cut()
        deltas = self._said(self._thinking.flush())
        if self._calls.malformed and not self._yielded:
            tools = ", ".join(self._calls.malformed)
            raise self._failures.failed(f"asked for {tools} in a way that is no JSON", retryable=True)
        if self._calls.malformed:
            log.warning("left out of an answer, for their arguments are no JSON: %s", ", ".join(self._calls.malformed))
        if not self._yielded and (not may_be_empty or self._finish != "stop"):
            raise self._empty()
        return deltas

    def _empty(self) -> ProviderError:
        """The error for an answer without a word."""
        if self._finish == "content_filter":
            return self._failures.failed("declined to answer: its content filter stopped it")
        if self._finish == "length":
            return self._failures.failed("used up max_tokens before its first word; allow more")
        return self._failures.failed("answered without a word", retryable=True)

    def _deltas(self, choice: Any) -> list[Delta]:
        deltas: list[Delta] = []
        delta = choice.delta
        # A refusal is the model's own courteous sentence: it is said.
        text = "" if delta is None else "".join([delta.content or "", delta.refusal or ""])
        if said := self._thinking.push(text):
            deltas += [*self._calls.take_ready(), *self._said(said)]
        if delta is not None and delta.tool_calls:
            self._calls.push(delta.tool_calls)
        if choice.finish_reason:
            self._finish = choice.finish_reason
            deltas += [*self._said(self._thinking.flush()), *self._calls.take_rest()]
        self._yielded = self._yielded or bool(deltas)
        return deltas

    def _said(self, text: str) -> list[Delta]:
        self._yielded = self._yielded or bool(text)
        return [TextDelta(text)] if text else []


def _tool(tool: Tool) -> dict[str, Any]:
    function = {"name": tool.name, "description": tool.description, "parameters": tool.parameters}
    return {"type": "function", "function": function}


def _message(message: Message) -> dict[str, Any]:
    """A message in the form of the API; a picture travels inside it."""
    text = message.text.encode("utf-8", "replace").decode()  # half a surrogate pair can't travel
    said: dict[str, Any] = {"role": message.role, "content": text}
    if message.image_jpeg:
        url = f"data:image/jpeg;base64,{base64.b64encode(message.image_jpeg).decode()}"
        said["content"] = [{"type": "text", "text": text}, {"type": "image_url", "image_url": {"url": url}}]
    if message.tool_calls:
        said["tool_calls"] = [_asked(call) for call in message.tool_calls]
    if message.role == "tool":
        said["tool_call_id"] = message.tool_call_id
    return said


def _asked(call: ToolCall) -> dict[str, Any]:
    function = {"name": call.name, "arguments": json.dumps(call.arguments, ensure_ascii=False)}
    return {"id": call.id, "type": "function", "function": function}


def build(options: Options) -> OpenAi:
    """The server, not yet spoken to. Raises ConfigError where a key is missing or the address is none."""
    return OpenAi(options)
