"""OpenAI's transcription endpoint: what is asked, and what becomes of the answer."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest

from bridge.errors import ConfigError, ProviderError
from bridge.providers import asr
from tests.fakes.transcriptions import KEY, MODEL, Transcriptions

pytestmark = pytest.mark.unit

SOUND = (0.3 * np.sin(np.arange(16_000) * 0.1)).astype(np.float32)


@pytest.fixture(scope="module")
def shared():
    with Transcriptions() as fake:
        yield fake


@pytest.fixture
def server(shared):
    shared.reset()
    return shared


def turn(server, sound=SOUND, lang="", **settings):
    async def pieces():
        yield sound

    async def whole():
        known = {"base_url": f"{server.url}/v1", "model": MODEL, "api_key": KEY}
        recogniser = asr.build("openai", known | settings)
        try:
            return [t async for t in recogniser.stream(pieces(), lang)]
        finally:
            await recogniser.aclose()

    return asyncio.run(whole())


def test_a_turn_is_sent_whole_with_what_is_known_of_it(server):
    transcripts = turn(server, lang="zh-TW", prompt="Mira, of the museum.")
    assert server.fields == [
        {"model": MODEL, "response_format": "json", "language": "zh", "prompt": "Mira, of the museum."}
    ]
    assert server.seconds == [1.0]
    assert [(t.text, t.final, t.lang) for t in transcripts] == [("Hello dear world.", True, "zh")]


def test_pieces_of_the_text_come_first_where_asked(server):
    transcripts = turn(server, stream=True)
    assert [t.text for t in transcripts] == [
        "Hello",
        "Hello dear",
        "Hello dear world",
        "Hello dear world.",
        "Hello dear world.",
    ]
    assert [t.final for t in transcripts] == [False] * 4 + [True]


def test_silence_is_not_sent(server):
    assert turn(server, np.zeros(16_000, np.float32))[-1].text == ""
    assert not server.requests


def test_an_unknown_model_is_one_sentence(server):
    with pytest.raises(ProviderError, match="no model 'nobody'") as caught:
        turn(server, model="nobody")
    assert not caught.value.retryable


def test_a_key_never_stands_in_a_sentence(server):
    with pytest.raises(ProviderError, match="api_key") as caught:
        turn(server, api_key="sk-wrong")
    assert "sk-" not in str(caught.value)
    with pytest.raises(ProviderError, match="status 400") as caught:
        turn(server, (0.5 * np.ones(400)).astype(np.float32))
    assert KEY not in str(caught.value)


def test_a_client_that_gives_up_hangs_up(server):
    server.words = ["word "] * 500

    async def give_up():
        async def pieces():
            yield SOUND

        known = {"base_url": f"{server.url}/v1", "model": MODEL, "api_key": KEY, "stream": True}
        recogniser = asr.build("openai", known)
        stream = recogniser.stream(pieces())
        assert not (await anext(stream)).final
        await stream.aclose()
        for _ in range(1000):
            if server.hung_up:
                break
            await asyncio.sleep(0.01)
        await recogniser.aclose()

    asyncio.run(give_up())
    assert server.hung_up == 1


def test_a_key_is_needed_for_openai_itself(monkeypatch):
    for variable in ("OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(variable, raising=False)
    with pytest.raises(ConfigError, match="OPENAI_API_KEY"):
        asr.build("openai", {})
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    asr.build("openai", {})


@pytest.mark.parametrize("url", ["ftp://127.0.0.1", "127.0.0.1", "http://", "http://[::1"])
def test_what_is_no_address_is_refused(url):
    with pytest.raises(ConfigError, match="no address"):
        asr.build("openai", {"base_url": url, "api_key": KEY})
