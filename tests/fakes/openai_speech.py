"""OpenAI's speech endpoint (platform.openai.com/docs/api-reference/audio/createSpeech)."""

from __future__ import annotations

import json

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.fakes import speech
from tests.fakes._server import HttpFake

KEY = "sk-a-key-that-nobody-may-read"
FORMS = {"pcm": speech.pcm, "wav": speech.wav, "mp3": speech.mp3, "opus": speech.opus}


class OpenAiSpeech(HttpFake):
    """Says what it is asked to, in every form but AAC and FLAC. Knows one key unless `key` is empty."""

    garbage = b"\x00" * 8

    def __init__(self, key: str = KEY) -> None:
        super().__init__()
        self.key = key

    async def answer(self, request: Request) -> Response:
        if self.key and request.headers.get("authorization") != f"Bearer {self.key}":
            return JSONResponse({"error": {"message": f"Incorrect API key provided: {KEY[:8]}"}}, 401)
        body = json.loads(await request.body())
        if request.url.path != "/v1/audio/speech" or body["model"] == "nothing":
            return JSONResponse({"error": {"message": "no such thing"}}, 404)
        if body["voice"] == "nobody":
            return JSONResponse({"error": {"message": f"no voice 'nobody' for {self.key} here", "code": None}}, 400)
        sound = FORMS[body.get("response_format", "mp3")](speech.spoken(body["input"]).samples)
        return self.stream(request, speech.pieces(sound), "application/octet-stream")
