"""CosyVoice's own server (runtime/python/fastapi/server.py): forms in, bare 16-bit samples out."""

from __future__ import annotations

import email.parser
import email.policy
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.fakes import speech
from tests.fakes._server import HttpFake

FIELDS = {
    "/inference_sft": {"tts_text", "spk_id"},
    "/inference_zero_shot": {"tts_text", "prompt_text", "prompt_wav"},
    "/inference_cross_lingual": {"tts_text", "prompt_wav"},
    "/inference_instruct": {"tts_text", "spk_id", "instruct_text"},
    "/inference_instruct2": {"tts_text", "instruct_text", "prompt_wav"},
}


def parse_form(content_type: str, body: bytes) -> dict[str, str | bytes]:
    """The fields of a form; files as bytes."""
    if content_type.startswith("application/x-www-form-urlencoded"):
        return dict(parse_qsl(body.decode()))
    message = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(
        b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body
    )
    found: dict[str, str | bytes] = {}
    for part in message.iter_parts():
        content = part.get_payload(decode=True)
        assert isinstance(content, bytes)
        found[part.get_param("name", header="content-disposition")] = (
            content if part.get_filename() else content.decode()
        )
    return found


class CosyVoice(HttpFake):
    """Says what it is asked to; `sample` is the type of its samples."""

    garbage = b"\x00" * 8

    def __init__(self, sample: str = "<i2") -> None:
        super().__init__()
        self.sample = sample
        self.forms: list[tuple[str, dict[str, str | bytes]]] = []
        """The path and fields of each request."""

    async def answer(self, request: Request) -> Response:
        form = parse_form(request.headers["content-type"], await request.body())
        self.forms.append((request.url.path, form))
        wanted = FIELDS.get(request.url.path)
        if wanted is None:
            return JSONResponse({"detail": "Not Found"}, 404)
        missing = [{"loc": ["body", key], "msg": "Field required"} for key in sorted(wanted - form.keys())]
        if missing or isinstance(form.get("prompt_wav", b""), str):
            return JSONResponse({"detail": missing}, 422)
        samples = speech.spoken(str(form["tts_text"])).samples
        return self.stream(request, speech.pieces(speech.pcm(samples, self.sample)), "application/octet-stream")
