"""Talking with a model that hears and speaks: interrupted to the sample, remembered as heard, never stuck."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest
from starlette.testclient import TestClient

from bridge.bridge import Bridge
from bridge.config import RealtimeSettings, Settings
from bridge.conversation import Conversation
from bridge.conversations import Conversations
from bridge.dialogue import (
    AnswerCall,
    AnswerEnded,
    AnswerSound,
    AnswerStarted,
    SpeechStarted,
    SpeechStopped,
    ToolCall,
    Transcript,
    Trouble,
)
from bridge.errors import ConfigError, ProviderError
from bridge.memory import MemorySettings, Visitor
from bridge.memory.facts import Facts
from bridge.memory.knowledge import Knowledge
from bridge.memory.store import Store
from bridge.mind import Mind
from bridge.persona import Persona
from bridge.providers import realtime
from bridge.server.app import create_app
from bridge.speaking import Speaker
from bridge.subjects import Subjects
from bridge.timebase import SAMPLE_RATE_HZ
from bridge.turns import TurnSettings
from bridge.types import freeze
from bridge.wire import stream
from bridge.wire.stream import pcm16
from tests.fakes.far_side import WORD, FarSide
from tests.fakes.realtime import KEY, MODEL, RealtimeServer
from tests.fakes.stage import HummingVoices, OpenMouth, on_stage

pytestmark = pytest.mark.law

NOW = datetime(2026, 5, 4, 10, 0, tzinfo=UTC)
ANSWER = "One two three four. Five six seven eight nine ten eleven twelve. And now thirteen, fourteen and fifteen."
LOUD = (0.2 * np.random.default_rng(1).standard_normal(1600)).clip(-1, 1).astype(np.float32)
"""0.1 s of noise."""
LLM_DOWN = Persona().line("llm_down", "en", 1)


class Talk:
    """A conversation on a stage, with a far side."""

    def __init__(self, stage, mind, far, **turns):
        self.stage, self.mind, self.far = stage, mind, far
        self.conversation = Conversation(stage.session, Visitor("avatar", "ann"), mind, stage.clock)
        self.conversation.talk(far, TurnSettings(**turns))
        self.ears = self.conversation.ears
        self.told = []
        self.conversation.listeners.add(self.told.append)

    async def plug(self):
        self.ears.plug(16_000)
        await self.stage.settle()

    async def turns(self):
        await self.conversation.settle()
        kept = await self.mind.store.recent(self.conversation.visitor, 10_000)
        return [(t.role, t.text, t.interrupted) for t in kept]

    def of(self, kind, key):
        return [message[key] for message in self.told if message["type"] == kind]

    def captions(self):
        return [m.fields["text"] for m in self.stage.of(stream.EventMessage) if m.name == "caption"]

    def audio(self):
        return [m for m in self.stage.of(stream.AudioMessage) if np.abs(m.pcm16).max(initial=0) > 0]

    async def until(self, done):
        for _ in range(300):
            if done():
                return
            await self.stage.advance(6)
        raise AssertionError(f"it never came: state {self.stage.session.state}, told {self.told}")

    async def answered(self, count=1):
        await self.until(lambda: len(self.of("answered", "text")) >= count)


def talking(tmp_path, scene, far=None, **turns):
    async def run(stage):
        store = await Store.open(tmp_path / "memory.db")
        settings = MemorySettings(knowledge=str(tmp_path / "docs"))
        knowledge = await Knowledge.open(settings, tmp_path / "knowledge.db")
        mind = Mind(None, store, Facts(store.database), knowledge, False, settings, Persona, lambda: NOW)
        talk = Talk(stage, mind, far or FarSide(), **turns)
        try:
            await scene(talk)
        finally:
            await talk.conversation.aclose()
            await knowledge.aclose()
            await store.aclose()

    on_stage(run)


def test_who_speaks_is_answered_with_a_face_and_captions_and_both_are_remembered(tmp_path):
    async def scene(talk):
        await talk.plug()
        talk.far.tell(SpeechStarted(), SpeechStopped(), Transcript("Count", False), Transcript("Count, please.", True))
        talk.far.speak("a", ANSWER)
        await talk.answered()
        assert [c for c in talk.captions() if c] == [
            "One two three four.",
            "Five six seven eight nine ten eleven twelve.",
            "And now thirteen, fourteen and fifteen.",
        ]
        assert sum(len(m.pcm16) for m in talk.audio()) == len(ANSWER.split()) * WORD
        assert max(m.frames.curves.max() for m in talk.stage.of(stream.FramesMessage)) > 0.5
        assert talk.of("transcript", "text") == ["Count", "Count, please."]
        assert await talk.turns() == [("user", "Count, please.", False), ("assistant", ANSWER, False)]
        await talk.until(lambda: talk.ears.state == "listening")
        assert talk.of("turn", "state") == ["thinking", "speaking", "listening"]
        assert not talk.far.cancelled

    talking(tmp_path, scene)


@pytest.mark.parametrize("ends", [True, False], ids=["all of it has come", "it is still coming"])
@pytest.mark.parametrize("how", ["voice", "stop", "typed"])
def test_an_interruption_is_to_the_sample_and_nothing_of_the_answer_leaves_after_it(tmp_path, how, ends):
    async def scene(talk):
        session = talk.stage.session
        await talk.plug()
        talk.far.speak("a", ANSWER, ends=ends)
        await talk.until(lambda: any(m.name == "speaking" for m in talk.stage.of(stream.EventMessage)))
        await talk.stage.advance(45)
        start = next(m.fields["start_sample"] for m in talk.stage.of(stream.EventMessage) if m.name == "speaking")
        heard = session.heard_sample - start
        before, count = session.epoch, len(talk.stage.messages)
        if how == "voice":
            talk.far.tell(SpeechStarted())
            await talk.stage.settle()
        elif how == "stop":
            session.stop()
        else:
            talk.conversation.say_to("And now?")
        await talk.stage.settle()
        talk.far.speak("a", "More of the same.")
        await talk.stage.advance(60)
        assert talk.far.cancelled == [("a", heard * 1000 // SAMPLE_RATE_HZ)]
        assert 0 < heard < len(ANSWER.split()) * WORD
        late = [m for m in talk.stage.messages[count:] if isinstance(m, stream.AudioMessage) and m.epoch == before]
        assert not late
        said = [text for role, text, interrupted in await talk.turns() if role == "assistant" and interrupted]
        assert said and ANSWER.startswith(said[0]) and abs(len(said[0].split()) - heard / WORD) <= 3

    talking(tmp_path, scene)


def test_after_an_interruption_the_next_answer_is_heard(tmp_path):
    async def scene(talk):
        await talk.plug()
        talk.far.speak("a", ANSWER, ends=False)
        await talk.until(talk.audio)
        await talk.stage.advance(30)
        talk.far.tell(SpeechStarted())
        await talk.stage.settle()
        assert talk.ears.state == "interrupted" and talk.stage.session.epoch == 1
        talk.far.tell(AnswerEnded("a", "cancelled"), SpeechStopped(), Transcript("Stop.", True))
        talk.far.speak("b", "As you wish.")
        await talk.answered(2)
        assert talk.captions()[-1] == "As you wish."
        assert talk.of("answered", "complete") == [False, True]
        assert [role for role, *_ in await talk.turns()][-2:] == ["user", "assistant"]

    talking(tmp_path, scene)


def test_a_voice_slower_than_speech_is_cut_where_it_was_heard(tmp_path):
    async def scene(talk):
        await talk.plug()
        talk.far.speak("a", "One two three four five six.", ends=False)
        await talk.until(talk.audio)
        for _ in range(20):
            await talk.stage.advance(10)
        sound = AnswerSound("a", freeze(np.full(6 * WORD, 0.25)))
        talk.far.tell(sound)
        await talk.stage.settle()
        await talk.stage.advance(40)
        until = talk.stage.session.heard_sample
        heard = sum(max(0, min(until - m.start_sample, len(m.pcm16))) for m in talk.audio())
        talk.stage.session.stop()
        await talk.stage.settle()
        assert 6 * WORD < heard < 9 * WORD
        assert talk.far.cancelled == [("a", heard * 1000 // SAMPLE_RATE_HZ)]

    talking(tmp_path, scene)


def test_what_is_typed_is_asked_once_and_not_told_as_said_before(tmp_path):
    async def scene(talk):
        utterance, epoch = talk.conversation.say_to("My name is Ada.")
        assert (utterance, epoch) == (1, 0)
        await talk.until(lambda: talk.far.added)
        assert talk.stage.session.state == "thinking"
        talk.far.speak("a", "Hello Ada.")
        await talk.answered()
        [(instructions, tools, history)] = talk.far.openings
        assert "Ava" in instructions and "[happy]" not in instructions and history == []
        assert {"emotion", "gesture"} <= {tool.name for tool in tools}
        assert [(m.role, m.text, answer) for m, answer in talk.far.added] == [("user", "My name is Ada.", True)]
        assert await talk.turns() == [("user", "My name is Ada.", False), ("assistant", "Hello Ada.", False)]

    talking(tmp_path, scene)


def test_a_question_that_was_stopped_before_it_was_asked_is_not_asked(tmp_path):
    async def scene(talk):
        talk.far.ready.clear()
        talk.conversation.say_to("First?")
        await talk.stage.settle()
        talk.conversation.say_to("Second?")
        talk.far.ready.set()
        await talk.until(lambda: talk.far.added)
        talk.far.speak("a", "Second.")
        await talk.answered(2)
        assert [m.text for m, _ in talk.far.added] == ["Second?"]
        assert talk.of("answered", "text") == ["", "Second."]

    talking(tmp_path, scene)


def test_what_it_asks_for_is_done_and_answered_and_the_answer_is_one(tmp_path):
    async def scene(talk):
        talk.conversation.say_to("Be glad.")
        await talk.until(lambda: talk.far.added)
        calls = [ToolCall("1", "emotion", {"name": "happy"}), ToolCall("2", "fly", {}), ToolCall("3", "look", {})]
        talk.far.tell(AnswerStarted("a"), *(AnswerCall("a", call) for call in calls), AnswerEnded("a", "whole"))
        await talk.until(lambda: "look" in [m["type"] for m in talk.told])
        talk.conversation.show(b"\xff\xd8\xff")
        await talk.until(lambda: len(talk.far.added) == 5)
        results = {m.tool_call_id: (m, answer) for m, answer in talk.far.added if m.role == "tool"}
        assert results["1"][0].text == "" and not results["1"][1], "a mere gesture needs no words"
        assert "fly" in results["2"][0].text and results["3"][1]
        assert any(m.image_jpeg and not answer for m, answer in talk.far.added)
        assert talk.stage.session.mood[0] == "happy"
        assert not talk.of("answered", "text")
        talk.far.speak("b", "How glad I am.")
        await talk.answered()
        assert talk.of("answered", "text") == ["How glad I am."]

    talking(tmp_path, scene)


def test_without_the_far_side_a_line_is_said_and_the_next_question_tries_again(tmp_path):
    far = FarSide()
    far.refuse = ProviderError("The speech model refused the key.")

    async def scene(talk):
        talk.conversation.say_to("Hello?")
        await talk.answered()
        assert talk.captions() == [LLM_DOWN] and talk.stage.session.last_error == "The speech model refused the key."
        far.refuse = None
        talk.conversation.say_to("And now?")
        await talk.until(lambda: far.added)
        far.speak("a", "Here I am.")
        await talk.answered(2)
        assert talk.captions()[-1] == "Here I am."

    talking(tmp_path, scene, far)


def test_a_dialogue_that_breaks_off_leaves_what_was_said_and_the_next_knows_of_it(tmp_path):
    async def scene(talk):
        await talk.plug()
        talk.far.tell(Transcript("Count.", True))
        talk.far.speak("a", "One two three four five six.", ends=False)
        await talk.until(talk.audio)
        talk.far.tell(ProviderError("The speech model broke off.", retryable=True))
        await talk.answered()
        assert talk.stage.session.last_error == "The speech model broke off."
        assert talk.far.open == 0
        talk.conversation.say_to("Go on.")
        await talk.until(lambda: talk.far.open)
        history = [(m.role, m.text) for m in talk.far.openings[-1][2]]
        assert history[0] == ("user", "Count.") and history[1][0] == "assistant" and len(history) == 2
        talk.far.speak("b", "Seven.")
        await talk.answered(2)
        assert talk.captions()[-1] == "Seven."

    talking(tmp_path, scene)


def test_an_answer_that_never_comes_is_given_up(tmp_path):
    async def scene(talk):
        talk.conversation.say_to("Hello?")
        await talk.until(lambda: talk.far.added)
        await talk.answered()
        assert talk.captions() == [LLM_DOWN]
        await talk.plug()
        talk.far.tell(SpeechStarted(), SpeechStopped())
        await talk.stage.settle()
        assert talk.ears.state == "thinking"
        await talk.until(lambda: talk.ears.state == "listening")
        assert talk.of("problem", "text") == ["The speech model gave no answer."]

    talking(tmp_path, scene, reply_s=2.0)


def test_trouble_is_shown_and_the_talk_goes_on(tmp_path):
    async def scene(talk):
        await talk.plug()
        talk.far.tell(Trouble("The speech model has reached its limit."))
        talk.far.tell(AnswerStarted("a"), AnswerEnded("a", "failed"))
        await talk.answered()
        assert "The speech model has reached its limit." in talk.of("problem", "text")
        talk.far.speak("b", "Back again.")
        await talk.until(lambda: talk.captions()[-1:] == ["Back again."])

    talking(tmp_path, scene)


def test_push_to_talk_sends_what_is_said_while_the_button_is_held(tmp_path):
    async def scene(talk):
        await talk.plug()
        assert talk.ears.state == "idle"
        await talk.ears.push(LOUD)
        talk.ears.press()
        for _ in range(3):
            await talk.ears.push(LOUD)
        assert talk.ears.state == "listening"
        talk.ears.release()
        await talk.ears.push(LOUD)
        await talk.stage.settle()
        assert len(talk.far.sound) == 3 * len(LOUD) and talk.far.commits == 1 and talk.ears.state == "thinking"
        talk.far.speak("a", ANSWER)
        await talk.until(talk.audio)
        talk.ears.press()
        await talk.stage.settle()
        assert talk.far.cancelled and talk.ears.state == "listening"

    talking(tmp_path, scene, mode="push")


def test_where_nobody_may_interrupt_nothing_is_heard_while_it_speaks(tmp_path):
    async def scene(talk):
        await talk.plug()
        await talk.ears.push(LOUD)
        assert talk.far.sound.any()
        talk.far.speak("a", ANSWER)
        await talk.until(lambda: talk.stage.session.state == "speaking")
        talk.far.pushed.clear()
        await talk.ears.push(LOUD)
        assert len(talk.far.sound) == len(LOUD) and not talk.far.sound.any()

    talking(tmp_path, scene, barge_in=False)


def test_what_is_said_while_the_dialogue_begins_is_not_lost(tmp_path):
    async def scene(talk):
        talk.ears.plug(48_000)
        for _ in range(10):
            await talk.ears.push((np.sin(np.arange(4800) * 0.1) * 20_000).astype(np.int16))
        await talk.stage.settle()
        assert 15_000 <= len(talk.far.sound) <= 16_000 and np.abs(talk.far.sound).max() > 0.5

    talking(tmp_path, scene)


def test_who_is_forgotten_is_forgotten_by_the_far_side_and_who_has_left_is_let_go(tmp_path):
    async def scene(talk):
        await talk.plug()
        assert talk.far.open == 1
        talk.conversation.begin_anew()
        await talk.stage.settle()
        assert talk.far.open == 0
        await talk.ears.push(LOUD)
        await talk.stage.settle()
        assert talk.far.open == 1 and len(talk.far.openings) == 2
        talk.ears.unplug()
        talk.stage.clock.ns += 61_000_000_000
        talk.ears.tick()
        await talk.stage.settle()
        assert talk.far.open == 0

    talking(tmp_path, scene)


def test_a_wake_phrase_needs_a_recogniser():
    chosen = RealtimeSettings(provider="openai", settings={"url": "ws://127.0.0.1:1/"})
    with pytest.raises(ConfigError, match="wake"):
        Conversations(Settings(realtime=chosen, turns=TurnSettings(mode="wake")), Subjects(None, 1, 1.0), None)


@pytest.fixture(params=["GA", "beta"])
def server(request):
    with RealtimeServer(beta=request.param == "beta") as server:
        yield server


async def speak(talk):
    """Say something for half a second, and then nothing."""
    for loud in (1, 1, 1, 1, 1, 0, 0, 0, 0):
        await talk.ears.push(LOUD * loud)


def test_over_a_real_server_a_spoken_question_is_answered_and_an_interruption_told(tmp_path, server):
    server.words = ["Well"] + [f" word{i}" for i in range(40)] + ["."]
    settings = {"url": f"{server.url}/v1/realtime", "model": MODEL, "api_key": KEY}
    far = realtime.build("openai", settings)

    async def scene(talk):
        await talk.plug()
        await speak(talk)
        await talk.until(talk.audio)
        for _ in range(26):  # the echo gate takes two seconds to learn that there is no echo
            await talk.ears.push(LOUD * 0)
            await talk.stage.advance(6)
        start = next(m.fields["start_sample"] for m in talk.stage.of(stream.EventMessage) if m.name == "speaking")
        epoch = talk.stage.session.epoch
        # The clock stands still while the far side hears.
        heard_ms = (talk.stage.session.heard_sample - start) * 1000 // SAMPLE_RATE_HZ
        for _ in range(5):
            await talk.ears.push(LOUD)
        for _ in range(50):
            await talk.stage.settle()
            if server.of_type("conversation.item.truncate"):
                break
        assert talk.stage.session.epoch == epoch + 1
        assert [e["audio_end_ms"] for e in server.of_type("conversation.item.truncate")] == [heard_ms]
        assert talk.of("transcript", "text")[:3] == ["Good", "Good morning.", "Good morning."]
        (_, said, _), (role, heard, interrupted) = await talk.turns()
        assert said == "Good morning." and role == "assistant" and interrupted
        assert heard.startswith("Well word0")
        server.words = ["Then", " this", " instead", "."]
        await talk.ears.push(LOUD * 0)
        for _ in range(3):
            await talk.ears.push(LOUD * 0)
        await talk.until(lambda: "Then this instead." in talk.captions())

    talking(tmp_path, scene, far)


def test_a_microphone_of_the_server_talks_with_it(tmp_path, monkeypatch, server):
    monkeypatch.setenv("AVATAR_BRIDGE_HOME", str(tmp_path))
    settings = {"url": f"{server.url}/v1/realtime", "model": MODEL, "api_key": KEY}
    chosen = Settings(realtime=RealtimeSettings(provider="openai", settings=settings))
    bridge = Bridge(chosen, speaker=Speaker(HummingVoices(), lambda _: OpenMouth()))
    with TestClient(create_app(bridge), headers={"Host": "127.0.0.1:8765"}) as client:
        with client.websocket_connect("/ws/mic?rate=16000") as microphone:
            for loud in (1, 1, 1, 1, 1, 0, 0, 0, 0):
                microphone.send_bytes(pcm16(LOUD * loud).tobytes())
            told = []
            while not told or told[-1]["type"] != "answered":
                told.append(microphone.receive_json())
        remembered = client.get("/api/memory").json()["turns"]
    assert told[-1] == {"type": "answered", "text": "Hello there.", "complete": True}
    assert {"type": "transcript", "turn": 1, "text": "Good morning.", "final": True} in told
    assert (remembered[0]["role"], remembered[0]["text"]) == ("user", "Good morning.")
    assert len(server.heard[0]) > 0.5 * SAMPLE_RATE_HZ, "all that was said while the dialogue began"
