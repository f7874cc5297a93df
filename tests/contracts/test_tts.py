"""What every voice in the folder promises: `bridge.ports.Tts`."""

import asyncio
import importlib
import itertools

import numpy as np
import pytest

from bridge import providers
from bridge.errors import ConfigError, InputError, ProviderError
from bridge.providers import tts
from bridge.timebase import SAMPLE_RATE_HZ

pytestmark = pytest.mark.contract

TEXT = "Good morning, people. The big blue boat moved past my window."


@pytest.fixture(params=providers.names("tts"))
def name(request):
    return request.param


@pytest.fixture
def voice(name):
    try:
        built = tts.build(name, {})
    except (ConfigError, ProviderError) as missing:  # a voice that needs an address, a key or a package
        pytest.skip(f"{name} can't be built here: {missing}")
    yield built
    asyncio.run(built.aclose())


def said(voice, text):
    async def gather():
        return [piece async for piece in voice.stream(text)]

    return asyncio.run(gather())


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

    assert sum(len(p.samples) for p in asyncio.run(interrupt())) > SAMPLE_RATE_HZ // 4


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

    assert sum(len(p.samples) for p in asyncio.run(cancel())) > SAMPLE_RATE_HZ // 4


@pytest.mark.parametrize("text", ["", " \n\t", "...!?", "\U0001f600\U0001f3fd", "\x00\x07", "a" * 100_001])
def test_refuses_a_text_it_cannot_say(voice, text):
    with pytest.raises(InputError):
        said(voice, text)


@pytest.mark.parametrize(
    "text", ["a\x00b", "<speak><audio src='x'/>hi</speak>", "[[hello]] & <b", "ok \ud800 \U0001f600"]
)
def test_says_a_text_with_odd_characters(voice, text):
    assert sum(len(p.samples) for p in said(voice, text)) > 0


def test_may_be_closed_twice(name):
    async def run():
        voice = tts.build(name, {})
        await voice.aclose()
        await voice.aclose()

    try:
        asyncio.run(run())
    except (ConfigError, ProviderError) as missing:
        pytest.skip(f"{name} can't be built here: {missing}")


def test_defines_options_with_defaults(name):
    module = importlib.import_module(f"bridge.providers.tts.{name}")
    assert callable(module.build)
    module.Options()
