"""What every voice in the folder promises: `bridge.ports.Tts`."""

import asyncio
import contextlib
import dataclasses
import importlib
import itertools
from pathlib import Path

import edge_tts.communicate
import numpy as np
import pytest

from bridge import providers
from bridge.errors import InputError, ProviderError
from bridge.providers import tts
from bridge.timebase import SAMPLE_RATE_HZ
from tests.fakes import azure_speech, gpt_sovits, openai_speech
from tests.fakes.azure_speech import AzureSpeech
from tests.fakes.cosyvoice import CosyVoice
from tests.fakes.edge import Edge
from tests.fakes.fish_speech import FishSpeech
from tests.fakes.gpt_sovits import GptSovits
from tests.fakes.openai_speech import OpenAiSpeech
from tests.fakes.piper import Piper

pytestmark = pytest.mark.contract

TEXT = "Good morning, people. The big blue boat moved past my window."


@pytest.fixture(params=providers.names("tts"))
def name(request):
    return request.param


@pytest.fixture
def settings(name, monkeypatch):
    """What a voice needs to be built here: one behind a network speaks to its service's fake on loopback."""
    with contextlib.ExitStack() as stack:
        if name == "espeak":
            yield {}
        elif name == "edge":
            monkeypatch.setattr(edge_tts.communicate, "WSS_URL", stack.enter_context(Edge()).wss_url)
            yield {}
        elif name == "azure":
            yield {"endpoint": stack.enter_context(AzureSpeech()).endpoint, "api_key": azure_speech.KEY}
        elif name == "openai":
            fake = stack.enter_context(OpenAiSpeech())
            yield {"base_url": f"{fake.url}/v1", "api_key": openai_speech.KEY}
        else:
            own = {"gpt_sovits": GptSovits, "cosyvoice": CosyVoice, "fish_speech": FishSpeech, "piper": Piper}
            fake = stack.enter_context(own[name]())
            yield {"url": fake.url} | ({"reference": gpt_sovits.CLIP} if name == "gpt_sovits" else {})


class OneLoop:
    """A voice, and the event loop that it is used in."""

    def __init__(self, voice, runner):
        self.stream, self.run = voice.stream, runner.run


@pytest.fixture
def voice(name, settings):
    try:
        built = tts.build(name, settings)
    except ProviderError as missing:  # a voice that needs a package
        pytest.skip(f"{name} can't be built here: {missing}")
    with asyncio.Runner() as runner:
        yield OneLoop(built, runner)
        runner.run(built.aclose())


def said(voice, text):
    async def gather():
        return [piece async for piece in voice.stream(text)]

    return voice.run(gather())


def test_speaks_mono_24_khz_within_range(voice):
    pieces = said(voice, TEXT)
    samples = np.concatenate([p.samples for p in pieces])
    assert {p.sample_rate_hz for p in pieces} == {SAMPLE_RATE_HZ}
    assert samples.dtype == np.float32 and samples.ndim == 1
    assert 2 < len(samples) / SAMPLE_RATE_HZ < 15
    assert 0.05 < np.abs(samples).max() <= 1
    assert not any(p.samples.flags.writeable for p in pieces)


def test_phones_follow_one_another_inside_the_audio(voice):
    pieces = said(voice, TEXT)
    phones = [phone for piece in pieces for phone in piece.phones]
    seconds = sum(len(p.samples) for p in pieces) / SAMPLE_RATE_HZ
    assert all(p.start_s < p.end_s for p in phones)
    assert all(a.end_s <= b.start_s + 1e-9 for a, b in itertools.pairwise(phones))
    assert not phones or (phones[0].start_s >= 0 and phones[-1].end_s <= seconds + 0.01)


def test_a_phone_comes_with_the_piece_it_starts_in(voice):
    start = 0
    for piece in said(voice, TEXT):
        end = start + len(piece.samples)
        assert all(start - 1 <= p.start_s * SAMPLE_RATE_HZ < end + 1 for p in piece.phones)
        start = end


def test_closing_early_leaves_the_voice_usable(voice):
    async def interrupt():
        stream = voice.stream(TEXT * 20)
        await anext(stream)
        await stream.aclose()
        return [piece async for piece in voice.stream("Still here.")]

    assert sum(len(p.samples) for p in voice.run(interrupt())) > SAMPLE_RATE_HZ // 4


def test_a_cancelled_task_leaves_the_voice_usable(voice):
    async def cancel():
        async def forever():
            while True:
                async for _ in voice.stream(TEXT):
                    await asyncio.sleep(0)

        task = asyncio.create_task(forever())
        async for _ in voice.stream(TEXT):  # meanwhile the task has begun
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return [piece async for piece in voice.stream("Still here.")]

    assert sum(len(p.samples) for p in voice.run(cancel())) > SAMPLE_RATE_HZ // 4


@pytest.mark.parametrize("text", ["", " \n\t", "...!?", "\U0001f600\U0001f3fd", "\x00\x07", "a" * 100_001])
def test_refuses_a_text_it_cannot_say(voice, text):
    with pytest.raises(InputError):
        said(voice, text)


@pytest.mark.parametrize(
    "text", ["a\x00b", "<speak><audio src='x'/>hi</speak>", "[[hello]] & <b", "ok \ud800 \U0001f600"]
)
def test_says_a_text_with_odd_characters(voice, text):
    assert sum(len(p.samples) for p in said(voice, text)) > 0


def test_words_follow_one_another_inside_the_audio(voice):
    pieces = said(voice, TEXT)
    words = [word for piece in pieces for word in piece.words]
    seconds = sum(len(p.samples) for p in pieces) / SAMPLE_RATE_HZ
    assert all(w.start_s < w.end_s and w.text for w in words)
    assert all(a.start_s <= b.start_s for a, b in itertools.pairwise(words))
    assert not words or (words[0].start_s >= 0 and words[-1].end_s <= seconds + 0.01)


def test_may_be_closed_twice(name, settings):
    async def run():
        voice = tts.build(name, settings)
        await voice.aclose()
        await voice.aclose()

    try:
        asyncio.run(run())
    except ProviderError as missing:
        pytest.skip(f"{name} can't be built here: {missing}")


def test_defines_options_with_defaults(name):
    module = importlib.import_module(f"bridge.providers.tts.{name}")
    assert callable(module.build)
    module.Options()


def test_takes_a_language_and_a_voice(name):
    """`bridge.voices` sets both for every line, whatever the voice makes of them."""
    options = importlib.import_module(f"bridge.providers.tts.{name}").Options()
    assert isinstance(options.lang, str) and isinstance(options.voice, str)


def test_a_key_shows_nowhere(name):
    options = importlib.import_module(f"bridge.providers.tts.{name}").Options
    if any(field.name == "api_key" for field in dataclasses.fields(options)):
        assert "sk-secret" not in repr(options(api_key="sk-secret"))


def test_every_option_stands_in_the_manual(name):
    manual = (Path(__file__).parents[2] / "docs" / "voices.md").read_text(encoding="utf-8")
    settings = manual.partition("## Settings of each")[2]
    common = settings.partition("###")[0]
    own = settings.partition(f"### {name}\n")[2].partition("\n#")[0]
    options = importlib.import_module(f"bridge.providers.tts.{name}").Options
    missing = [field.name for field in dataclasses.fields(options) if f"`{field.name}`" not in common + own]
    assert own and missing == []
