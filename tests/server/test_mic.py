"""`/ws/mic` over a real application: what a microphone's owner sends wrongly, and providers that fail them."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager

import numpy as np
import pytest
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from bridge.bridge import Bridge
from bridge.config import HearingSettings, MindSettings, Settings
from bridge.dialogue import HEARING_RATE_HZ
from bridge.microphones import DISPLACED
from bridge.persona import Persona
from bridge.server.app import create_app
from bridge.speaking import Speaker
from bridge.voices import Voices
from bridge.wire.stream import pcm16
from tests.fakes import failing_mind, hearing
from tests.fakes.stage import HummingVoices, OpenMouth
from tests.questions import QUESTIONS, spoken

pytestmark = pytest.mark.contract

SECOND = HEARING_RATE_HZ * 2
"""Bytes."""
QUIET = bytes(3 * SECOND)


@contextmanager
def served(tmp_path, monkeypatch, *, deaf="", voices=None, **mind):
    """An application whose recogniser has the fault `deaf`, and whose voice hums, if there are no other `voices`."""
    monkeypatch.setenv("AVATAR_BRIDGE_HOME", str(tmp_path))
    ears = HearingSettings(provider="tests.fakes.hearing", settings={"fault": deaf})
    speaker = Speaker(voices or HummingVoices(), lambda _: OpenMouth())
    bridge = Bridge(Settings(hearing=ears, mind=MindSettings(**mind)), speaker=speaker)
    with TestClient(create_app(bridge), headers={"Host": "127.0.0.1:8765"}) as client:
        yield client


@pytest.fixture
def client(tmp_path, monkeypatch):
    with served(tmp_path, monkeypatch) as client:
        yield client


@pytest.fixture(scope="module")
def question():
    return pcm16(spoken(QUESTIONS[0].text)).tobytes() + QUIET


def send(microphone, pcm, size=SECOND):
    for at in range(0, len(pcm), size):
        microphone.send_bytes(pcm[at : at + size])


def told(microphone, kind):
    """The next message of a kind."""
    while (message := microphone.receive_json())["type"] != kind:
        pass
    return message


def until(condition):
    for _ in range(3000):
        if condition():
            return
        time.sleep(0.01)
    raise AssertionError("it never came about")


def said(client, visitor="default"):
    return [t["text"] for t in client.get(f"/api/memory?visitor={visitor}").json()["turns"] if t["role"] == "assistant"]


def error(client):
    return client.get("/api/state").json()["last_error"]


@pytest.mark.parametrize("size", [999, 3201, SECOND])
def test_samples_may_be_cut_between_messages(client, question, size):
    with client.websocket_connect("/ws/mic") as microphone:
        send(microphone, question, size)
        assert told(microphone, "transcript")["text"].startswith("for ")


@pytest.mark.parametrize(
    "message",
    [
        *("", "{", "[]", "null", '"x"', "[" * 50_000, "é" * 500, '{"type":null}', '{"type":"nothing"}', '{"type":[]}'),
        *('{"type":"say"}', '{"type":"say","text":5}', '{"type":"say","text":""}', '{"type":"say","text":"😀"}'),
        json.dumps({"type": "say", "text": "a" * 100_000}),
        *('{"type":"picture"}', '{"type":"picture","jpeg":"?"}', '{"type":"picture","jpeg":"AAAA"}'),
    ],
    ids=lambda text: text[:30],
)
def test_what_can_not_be_obeyed_is_answered_with_the_reason(client, question, message):
    with client.websocket_connect("/ws/mic") as microphone:
        microphone.send_text(message)
        assert len(told(microphone, "problem")["text"]) > 10
        send(microphone, question)
        assert told(microphone, "transcript")["final"]


def test_half_a_character_and_no_language_are_no_harm(client):
    with client.websocket_connect("/ws/mic") as microphone:
        microphone.send_text('{"type":"say","text":"Hello \\ud800 there","lang":"\\ud800"}')
        assert told(microphone, "answered")["complete"]
    assert said(client)


def test_a_language_that_the_voice_has_not_is_refused_and_nothing_remembered(tmp_path, monkeypatch):
    with (
        served(tmp_path, monkeypatch, voices=Voices("espeak", {}, "en")) as client,
        client.websocket_connect("/ws/mic") as microphone,
    ):
        for lang in ("xxx", "\ud800"):
            question = json.dumps({"text": "What is your name?", "lang": lang})
            answer = client.post("/api/chat", content=question, headers={"Content-Type": "application/json"})
            assert answer.status_code == 400 and "language" in answer.json()["error"]
            microphone.send_text(json.dumps({"type": "say", "text": "What is your name?", "lang": lang}))
            assert "language" in told(microphone, "problem")["text"]
        assert client.get("/api/memory").json()["turns"] == []
        assert client.post("/api/chat", json={"text": "Wie heißt du?", "lang": "de"}).status_code == 202
        assert told(microphone, "answered")["complete"]


def test_a_message_longer_than_ten_seconds_is_refused_and_hearing_goes_on(client, question):
    with client.websocket_connect("/ws/mic") as microphone:
        microphone.send_bytes(bytes(10 * SECOND + 2))
        assert "10 s" in told(microphone, "problem")["text"]
        send(microphone, question)
        assert told(microphone, "transcript")["final"]


@pytest.mark.parametrize("rate", ["1", "0", "-16000", "1000000", "many", "16000.5", ""])
def test_a_rate_that_no_microphone_has_is_refused(client, rate):
    with (
        pytest.raises(WebSocketDisconnect) as refused,
        client.websocket_connect(f"/ws/mic?sample_rate_hz={rate}") as it,
    ):
        it.receive_json()
    assert refused.value.code == 1008


def test_noise_as_loud_as_can_be_ends_no_connection(client, question):
    rng = np.random.default_rng(0)
    shout = np.where(rng.standard_normal(20 * HEARING_RATE_HZ) > 0, 32767, -32768).astype("<i2").tobytes()
    with client.websocket_connect("/ws/mic") as microphone:
        send(microphone, shout)
        send(microphone, QUIET + question)
        assert told(microphone, "transcript")["final"]
    assert client.get("/healthz").json()["status"] == "ok"


def test_the_latest_of_a_visitors_microphones_is_heard_and_the_one_before_again_when_it_goes(client, question):
    with client.websocket_connect("/ws/mic?visitor=ann&sample_rate_hz=16000") as first:
        with client.websocket_connect("/ws/mic?visitor=ann&sample_rate_hz=48000") as second:
            assert told(first, "problem")["text"] == DISPLACED
            first.send_bytes(QUIET[:999])  # half a sample more than is whole
            send(second, np.repeat(np.frombuffer(question, "<i2"), 3).tobytes(), 3 * SECOND)
            assert told(second, "transcript")["final"]
            assert told(first, "transcript")["final"], "it is the same conversation"
            with client.websocket_connect("/ws/mic?visitor=ann") as third:
                told(third, "turn")
                assert told(second, "problem")["text"] == DISPLACED
        first.send_bytes(QUIET[:1])
        send(first, question)
        assert told(first, "transcript")["final"]


def test_a_displaced_microphone_that_goes_disturbs_nobody(client, question):
    with client.websocket_connect("/ws/mic") as first, client.websocket_connect("/ws/mic") as second:
        assert told(first, "problem")
        first.close()
        send(second, question)
        assert told(second, "transcript")["final"]


def test_a_rate_that_is_refused_displaces_nobody(client, question):
    with client.websocket_connect("/ws/mic") as first:
        with pytest.raises(WebSocketDisconnect), client.websocket_connect("/ws/mic?sample_rate_hz=1") as second:
            second.receive_json()
        send(first, question)
        while (message := first.receive_json())["type"] != "transcript":
            assert message["type"] != "problem"


def test_another_visitor_waits_for_one_whose_ears_are_being_made(tmp_path, monkeypatch, question):
    hearing.begun.clear()
    hearing.ready.clear()
    with served(tmp_path, monkeypatch, deaf="slow") as client, ExitStack() as stack, ThreadPoolExecutor(1) as thread:
        arriving = thread.submit(stack.enter_context, client.websocket_connect("/ws/mic?visitor=ann"))
        try:
            hearing.begun.wait()
            refused = client.post("/api/chat", json={"text": "What is your name?", "visitor": "bob"})
        finally:
            hearing.ready.set()
        assert refused.status_code == 400 and "somebody else" in refused.json()["error"]
        microphone = arriving.result()
        send(microphone, question)
        assert told(microphone, "transcript")["final"]


def test_a_microphone_that_could_not_be_heard_keeps_nobody_waiting(tmp_path, monkeypatch):
    with served(tmp_path, monkeypatch, deaf="start") as client:
        with pytest.raises(WebSocketDisconnect), client.websocket_connect("/ws/mic?visitor=ann") as microphone:
            microphone.receive_json()
        until(lambda: client.post("/api/chat", json={"text": "Hello.", "visitor": "bob"}).status_code == 202)


def test_without_a_recogniser_the_sentence_says_so_and_typing_still_works(tmp_path, monkeypatch):
    with served(tmp_path, monkeypatch, deaf="start") as client:
        with pytest.raises(WebSocketDisconnect) as refused, client.websocket_connect("/ws/mic") as microphone:
            microphone.receive_json()
        assert refused.value.reason == hearing.DOWN == error(client)
        assert client.post("/api/chat", json={"text": "What is your name?"}).status_code == 202
        until(lambda: any("Ava" in text for text in said(client)))


@pytest.mark.parametrize(("fault", "words"), [("turn", hearing.DOWN), ("crash", "ZeroDivisionError")])
def test_a_recogniser_that_fails_is_told_of_and_said_and_the_next_turn_is_heard(
    tmp_path, monkeypatch, question, fault, words
):
    with (
        served(tmp_path, monkeypatch, deaf=fault) as client,
        client.websocket_connect("/ws/stream?format=json") as seen,
        client.websocket_connect("/ws/mic") as microphone,
    ):
        send(microphone, question)
        assert words in told(microphone, "problem")["text"]
        assert words in error(client)
        assert Persona().line("asr_down", "en", 0).startswith(caption(seen))
        send(microphone, question)
        assert words in told(microphone, "problem")["text"]
        microphone.send_json({"type": "say", "text": "What is your name?"})
        assert "Ava" in told(microphone, "answered")["text"]


@pytest.mark.parametrize(("fault", "words"), [("raise", failing_mind.DOWN), ("crash", "ZeroDivisionError")])
def test_a_language_model_that_fails_is_told_of_and_said(tmp_path, monkeypatch, fault, words):
    mind = {"provider": "tests.fakes.failing_mind", "settings": {"fault": fault}}
    with served(tmp_path, monkeypatch, **mind) as client, client.websocket_connect("/ws/mic") as microphone:
        microphone.send_json({"type": "say", "text": "Hello."})
        assert told(microphone, "answered")["text"] == Persona().line("llm_down", "en", 0)
        assert words in error(client)


def test_a_language_model_that_breaks_off_leaves_what_it_said(tmp_path, monkeypatch):
    mind = {"provider": "tests.fakes.failing_mind", "settings": {"fault": "middle"}}
    with served(tmp_path, monkeypatch, **mind) as client, client.websocket_connect("/ws/mic") as microphone:
        microphone.send_json({"type": "say", "text": "Hello."})
        assert told(microphone, "answered")["text"].startswith("This much is sure.")
        assert error(client) == failing_mind.DOWN


def caption(stream):
    """The next sentence that is said."""
    while (message := stream.receive_json()).get("name") != "caption":
        pass
    return message["text"]
