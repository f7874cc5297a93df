"""Services that refuse, stall, break off or send nonsense: one sentence, in time, and the connection let go."""

import asyncio
from types import SimpleNamespace

import edge_tts.communicate
import pytest

from bridge.errors import ProviderError
from bridge.providers import tts
from tests.fakes import azure_speech, gpt_sovits, openai_speech, speech
from tests.fakes._server import WebSocketFake, nowhere
from tests.fakes.azure_speech import AzureRest, AzureSpeech
from tests.fakes.cosyvoice import CosyVoice
from tests.fakes.edge import Edge
from tests.fakes.fish_speech import FishSpeech
from tests.fakes.gpt_sovits import GptSovits
from tests.fakes.openai_speech import OpenAiSpeech
from tests.fakes.piper import Piper

pytestmark = pytest.mark.unit

TEXT = "The big blue boat moved past my window."
CASES = {
    "edge": ("edge", Edge, lambda fake: {}),
    "azure": ("azure", AzureSpeech, lambda fake: {"endpoint": fake.endpoint, "api_key": azure_speech.KEY}),
    "azure rest": (
        "azure",
        AzureRest,
        lambda fake: {"endpoint": fake.url, "api_key": azure_speech.KEY, "visemes": False},
    ),
    "openai": ("openai", OpenAiSpeech, lambda fake: {"base_url": f"{fake.url}/v1", "api_key": openai_speech.KEY}),
    "openai mp3": (
        "openai",
        OpenAiSpeech,
        lambda fake: {"base_url": f"{fake.url}/v1", "api_key": openai_speech.KEY, "form": "mp3"},
    ),
    "gpt_sovits": ("gpt_sovits", GptSovits, lambda fake: {"url": fake.url, "reference": gpt_sovits.CLIP}),
    "cosyvoice": ("cosyvoice", CosyVoice, lambda fake: {"url": fake.url}),
    "fish_speech": ("fish_speech", FishSpeech, lambda fake: {"url": fake.url}),
    "piper": ("piper", Piper, lambda fake: {"url": fake.url}),
}


@pytest.fixture(params=CASES)
def service(request, monkeypatch):
    """A running fake, and what makes a voice that speaks to it."""
    name, fake_class, settings = CASES[request.param]
    speech.spoken(TEXT)  # so that espeak-ng's own start is not waited for
    with fake_class() as fake:
        if name == "edge":
            monkeypatch.setattr(edge_tts.communicate, "WSS_URL", fake.wss_url)
        yield fake, lambda waits: tts.build(name, settings(fake) | waits)


async def said(voice):
    return sum([len(piece.samples) async for piece in voice.stream(TEXT)])


@pytest.mark.parametrize(
    ("fault", "sentence", "retryable", "waits"),
    [
        ("401", "refused access", False, {}),
        ("429", "too many requests; wait 7 s", True, {}),
        ("500", "failed with status 500", True, {}),
        ("stall", "has sent nothing for 0.4 s", True, {"connect_s": 0.3, "first_sound_s": 0.1}),
        ("hang", "has sent nothing for 0.2 s", True, {"stall_s": 0.2}),
        ("cut", "broke off", True, {}),
    ],
)
def test_a_fault_is_one_sentence_and_no_end(service, fault, sentence, retryable, waits):
    fake, build = service
    fake.fault = fault

    async def run():
        voice = build(waits)
        with pytest.raises(ProviderError, match=sentence) as raised:
            await said(voice)
        fake.fault = ""
        if fault != "stall":  # that one waits too short for anything
            assert await said(voice) > 24_000
        await voice.aclose()
        return raised.value

    error = asyncio.run(run())
    assert error.retryable is retryable
    assert str(error).endswith(".") and "\n" not in str(error)
    assert not any(key in str(error) for key in (azure_speech.KEY, openai_speech.KEY))


def test_nonsense_between_the_sound_crashes_nothing(service):
    fake, build = service
    fake.fault = "malformed"

    async def run():
        voice = build({})
        try:
            assert await said(voice) > 24_000  # bare samples can't tell
        except ProviderError as error:
            assert "can't be understood" in str(error) and error.retryable
        await voice.aclose()

    asyncio.run(run())


@pytest.mark.parametrize("case", CASES)
def test_a_service_that_is_not_there_is_told_at_once(case, monkeypatch):
    name, _, settings = CASES[case]
    host = nowhere()
    nobody = SimpleNamespace(url=f"http://{host}", endpoint=f"http://{host}")
    monkeypatch.setattr(edge_tts.communicate, "WSS_URL", f"ws://{host}/?x=1")

    async def say():
        voice = tts.build(name, settings(nobody))
        try:
            return [piece async for piece in voice.stream(TEXT)]
        finally:
            await voice.aclose()

    with pytest.raises(ProviderError, match="can't be reached") as raised:
        asyncio.run(say())
    assert raised.value.retryable


def test_closing_early_ends_the_connection(service):
    fake, build = service
    if isinstance(fake, WebSocketFake):
        fake.fault = "hang"  # or all would have been sent already
    speech.spoken(TEXT * 10)

    async def interrupt():
        voice = build({})
        stream = voice.stream(TEXT * 10)
        await anext(stream)
        await stream.aclose()
        async with asyncio.timeout(20):
            while not fake.hung_up:  # noqa: ASYNC110  (the fake lives in another thread)
                await asyncio.sleep(0.002)
        await voice.aclose()

    asyncio.run(interrupt())
