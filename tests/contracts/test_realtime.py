"""What every speech-to-speech provider in the folder promises: `bridge.ports.Realtime`."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import importlib
import itertools

import numpy as np
import pytest

from bridge import providers
from bridge.dialogue import (
    HEARING_RATE_HZ,
    AnswerCall,
    AnswerEnded,
    AnswerSound,
    AnswerStarted,
    AnswerText,
    Message,
    SpeechStarted,
    SpeechStopped,
    Tool,
    Transcript,
)
from bridge.errors import ConfigError
from bridge.providers import realtime
from tests.fakes.realtime import KEY, MODEL, RealtimeServer

pytestmark = pytest.mark.contract

NOD = Tool("gesture", "Move.", {"type": "object", "properties": {"name": {"type": "string"}}})
LOUD = (0.5 * np.sin(np.arange(HEARING_RATE_HZ // 2) * 0.2)).astype(np.float32)
QUIET = np.zeros(HEARING_RATE_HZ // 2, np.float32)


@pytest.fixture(params=providers.names("realtime"))
def name(request):
    return request.param


@pytest.fixture(params=["GA", "beta"])
def fake(request, name):
    assert name == "openai", "each provider needs a server to be held against"
    with RealtimeServer(beta=request.param == "beta") as server:
        yield server


def settings(fake, **more):
    return {"url": f"{fake.url}/v1/realtime", "model": MODEL, "api_key": KEY} | more


def talk(name, fake, use, tools=(), history=(), **more):
    """What `use` makes of a dialogue, which is closed after."""

    async def whole():
        provider = realtime.build(name, settings(fake, **more))
        async with provider.connect("You are Mira.", tools, history) as dialogue:
            result = await use(dialogue)
        await provider.aclose()
        await provider.aclose()
        return result

    return asyncio.run(whole())


async def until(events, kind, count=1):
    """The events up to and with the `count`th of a kind."""
    found = []
    async for event in events:
        found.append(event)
        count -= isinstance(event, kind)
        if not count:
            return found
    raise AssertionError(f"the dialogue ended without {kind.__name__}: {found}")


def of(found, kind):
    return [event for event in found if isinstance(event, kind)]


async def ask(dialogue, text="Hello"):
    await dialogue.add(Message("user", text))
    return await until(dialogue.events(), AnswerEnded)


def test_a_typed_text_is_answered_in_order(name, fake):
    found = talk(name, fake, ask)
    assert isinstance(found[0], AnswerStarted) and found[-1] == AnswerEnded(found[0].answer, "whole")
    assert {event.answer for event in found} == {found[0].answer}
    assert "".join(event.text for event in of(found, AnswerText)) == "Hello there."
    sounds = of(found, AnswerSound)
    assert sum(len(event.samples) for event in sounds) == 3 * 2400
    assert all(e.samples.dtype == np.float32 and not e.samples.flags.writeable for e in sounds)
    assert 0.2 < np.abs(np.concatenate([e.samples for e in sounds])).max() <= 1


def test_it_hears_when_the_user_begins_and_ends_and_then_answers(name, fake):
    async def speak(dialogue):
        for block in np.array_split(np.concatenate([QUIET, LOUD, QUIET, QUIET]), 100):
            await dialogue.push(block)
        return await until(dialogue.events(), AnswerEnded)

    found = talk(name, fake, speak)
    kinds = [type(event) for event in found]
    assert kinds.index(SpeechStarted) < kinds.index(SpeechStopped) < kinds.index(AnswerStarted)
    assert of(found, Transcript)[-1] == Transcript("Good morning.", True)
    assert [t.text for t in of(found, Transcript)] == ["Good", "Good morning.", "Good morning."]
    assert len(fake.heard) == 1


def test_a_turn_may_be_ended_by_hand(name, fake):
    async def speak(dialogue):
        await dialogue.push(LOUD)
        await dialogue.commit()
        return await until(dialogue.events(), AnswerEnded)

    found = talk(name, fake, speak, turns="manual")
    assert not of(found, SpeechStarted) and of(found, AnswerSound)
    assert len(fake.heard[0]) == pytest.approx(len(LOUD) * 1.5, abs=2)
    assert 0.45 < np.abs(fake.heard[0]).max() / 32768 < 0.55


def test_a_turn_without_sound_is_not_answered(name, fake):
    async def nothing(dialogue):
        await dialogue.commit()
        await dialogue.push(LOUD[:100])
        await dialogue.commit()
        return await ask(dialogue)

    assert len(of(talk(name, fake, nothing, turns="manual"), AnswerStarted)) == 1
    assert fake.heard == []


def test_what_is_asked_for_is_done_and_then_it_goes_on(name, fake):
    fake.calls = [("gesture", '{"name": "nod"}'), ("gesture", "")]

    async def use(dialogue):
        await dialogue.add(Message("user", "Nod twice."))
        first = await until(dialogue.events(), AnswerEnded)
        for event in of(first, AnswerCall):
            await dialogue.add(Message("tool", "done", tool_call_id=event.call.id), answer=False)
        return first, await until(dialogue.events(), AnswerEnded)

    first, then = talk(name, fake, use, [NOD])
    assert [(e.call.name, e.call.arguments) for e in of(first, AnswerCall)] == [
        ("gesture", {"name": "nod"}),
        ("gesture", {}),
    ]
    assert of(then, AnswerSound), "nobody heard an answer, so there must be more"
    assert len(fake.of_type("response.create")) == 2


@pytest.mark.parametrize("answer", [False, True])
def test_after_an_answer_with_a_voice_the_result_says_whether_it_goes_on(name, fake, answer):
    fake.calls, fake.both = [("gesture", '{"name": "nod"}')], True

    async def use(dialogue):
        found = await ask(dialogue)
        [event] = of(found, AnswerCall)
        await dialogue.add(Message("tool", "done", tool_call_id=event.call.id), answer=answer)
        return await ask(dialogue) if not answer else await until(dialogue.events(), AnswerEnded)

    talk(name, fake, use, [NOD])
    assert len(fake.of_type("response.create")) == 2
    assert len([item for item in fake.items if item["type"] == "function_call_output"]) == 1


def test_of_a_cancelled_answer_nothing_more_comes_and_the_unheard_is_forgotten(name, fake):
    fake.words = [" on"] * 200
    fake.pause_s = 0.02

    async def use(dialogue):
        events = dialogue.events()
        await dialogue.add(Message("user", "Talk."))
        found = await until(events, AnswerSound, 3)
        answer = found[0].answer
        await dialogue.cancel(answer, 120)
        after = await until(events, AnswerEnded)
        fake.words = ["Yes."]
        await dialogue.add(Message("user", "Stop?"))
        return answer, after, await until(events, AnswerEnded)

    answer, after, then = talk(name, fake, use)
    assert after == [AnswerEnded(answer, "cancelled")]
    assert {event.answer for event in then} == {then[0].answer} != {answer}
    [cut] = fake.of_type("conversation.item.truncate")
    assert (cut["content_index"], cut["audio_end_ms"]) == (0, 120)


def test_cancelling_before_the_answer_begins_keeps_it_quiet(name, fake):
    async def use(dialogue):
        events = dialogue.events()
        await dialogue.add(Message("user", "Talk."))
        await dialogue.cancel("", 0)
        await dialogue.add(Message("user", "And now?"))
        return await until(events, AnswerEnded)

    found = talk(name, fake, use)
    assert len(of(found, AnswerStarted)) == 1 and found[-1].how == "whole"


def test_an_answer_that_is_whole_may_be_cut_where_it_was_heard(name, fake):
    async def use(dialogue):
        first = await ask(dialogue)
        await dialogue.cancel(first[0].answer, 250)
        return await ask(dialogue)

    assert of(talk(name, fake, use), AnswerSound)
    assert [e["audio_end_ms"] for e in fake.of_type("conversation.item.truncate")] == [250]
    assert fake.of_type("response.cancel") == []


def test_what_was_heard_to_its_end_is_not_cut(name, fake):
    async def use(dialogue):
        first = await ask(dialogue)
        await dialogue.cancel(first[0].answer, 10_000)
        return await ask(dialogue)

    talk(name, fake, use)
    assert fake.of_type("conversation.item.truncate") == []


def test_history_comes_first(name, fake):
    said = [Message("system", "Be kind."), Message("user", "I am Ana."), Message("assistant", "Hello Ana.")]
    talk(name, fake, ask, history=said)
    assert [item["role"] for item in fake.items] == ["user", "assistant", "user"]


def test_the_events_end_with_the_dialogue(name, fake):
    async def use(dialogue):
        return asyncio.create_task(rest(dialogue))

    async def rest(dialogue):
        return [event async for event in dialogue.events()]

    async def whole():
        provider = realtime.build(name, settings(fake))
        async with provider.connect("") as dialogue:
            task = asyncio.create_task(rest(dialogue))
            await asyncio.sleep(0)
        return await task

    assert asyncio.run(whole()) == []


def test_a_reader_may_be_cancelled_and_another_take_over(name, fake):
    async def use(dialogue):
        task = asyncio.create_task(until(dialogue.events(), AnswerEnded))
        await asyncio.sleep(0.01)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        return await ask(dialogue)

    assert of(talk(name, fake, use), AnswerSound)


def test_answers_follow_one_another(name, fake):
    async def use(dialogue):
        await asyncio.gather(*(dialogue.add(Message("user", text)) for text in ("One?", "Two?")))
        return await until(dialogue.events(), AnswerEnded, 2)

    found = talk(name, fake, use)
    names = [name for name, _ in itertools.groupby(e.answer for e in found)]
    assert len(names) == 2, "they do not mix"


def test_options_have_defaults_and_a_purpose_each(name):
    module = importlib.import_module(f"bridge.providers.realtime.{name}")
    assert module.__doc__ and callable(module.build)
    source = importlib.util.find_spec(module.__name__).loader.get_source(module.__name__)
    for option in dataclasses.fields(module.Options()):
        assert f"    {option.name}: " in source.partition("class Options")[2]


def test_an_unknown_setting_is_one_sentence_that_lists_the_valid_ones(name):
    with pytest.raises(ConfigError, match="has no setting 'wings'; it has"):
        realtime.build(name, {"wings": 2})
