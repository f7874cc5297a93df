"""What visitors tell of themselves is found, and what only looks like it is not."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.memory import KINDS, MAX_FACT, Claim, Fact, Turn
from bridge.memory.extraction import MAX_CLAIMS, describe, extract, parse, prompt

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("text", "claims"),
    [
        ("my name is ann and i like jazz", [("name", "Ann"), ("likes", "jazz")]),
        ("My name is Anna van der Berg, and I’m from Utrecht.", [("name", "Anna van der Berg"), ("from", "Utrecht")]),
        ("MY NAME IS ANN", [("name", "Ann")]),
        ("please call me mike", [("name", "Mike")]),
        ("My name is now Maria.", [("name", "Maria")]),
        ("Hello, I'm a software engineer at Siemens.", [("job", "software engineer at Siemens")]),
        ("i work as a nurse in berlin", [("job", "nurse in berlin")]),
        ("I really love hiking, but I can't stand rain at all.", [("likes", "hiking"), ("dislikes", "rain")]),
        ("I prefer tea to coffee.", [("likes", "tea")]),
        ("My favourite colour is blue.", [("likes", "blue (favourite colour)")]),
        ("i'm from germany i like cars", [("from", "germany"), ("likes", "cars")]),
        ("My birthday is on May 3rd, 1990.", [("birthday", "May 3rd, 1990")]),
        ("I live in Paris now. I was born in Lyon.", [("lives", "Paris"), ("from", "Lyon")]),
        ("I like cats, do you?", [("likes", "cats")]),
        ("Please remember that my dog is called Rex.", [("note", "my dog is called Rex")]),
        ("remember that my name is Ann", [("name", "Ann")]),
        ("我叫小明，今年八岁，我喜欢画画。", [("name", "小明"), ("likes", "画画")]),
        ("我叫小明今年八岁", [("name", "小明")]),
        ("我的名字是王小红，大家都叫我阿红。", [("name", "王小红"), ("name", "阿红")]),
        ("我叫Tom", [("name", "Tom")]),
        ("我来自北京，我现在住在上海。", [("from", "北京"), ("lives", "上海")]),
        ("我是四川人", [("from", "四川")]),
        ("我是一名软件工程师", [("job", "软件工程师")]),
        ("我在腾讯上班", [("job", "在腾讯上班")]),
        ("我很喜欢吃火锅，但是我不喜欢香菜。", [("likes", "吃火锅"), ("dislikes", "香菜")]),
        ("我最喜欢的颜色是蓝色", [("likes", "蓝色（最喜欢的颜色）")]),
        ("我喜歡貓", [("likes", "貓")]),
        ("我 喜欢 猫", [("likes", "猫")]),
        ("我喜欢猫，你呢？", [("likes", "猫")]),
        ("我的生日是五月三号", [("birthday", "五月三号")]),
        ("我1990年5月3日出生", [("birthday", "1990年5月3日")]),
        ("请记住我对花生过敏", [("note", "我对花生过敏")]),
        ("I like 猫", [("likes", "猫")]),
    ],
)
def test_what_is_told_is_found(text, claims):
    assert extract(text) == [Claim(kind, value) for kind, value in claims]


@pytest.mark.parametrize(
    "text",
    [
        *("call me later", "My name is on the list.", "Don't call me Bob.", "Do you know what my name is?"),
        *("I'm a bit tired", "I'm a big fan of football", "I work from home", "i work at night", "I live at home"),
        *("do i like jazz", "I like it.", "I love you", "What if I like rain?", "the thing that i like is jazz"),
        *("my birthday is tomorrow", "I was born in 1990.", "I used to live in Paris", "Do you remember that movie"),
        *("I remember that day.", "remember me", "She likes jazz.", "", "…"),
        *(
            "我叫了一辆车",
            "我叫什么名字？",
            "妈妈叫我吃饭",
            "我是好人",
            "我是一个人来的",
            "我在找工作",
            "我喜欢你",
            "我爱人是医生",
        ),
        *("如果我喜欢猫，怎么办？", "他说我喜欢猫", "你记得我叫什么吗", "我是不是老师", "你喜欢猫吗", "我以前喜欢猫"),
    ],
)
def test_what_only_looks_like_a_fact_is_not(text):
    assert extract(text) == []


PIECES = st.lists(
    st.sampled_from(
        [
            "my name is",
            "i like",
            "Ann",
            "jazz",
            "and",
            "i'm from",
            "call me",
            "remember",
            "我叫",
            "我喜欢",
            "小明",
            "，",
            ".",
            "?",
        ]
    )
)


@given(st.one_of(st.text(st.characters(codec=None)), PIECES.map(" ".join), PIECES.map("".join)))
def test_any_text_yields_short_claims_of_known_kinds(text):
    claims = extract(text)
    assert len(claims) <= MAX_CLAIMS and len(set(claims)) == len(claims)
    for claim in claims:
        assert claim.kind in KINDS and 0 < len(claim.text) <= MAX_FACT


CLAIMS = st.lists(
    st.builds(
        Claim,
        st.sampled_from(KINDS),
        st.from_regex(r"\w{1,8}( \w{1,8}){0,3}", fullmatch=True).filter(lambda text: any(c.isalnum() for c in text)),
    ),
    max_size=8,
    unique=True,
)


@given(
    CLAIMS,
    st.sampled_from(
        ["{}", "Sure! Here it is:\n```json\n{}\n```\nAnything else?", '{{"facts": {}}}', "{{ [ {} ]", "{}, {{"]
    ),
    st.booleans(),
)
def test_the_claims_in_a_models_answer_are_found_whatever_stands_around(claims, frame, ascii_only):
    array = json.dumps([{"kind": claim.kind, "text": claim.text} for claim in claims], ensure_ascii=ascii_only)
    assert parse(frame.format(array)) == [Claim(claim.kind, " ".join(claim.text.split())) for claim in claims]


@given(st.one_of(st.text(), st.text("{}[]\"':,kindtext ", max_size=300)))
def test_no_answer_of_a_model_breaks_the_parser(answer):
    for claim in parse(answer):
        assert claim.kind in KINDS


@pytest.mark.parametrize(
    ("answer", "claims"),
    [
        ('[{"kind":"Likes","text":"jazz"},{"kind":"mood","text":"tired"},{"kind":"name"}', [Claim("likes", "jazz")]),
        ('[{"kind":"name","text":"Ann"},{"kind":"name","te', [Claim("name", "Ann")]),
        ('{"kind":"note","text":7}', [Claim("note", "7")]),
        ('{"kind":"note","text":true}', []),
        ('{"kind":["note"],"text":"x"}', []),
        ('{"kind":"note","text":"' + "x" * 201 + '"}', []),
        ('{"a":' * 5000, []),
        ("nothing new", []),
    ],
)
def test_what_is_no_claim_in_an_answer_is_left_out(answer, claims):
    assert parse(answer) == claims


def test_the_question_to_a_model_has_what_is_known_and_what_was_said():
    known = [Fact(1, "name", "Ann", 0, None)]
    system, user = prompt(known, [Turn("user", 'I "love" tea', 0), Turn("assistant", "Good!", 1)])
    assert (system.role, user.role) == ("system", "user")
    assert all(kind in system.text for kind in KINDS)
    assert "name: Ann" in user.text
    said = json.loads(user.text.split("The conversation:\n")[1])
    assert said == [{"who": "visitor", "said": 'I "love" tea'}, {"who": "avatar", "said": "Good!"}]


def test_facts_are_described_in_a_line_a_kind():
    facts = [Fact(1, "likes", "tea", 0, None), Fact(2, "name", "Ann", 0, None), Fact(3, "likes", "jazz", 0, None)]
    assert describe(facts) == "Name: Ann\nLikes: tea; jazz"
    assert describe([]) == ""
