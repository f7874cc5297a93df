"""Terms: the same for what is indexed and what is asked, so that whatever is there can be found."""

from __future__ import annotations

import re
import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.memory import _words

pytestmark = pytest.mark.law

ANY = st.text(st.characters(codec=None), max_size=80)
HAN = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), min_size=1, max_size=30)
MIXED = st.lists(
    st.one_of(
        HAN,
        st.sampled_from(["the", "Opening", "hours", "café", "ﬁn", "ひらがな", "ｶﾀｶﾅ", "한국어", "ไทย", "9", " ", "。"]),
    ),
    max_size=12,
).map(" ".join)


def matches(text, expression):
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE VIRTUAL TABLE words USING fts5 (terms, tokenize = 'porter ascii')")
    connection.execute("INSERT INTO words VALUES (?)", (_words.indexed(text),))
    found = connection.execute("SELECT count(*) FROM words WHERE words MATCH ?", (expression,)).fetchone()[0]
    connection.close()
    return found == 1


@given(st.one_of(ANY, MIXED))
def test_every_term_of_a_question_finds_the_text_that_has_it(text):
    for expression in _words.asked(text):
        assert matches(text, expression)


@given(st.one_of(ANY, MIXED))
def test_a_text_with_a_word_can_be_asked_for(text):
    assert bool(_words.terms(text)) == bool(_words.asked(text))
    assert len(_words.asked(text)) <= _words.MAX_TERMS


@given(HAN, st.data())
def test_any_part_of_chinese_text_finds_it(text, data):
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    for expression in _words.asked(text[start:end]):
        assert matches(text, expression)


def test_terms_have_no_ascii_but_letters_and_digits_whatever_the_character():
    for point in range(0x30000):
        for term in _words.terms(chr(point)):
            assert term and re.fullmatch(r"[a-z0-9\x80-\U0010ffff]+", term) and not term.isspace(), hex(point)
            term.encode("utf-8")


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("The Café's 2 cats", ["the", "cafe", "s", "2", "cats"]),
        ("博物馆", ["博物", "物馆", "馆"]),
        ("iPhone手机", ["iphone", "手机", "机"]),
        ("ｶﾞﾗｽ", ["ガラ", "ラス", "ス"]),
        ("STRASSE Straße", ["strasse", "strasse"]),
        ("हिन्दी", ["हिन्दी"]),
        ("x" * 100, ["x" * 40]),
        ("?!", []),
    ],
)
def test_terms_of(text, terms):
    assert _words.terms(text) == terms


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("What are your opening hours?", ['"opening"', '"hours"']),
        ("请问你们几点开门？", ['"几点"', '"点开"', '"开门"']),
        ("開館時間を教えてください", ['"開館"', '"館時"', '"時間"', '"間を"']),
        ("猫", ['"猫"*']),
        ("who are you", ['"who"', '"are"', '"you"']),
        ("…", []),
    ],
)
def test_a_question_is_about_its_content_words(question, asked):
    assert _words.asked(question) == asked
