"""A streamed answer becomes sentences: the same for any deltas, nothing sayable lost, each as early as may be."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.replies import Replies, Sentence
from bridge.text import MAX_SENTENCE, sentences

pytestmark = pytest.mark.law

# What marks are made of, and words around them: more of their combinations than random text would give.
MARKS = (
    "[happy] [sad:0.3] [laughs] [1] [text](url) ![pic](u.png) [ ] ( ) * ** _ ` ``` 12 3.5 | <think> </think> < > ~~ \\"
)
WORDS = (
    'Hello world Dr. U.S. e.g. etc. No. p.m. . ... ! ? , ; : " “ ” 你好 ， 。 ！ ？ 「 」 … 😀 https://a.b/c?d=e. waves'
)
BITS = st.sampled_from(
    [*MARKS.split(), *WORDS.split(), " ", " ", "\n", "\n\n", "# ", "- ", "1. ", "| a | b |", "x" * 150]
)
MARKED = st.lists(BITS | st.text(max_size=5), max_size=40).map("".join)
# Nothing in it can be taken for a mark.
PLAIN = st.text(
    st.characters(exclude_categories=("Cs",), exclude_characters="[]【】<>*_~`#|\\:!-+•0123456789"), max_size=900
)


def approx(value: float) -> float:
    """A number to two places."""
    return pytest.approx(value, abs=0.01)  # type: ignore[return-value]


def whole(text: str) -> list[Sentence]:
    replies = Replies()
    return replies.push(text) + replies.flush()


def in_pieces(text: str, sizes: list[int]) -> list[Sentence]:
    replies, said, start = Replies(), [], 0
    for size in [*sizes, len(text)]:
        said += replies.push(text[start : start + size])
        start += size
    return said + replies.flush()


@settings(max_examples=300)
@given(MARKED | PLAIN, st.lists(st.integers(0, 7), max_size=60))
def test_the_sentences_are_the_same_for_any_deltas(text, sizes):
    expected = whole(text)
    assert in_pieces(text, sizes) == expected
    assert in_pieces(text, [1] * len(text)) == expected


@given(MARKED | PLAIN)
def test_every_sentence_can_be_said(text):
    for sentence in whole(text):
        assert any(c.isalnum() for c in sentence.text)
        assert len(sentence.text) <= MAX_SENTENCE
        assert sentence.text == sentence.text.strip()


@given(PLAIN)
def test_nothing_sayable_is_lost(text):
    def letters(said: str) -> list[str]:
        return [c for c in said if c.isascii() and c.isalpha()]

    assert letters("".join(s.text for s in whole(text))) == letters(text)


@pytest.mark.parametrize(
    "text",
    [
        "Hello there.| How",
        "Hello there!| How",
        "真的吗？！|你好",
        "你好。|我是小桥。",
        "A line\n|another",
        "He paid 3.50. |Then",  # "3.50." could still go on as a number until the blank
        'She said "Stop." T|hen',  # a small letter would go on with the sentence
        "We sell pens, ink etc. |And more",
        "The weather today is lovely, |and",
        "我们今天去海边玩吧，|好",
        "[happy] Hello there.| How",
        "**Hello there.**| How",
    ],
)
def test_the_first_sentence_leaves_with_the_character_that_makes_it_certain(text):
    before, after = text.split("|")
    replies = Replies()
    # The mark stands behind what was enough, or before the one character that had to be seen.
    for character in before[:-1]:
        assert replies.push(character) == []
    assert replies.push(before[-1]) + replies.push(after[0])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Dr. Wu lives in the U.S. Army base, e.g. here. Ok.",
            ["Dr. Wu lives in the U.S. Army base,", "e.g. here.", "Ok."],
        ),
        ("At 5 p.m. we go. At 6 p.m. They stay.", ["At 5 p.m. we go.", "At 6 p.m.", "They stay."]),
        ("See No. 5 today. No. 7 is out. Oh no. Yes.", ["See No. 5 today.", "No. 7 is out.", "Oh no.", "Yes."]),
        ('"Stop!" she said. "Go." He went.', ['"Stop!" she said.', '"Go."', "He went."]),
        ("It is 3.5 km at 10:30. Well... yes.", ["It is 3.5 km at 10:30.", "Well...", "yes."]),
        (
            "Yes, I do. It is so nice to see you, friend, here.",
            ["Yes, I do.", "It is so nice to see you, friend, here."],
        ),
        ("I paid 1,000,000 for it in May, you know.", ["I paid 1,000,000 for it in May,", "you know."]),
        ("「はい。」と言った。", ["「はい。」", "と言った。"]),
        ("# Soup\n\n- **Boil** water\n2. Add _salt_\n> Eat", ["Soup", "Boil water", "2, Add salt", "Eat"]),
        ("| Day | Sun |\n|---|:-:|\n| Mon | yes |\n", ["Day, Sun", "Mon, yes"]),
        ("Run this:\n```sh\nrm x\n```\nDone.", ["Run this:", "Done."]),
        ("Use `x = 1` and ~~not~~ snake_case.", ["Use x = 1 and not snake case."]),
        ("See [the page](https://a.com/b(c)) or https://www.b.org/c_d?e=f.", ["See the page or b.org."]),
        ("It is so [1]. And so [2, 3].", ["It is so.", "And so."]),
        ("<think>Hm. No!</think>Hello.", ["Hello."]),
        ("<THINK>\nHm </b> <\n</THINK >\n\nHello <b>you</b>.<br>Bye", ["Hello you.", "Bye"]),
        ("*waves* Hi. [laughs] It is *really* good *smiles softly*.", ["Hi.", "It is really good."]),
        ("*微笑* 你好😀！", ["你好！"]),
        ("3 * 4 is 12 and a < b and I <3 you.", ["3 × 4 is 12 and a < b and I <3 you."]),
        (
            "He saw [the old man who had sold him the boat] again.",
            ["He saw the old man who had sold him the boat again."],
        ),
        (r"A \*star\* stays out.", ["A star stays out."]),
        ("```\nonly code\n```", []),
        ("😀 ... !", []),
    ],
)
def test_what_is_said(text, expected):
    assert [s.text for s in whole(text)] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hi. [happy] Ho. He.", [("Hi.", "", 0.0), ("Ho.", "happy", 1.0), ("He.", "happy", 1.0)]),
        ("[sad:0.3]太好了。[Happy: 70%]好！", [("太好了。", "sad", 0.3), ("好！", "happy", 0.7)]),
        ("【angry】 No! [emotion: content] Yes.", [("No!", "angry", 1.0), ("Yes.", "content", 1.0)]),
        (
            "[sad] It was [surprised:9] fine. [quietly] So.",
            [("It was fine.", "surprised", 1.0), ("So.", "surprised", 1.0)],
        ),
        ("<angry> No! *smiles* Yes.", [("No!", "angry", 1.0), ("Yes.", "happy", approx(0.32))]),
        ("[开心]你好。[excited] Ok.", [("你好。", "happy", approx(0.51)), ("Ok.", "happy", approx(0.67))]),
    ],
)
def test_emotion_tags_are_applied_and_not_said(text, expected):
    assert [(s.text, s.emotion, s.intensity) for s in whole(text)] == expected


@pytest.mark.parametrize("begun", ["[", "![", "[x](", "<b ", "*", "https://a.com/"])
def test_a_mark_that_does_not_end_holds_little_back(begun):
    replies = Replies()
    said = [replies.push(character) for character in begun + "So it goes on for ever. " * 40]
    assert sum(map(len, said)) > 10


def test_citations_are_kept_apart():
    replies = Replies()
    said = replies.push("It opens at nine [2]. Tea is free [1, 2; 3] and warm[^3].") + replies.flush()
    assert [s.text for s in said] == ["It opens at nine.", "Tea is free and warm."]
    assert replies.cited == [2, 1, 3]


def test_after_a_flush_a_text_begins_anew_in_the_same_mood():
    replies = Replies()
    assert replies.push("[sad] One <think> never mind") + replies.flush() == [Sentence("One", "sad", 1.0)]
    assert replies.push("- Two\n") == [Sentence("Two", "sad", 1.0)]


def test_reset_forgets_the_answer():
    replies = Replies()
    replies.push("[sad] <think> never mind")
    replies.reset()
    assert replies.push("Hello. ") == [Sentence("Hello.")]


@given(PLAIN)
def test_a_sentence_is_not_cut_again_by_the_voice(text):
    for sentence in whole(text):
        assert sentences(sentence.text) == [sentence.text]
