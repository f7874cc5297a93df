"""A server of OpenAI's transcriptions (platform.openai.com/docs/api-reference/audio/createTranscription)."""

from __future__ import annotations

import email
import email.policy
import io
import json
import wave

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.fakes._server import HttpFake

MODEL = "little-listener"
KEY = "sk-a-key-that-nobody-may-read"


class Transcriptions(HttpFake):
    """Hears `words` in any recording. Knows one model and one key."""

    def __init__(self) -> None:
        super().__init__()
        self.reset()

    def reset(self) -> None:
        """As new, for the next test."""
        self.words = ["Hello", " dear", " world", "."]
        self.fault = ""
        self.hung_up = 0
        self.requests.clear()
        self.bodies.clear()
        self.fields: list[dict[str, str]] = []
        self.seconds: list[float] = []

    async def answer(self, request: Request) -> Response:
        if request.headers.get("authorization") != f"Bearer {KEY}":
            return _error(401, f"Incorrect API key provided: {request.headers.get('authorization')}.")
        if request.url.path != "/v1/audio/transcriptions":
            return _error(404, "no such address")
        fields, recording = _form(request.headers["content-type"], await request.body())
        if fields["model"] != MODEL:
            return _error(404, f"The model `{fields['model']}` does not exist.")
        with wave.open(io.BytesIO(recording)) as file:
            shape = file.getnchannels(), file.getsampwidth(), file.getframerate()
            seconds = file.getnframes() / file.getframerate()
        if shape != (1, 2, 16_000) or seconds < 0.1:
            return _error(400, f"Audio file is too short or of another format: {shape}, {seconds} s.")
        self.fields.append(fields)
        self.seconds.append(seconds)
        text = "".join(self.words)
        if fields.get("stream") != "true":
            return self.stream(request, [json.dumps({"text": text}).encode()], "application/json")
        deltas = [_event({"type": "transcript.text.delta", "delta": word}) for word in self.words]
        return self.stream(
            request, [*deltas, _event({"type": "transcript.text.done", "text": text})], "text/event-stream"
        )


def _form(content_type: str, body: bytes) -> tuple[dict[str, str], bytes]:
    """The fields of a multipart form, and its file."""
    head = f"Content-Type: {content_type}\r\n\r\n".encode()
    parts = email.message_from_bytes(head + body, policy=email.policy.HTTP).iter_parts()
    fields, recording = {}, b""
    for part in parts:
        data = part.get_payload(decode=True)
        if part.get_filename():
            recording = data
        else:
            fields[part.get_param("name", header="content-disposition")] = data.decode()
    return fields, recording


def _event(data: dict) -> bytes:
    return b"data: " + json.dumps(data).encode() + b"\n\n"


def _error(status: int, message: str) -> Response:
    return JSONResponse({"error": {"message": message, "type": "invalid_request_error", "code": None}}, status)
