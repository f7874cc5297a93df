"""Text before the voice: what is refused, where sentences end, which language it looks like."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.errors import InputError
from bridge.text import MAX_CHARACTERS, MAX_SENTENCE, clean, guess_language, sentences

pytestmark = pytest.mark.unit


@pytest.mark.parametrize("text", ["", "  \n\t", "😀👍🏽❤️", "... !?", "\x00\x07", "\ud800"])
def test_text_without_a_letter_is_refused(text):
    with pytest.raises(InputError, match="nothing to say"):
        clean(text)


def test_a_text_too_long_is_refused_with_both_numbers():
    with pytest.raises(InputError, match=rf"100,000 .* {MAX_CHARACTERS:,}"):
        clean("a" * 100_000)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hello. How are you?", ["Hello.", "How are you?"]),
        ("Dr. Smith paid 3.14 dollars. He left!", ["Dr. Smith paid 3.14 dollars.", "He left!"]),
        ("J. R. R. Tolkien wrote it.", ["J. R. R. Tolkien wrote it."]),
        ('She said "Stop." Then ran.', ['She said "Stop."', "Then ran."]),
        ("你好。今天天气很好！是吗？", ["你好。", "今天天气很好！", "是吗？"]),
        ("「はい。」と言った。", ["「はい。」", "と言った。"]),
        ("one\ntwo", ["one", "two"]),
        ("no end", ["no end"]),
        ("Hi 😀! ... Bye.", ["Hi !", "Bye."]),
    ],
)
def test_sentences(text, expected):
    assert sentences(clean(text)) == expected


@given(st.text(max_size=3000))
def test_sentences_lose_no_letter_and_none_is_too_long(text):
    try:
        cleaned = clean(text)
    except InputError:
        return
    parts = sentences(cleaned)
    letters = [c for c in cleaned if c.isalnum()]
    assert [c for part in parts for c in part if c.isalnum()] == letters
    assert all(part.strip() and len(part) <= MAX_SENTENCE for part in parts)


@pytest.mark.parametrize(
    ("text", "language"),
    [("Hello", "en"), ("你好", "zh"), ("こんにちは世界", "ja"), ("안녕", "ko"), ("Привет", "ru"), ("Guten Tag", "de")],
)
def test_the_script_tells_the_language(text, language):
    default = "de" if language == "de" else "en"
    assert guess_language(text, default) == language
