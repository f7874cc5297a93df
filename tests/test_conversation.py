"""A conversation on a clock that is turned by hand: answered, interrupted, remembered as heard, and never stuck."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import UTC, datetime

import pytest

from bridge.conversation import Conversation
from bridge.decisions import FalseAlarm, Interrupt
from bridge.dialogue import TextDelta, ToolCall
from bridge.errors import ProviderError
from bridge.memory import MemorySettings, Visitor
from bridge.memory.facts import Facts
from bridge.memory.knowledge import Knowledge
from bridge.memory.store import Store
from bridge.mind import Mind
from bridge.persona import Persona
from bridge.speaking import Line
from bridge.wire import stream
from tests.fakes.stage import on_stage, settled

pytestmark = pytest.mark.law

NOW = datetime(2026, 5, 4, 10, 0, tzinfo=UTC)
SAILING = '[{"kind": "likes", "text": "sailing"}]'
ANSWER = "One two three. Four five six seven eight. Nine ten eleven twelve."


class Llm:
    """Answers as told, a word at a time; asked for notes it gives `notes`.

    `break` breaks off, `crash` by a defect, `wait` waits for ever, `hold` until `held`, and `deaf` so too, but takes a
    cancellation for that.
    """

    def __init__(self):
        self.answers = []
        self.notes = []
        self.noted = []
        self.asked = []
        self.closed = 0
        self.held = asyncio.Event()

    async def stream(self, messages, tools=()):
        if "You keep notes" in messages[0].text:
            self.noted.append(messages[-1].text)
            answer = self.notes.pop(0) if self.notes else "[]"
        else:
            self.asked.append(list(messages))
            answer = self.answers.pop(0) if self.answers else ANSWER
        try:
            for part in [answer] if isinstance(answer, ToolCall) else answer.split(" "):
                if part == "break":
                    raise ProviderError("The model broke off.")
                if part == "wait":
                    await asyncio.Event().wait()
                if part == "crash":
                    raise ZeroDivisionError("a defect")
                if part in ("hold", "deaf"):
                    with contextlib.suppress(*[asyncio.CancelledError] * (part == "deaf")):
                        await self.held.wait()
                    continue
                await asyncio.sleep(0)
                yield part if isinstance(part, ToolCall) else TextDelta(part + " ")
        finally:
            self.closed += 1

    async def aclose(self):
        pass


class Talk:
    """A conversation on a stage."""

    def __init__(self, stage, mind, llm, visitor="ann"):
        self.stage, self.llm, self.mind = stage, llm, mind
        self.conversation = Conversation(stage.session, Visitor("avatar", visitor), mind, stage.clock)
        self.told = []
        self.conversation.listeners.add(self.told.append)

    async def turns(self):
        await self.conversation.settle()
        kept = await self.mind.store.recent(self.conversation.visitor, 10_000)
        return [(t.role, t.text, t.interrupted) for t in kept]

    async def facts(self):
        return [fact.text for fact in await self.mind.facts.known(self.conversation.visitor)]

    def captions(self):
        return [m.fields["text"] for m in self.stage.of(stream.EventMessage) if m.name == "caption"]


def talking(tmp_path, scene, persona=None, learns=False):
    async def run(stage):
        persona_now = persona or Persona()
        llm = Llm()
        store = await Store.open(tmp_path / "memory.db")
        settings = MemorySettings(knowledge=str(tmp_path / "docs"))
        knowledge = await Knowledge.open(settings, tmp_path / "knowledge.db")
        await knowledge.refresh()
        mind = Mind(llm, store, Facts(store.database), knowledge, learns, settings, lambda: persona_now, lambda: NOW)
        talk = Talk(stage, mind, llm)
        try:
            await scene(talk)
        finally:
            await talk.conversation.aclose()
            await knowledge.aclose()
            await store.aclose()

    on_stage(run)


async def until(talk, done, frames=2000):
    """Let time pass until something is so."""
    for _ in range(frames // 6):
        if done():
            return
        await talk.stage.advance(6)
    raise AssertionError(f"it never came: state {talk.stage.session.state}, told {talk.told}")


def ended(talk, count=1):
    return lambda: sum(m["type"] == "answered" for m in talk.told) >= count


def test_what_is_said_is_thought_about_answered_and_remembered(tmp_path):
    async def scene(talk):
        talk.conversation.say_to("hello there")
        await talk.stage.settle()
        assert talk.stage.session.state in ("thinking", "speaking")
        await until(talk, ended(talk))
        assert " ".join(talk.captions()) == ANSWER
        assert await talk.turns() == [("user", "hello there", False), ("assistant", ANSWER, False)]
        await until(talk, lambda: talk.stage.session.state == "idle")
        talk.conversation.say_to("and then?")
        await until(talk, ended(talk, 2))
        system, *said = talk.llm.asked[1]
        assert system.role == "system" and "Ava" in system.text and "2026-05-04" in system.text
        assert [(m.role, m.text) for m in said] == [
            ("user", "hello there"),
            ("assistant", ANSWER),
            ("user", "and then?"),
        ]

    talking(tmp_path, scene)


def test_of_an_interrupted_answer_only_what_was_heard_is_remembered(tmp_path):
    async def scene(talk):
        talk.conversation.say_to("count")
        await until(talk, lambda: len(talk.captions()) >= 1)
        await talk.stage.advance(60)
        epoch = talk.stage.session.stop()
        await talk.stage.advance(30)
        (_, asked, _), (role, heard, interrupted) = await talk.turns()
        assert asked == "count" and role == "assistant" and interrupted
        assert heard and ANSWER.startswith(heard) and len(heard) < len(ANSWER)
        assert talk.llm.closed == 1, "the language model was let go"
        assert all(m.epoch == epoch for m in talk.stage.messages[-3:])
        talk.conversation.say_to("go on")
        await until(talk, ended(talk, 2))
        assert any(m.text == f"{heard} —" for m in talk.llm.asked[1])

    talking(tmp_path, scene)


def test_a_new_question_interrupts_the_answer_to_the_last(tmp_path):
    async def scene(talk):
        talk.conversation.say_to("first")
        await until(talk, lambda: len(talk.captions()) >= 1)
        before = talk.stage.session.epoch
        talk.conversation.say_to("second")
        assert talk.stage.session.epoch == before + 1
        await until(talk, ended(talk, 2))
        assert [m["complete"] for m in talk.told if m["type"] == "answered"] == [False, True]

    talking(tmp_path, scene)


@pytest.mark.parametrize(("answer", "heard"), [("break", ""), ("One two three. break", "One two three.")])
def test_a_language_model_that_fails_leaves_what_it_said_and_a_line_of_the_persona(tmp_path, answer, heard):
    async def scene(talk):
        talk.llm.answers = [answer]
        talk.conversation.say_to("hello")
        await until(talk, ended(talk))
        spoken = " ".join(talk.captions())
        assert spoken == (heard or Persona().line("llm_down", "en", 0))
        assert talk.stage.session.last_error == "The model broke off."
        talk.conversation.say_to("are you back?")
        await until(talk, ended(talk, 2))
        assert ANSWER in " ".join(talk.captions())

    talking(tmp_path, scene)


def test_a_stop_while_it_thinks_ends_the_thought(tmp_path):
    async def scene(talk):
        talk.llm.answers = ["wait"]
        talk.conversation.say_to("hello")
        await talk.stage.settle()
        assert talk.stage.session.state == "thinking"
        talk.stage.session.stop()
        await talk.stage.settle()
        assert talk.llm.closed == 1 and talk.stage.session.state == "idle"
        assert await talk.turns() == [("user", "hello", False)]
        await until(talk, ended(talk), frames=12)

    talking(tmp_path, scene)


def test_a_taboo_topic_is_deflected_without_the_model(tmp_path):
    persona = Persona(taboo={"politics": ("election",)})

    async def scene(talk):
        talk.conversation.say_to("who wins the election?")
        await until(talk, ended(talk))
        assert not talk.llm.asked
        assert " ".join(talk.captions()) == persona.line("deflect", "en", 1)

    talking(tmp_path, scene, persona)


def test_facts_and_documents_come_with_the_question_and_sources_are_told(tmp_path):
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "house.md").write_text("# Opening hours\n\nThe museum opens at nine.", "utf-8")

    async def scene(talk):
        talk.conversation.say_to("My name is Ada.")
        await until(talk, ended(talk))
        talk.llm.answers = ["At nine o'clock [1]."]
        talk.conversation.say_to("When does the museum open?")
        await until(talk, ended(talk, 2))
        system = talk.llm.asked[1][0].text
        assert "Ada" in system and "opens at nine" in system
        assert {"type": "cited", "sources": ["house.md"]} in talk.told
        assert "At nine o'clock." in talk.captions()

    talking(tmp_path, scene)


def test_two_visitors_share_nothing(tmp_path):
    async def scene(talk):
        talk.conversation.say_to("My name is Ada and I like tea.")
        await until(talk, ended(talk))
        await talk.conversation.aclose()
        other = Talk(talk.stage, talk.mind, talk.llm, visitor="bob")
        other.conversation.say_to("What do you know of me?")
        await until(other, ended(other))
        assert "Ada" not in str(talk.llm.asked[1]) and "tea" not in str(talk.llm.asked[1])
        assert [role for role, *_ in await other.turns()] == ["user", "assistant"]
        with contextlib.suppress(ValueError):
            await other.conversation.aclose()

    talking(tmp_path, scene)


def test_an_emotion_of_the_answer_is_shown_while_it_is_said(tmp_path):
    async def scene(talk):
        talk.llm.answers = ["[happy:0.8] What a day. [sad] It is over now."]
        talk.conversation.say_to("hello")
        await until(talk, ended(talk))
        moods = [m.fields["emotion"] for m in talk.stage.of(stream.EventMessage) if m.name == "emotion"]
        assert moods[:2] == ["happy", "sad"] and moods[-1] == "neutral"
        assert " ".join(talk.captions()) == "What a day. It is over now."

    talking(tmp_path, scene)


def test_what_interrupted_for_nothing_lets_the_avatar_go_on_where_it_was_cut(tmp_path):
    async def scene(talk):
        talk.conversation.say_to("count")
        await until(talk, lambda: len(talk.captions()) >= 2)
        await talk.stage.advance(48)
        talk.conversation._hear(Interrupt(1))
        assert talk.stage.session.epoch == 1
        talk.conversation._hear(FalseAlarm(1))
        await until(talk, ended(talk, 2))
        first, second = (m["text"] for m in talk.told if m["type"] == "answered")
        assert ANSWER.startswith(first) and first and second
        assert second.startswith("Four") and ANSWER.startswith(first)

    talking(tmp_path, scene)


def test_what_was_stopped_on_purpose_is_not_gone_on_with_after_a_false_alarm(tmp_path):
    async def scene(talk):
        async def nothing_comes_of_a_false_alarm():
            talk.conversation._hear(FalseAlarm(1))
            await talk.stage.settle()
            assert talk.stage.session.state == "idle"

        session = talk.stage.session
        talk.conversation.say_to("Tell me a story.")
        await until(talk, lambda: len(talk.captions()) >= 2)
        session.stop()
        await nothing_comes_of_a_false_alarm()
        before = len(talk.captions())
        session.say(Line("The museum closes. Please go to the exit."))
        await until(talk, lambda: len(talk.captions()) > before)
        talk.conversation._hear(Interrupt(1))
        await nothing_comes_of_a_false_alarm()

        before = len(talk.captions())
        talk.conversation.say_to("Another one.")
        await until(talk, lambda: len(talk.captions()) >= before + 2)
        talk.conversation._hear(Interrupt(1))
        session.stop()
        await nothing_comes_of_a_false_alarm()

    talking(tmp_path, scene)


def test_a_language_model_is_asked_for_facts_that_rules_do_not_find(tmp_path):
    async def scene(talk):
        talk.llm.answers, talk.llm.notes = ["How nice."], [SAILING]
        talk.conversation.say_to("My weekends belong to the boat.")
        await until(talk, ended(talk))
        await talk.stage.settle()
        assert await talk.facts() == ["sailing"]
        assert "boat" in talk.llm.noted[0] and "How nice." in talk.llm.noted[0]

    talking(tmp_path, scene, learns=True)


def test_a_language_model_slow_to_take_notes_holds_up_neither_memory_nor_end(tmp_path):
    async def scene(talk):
        talk.llm.notes, talk.llm.answers = ["wait"], ["Answer one.", "Answer two.", "Answer three."]
        for number in (1, 2, 3):
            talk.conversation.say_to(f"question {number}")
            await until(talk, ended(talk, number))
        assert [m.text for m in talk.llm.asked[2][1:]] == [
            *("question 1", "Answer one.", "question 2", "Answer two.", "question 3")
        ]
        assert [text for _, text, _ in await talk.turns()][-1] == "Answer three."
        assert len(talk.llm.noted) == 1, "one round at a time"
        closing = asyncio.create_task(talk.conversation.aclose())
        await settled()
        assert closing.done(), "the next visitor need not wait"
        assert talk.llm.closed == 4, "the language model was let go"

    talking(tmp_path, scene, learns=True)


def test_what_is_said_while_notes_are_taken_is_learnt_from_in_one_more_round(tmp_path):
    async def scene(talk):
        talk.llm.notes = ["hold", SAILING]
        for number in (1, 2, 3):
            talk.conversation.say_to(f"question {number}")
            await until(talk, ended(talk, number))
        await talk.stage.settle()
        assert len(talk.llm.noted) == 1 and await talk.facts() == []
        talk.llm.held.set()
        await talk.stage.settle()
        assert len(talk.llm.noted) == 2 and "question 3" in talk.llm.noted[1]
        assert await talk.facts() == ["sailing"]

    talking(tmp_path, scene, learns=True)


@pytest.mark.parametrize("manner", ["hold", "deaf"])
def test_nothing_is_learnt_of_what_was_forgotten_meanwhile(tmp_path, manner):
    async def scene(talk):
        talk.llm.notes = [f"{manner} {SAILING}"]
        talk.conversation.say_to("My weekends belong to the boat.")
        await until(talk, ended(talk))
        await talk.stage.settle()
        assert len(talk.llm.noted) == 1
        talk.conversation.begin_anew()
        await talk.mind.store.forget(talk.conversation.visitor)
        talk.llm.held.set()
        await talk.stage.settle()
        assert talk.llm.closed == 2 and await talk.facts() == []
        talk.llm.notes = ['[{"kind": "likes", "text": "chess"}]']
        talk.conversation.say_to("And now?")
        await until(talk, ended(talk, 2))
        await talk.stage.settle()
        assert await talk.facts() == ["chess"], "what is said afterwards is learnt from"

    talking(tmp_path, scene, learns=True)


def test_notes_that_fail_by_a_defect_are_taken_again_with_the_next_answer(tmp_path):
    async def scene(talk):
        talk.llm.notes = ["crash", SAILING]
        for number in (1, 2):
            talk.conversation.say_to(f"question {number}")
            await until(talk, ended(talk, number))
            await talk.stage.settle()
        assert await talk.facts() == ["sailing"]

    talking(tmp_path, scene, learns=True)


def test_ears_with_a_defect_do_not_end_the_passing_of_time(tmp_path):
    async def scene(talk):
        ticks, twice = [], asyncio.Event()

        class Ears:
            def __getattr__(self, name):
                return lambda *_: None

            def tick(self):
                ticks.append(1)
                if len(ticks) == 2:
                    twice.set()
                raise RuntimeError("a defect")

            async def aclose(self):
                pass

        talk.conversation.ears = Ears()
        async with asyncio.timeout(60):
            await twice.wait()

    talking(tmp_path, scene)
