"""Edge's voices: what is asked for, and the times of words."""

import asyncio

import edge_tts.communicate
import numpy as np
import pytest
from scipy.signal import correlate
from websockets.protocol import State

from bridge.errors import ConfigError, ProviderError
from bridge.providers import tts
from bridge.timebase import SAMPLE_RATE_HZ
from bridge.types import Speech, freeze
from tests.fakes import speech
from tests.fakes.edge import Edge, text_message

pytestmark = pytest.mark.unit

TEXT = "The big blue boat moved past my window."


@pytest.fixture
def fake(monkeypatch):
    speech.spoken(TEXT)
    with Edge() as fake:
        monkeypatch.setattr(edge_tts.communicate, "WSS_URL", fake.wss_url)
        yield fake


def said(text=TEXT, **settings):
    async def gather():
        voice = tts.build("edge", settings)
        return [piece async for piece in voice.stream(text)]

    return asyncio.run(gather())


def test_it_tells_its_words(fake):
    pieces = said()
    words = [word for piece in pieces for word in piece.words]
    assert " ".join(word.text for word in words) == TEXT
    seconds = sum(len(piece.samples) for piece in pieces) / SAMPLE_RATE_HZ
    assert words[-1].end_s > 0.7 * seconds
    options = fake.configs[0]["context"]["synthesis"]["audio"]["metadataoptions"]
    assert options["wordBoundaryEnabled"] == "true"


def test_sound_comes_before_all_of_it_is_there(fake):
    assert len(said()) > 3


def test_it_is_the_speech_that_was_sent(fake):
    found = np.concatenate([piece.samples for piece in said()])
    wanted = speech.spoken(TEXT).samples[3000:40_000]
    scores = correlate(found, wanted, "valid", "fft")
    part = found[(lag := int(scores.argmax())) : lag + len(wanted)]
    assert scores[lag] > 0.98 * np.linalg.norm(part) * np.linalg.norm(wanted)


@pytest.mark.parametrize(
    ("settings", "voice"),
    [
        ({"lang": "zh"}, "(zh-CN, XiaoxiaoNeural)"),
        ({"lang": "en_GB"}, "(en-GB, SoniaNeural)"),
        ({"lang": "de-AT"}, "(de-DE, KatjaNeural)"),
        ({"lang": "en", "voice": "en-US-GuyNeural"}, "(en-US, GuyNeural)"),
        ({"lang": "zh", "voice": "en-US-GuyNeural"}, "(zh-CN, XiaoxiaoNeural)"),
        ({"lang": "zh", "voice": "en-US-AvaMultilingualNeural"}, "(en-US, AvaMultilingualNeural)"),
        ({"lang": "tlh", "voice": "en-US-GuyNeural"}, "(en-US, GuyNeural)"),
        ({"lang": "zh", "voice": "zh-CN-liaoning-XiaobeiNeural"}, "(zh-CN-liaoning, XiaobeiNeural)"),
    ],
)
def test_language_and_voice_choose_the_voice(fake, settings, voice):
    said(**settings)
    assert voice in fake.ssml[0]


def test_rate_and_pitch_are_told(fake):
    said(rate_percent=-20, pitch_hz=15)
    assert "rate='-20%'" in fake.ssml[0] and "pitch='+15Hz'" in fake.ssml[0]


@pytest.mark.parametrize(
    "settings",
    [
        {"lang": "tlh"},
        {"lang": ""},
        {"voice": "nobody"},
        {"voice": "en-US-<b>"},
        {"voice": "en-US-Ann"},
        {"rate_percent": 500},
        {"pitch_hz": -900},
        {"stall_s": 0},
        {"first_sound_s": 1e9},
    ],
)
def test_what_cannot_be_is_refused(settings):
    with pytest.raises(ConfigError):
        tts.build("edge", settings)


def test_silence_instead_of_sound_is_a_failure(fake, monkeypatch):
    monkeypatch.setattr(speech, "mp3", lambda samples: b"")
    with pytest.raises(ProviderError, match="without a sound"):
        said()


class DeafEdge(Edge):
    """After the first sound it neither sends nor hears anything: not even a goodbye."""

    async def send(self, connection, message):
        await super().send(connection, message)
        connection.transport.pause_reading()
        while connection.state is State.OPEN:  # noqa: ASYNC110  (until the client is gone)
            await asyncio.sleep(0.01)


def test_a_service_that_is_gone_is_waited_for_no_longer_than_set(monkeypatch):
    async def given_up():
        async with asyncio.timeout(5):
            voice = tts.build("edge", {"stall_s": 0.2})
            with pytest.raises(ProviderError, match="has sent nothing"):
                async for _ in voice.stream(TEXT):
                    pass

    speech.spoken(TEXT)
    with DeafEdge() as fake:
        monkeypatch.setattr(edge_tts.communicate, "WSS_URL", fake.wss_url)
        with asyncio.Runner() as runner:
            runner.run(given_up())


def test_a_sound_that_is_silent_is_a_failure(fake, monkeypatch):
    monkeypatch.setattr(speech, "spoken", lambda text: Speech(freeze(np.zeros(24_000))))
    with pytest.raises(ProviderError, match="without a sound"):
        said()


def test_metadata_nested_a_hundred_thousand_deep_is_a_failure(fake):
    fake.fault, fake.garbage = "malformed", text_message("audio.metadata", "[" * 100_000)
    with pytest.raises(ProviderError, match="can't be understood"):
        said()
