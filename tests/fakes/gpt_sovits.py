"""GPT-SoVITS' api_v2.py: 32 kHz, a WAV header without a length, then the samples of each part as they are made."""

from __future__ import annotations

import json

import numpy as np
import soxr
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.fakes import speech
from tests.fakes._server import HttpFake

RATE_HZ = 32_000
LANGUAGES = ("auto", "auto_yue", "zh", "en", "ja", "yue", "ko", "all_zh", "all_ja", "all_yue", "all_ko")
CLIP = "clips/nobody.wav"


class GptSovits(HttpFake):
    """Says what it is asked to. Checks a request as the real one does; knows one clip."""

    async def answer(self, request: Request) -> Response:
        body = json.loads(await request.body())
        if request.url.path != "/tts":
            return JSONResponse({"detail": "Not Found"}, 404)
        for key in ("text", "text_lang", "ref_audio_path", "prompt_lang"):
            if not body.get(key):
                return JSONResponse({"message": f"{key} is required"}, 400)
        for key in ("text_lang", "prompt_lang"):
            if body[key] not in LANGUAGES:
                return JSONResponse({"message": f"{key}: {body[key]} is not supported in version v2"}, 400)
        if body["ref_audio_path"] != CLIP:
            return JSONResponse({"message": "tts failed", "Exception": f"{body['ref_audio_path']} not exists"}, 400)
        samples = soxr.resample(speech.spoken(body["text"]).samples, 24_000, RATE_HZ).astype(np.float32)
        if not body["streaming_mode"]:
            return self.stream(request, [speech.wav(samples, RATE_HZ)], "audio/wav")
        parts = speech.pieces(speech.wav_header(RATE_HZ) + speech.pcm(samples), 16_384)
        return self.stream(request, parts, "audio/wav")
