"""The scripted companion: answers to what was asked, honestly, in the visitor's language, and never by chance."""

from __future__ import annotations

import asyncio
import re
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.affect import Affect
from bridge.dialogue import Message, TextDelta, Tool, ToolCall
from bridge.memory import Passage
from bridge.persona import Persona
from bridge.persona.prompt import Situation, system_prompt
from bridge.providers import llm
from bridge.providers.llm._understanding import topic as find_topic
from bridge.providers.llm.scripted import BOOKS
from bridge.types import EMOTIONS

pytestmark = pytest.mark.unit

NOW = datetime(2026, 11, 21, 14, 5)
GESTURES = ("nod", "shake", "tilt", "shrug", "wave", "open_hands", "bow")
GESTURE = Tool("gesture", "Move.", {"type": "object", "properties": {"name": {"type": "string", "enum": [*GESTURES]}}})
SEARCH = Tool("search", "Look it up.", {"type": "object", "properties": {"query": {"type": "string"}}})
PLAIN = system_prompt(Persona(name="Mira"), Situation(now=NOW))


def deltas(messages, tools=()):
    async def gather():
        return [delta async for delta in llm.build("scripted", {}).stream(messages, tools)]

    return asyncio.run(gather())


def words(found):
    return "".join(delta.text for delta in found if isinstance(delta, TextDelta))


def answer(*said, system=PLAIN, tools=()):
    """The answer to the last of what a visitor says, in a conversation about all of it."""
    messages = [Message("system", system)]
    for text in said:
        messages.append(Message("user", text))
        found = deltas(messages, tools)
        messages.append(Message("assistant", words(found)))
    return messages[-1].text


@pytest.mark.parametrize(
    ("asked", "about"),
    [
        ("what is your name", "Mira"),
        ("Can you help me?", "tell a joke"),
        ("what are your opening hours", "pening hours"),
        ("do you like music", "music"),
        ("how is the weather today", "weather"),
        ("what is your favourite colour", "blue"),
        ("would you like a coffee", "offee"),
        ("tell me about this museum", "museum"),
        ("how much is a ticket", "ickets"),
        ("what time is it", "14:05"),
        ("what day is it today", "Saturday, 21 November 2026"),
        ("tell me a joke", "[happy]"),
        ("i feel so sad today", "[sad]"),
        ("I am very happy", "[happy]"),
        ("thank you very much", "welcome"),
        ("goodbye", "Goodbye"),
        ("my name is ana", "Ana"),
        ("are you a robot", "scripted"),
        ("Tell me about yourself.", "scripted"),
        ("介绍一下你自己吧", "台词"),
        ("Erzähl mir von dir!", "Skript"),
        ("Parle-moi de toi.", "compagne"),
        ("Háblame de ti.", "guion"),
        ("自己紹介してください", "だいほん"),
        ("what about elephants", "elephants"),
        ("你叫什么名字", "Mira"),
        ("现在几点了", "14点05分"),
        ("今天星期几", "2026年11月21日，星期六"),
        ("给我讲个笑话吧", "笑"),
        ("博物馆怎么样", "博物馆"),
        ("我叫小明", "小明"),
        ("我很难过", "[sad]"),
        ("量子力学", "量子力学"),
        ("お名前は", "Mira"),
        ("何時ですか", "14じ 5ふん"),
        ("Wie heißt du?", "Mira"),
        ("Wie ist das Wetter?", "Wetter"),
        ("Comment t'appelles-tu ?", "Mira"),
        ("Quelle est ta couleur préférée ?", "bleu"),
        ("¿Cómo te llamas?", "Mira"),
        ("¿Qué hora es?", "14 y 5"),
    ],
)
def test_an_answer_is_to_what_was_asked_and_in_its_language(asked, about):
    assert about in answer(asked)


def test_it_says_that_it_is_scripted():
    assert "scripted" in answer("hello") and "scripted" in answer("what can you do") and "台词" in answer("你好")


@pytest.mark.parametrize("lang", BOOKS)
def test_the_same_question_gets_another_answer_later_and_the_same_conversation_the_same(lang):
    book = BOOKS[lang]
    greeting = book.topic("greeting").words[0]
    assert answer(greeting, greeting) != answer(greeting)
    assert answer(greeting, greeting) == answer(greeting, greeting)


@pytest.mark.parametrize("lang", BOOKS)
def test_every_answer_of_every_book_can_be_said(lang):
    book = BOOKS[lang]
    scripts = [*book.other, *book.pardon, *book.quote, *book.taboo, book.no_clock, *book.asks]
    scripts += [text for topic in book.topics for text in topic.answers]
    for script in scripts:
        gesture = re.match(r"\((\w+)\)", script)
        assert gesture is None or gesture[1] in GESTURES, script
        assert all(tag in EMOTIONS for tag in re.findall(r"\[(\w+)", script)), script
        assert set(re.findall(r"\{(\w+)\}", script)) <= {"name", "visitor", "word", "last", "time", "date"}, script
        assert script.count("(") == (gesture is not None), script
    assert len(book.days) == 7 and len(book.months) == 12
    names = [topic.name for topic in book.topics]
    assert len(names) == len(set(names)) and {"greeting", "name", "capable", "time", "joke", "goodbye"} <= set(names)


@pytest.mark.parametrize("lang", BOOKS)
def test_every_word_that_betrays_a_topic_finds_it_or_a_closer_one(lang):
    book = BOOKS[lang]
    for topic in book.topics:
        assert any(_topic_of(phrase, book) == topic.name for phrase in topic.words), topic.name


def _topic_of(phrase, book):
    found = find_topic(phrase, book)
    return found.name if found else None


def test_the_persona_knows_better_than_the_script():
    persona = Persona(prompt="You are friendly. We open at ten and close at six. Children go free.")
    system = system_prompt(persona, Situation())
    assert "We open at ten and close at six." in answer("when do you open", system=system)
    assert "You are friendly" not in answer("are you friendly", system=system)


def test_a_document_is_quoted_with_its_number():
    passages = (Passage("a", "", "", 0, "Cats sleep."), Passage("b", "", "", 0, "The lift is broken. Elephants walk."))
    system = system_prompt(Persona(), Situation(passages=passages))
    found = answer("tell me about elephants", system=system)
    assert "Elephants walk [2]." in found and "lift" not in found


def test_a_taboo_is_left_alone():
    system = system_prompt(Persona(taboo={"politics": ()}), Situation())
    assert "rather not" in answer("what do you think of politics", system=system)


def test_without_a_clock_it_does_not_invent_the_time():
    system = system_prompt(Persona(), Situation())
    assert "clock" in answer("what time is it", system=system) and not re.search(
        r"\d", answer("what time is it", system=system)
    )


def test_what_it_said_is_repeated_without_its_tags():
    assert answer("hello", "could you repeat that").endswith("Ask me what I can do, or just talk to me.")
    assert "[" not in answer("hello", "could you repeat that")
    assert "again" in answer("say that again")


def test_a_visitor_who_sounds_sad_is_comforted():
    system = system_prompt(Persona(), Situation(user=Affect("sad", 0.9, 0.9, ("voice",))))
    assert answer("yesterday everything went wrong", system=system).startswith("[sad]")


def test_it_speaks_the_personas_language_to_who_says_nothing_telling():
    system = system_prompt(Persona(lang="de"), Situation())
    assert "verstanden" in answer("...", system=system)


def test_a_gesture_is_made_where_it_is_offered_only():
    messages = [Message("system", PLAIN), Message("user", "hello")]
    calls = [delta for delta in deltas(messages, (GESTURE,)) if isinstance(delta, ToolCall)]
    assert [(call.name, call.arguments) for call in calls] == [("gesture", {"name": "wave"})]
    assert not any(isinstance(delta, ToolCall) for delta in deltas(messages))
    fewer = Tool("gesture", "", {"type": "object", "properties": {"name": {"enum": ["nod"]}}})
    assert not any(isinstance(delta, ToolCall) for delta in deltas(messages, (fewer,)))
    assert "(wave)" not in words(deltas(messages))


def test_it_looks_up_what_it_does_not_know_and_goes_on_from_the_result():
    messages = [Message("system", PLAIN), Message("user", "When was the lighthouse built?")]
    [call] = deltas(messages, (SEARCH,))
    assert (call.name, call.arguments) == ("search", {"query": "When was the lighthouse built?"})
    messages += [
        Message("assistant", "", (call,)),
        Message("tool", "The lighthouse was built in 1887.", tool_call_id=call.id),
    ]
    assert "built in 1887" in words(deltas(messages, (SEARCH,)))


def test_after_a_gesture_it_has_nothing_more_to_say():
    call = ToolCall("call_1", "gesture", {"name": "wave"})
    messages = [
        Message("user", "hello"),
        Message("assistant", "Hello!", (call,)),
        Message("tool", "", tool_call_id="call_1"),
    ]
    assert deltas(messages) == []


def test_it_streams_word_by_word():
    found = deltas([Message("user", "hello")])
    assert len(found) > 10
    assert len(deltas([Message("user", "你好")])) > 10


@given(st.lists(st.text(max_size=60), max_size=4), st.text(max_size=80))
def test_any_text_is_answered(said, system):
    messages = [Message("system", system), *(Message("user", text) for text in said)]
    found = words(deltas(messages, (GESTURE,)))
    assert found.strip() and not re.search(r"\{(name|visitor|word|last|time|date)\}", found)
