"""The Realtime provider against a real server on loopback: what it sends, and what it makes of every fault."""

from __future__ import annotations

import asyncio
import base64
from types import SimpleNamespace

import numpy as np
import pytest

from bridge.dialogue import AnswerEnded, AnswerSound, Message, Tool, Transcript, Trouble
from bridge.errors import ConfigError, ProviderError
from bridge.providers import realtime
from bridge.providers.realtime.openai import Options
from tests.fakes._server import nowhere
from tests.fakes.realtime import KEY, MODEL, RealtimeServer

pytestmark = pytest.mark.contract

HELLO = (Message("user", "Hello"),)
TOOL = Tool("gesture", "Move.", {"type": "object", "properties": {"name": {"type": "string"}}})


@pytest.fixture(params=["GA", "beta"])
def fake(request):
    with RealtimeServer(beta=request.param == "beta") as server:
        yield server


def settings(fake, **more):
    return {"url": f"{fake.url}/v1/realtime", "model": MODEL, "api_key": KEY, "connect_s": 2.0} | more


def talk(fake, *, said=HELLO, **more):
    """All events until each of the messages is answered, one after the other."""

    async def whole():
        found = []
        async with realtime.build("openai", settings(fake, **more)).connect("You are Mira.", [TOOL]) as dialogue:
            for message in said:
                await dialogue.add(message)
                async for event in dialogue.events():
                    found.append(event)
                    if isinstance(event, AnswerEnded):
                        break
        return found

    return asyncio.run(whole())


def refused(fake, **more):
    """The error that a dialogue ends in, a clear sentence without the key."""
    with pytest.raises(ProviderError) as error:
        talk(fake, **more)
    sentence = str(error.value)
    assert sentence.startswith(f"{who(fake)} ") and sentence.endswith(".") and KEY not in sentence
    return error.value


def who(fake):
    return f"The speech model at {fake.url.partition('://')[2]}"


def troubles(fake, found):
    sentences = [event.text for event in found if isinstance(event, Trouble)]
    assert all(s.startswith(f"{who(fake)} ") and s.endswith(".") and KEY not in s for s in sentences)
    return sentences


# What is sent


def test_the_settings_travel_in_the_form_of_the_servers_generation(fake):
    talk(fake, lang="en", voice="cedar", transcription_model="scribe", threshold=0.7, patience_ms=300)
    [session] = fake.sessions
    assert session["instructions"] == "You are Mira."
    assert session["tools"] == [
        {"type": "function", "name": "gesture", "description": "Move.", "parameters": TOOL.parameters}
    ]
    detection = {
        **{"type": "server_vad", "create_response": True, "interrupt_response": True},
        **{"threshold": 0.7, "silence_duration_ms": 300},
    }
    transcription = {"model": "scribe", "language": "en"}
    if fake.beta:
        assert session["modalities"] == ["audio", "text"] and session["voice"] == "cedar"
        assert session["input_audio_format"] == session["output_audio_format"] == "pcm16"
        assert (session["turn_detection"], session["input_audio_transcription"]) == (detection, transcription)
    else:
        pcm = {"type": "audio/pcm", "rate": 24_000}
        assert (session["type"], session["output_modalities"]) == ("realtime", ["audio"])
        assert session["audio"]["input"] == {"format": pcm, "transcription": transcription, "turn_detection": detection}
        assert session["audio"]["output"] == {"format": pcm, "voice": "cedar"}


@pytest.mark.parametrize(
    ("more", "detection"),
    [
        ({"turns": "manual"}, None),
        (
            {"turns": "semantic_vad", "eagerness": "low"},
            {"type": "semantic_vad", "eagerness": "low", "create_response": True, "interrupt_response": True},
        ),
    ],
)
def test_turns_may_be_detected_otherwise(fake, more, detection):
    talk(fake, **more)
    [session] = fake.sessions
    assert (session if fake.beta else session["audio"]["input"])["turn_detection"] == detection


def test_the_key_and_the_model_are_told_on_connecting(fake, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    talk(fake, api_key="", beta=fake.beta)
    [request] = fake.requests
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert request.headers.get("openai-beta") == ("realtime=v1" if fake.beta else None)
    assert request.path == f"/v1/realtime?model={MODEL}"


def test_messages_travel_in_the_form_of_the_api(fake):
    talk(fake, said=[Message("user", "Half a pair \ud83d", image_jpeg=b"\xff\xd8jpeg")])
    [item] = fake.items
    words, picture = item["content"]
    assert words == {"type": "input_text", "text": "Half a pair ?"}
    assert base64.b64decode(picture["image_url"].removeprefix("data:image/jpeg;base64,")) == b"\xff\xd8jpeg"


def test_sound_arrives_as_it_was_sent(fake):
    [*sounds] = [event.samples for event in talk(fake) if isinstance(event, AnswerSound)]
    tone = np.tile((np.sin(np.arange(2400) * (2 * np.pi * 300 / 24_000)) * 8000).astype("<i2"), 3)
    assert np.array_equal(np.concatenate(sounds) * 32768, tone.astype(np.float32))


# What goes wrong on connecting


@pytest.mark.parametrize(
    ("fault", "says", "retryable"),
    [
        ("401", "OPENAI_API_KEY", False),
        ("429", "wait 7 s", True),
        ("500", "status 500", True),
        ("stall", "fell silent on being connected to", True),
        ("hang", "fell silent on being connected to", True),
        ("cut", "broke off", True),
        ("malformed", "no JSON", False),
    ],
)
def test_a_server_that_fails_on_connecting_is_one_sentence(fake, fault, says, retryable):
    fake.fault = fault
    error = refused(fake, connect_s=0.3) if fault in ("stall", "hang") else refused(fake)
    assert says in str(error) and error.retryable == retryable


def test_an_unknown_model_or_voice_is_told_in_the_servers_words(fake):
    assert "The model does not exist" in str(refused(fake, model="huge-speaker"))
    assert "Invalid value: 'nobody'" in str(refused(fake, voice="nobody"))


def test_nobody_there_is_one_sentence():
    error = refused(SimpleNamespace(url=f"ws://{nowhere()}"))
    assert "can't be reached" in str(error) and error.retryable


def test_without_a_key_it_asks_for_one(monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(ConfigError, match="OPENAI_API_KEY"):
        realtime.build("openai", {})
    assert KEY not in repr(Options(api_key=KEY))


@pytest.mark.parametrize(
    "wrong",
    [
        *(
            {"url": "https://example.org"},
            {"url": "wss://"},
            {"url": "nonsense"},
            {"turns": "psychic"},
            {"eagerness": ""},
        ),
        *({"threshold": 1.5}, {"patience_ms": -1}, {"stall_s": 0}, {"connect_s": float("nan")}),
    ],
)
def test_a_wrong_setting_is_one_sentence(wrong):
    with pytest.raises(ConfigError, match=next(iter(wrong))) as error:
        realtime.build("openai", {"api_key": KEY} | wrong)
    assert str(error.value).endswith(".") and KEY not in str(error.value)


# What goes wrong in the middle


@pytest.mark.parametrize(("fault", "says"), [("cut", "broke off"), ("hang", "fell silent")])
def test_a_lost_connection_is_made_once_more_and_told_what_was_said(fake, fault, says):
    fake.in_answer = fault
    found = talk(fake, said=[Message("user", "I am Ana."), Message("user", "Who am I?")], stall_s=0.3)
    [sentence] = troubles(fake, found)
    assert says in sentence and "connected again" in sentence
    assert [event.how for event in found if isinstance(event, AnswerEnded)] == ["failed", "whole"]
    assert len(fake.requests) == len(fake.sessions) == 2
    assert [item["content"][0]["text"] for item in fake.items] == ["I am Ana.", "I am Ana.", "Hello", "Who am I?"]
    assert fake.items[2]["content"][0]["type"] == ("text" if fake.beta else "output_text")


def test_a_connection_that_is_lost_again_ends_the_dialogue(fake):
    fake.in_answer = "cut"
    with pytest.raises(ProviderError, match="broke off again"):
        asyncio.run(asyncio.wait_for(_lose_twice(fake), 20))


async def _lose_twice(fake):
    async with realtime.build("openai", settings(fake)).connect("") as dialogue:
        await dialogue.add(Message("user", "Hello"))
        async for event in dialogue.events():
            if isinstance(event, Trouble):
                fake.in_answer, fake.words = "cut", []
                await dialogue.add(Message("user", "Still there?"))


def test_a_server_that_is_gone_ends_the_dialogue_with_a_sentence(fake):
    async def whole():
        async with realtime.build("openai", settings(fake)).connect("") as dialogue:
            await dialogue.add(Message("user", "Hello"))
            async for event in dialogue.events():
                if isinstance(event, AnswerSound):
                    fake.fault = "429"

    fake.in_answer = "cut"
    with pytest.raises(ProviderError, match="wait 7 s"):
        asyncio.run(whole())


def test_events_that_make_no_sense_are_passed_over_with_a_sentence(fake):
    fake.in_answer = "malformed"
    found = talk(fake)
    assert len(troubles(fake, found)) == 6
    assert found[-1].how == "whole" and sum(isinstance(event, AnswerSound) for event in found) == 3


def test_an_answer_that_fails_says_why_without_the_key(fake):
    fake.in_answer = "fail"
    found = talk(fake)
    assert found[-1].how == "failed"
    assert troubles(fake, found) == [f"{who(fake)} could not answer: Out of memory for [key]."]


def test_a_malformed_call_is_one_sentence(fake):
    fake.calls, fake.both = [("gesture", '{"name": ')], True
    found = talk(fake)
    assert "no JSON" in troubles(fake, found)[0] and found[-1].how == "whole"


def test_a_spent_limit_says_how_long_to_wait(fake):
    fake.first_limits |= {"remaining": 0, "reset_seconds": 12.4}
    assert "wait 12 s" in troubles(fake, talk(fake))[0]


def test_what_is_heard_while_the_connection_is_gone_is_lost_and_no_error(fake):
    async def whole():
        async with realtime.build("openai", settings(fake)).connect("") as dialogue:
            await dialogue.add(Message("user", "Hello"))
            events = dialogue.events()
            sound = np.zeros(1600, np.float32)
            async for event in events:
                await dialogue.push(sound)
                if isinstance(event, AnswerEnded):
                    break
            await dialogue.cancel("an answer nobody knows", 10)
            await dialogue.add(Message("tool", "late", tool_call_id="call_of_before"))
        await dialogue.push(sound)
        await dialogue.commit()
        return event

    fake.in_answer = "cut"
    assert asyncio.run(whole()).how == "failed"


def test_shouting_is_clipped_and_silence_travels(fake):
    async def whole():
        async with realtime.build("openai", settings(fake, turns="manual")).connect("") as dialogue:
            await dialogue.push(np.zeros(8000, np.float32))
            await dialogue.push(np.full(8000, 3.0, np.float32))
            await dialogue.commit()
            async for event in dialogue.events():
                if isinstance(event, Transcript) and event.final:
                    return

    asyncio.run(whole())
    [heard] = fake.heard
    assert heard[:11_000].max() < 100 and heard[14_000:22_000].min() > 32_000
