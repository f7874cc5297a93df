"""Piper's HTTP server (OHF-Voice/piper1-gpl, src/piper/http_server.py), and a program with its options."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from tests.fakes import speech
from tests.fakes._server import HttpFake

RATE_HZ = 22_050


class Piper(HttpFake):
    """Says what it is asked to, the whole sentence at once. `path` is where this version takes a text."""

    def __init__(self, path: str = "/synthesize") -> None:
        super().__init__()
        self.path = path

    async def answer(self, request: Request) -> Response:
        if request.url.path != self.path:
            return PlainTextResponse("nothing here", 405 if request.url.path == "/" else 404)
        body = json.loads(await request.body())
        if not body["text"].strip():
            return PlainTextResponse("No text provided", 500)
        return self.stream(request, speech.pieces(speech.wav(speech.spoken(body["text"]).samples)), "audio/wav")


PROGRAM = """#!{python}
import json, sys, time
with open({log!r}, "a") as log:
    log.write(json.dumps(sys.argv[1:]) + "\\n")
text = sys.stdin.readline()
if "fail" in text:
    sys.exit("no such speaker")
sound = open({sound!r}, "rb").read()
sys.stdout.buffer.write(sound[: len(sound) // 2])
sys.stdout.buffer.flush()
if "stall" in text:
    time.sleep(60)
if "break" in text:
    sys.exit("out of memory")
sys.stdout.buffer.write(sound[len(sound) // 2 :])
"""


def program(
    folder: Path, text: str = "Good morning, people. The big blue boat moved past my window."
) -> dict[str, str]:
    """A program in `folder` that says `text` whatever it is given, but for `fail`, `break` and `stall`. POSIX only.

    Returns the settings that name it; what it is called with goes to `calls.jsonl`.
    """
    (folder / "sound.raw").write_bytes(speech.pcm(speech.spoken(text).samples))
    (folder / "voice.onnx").write_bytes(b"weights")
    (folder / "voice.onnx.json").write_text(json.dumps({"audio": {"sample_rate": 24_000}}))
    script = folder / "piper"
    script.write_text(
        PROGRAM.format(python=sys.executable, log=str(folder / "calls.jsonl"), sound=str(folder / "sound.raw"))
    )
    script.chmod(0o755)
    return {"program": str(script), "model": str(folder / "voice.onnx")}
