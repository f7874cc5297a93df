"""Azure's voices: visemes as phones, connections kept, what is refused."""

import asyncio

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.errors import ConfigError, ProviderError, WireError
from bridge.face.phones import PAUSE, sounds
from bridge.providers import tts
from bridge.providers.tts import _azure_messages as messages
from bridge.providers.tts._azure_visemes import VISEMES, Mouth
from bridge.types import Phone
from tests.fakes import speech
from tests.fakes.azure_speech import KEY, AzureRest, AzureSpeech, viseme_id

pytestmark = pytest.mark.unit

TEXT = "The big blue boat moved past my window."


def said(voice, text=TEXT):
    async def gather():
        return [piece async for piece in voice.stream(text)]

    return gather()


def run(fake, *texts, **settings):
    """The pieces of each text, said one after the other by one voice."""

    async def all_of():
        voice = tts.build("azure", {"endpoint": fake.endpoint, "api_key": KEY} | settings)
        pieces = [await said(voice, text) for text in texts]
        await voice.aclose()
        return pieces

    speech.spoken(TEXT)
    return asyncio.run(all_of())


def phones_of(pieces):
    return [phone for piece in pieces for phone in piece.phones]


def test_visemes_come_as_phones_of_their_class():
    with AzureSpeech() as fake:
        (pieces,) = run(fake, TEXT)
    wanted = [(round(p.start_s, 4), VISEMES[viseme_id(p)]) for p in speech.spoken(TEXT).phones]
    found = [(round(p.start_s, 4), p.ipa) for p in phones_of(pieces)]
    assert found[: len(wanted)] == wanted
    assert {ipa for _, ipa in found[len(wanted) :]} <= {""}  # the last pause may come in parts
    assert [word.text for piece in pieces for word in piece.words] == TEXT.split()


def test_visemes_may_come_after_their_sound():
    with AzureSpeech(visemes_late=True) as fake:
        (pieces,) = run(fake, TEXT)
    found, seconds = phones_of(pieces), sum(len(p.samples) for p in pieces) / 24_000
    agreed = 0.0
    for phone in speech.spoken(TEXT).phones:
        same = [p for p in found if p.ipa == VISEMES[viseme_id(phone)]]
        agreed += sum(max(0.0, min(p.end_s, phone.end_s) - max(p.start_s, phone.start_s)) for p in same)
    assert agreed > 0.9 * seconds


def test_the_sound_is_what_was_sent():
    with AzureSpeech() as fake:
        (pieces,) = run(fake, TEXT)
    found = np.concatenate([piece.samples for piece in pieces])
    assert np.abs(found - speech.spoken(TEXT).samples).max() < 1e-3
    assert len(pieces) > 5


def test_every_viseme_is_a_sound_the_face_knows():
    assert len(VISEMES) == 22
    assert [number for number, ipa in enumerate(VISEMES) if sounds(ipa) == (PAUSE,)] == [0]
    shut = [number for number, ipa in enumerate(VISEMES) if sounds(ipa)[0].lips]
    bitten = [number for number, ipa in enumerate(VISEMES) if sounds(ipa)[0].teeth]
    assert (shut, bitten) == ([21], [18])


def test_a_connection_is_kept_for_the_next_sentence():
    with AzureSpeech() as fake:
        run(fake, TEXT, TEXT, TEXT)
        assert (fake.connections, len(fake.ssml)) == (1, 3)


def test_an_interrupted_sentence_leaves_nothing_to_the_next():
    with AzureSpeech() as fake:

        async def interrupt():
            voice = tts.build("azure", {"endpoint": fake.endpoint, "api_key": KEY})
            stream = voice.stream("Say something long, so long that it can't have come to its end. " * 5)
            await anext(stream)
            await stream.aclose()
            pieces = await said(voice)
            await voice.aclose()
            return pieces

        pieces = asyncio.run(interrupt())
        assert sum(len(piece.samples) for piece in pieces) == len(speech.spoken(TEXT).samples)
        assert fake.connections == 2


def test_a_connection_that_the_service_ended_is_made_anew():
    with AzureSpeech() as fake:

        async def ended():
            voice = tts.build("azure", {"endpoint": fake.endpoint, "api_key": KEY})
            await said(voice)
            await voice._idle.close()
            await said(voice)
            await voice.aclose()

        asyncio.run(ended())
        assert fake.connections == 2


def test_two_sentences_at_once_do_not_mix():
    async def both(fake):
        voice = tts.build("azure", {"endpoint": fake.endpoint, "api_key": KEY})
        pieces = await asyncio.gather(said(voice, TEXT), said(voice, "One two three."))
        await voice.aclose()
        return pieces

    with AzureSpeech() as fake:
        lengths = [sum(len(p.samples) for p in pieces) for pieces in asyncio.run(both(fake))]
    assert lengths == [len(speech.spoken(text).samples) for text in (TEXT, "One two three.")]


def test_a_wrong_key_or_voice_is_told_and_the_key_is_not():
    with AzureSpeech() as fake:
        with pytest.raises(ProviderError, match="AZURE_SPEECH_KEY") as raised:
            run(fake, TEXT, api_key="wrong-key")
        assert "wrong-key" not in str(raised.value) and KEY not in str(raised.value)
        with pytest.raises(ProviderError, match="Unsupported voice en-US-NobodyNeural"):
            run(fake, TEXT, voice="en-US-NobodyNeural")


def test_what_a_text_holds_is_no_markup():
    with AzureSpeech() as fake:
        run(fake, "Rock & roll <break time='9s'/> \"now\".", style="cheer'ful", rate_percent=10, pitch_percent=-5)
    assert "&lt;break" in fake.ssml[0] and "Rock &amp; roll" in fake.ssml[0]
    assert 'rate="+10%"' in fake.ssml[0] and 'pitch="-5%"' in fake.ssml[0] and "express-as" in fake.ssml[0]


def test_rest_speaks_without_visemes():
    with AzureRest() as fake:
        fake.endpoint = fake.url
        (pieces,) = run(fake, TEXT, visemes=False)
        with pytest.raises(ProviderError, match="status 400"):
            run(fake, TEXT, visemes=False, voice="en-US-NobodyNeural")
    assert sum(len(p.samples) for p in pieces) == len(speech.spoken(TEXT).samples)
    assert not phones_of(pieces)


@pytest.mark.parametrize(
    ("settings", "error", "sentence"),
    [
        ({}, ProviderError, "needs a region.*AZURE_SPEECH_REGION"),
        ({"region": "westeurope"}, ProviderError, "needs a key.*AZURE_SPEECH_KEY"),
        ({"region": "evil.example/x", "api_key": "k"}, ConfigError, "region"),
        ({"endpoint": "ftp://x", "api_key": "k"}, ConfigError, "address"),
        ({"region": "westeurope", "api_key": "k", "rate_percent": 900}, ConfigError, "rate_percent"),
        ({"region": "westeurope", "api_key": "k", "lang": "tlh"}, ConfigError, "tlh"),
    ],
)
def test_what_is_missing_or_wrong_is_said(monkeypatch, settings, error, sentence):
    monkeypatch.delenv("AZURE_SPEECH_KEY", raising=False)
    monkeypatch.delenv("AZURE_SPEECH_REGION", raising=False)
    with pytest.raises(error, match=sentence):
        tts.build("azure", settings)


def test_key_and_region_may_come_from_the_environment(monkeypatch):
    monkeypatch.setenv("AZURE_SPEECH_KEY", KEY)
    monkeypatch.setenv("AZURE_SPEECH_REGION", "chinaeast2")
    assert tts.build("azure", {})._url == "wss://chinaeast2.tts.speech.azure.cn/cognitiveservices/websocket/v1"
    monkeypatch.setenv("AZURE_SPEECH_REGION", "WestEurope")
    assert tts.build("azure", {})._url.startswith("wss://westeurope.tts.speech.microsoft.com/")


@given(
    st.lists(st.tuples(st.floats(-0.1, 1.2), st.integers(-1, 23)), max_size=20),
    st.lists(st.integers(0, 8000), max_size=6),
    st.randoms(use_true_random=False),
)
def test_phones_stay_in_order_and_in_their_piece_however_events_come(visemes, sounds_, dice):
    events = [("viseme", event) for event in visemes] + [("sound", count) for count in sounds_]
    dice.shuffle(events)
    mouth, pieces = Mouth(), []
    for kind, event in events:
        if kind == "viseme":
            mouth.viseme(*event)
        else:
            mouth.sound(np.zeros(event, np.float32))
        pieces.append(mouth.take())
    pieces = [piece for piece in (*pieces, mouth.flush()) if piece]
    assert sum(len(piece.samples) for piece in pieces) == sum(sounds_)
    at, end_s = 0, 0.0
    for piece in pieces:
        until = at + len(piece.samples)
        for phone in piece.phones:
            assert at / 24_000 - 1e-9 <= phone.start_s < until / 24_000
            assert end_s - 1e-9 <= phone.start_s < phone.end_s
            end_s = phone.end_s
        at = until
    if all(start_s <= at / 24_000 for start_s, _ in visemes):
        assert end_s <= at / 24_000 + 1e-9


def test_sound_waits_for_visemes_but_not_long():
    mouth = Mouth()
    mouth.sound(np.zeros(24_000, np.float32))
    assert len(mouth.take().samples) == round(0.7 * 24_000)
    mouth.viseme(0.8, 21)
    mouth.viseme(0.95, 1)
    piece = mouth.take()
    assert (len(piece.samples), piece.phones) == (6000, (Phone(0.8, 0.95, "b"),))
    mouth.viseme(0.2, 2)
    assert mouth.take() is None
    assert mouth.flush().phones == (Phone(0.95, 1.0, "ʌ"),)


def test_a_viseme_whose_end_is_long_in_coming_comes_in_parts():
    mouth = Mouth()
    mouth.viseme(0.0, 0)
    mouth.sound(np.zeros(24_000, np.float32))
    assert mouth.take().phones == (Phone(0.0, 0.7, ""),)
    mouth.viseme(0.4, 21)  # too late for its time
    mouth.viseme(0.9, 2)
    assert mouth.take().phones == (Phone(0.7, 0.9, "b"),)
    assert mouth.flush().phones == (Phone(0.9, 1.0, "ɑ"),)


@given(st.one_of(st.binary(max_size=80), st.text(max_size=80)))
def test_any_message_is_read_or_refused(data):
    try:
        message = messages.parse(data)
        messages.metadata(message.body)
    except WireError:
        pass


@pytest.mark.parametrize(
    "body", [b"[]", b'{"Metadata": 3}', b'{"Metadata": [{"Type": 1}]}', b"{", b'{"Metadata": [[]]}', b"[" * 100_000]
)
def test_metadata_of_another_form_is_refused(body):
    with pytest.raises(WireError):
        messages.metadata(body)
