"""What every language model in the folder promises: `bridge.ports.Llm`."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import importlib
import json

import pytest

from bridge import providers
from bridge.dialogue import Message, TextDelta, Tool, ToolCall
from bridge.errors import ConfigError
from bridge.providers import llm
from tests.fakes import chat_completions

pytestmark = pytest.mark.contract

SYSTEM = Message("system", "Your name is Mira. You welcome visitors to a museum.")
ASKED = (SYSTEM, Message("user", "Hello, what is your name?"))
TOOL = Tool("search", "Look something up.", {"type": "object", "properties": {"query": {"type": "string"}}})


@pytest.fixture(params=providers.names("llm"))
def name(request):
    return request.param


@pytest.fixture(scope="module")
def server():
    with chat_completions.ChatCompletions() as fake:
        yield fake


@pytest.fixture
def settings(name, server):
    if name != "openai":
        return {}
    server.reset()
    return {"base_url": f"{server.url}/v1", "model": chat_completions.MODEL, "api_key": chat_completions.KEY}


def run(name, settings, use):
    """What `use` makes of the provider, which is closed after."""

    async def whole():
        model = llm.build(name, settings)
        try:
            return await use(model)
        finally:
            await model.aclose()

    return asyncio.run(whole())


async def deltas(model, messages=ASKED, tools=()):
    return [delta async for delta in model.stream(messages, tools)]


def text(found):
    return "".join(delta.text for delta in found if isinstance(delta, TextDelta))


def test_answers_in_pieces(name, settings):
    found = run(name, settings, deltas)
    assert len(found) > 1 and text(found).strip()
    assert all(isinstance(delta, TextDelta | ToolCall) for delta in found)
    assert all(delta.text for delta in found if isinstance(delta, TextDelta))


@pytest.mark.parametrize(
    "messages",
    [
        (),
        (SYSTEM,),
        (Message("user", ""),),
        (Message("user", "\x00 \ud83d\ude00 [happy] " + "word " * 3000),),
        (Message("user", "What do you see?", image_jpeg=b"\xff\xd8\xff\xd9"),),
        (Message("assistant", "Hello."), Message("user", "Hi."), Message("assistant", "Yes?")),
    ],
)
def test_any_messages_are_answered(name, settings, messages):
    assert text(run(name, settings, lambda model: deltas(model, messages, (TOOL,)))).strip()


def test_tools_and_their_results_are_part_of_the_conversation(name, settings):
    call = ToolCall("call_1", "search", {"query": "opening hours é中"})
    asked = (*ASKED, Message("assistant", "", (call,)), Message("tool", "Nine to five.", tool_call_id="call_1"))
    found = run(name, settings, lambda model: deltas(model, asked, (TOOL,)))
    assert text(found).strip()
    assert all(json.dumps(delta.arguments) for delta in found if isinstance(delta, ToolCall))


def test_closing_early_leaves_the_model_usable(name, settings):
    async def interrupt(model):
        stream = model.stream(ASKED)
        await anext(stream)
        await stream.aclose()
        return await deltas(model)

    assert text(run(name, settings, interrupt)).strip()


def test_a_cancelled_task_leaves_the_model_usable(name, settings):
    async def cancel(model):
        async def forever():
            while True:
                await deltas(model)

        task = asyncio.create_task(forever())
        await deltas(model)  # meanwhile the task has begun
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        return await deltas(model)

    assert text(run(name, settings, cancel)).strip()


def test_answers_may_overlap(name, settings):
    async def both(model):
        return await asyncio.gather(deltas(model), deltas(model))

    one, other = run(name, settings, both)
    assert text(one) == text(other) != ""


def test_may_be_closed_twice(name, settings):
    async def close(model):
        await deltas(model)
        await model.aclose()

    run(name, settings, close)


def test_options_have_defaults_and_a_purpose_each(name):
    module = importlib.import_module(f"bridge.providers.llm.{name}")
    assert module.__doc__ and module.Options.__doc__ and callable(module.build)
    source = importlib.util.find_spec(module.__name__).loader.get_source(module.__name__)
    for option in dataclasses.fields(module.Options()):
        assert f"    {option.name}: " in source.partition("class Options")[2]


def test_an_unknown_setting_is_one_sentence_that_lists_the_valid_ones(name):
    with pytest.raises(ConfigError, match="has no setting 'wings'; it has") as refused:
        llm.build(name, {"wings": 2})
    assert str(refused.value).endswith(".")
