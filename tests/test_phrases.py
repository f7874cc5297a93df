"""What words tell about a turn."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.phrases import after_wake, join, patience_factor

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    "text", ["What time is it?", "Stop!", "Das war alles.", "你好。", "そうです。", 'He said "no."']
)
def test_what_ends_like_a_sentence_is_answered_sooner(text):
    assert patience_factor(text) < 1


@pytest.mark.parametrize(
    "text",
    [
        "I would like a coffee and",
        "Well, um",
        "First,",
        "It is...",
        "我想要一个和",
        "えっと",
        "ich weiß, dass",
        "the —",
    ],
)
def test_who_is_not_done_is_waited_for(text):
    assert patience_factor(text) > 1


@pytest.mark.parametrize("text", ["", "what time is it", "sand", "我要咖啡", " \n"])
def test_else_the_chosen_patience_holds(text):
    assert patience_factor(text) == 1


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("Hey Ava, what time is it?", "what time is it?"),
        ("hey ava", ""),
        ("Hey, AVA!", ""),
        ("hey  ava ... tell me", "tell me"),
        ("Heyava tell me", "tell me"),
        ("hey avalanche", None),
        ("well hey ava", None),
        ("hey", None),
        ("", None),
        ("你好小爱，今天天气怎么样", "今天天气怎么样"),
        ("你好 小爱今天", "今天"),
        ("Hé Ava ça va", "ça va"),
        ("He\u0301 Ava c\u0327a va", "ça va"),
    ],
)
def test_a_wake_phrase_begins_what_is_said(text, rest):
    assert after_wake(text, ("hey ava", "你好小爱", "hé ava")) == rest


def test_the_longest_wake_phrase_is_taken_off():
    assert after_wake("hello avatar what now", ("hello", "hello avatar")) == "what now"


def test_a_phrase_without_a_sound_wakes_nobody():
    assert after_wake("anything", ("", "...", " ")) is None


@given(st.text(), st.text(min_size=1))
def test_no_text_is_too_odd(text, phrase):
    rest = after_wake(text, (phrase,))
    assert rest is None or unicodedata.normalize("NFC", text).endswith(rest)
    assert 0.5 < patience_factor(text) < 2


@given(st.lists(st.text("ab 你好.", max_size=6)))
def test_joining_loses_nothing_but_blanks(pieces):
    assert join(pieces).replace(" ", "") == "".join(pieces).replace(" ", "")


def test_pieces_are_joined_as_their_script_writes():
    assert join(["one", "", " two "]) == "one two"
    assert join(["你好。", "今天"]) == "你好。今天"
    assert join(["say 你", "hello"]) == "say 你 hello"
