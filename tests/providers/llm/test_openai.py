"""The chat-completions provider against a real server on loopback: what it sends, and what it makes of every fault."""

from __future__ import annotations

import asyncio
import base64
import json
import time
from types import SimpleNamespace

import pytest

from bridge.dialogue import Message, TextDelta, Tool, ToolCall
from bridge.errors import ConfigError, ProviderError
from bridge.providers import llm
from bridge.providers.llm.openai import Options
from tests.fakes._server import nowhere
from tests.fakes.chat_completions import DONE, KEY, MODEL, ChatCompletions, event, line, said

pytestmark = pytest.mark.contract

HELLO = (Message("user", "Hello"),)


@pytest.fixture(scope="module")
def server():
    with ChatCompletions() as running:
        yield running


@pytest.fixture
def fake(server):
    server.reset()
    return server


def settings(fake, **more):
    return {"base_url": f"{fake.url}/v1", "model": MODEL, "api_key": KEY} | more


def answer(fake, messages=HELLO, tools=(), **more):
    """All deltas of an answer."""

    async def gather():
        model = llm.build("openai", settings(fake, **more))
        try:
            return [delta async for delta in model.stream(messages, tools)]
        finally:
            await model.aclose()

    return asyncio.run(gather())


def refused(fake, **more):
    """The error that an answer ends in, a clear sentence without the key."""
    with pytest.raises(ProviderError) as error:
        answer(fake, **more)
    sentence = str(error.value)
    assert sentence.startswith(f"The language model at {fake.url.partition('://')[2]} ") and sentence.endswith(".")
    assert KEY not in sentence
    return error.value


def words(deltas):
    return "".join(delta.text for delta in deltas if isinstance(delta, TextDelta))


def calls(deltas):
    return [(delta.name, delta.arguments) for delta in deltas if isinstance(delta, ToolCall)]


def piece(index, id_=None, name=None, arguments=None):
    """A delta with a piece of a tool call; what is None is left out, as servers do."""
    function = {key: value for key, value in {"name": name, "arguments": arguments}.items() if value is not None}
    whole = {"index": index, "id": id_, "type": "function" if id_ else None, "function": function}
    return event({"tool_calls": [{key: value for key, value in whole.items() if value is not None}]})


# What is asked


def test_a_conversation_travels_in_the_form_of_the_api(fake):
    call = ToolCall("call_7", "search", {"query": "Öffnungszeiten"})
    tool = Tool("search", "Look it up.", {"type": "object", "properties": {"query": {"type": "string"}}})
    messages = (
        Message("system", "You are Mira."),
        Message("user", "What is this?", image_jpeg=b"\xff\xd8jpeg"),
        Message("assistant", "", (call,)),
        Message("tool", "Nine to five.", tool_call_id="call_7"),
    )
    answer(fake, messages, (tool,), temperature=0.5, max_tokens=64)
    sent = json.loads(fake.bodies[0])
    assert sent["model"] == MODEL and sent["stream"] is True
    assert sent["temperature"] == 0.5 and sent["max_tokens"] == 64
    assert sent["tools"][0]["function"] == {
        "name": "search",
        "description": "Look it up.",
        "parameters": tool.parameters,
    }
    system, user, assistant, result = sent["messages"]
    assert system == {"role": "system", "content": "You are Mira."}
    kind, data = user["content"][1]["image_url"]["url"].split(",")
    assert user["content"][0]["text"] == "What is this?" and kind == "data:image/jpeg;base64"
    assert base64.b64decode(data) == b"\xff\xd8jpeg"
    function = assistant["tool_calls"][0]["function"]
    assert assistant["tool_calls"][0]["id"] == result["tool_call_id"] == "call_7"
    assert json.loads(function["arguments"]) == call.arguments
    assert fake.requests[0].headers["authorization"] == f"Bearer {KEY}"


def test_what_is_not_set_is_not_sent(fake):
    answer(fake)
    assert json.loads(fake.bodies[0]).keys() == {"model", "messages", "stream"}


def test_the_key_comes_from_the_environment_too(fake, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    fake.key = KEY
    assert words(answer(fake, api_key="")) == "Hello there."


def test_without_a_key_it_asks_for_one(monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    with pytest.raises(ConfigError, match="OPENAI_API_KEY"):
        llm.build("openai", {})


@pytest.mark.parametrize("url", ["nonsense", "http://", "http://[::1", "ftp://example.org"])
def test_an_address_that_is_none_is_one_sentence(url):
    with pytest.raises(ConfigError, match="is no address"):
        llm.build("openai", {"base_url": url})


@pytest.mark.parametrize("wrong", [{"temperature": 3}, {"max_tokens": -1}, {"stall_s": 0}, {"connect_s": float("nan")}])
def test_a_number_out_of_its_range_is_refused(fake, wrong):
    with pytest.raises(ConfigError, match=next(iter(wrong))):
        llm.build("openai", settings(fake, **wrong))


def test_the_key_shows_nowhere():
    assert KEY not in repr(Options(api_key=KEY))


# What is answered


def test_text_comes_piece_by_piece(fake):
    assert [delta.text for delta in answer(fake)] == ["Hello", " there", "."]


def test_a_call_is_put_together_from_its_pieces_and_comes_after_the_text_before_it(fake):
    fake.pieces = [
        event({"role": "assistant", "content": "Look: "}),
        piece(0, "call_1", "gesture", ""),
        piece(0, arguments='{"na'),
        piece(0, arguments='me": "nod"}'),
        piece(1, "call_2", "emotion", '{"name": "happy"}'),
        event({}, "tool_calls"),
        DONE,
    ]
    found = answer(fake)
    assert isinstance(found[0], TextDelta)
    assert calls(found) == [("gesture", {"name": "nod"}), ("emotion", {"name": "happy"})]
    assert [delta.id for delta in found[1:]] == ["call_1", "call_2"]


@pytest.mark.parametrize(
    "pieces",
    [
        [piece(0, "a", "x", '{"n": 1}'), piece(0, "b", "y", "{}")],  # one index for all
        [piece(None, "a", "x", '{"n": 1}'), piece(None, "b", "y", "{}")],  # no index
        [piece(None, None, "x", '{"n": 1}'), piece(None, None, "y", "")],  # no id either
        [piece(0, "a", "x", '{"n"'), piece(1, "b", "y", "{}"), piece(0, "a", None, ": 1}")],  # woven together
        [piece(0, "a", "x", {"n": 1}), piece(1, "b", "y", {})],  # arguments as they are
        [piece(None, "a", "x", '{"n"'), piece(None, None, None, ": 1}"), piece(None, "b", "y", "{}")],
    ],
)
def test_calls_of_servers_that_bend_the_rule(fake, pieces):
    fake.pieces = [*pieces, event({}, "tool_calls"), DONE]
    found = answer(fake)
    assert calls(found) == [("x", {"n": 1}), ("y", {})]
    assert len({delta.id for delta in found}) == 2 and all(delta.id for delta in found)


def test_a_call_before_the_text_is_done_before_it(fake):
    fake.pieces = [piece(0, "a", "emotion", '{"name": "sad"}'), *said("Oh", " no.")]
    found = answer(fake)
    assert isinstance(found[0], ToolCall) and words(found) == "Oh no."


def test_a_malformed_call_is_left_out_of_an_answer_that_says_something(fake, caplog):
    fake.pieces = [event({"content": "Yes."}), piece(0, "a", "gesture", '{"name": '), event({}, "tool_calls"), DONE]
    assert [delta.text for delta in answer(fake)] == ["Yes."]
    assert "gesture" in caplog.text


@pytest.mark.parametrize("arguments", ['{"name": ', "[1]", "nod", "[" * 100_000])
def test_nothing_but_a_malformed_call_is_an_error(fake, arguments):
    fake.pieces = [piece(0, "a", "gesture", arguments), event({}, "tool_calls"), DONE]
    assert "gesture" in str(refused(fake))


@pytest.mark.parametrize(
    "texts",
    [
        ["<think>I ponder.</think>Hi."],
        ["<th", "ink>I", " ponder.</", "think>", "\n\nHi."],
        ["\n<think>\n</think>\n\nH", "i."],
        ["<", "think>a<b</think>", "Hi", "."],
    ],
)
def test_thoughts_are_not_said(fake, texts):
    fake.pieces = said(*texts)
    assert words(answer(fake)) == "Hi."


@pytest.mark.parametrize("texts", [["<b>Hi."], ["<", "3 you"], ["Hi <think> you"], ["<th"]])
def test_what_only_looks_like_a_thought_is_said(fake, texts):
    fake.pieces = said(*texts)
    assert words(answer(fake)) == "".join(texts)


def test_a_stream_without_its_done_line_is_whole_if_it_finished(fake):
    fake.pieces = said("Hi.")[:-1]
    assert words(answer(fake)) == "Hi."


def test_what_goes_wrong_after_the_last_word_is_no_matter(fake):
    fake.pieces = [*said("Hi.")[:-1], b"data: {no json\n\n"]
    assert words(answer(fake)) == "Hi."


def test_events_without_a_choice_are_passed_over(fake):
    fake.pieces = [line({"choices": []}), line({"usage": {}, "choices": None}), *said("Hi.")]
    assert words(answer(fake)) == "Hi."


def test_after_a_result_nothing_more_need_be_said(fake):
    fake.pieces = said()
    done = (*HELLO, Message("assistant", "Hi.", (ToolCall("a", "nod", {}),)), Message("tool", "", tool_call_id="a"))
    assert answer(fake, done) == []


# What goes wrong


def test_a_refused_key_says_which_key_to_set(fake):
    fake.key = "another"
    error = refused(fake)
    assert "OPENAI_API_KEY" in str(error) and "another" not in str(error) and not error.retryable


def test_an_unknown_model_is_named(fake):
    error = refused(fake, model="huge-model")
    assert "'huge-model'" in str(error) and not error.retryable


def test_too_many_requests_says_how_long_to_wait(fake):
    fake.fault = "429"
    error = refused(fake)
    assert "wait 7 s" in str(error) and error.retryable


def test_a_servers_failure_may_be_tried_again(fake):
    fake.fault = "500"
    error = refused(fake)
    assert "500" in str(error) and error.retryable


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        ("stall", "sent nothing for 0.2 s"),
        ("hang", "sent nothing for 0.3 s"),
        ("cut", "broke off in the middle"),
        ("malformed", "can't be understood"),
    ],
)
def test_a_stream_that_fails_is_one_sentence(fake, fault, says):
    fake.fault = fault
    error = refused(fake, first_token_s=0.2, stall_s=0.3) if fault == "stall" else refused(fake, stall_s=0.3)
    assert says in str(error) and error.retryable


@pytest.mark.parametrize("wrong", [[1], "text", 3, {"choices": 3}, {"choices": ["x"]}, {"choices": [{"delta": 1}]}])
def test_an_event_of_another_shape_is_one_sentence(fake, wrong):
    fake.pieces = [event({"content": "Well, "}), line(wrong), *said("Hi.")]
    assert "can't be understood" in str(refused(fake))


def test_an_error_within_the_stream_is_told_in_the_servers_words(fake):
    wrong = {"error": {"message": f"GPU out of memory for {KEY}", "code": 500}}
    fake.pieces = [event({"content": "Well, "}), line(wrong)]
    assert "GPU out of memory for [key]" in str(refused(fake))


def test_an_answer_that_just_ends_was_cut(fake):
    fake.pieces = [event({"content": "Well, "})]
    assert "broke off" in str(refused(fake))


@pytest.mark.parametrize(("finish", "says"), [("stop", "word"), ("content_filter", "filter"), ("length", "max_tokens")])
def test_an_empty_answer_says_why(fake, finish, says):
    fake.pieces = [event({"role": "assistant"}), event({}, finish), DONE]
    assert says in str(refused(fake))


def test_nobody_there_is_one_sentence():
    error = refused(SimpleNamespace(url=f"http://{nowhere()}"))
    assert "can't be reached" in str(error) and error.retryable


# Stopping


def wait_for(happened):
    while not happened():  # the timeout of the test is the limit
        time.sleep(0.005)


@pytest.mark.parametrize("way", ["close", "cancel"])
def test_stopping_ends_the_request_at_once(fake, way):
    fake.pieces = [event({"content": "on and "})] * 10_000

    async def stop():
        model = llm.build("openai", settings(fake))
        stream = model.stream(HELLO)
        await anext(stream)
        if way == "close":
            await stream.aclose()
        else:
            task = asyncio.create_task(drain(stream))
            await asyncio.sleep(0.05)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        await asyncio.to_thread(wait_for, lambda: fake.hung_up)  # the client is still open: the answer was given up
        await model.aclose()

    async def drain(stream):
        async for _ in stream:
            pass

    asyncio.run(stop())
    assert fake.hung_up == 1
