"""What every recogniser in the folder promises: `bridge.ports.Asr`."""

from __future__ import annotations

import asyncio
import dataclasses
import functools
import importlib
from contextlib import aclosing

import numpy as np
import pytest
import soxr

from bridge import providers
from bridge.dialogue import HEARING_RATE_HZ
from bridge.errors import ConfigError, ProviderError
from bridge.providers import asr
from bridge.providers.asr.faster_whisper import FasterWhisper
from bridge.providers.asr.faster_whisper import Options as WhisperOptions
from bridge.providers.tts import espeak
from tests.fakes import funasr, transcriptions
from tests.fakes._server import FAULTS, RETRY_AFTER_S
from tests.fakes.whisper import StandIn

pytestmark = pytest.mark.contract

ASKED = "tell me, the time, please"
NETWORK = ("funasr", "openai", "openai streaming")


@functools.cache
def spoken(text=ASKED, voice="f5"):
    """A question by a synthetic voice, between silences."""
    said = soxr.resample(espeak.speak(text, espeak.Options(voice=voice, rate_wpm=150)).samples, 24_000, HEARING_RATE_HZ)
    silence = np.zeros(HEARING_RATE_HZ // 4, np.float32)
    return np.concatenate([silence, said.astype(np.float32), silence, silence])


@pytest.fixture(scope="module")
def servers():
    with funasr.FunAsrServer() as one, transcriptions.Transcriptions() as other:
        yield {"funasr": one, "openai": other, "openai streaming": other}


@pytest.fixture(params=[*providers.names("asr"), "openai streaming"])
def name(request):
    return request.param


@pytest.fixture
def build(name, servers):
    """Builds the recogniser: over its fake, with the real decoder, or with a stand-in for weights that are not here."""
    server = servers.get(name)
    if server:
        server.reset()

    def built(answer_s=10.0):
        if name == "faster_whisper":
            return FasterWhisper(WhisperOptions(every_s=0.2), StandIn())
        settings = {}
        if name == "funasr":
            settings = {"url": server.url, "api_key": funasr.KEY, "answer_s": answer_s}
        elif server:
            settings = {"base_url": f"{server.url}/v1", "model": transcriptions.MODEL, "api_key": transcriptions.KEY}
            settings |= {"answer_s": answer_s, "stream": name == "openai streaming"}
        try:
            return asr.build(name.partition(" ")[0], settings)
        except ConfigError as missing:
            pytest.skip(str(missing))

    return built


async def pieces(samples, size=512):
    for start in range(0, len(samples), size):
        yield samples[start : start + size]
        await asyncio.sleep(0.001)  # as from a microphone: others have their turn in between


async def until(told, samples):
    """A question, then a silence that lasts until something was made of it: half a minute at most."""
    async for piece in pieces(samples):
        yield piece
    for _ in range(3000):
        if told.is_set():
            return
        yield np.zeros(160, np.float32)
        await asyncio.sleep(0.01)


async def heard(recogniser, samples, size=512):
    return [transcript async for transcript in recogniser.stream(pieces(samples, size))]


def run(build, use, **settings):
    async def whole():
        recogniser = build(**settings)
        try:
            return await use(recogniser)
        finally:
            await recogniser.aclose()

    return asyncio.run(whole())


def test_ends_with_the_one_final_transcript(build):
    transcripts = run(build, lambda r: heard(r, spoken()))
    assert [t.final for t in transcripts] == [False] * (len(transcripts) - 1) + [True]
    assert len(transcripts[-1].text.split()) >= 3
    assert all(t.text and t.text == t.text.strip() for t in transcripts)
    assert all(0 <= t.confidence <= 1 for t in transcripts)


def test_shows_what_it_hears_before_it_is_sure(build, name):
    if name.startswith("openai"):
        pytest.skip("the endpoint is given whole turns")

    async def use(recogniser):
        told = asyncio.Event()
        transcripts = []
        async for transcript in recogniser.stream(until(told, spoken())):
            transcripts.append(transcript)
            told.set()
        return transcripts

    first, *_, last = run(build, use)
    assert first.text and not first.final and last.final


@pytest.mark.parametrize("samples", [np.zeros(HEARING_RATE_HZ, np.float32), np.zeros(0, np.float32)])
def test_silence_is_an_empty_final_transcript(build, samples):
    (only,) = run(build, lambda r: heard(r, samples))
    assert only.final and only.text == ""


def test_the_text_does_not_hang_on_the_pieces(build):
    async def by_size(recogniser):
        return [(await heard(recogniser, spoken(), size))[-1].text for size in (97, 512, 4096, 10**6)]

    assert len(set(run(build, by_size))) == 1


def test_closing_early_leaves_it_usable(build):
    async def interrupt(recogniser):
        begun = asyncio.Event()

        async def endless():
            while True:
                async for piece in pieces(spoken()):
                    yield piece
                begun.set()

        async def listen():
            async with aclosing(recogniser.stream(endless())) as transcripts:
                async for _ in transcripts:
                    if begun.is_set():
                        return

        task = asyncio.create_task(listen())
        await begun.wait()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return await heard(recogniser, spoken())

    assert run(build, interrupt)[-1].final


def test_a_turn_given_up_after_its_first_words_leaves_it_usable(build, name):
    if name == "openai":
        pytest.skip("the endpoint answers once")

    async def give_up(recogniser):
        sound = pieces(spoken()) if name.startswith("openai") else until(asyncio.Event(), spoken())
        stream = recogniser.stream(sound)
        assert not (await anext(stream)).final
        await stream.aclose()
        return await heard(recogniser, spoken())

    assert run(build, give_up)[-1].text


def test_turns_may_overlap(build):
    async def both(recogniser):
        alone = await heard(recogniser, spoken())
        one, other = await asyncio.gather(heard(recogniser, spoken()), heard(recogniser, spoken()))
        return {turn[-1].text for turn in (alone, one, other)}

    assert len(run(build, both)) == 1


def test_a_failure_of_the_microphone_comes_out(build):
    async def broken():
        async for piece in pieces(spoken()):
            yield piece
        raise RuntimeError("unplugged")

    async def use(recogniser):
        with pytest.raises(RuntimeError, match="unplugged"):
            async for _ in recogniser.stream(broken()):
                pass
        return await heard(recogniser, spoken())

    assert run(build, use)[-1].text


def test_bad_sound_is_no_crash(build):
    loud = np.concatenate([spoken() * 100, np.full(8000, np.nan, np.float32)])
    assert run(build, lambda r: heard(r, loud))[-1].final


def test_may_be_closed_twice(build):
    async def run_twice():
        recogniser = build()
        await recogniser.aclose()
        await recogniser.aclose()

    asyncio.run(run_twice())


def test_has_a_default_for_every_option(name):
    module = importlib.import_module(f"bridge.providers.asr.{name.partition(' ')[0]}")
    assert callable(module.build)
    options = module.Options()
    assert all(field.name in repr(options) or not field.repr for field in dataclasses.fields(options))


@pytest.mark.parametrize("name", NETWORK, indirect=True)
@pytest.mark.parametrize("fault", FAULTS)
def test_a_failing_service_is_one_sentence(build, name, servers, fault):
    async def use(recogniser):
        servers[name].fault = fault
        with pytest.raises(ProviderError) as caught:
            await heard(recogniser, spoken())
        servers[name].fault = ""
        if fault in ("stall", "hang"):  # its patience is too short for what follows
            return caught.value, None
        return caught.value, await heard(recogniser, spoken())

    error, after = run(build, use, answer_s=0.4 if fault in ("stall", "hang") else 10.0)
    after = after or run(build, lambda r: heard(r, spoken()))
    sentence = str(error)
    assert error.retryable == (fault != "401")
    assert sentence.endswith(".") and "\n" not in sentence and ". " not in sentence
    assert funasr.KEY not in sentence and transcriptions.KEY not in sentence
    assert after[-1].final and after[-1].text
    told = {"401": "api_key", "429": f"wait {RETRY_AFTER_S} s", "500": "500", "stall": "0.4 s", "hang": "0.4 s"}
    told |= {"cut": "broke off", "malformed": "understood"}
    assert told[fault] in sentence


@pytest.mark.parametrize("name", NETWORK, indirect=True)
def test_a_service_that_is_not_there_is_one_sentence(name):
    address = {"url": "ws://127.0.0.1:1"} if name == "funasr" else {"base_url": "http://127.0.0.1:1/v1"}

    with pytest.raises(ProviderError, match=r"127\.0\.0\.1:1 can't be reached.*\.$") as caught:
        run(lambda: asr.build(name.partition(" ")[0], address), lambda r: heard(r, spoken()))
    assert caught.value.retryable
