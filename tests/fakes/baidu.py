"""Baidu's text to speech, the REST service for short texts, and its token service (cloud.baidu.com/doc/SPEECH).

Errors are JSON with status 200, as the service has it. What is streamed is the speech, not the token.
"""

from __future__ import annotations

from urllib.parse import parse_qs, unquote_plus

import numpy as np
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.fakes._server import HttpFake

KEYS = ("baidu-key", "baidu-secret")
RATE_HZ = 16_000
CHARACTER_S = 0.1
MOST_BYTES = 1024


class Baidu(HttpFake):
    """Says a tone of 0.1 s for each character. What it was asked to say is in `texts`, decoded."""

    garbage = b"\x00"

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.token = ""

    async def answer(self, request: Request) -> Response:
        if request.url.path == "/oauth/2.0/token":
            return self._give_token(dict(request.query_params))
        form = {key: values[0] for key, values in parse_qs((await request.body()).decode()).items()}
        if form.get("tok") != self.token or not self.token:
            return JSONResponse({"err_no": 502, "err_msg": "Open api access token is invalid.", "tts_logid": 1})
        text = unquote_plus(form["tex"])
        if not 0 < len(text.encode("gbk", "replace")) <= MOST_BYTES or form["ctp"] != "1" or form["lan"] != "zh":
            return JSONResponse({"err_no": 501, "err_msg": "Input param error.", "tts_logid": 2})
        assert form["aue"] == "4" and form["cuid"]
        self.texts.append(text)
        tone = np.sin(np.arange(int(RATE_HZ * CHARACTER_S) * len(text)) * (2 * np.pi * 440 / RATE_HZ)) * 8000
        data = tone.astype("<i2").tobytes()
        pieces = [data[i : i + 1001] for i in range(0, len(data), 1001)]  # samples are cut in two
        return self.stream(request, pieces, "audio/basic;codec=pcm;rate=16000;channel=1")

    def _give_token(self, query: dict[str, str]) -> Response:
        if (query["client_id"], query["client_secret"]) != KEYS or query["grant_type"] != "client_credentials":
            refused = {"error": "invalid_client", "error_description": "unknown client id"}
            return JSONResponse(refused, 401)
        self.token = f"24.{len(self.requests)}"
        return JSONResponse({"access_token": self.token, "expires_in": 2592000, "scope": "audio_tts_post"})
