"""A server of OpenAI's chat completions, streaming (platform.openai.com/docs/api-reference/chat-streaming)."""

from __future__ import annotations

import json

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.fakes._server import HttpFake

MODEL = "little-model"
KEY = "sk-a-key-that-nobody-may-read"


def event(delta: dict, finish: str | None = None) -> bytes:
    """A chunk of an answer as a server-sent event."""
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return line({"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": MODEL, "choices": [choice]})


def line(data: object) -> bytes:
    """Anything as a server-sent event."""
    return b"data: " + json.dumps(data).encode() + b"\n\n"


DONE = b"data: [DONE]\n\n"


def said(*texts: str) -> list[bytes]:
    """A whole answer of text, as OpenAI streams it."""
    return [
        event({"role": "assistant", "content": ""}),
        *(event({"content": t}) for t in texts),
        event({}, "stop"),
        DONE,
    ]


class ChatCompletions(HttpFake):
    """Answers every request with `pieces`. Knows one model, and one key unless `key` is empty."""

    def __init__(self, key: str = "") -> None:
        super().__init__()
        self.reset(key)

    def reset(self, key: str = "") -> None:
        """As new, for the next test."""
        self.key = key
        self.pieces = said("Hello", " there", ".")
        self.fault = ""
        self.hung_up = 0
        self.requests.clear()
        self.bodies.clear()

    async def answer(self, request: Request) -> Response:
        asked = json.loads(await request.body())
        if self.key and request.headers.get("authorization") != f"Bearer {self.key}":
            return _error(401, f"Incorrect API key provided: {self.key}.", "invalid_api_key")
        if request.url.path != "/v1/chat/completions" or not asked["stream"]:
            return _error(404, "no such address", None)
        if asked["model"] != MODEL:
            return _error(404, f"The model `{asked['model']}` does not exist.", "model_not_found")
        return self.stream(request, self.pieces, "text/event-stream")


def _error(status: int, message: str, code: str | None) -> Response:
    body = {"error": {"message": message, "type": "invalid_request_error", "param": None, "code": code}}
    return JSONResponse(body, status)
