"""fish-speech's own server (tools/server): JSON in, a WAV while it is made out."""

from __future__ import annotations

import json

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.fakes import speech
from tests.fakes._server import HttpFake

FIELDS = {"text", "format", "references", "reference_id", "seed", "use_memory_cache", "streaming", "temperature"}


class FishSpeech(HttpFake):
    """Says what it is asked to. Refuses fields that the real one does not have, and streams WAV only."""

    def __init__(self, key: str = "") -> None:
        super().__init__()
        self.key = key

    async def answer(self, request: Request) -> Response:
        if self.key and request.headers.get("authorization") != f"Bearer {self.key}":
            return JSONResponse({"statusCode": 401, "message": "Invalid token"}, 401)
        body = json.loads(await request.body())
        if request.url.path != "/v1/tts" or body.keys() - FIELDS:
            return JSONResponse({"message": f"unknown {sorted(body.keys() - FIELDS)}"}, 400)
        if body["streaming"] and body["format"] != "wav":
            return JSONResponse({"message": "Streaming only supports WAV format"}, 400)
        samples = speech.spoken(body["text"]).samples
        parts = speech.pieces(speech.wav_header() + speech.pcm(samples))
        return self.stream(request, parts if body["streaming"] else [speech.wav(samples)], "audio/wav")
