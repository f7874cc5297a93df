"""Piper's two ways: its HTTP server, old and new, and a program of the user's own."""

import asyncio
import json
import sys

import numpy as np
import pytest

from bridge.errors import ConfigError, ProviderError
from bridge.providers import tts
from tests.fakes import piper, speech
from tests.fakes.piper import Piper

pytestmark = pytest.mark.unit

TEXT = "Good morning, people. The big blue boat moved past my window."
posix = pytest.mark.skipif(sys.platform == "win32", reason="the program of this test is a script")


def said(settings, text=TEXT):
    async def gather():
        voice = tts.build("piper", settings)
        try:
            return [piece async for piece in voice.stream(text)]
        finally:
            await voice.aclose()

    return asyncio.run(gather())


@pytest.mark.parametrize("path", ["/synthesize", "/"])
def test_old_and_new_servers_speak(path):
    with Piper(path) as fake:
        pieces = said({"url": fake.url, "speed": 2.0, "speaker": 3, "voice": "en_US-amy-medium"})
        body = json.loads(fake.bodies[-1])
    assert sum(len(piece.samples) for piece in pieces) == len(speech.spoken(TEXT).samples)
    assert body == {"text": TEXT, "length_scale": 0.5, "speaker_id": 3, "voice": "en_US-amy-medium"}


@posix
def test_a_program_speaks(tmp_path):
    pieces = said(piper.program(tmp_path) | {"speaker": 1, "speed": 0.5}, f"One line\nand another. {TEXT}")
    assert np.abs(np.concatenate([p.samples for p in pieces]) - speech.spoken(TEXT).samples).max() < 1e-3
    (call,) = (tmp_path / "calls.jsonl").read_text().splitlines()
    model = str(tmp_path / "voice.onnx")
    assert json.loads(call) == ["--model", model, "--output_raw", "--length_scale", "2", "--speaker", "1"]


@posix
@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("Please fail.", "ended with status 1: no such speaker"),
        ("Please break off.", "ended with status 1: out of memory"),
        ("Please stall.", "has sent nothing for 0.2 s"),
    ],
)
def test_a_program_that_fails_is_told(tmp_path, text, sentence):
    with pytest.raises(ProviderError, match=sentence):
        said(piper.program(tmp_path) | {"stall_s": 0.2}, text)


@posix
def test_closing_early_ends_the_program(tmp_path):
    async def interrupt():
        voice = tts.build("piper", piper.program(tmp_path))
        stream = voice.stream("Please stall.")
        await anext(stream)
        await stream.aclose()  # returns when the program has ended, which would else sleep for a minute

    async def within(seconds):
        async with asyncio.timeout(seconds):
            await interrupt()

    asyncio.run(within(30))


def test_a_program_that_is_not_there_is_told(tmp_path):
    settings = piper.program(tmp_path) | {"program": str(tmp_path / "gone")}
    with pytest.raises(ProviderError, match=r"can't be run: .*gone"):
        said(settings)


@pytest.mark.parametrize("broken", ["", "[]", '{"audio": {}}', '{"audio": {"sample_rate": "22050"}}'])
def test_a_model_needs_its_description(tmp_path, broken):
    settings = piper.program(tmp_path)
    (tmp_path / "voice.onnx.json").write_text(broken)
    with pytest.raises(ConfigError, match=r"voice\.onnx\.json"):
        tts.build("piper", settings)


@pytest.mark.parametrize("settings", [{"program": "piper"}, {"url": "nowhere"}, {"speed": 0.0}])
def test_what_cannot_be_is_refused(settings):
    with pytest.raises(ConfigError):
        tts.build("piper", settings)
