"""The tools a language model is told of, and what becomes of its calls."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge import actions
from bridge.actions import Feel, Gesture, LookAt, Search, See, action
from bridge.dialogue import ToolCall
from bridge.errors import InputError
from bridge.layers.mixer import Mixer
from bridge.types import EMOTIONS

pytestmark = pytest.mark.unit

ALL = (*actions.BODY_TOOLS, actions.LOOK_TOOL, actions.SEARCH_TOOL)


def called(tool, /, **arguments):
    return action(ToolCall("call_1", tool, arguments))


def test_calls_become_actions():
    assert called("emotion", name="happy", intensity=0.5) == Feel("happy", 0.5)
    assert called("gesture", name="open_hands") == Gesture("open_hands")
    assert called("look_at", target="left") == LookAt("left")
    assert called("look") == See()
    assert called("search", query=" opening \n hours ") == Search("opening hours")


@pytest.mark.parametrize("tool", ALL, ids=lambda tool: tool.name)
def test_every_tool_is_a_json_schema_whose_words_are_all_understood(tool):
    schema = json.loads(json.dumps(tool.parameters))
    assert schema["type"] == "object" and set(schema["required"]) <= set(schema["properties"])
    assert tool.description.endswith(".")
    words = {key: value.get("enum", ["some words"]) for key, value in schema["properties"].items()}
    for choice in range(max((len(w) for w in words.values()), default=1)):
        arguments = {key: values[choice % len(values)] for key, values in words.items()}
        assert action(ToolCall("", tool.name, arguments))


def test_what_the_tools_offer_the_avatar_does():
    mixer = Mixer(1)
    for name in actions.GESTURE_TOOL.parameters["properties"]["name"]["enum"]:
        mixer.acting.gesture(called("gesture", name=name).name, 0)
    for target in actions.LOOK_AT_TOOL.parameters["properties"]["target"]["enum"]:
        mixer.acting.look(called("look_at", target=target).target, 0)
    for name in actions.EMOTION_TOOL.parameters["properties"]["name"]["enum"]:
        mixer.emotion.set(called("emotion", name=name).emotion, 1.0, 0)


@pytest.mark.parametrize("said", ["Open Hands", "open-hands", " OPEN_HANDS "])
def test_a_models_spelling_is_forgiven(said):
    assert called("gesture", name=said) == Gesture("open_hands")


@pytest.mark.parametrize(
    ("given", "meant"), [(2, 1.0), (-1, 0.0), ("0.3", 0.3), ("very", 0.8), (None, 0.8), (float("nan"), 0.8), ([], 0.8)]
)
def test_an_intensity_is_brought_into_its_range(given, meant):
    assert called("emotion", name="sad", intensity=given) == Feel("sad", meant)


@pytest.mark.parametrize(
    ("name", "arguments", "says"),
    [
        ("fly", {}, "There is no tool 'fly'; there are emotion, gesture"),
        ("gesture", {"name": "moonwalk"}, "one of nod"),
        ("gesture", {}, "one of nod"),
        ("look_at", {"target": 3}, "one of visitor"),
        ("emotion", {"name": "hungry"}, "one of neutral"),
        ("search", {"query": " "}, "a few words"),
        ("search", {"query": ["x"]}, "a few words"),
    ],
)
def test_what_can_not_be_done_is_a_sentence_to_learn_from(name, arguments, says):
    with pytest.raises(InputError, match=says) as refused:
        called(name, **arguments)
    assert str(refused.value).endswith(".")


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=8) | st.sampled_from(EMOTIONS),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


@given(
    st.sampled_from([tool.name for tool in ALL]) | st.text(max_size=8),
    st.dictionaries(st.sampled_from(["name", "intensity", "target", "query"]) | st.text(max_size=3), JSON),
)
def test_any_arguments_are_an_action_or_a_sentence(name, arguments):
    try:
        assert action(ToolCall("", name, arguments)) is not None
    except InputError as refused:
        assert str(refused).endswith(".")
