"""Feelings in words: examples in several languages, and laws about what strengthens and what denies."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.affect import lexicon
from bridge.affect.text import of_text, read, score
from bridge.types import EMOTIONS

pytestmark = pytest.mark.unit

WORDS = [(word.rstrip("*"), emotion) for word, emotion, _ in lexicon.entries()]


def top(text: str) -> str:
    return EMOTIONS[int(read(text).likelihood.argmax())]


@pytest.mark.parametrize(
    ("text", "emotion"),
    [
        ("I got the job, I'm over the moon!", "happy"),
        ("can't wait to see you", "happy"),
        ("That's not bad at all.", "content"),
        ("Thank you, that is a relief.", "content"),
        ("My dog died yesterday.", "sad"),
        ("I'm not happy with this.", "sad"),
        ("I was happy but now I am sad.", "sad"),
        ("Honestly I'm fed up, this is ridiculous", "angry"),
        ("WOW, no way!", "surprised"),
        ("I'm really scared of the dentist", "fearful"),
        ("Ew, that smells rotten.", "disgusted"),
        ("我今天特别开心！", "happy"),
        ("我不是很高兴", "sad"),
        ("别人都很开心", "happy"),
        ("谢谢，我很满意", "content"),
        ("太气人了，我要投诉", "angry"),
        ("没想到你会来", "surprised"),
        ("我有点害怕", "fearful"),
        ("好恶心", "disgusted"),
        ("とても嬉しいです", "happy"),
        ("Ich bin sehr traurig", "sad"),
        ("Je suis en colère", "angry"),
        ("Tengo mucho miedo", "fearful"),
        ("😭😭", "sad"),
        ("ok :(", "sad"),
        ("今天 so happy 啊", "happy"),
        ("It is ten o'clock.", "neutral"),
        ("今天星期几", "neutral"),
        ("The shadow of the cathedral", "neutral"),
        ("", "neutral"),
    ],
)
def test_examples(text, emotion):
    assert top(text) == emotion


@pytest.mark.parametrize(
    ("stronger", "weaker"),
    [
        ("I am very glad", "I am glad"),
        ("I am glad!!", "I am glad"),
        ("I am GLAD", "I am glad"),
        ("I am glad", "I am a bit glad"),
        ("我非常难过", "我难过"),
        ("我难过", "我有点难过"),
        ("😀😀", "😀"),
    ],
)
def test_what_strengthens(stronger, weaker):
    assert max(score(stronger).values()) > max(score(weaker).values())


def test_a_clause_ends_the_reach_of_a_denial():
    assert top("No, I am happy.") == "happy"
    assert top("I did not see it, I am so glad") == "happy"
    assert top("He is not only kind, I am not only happy but proud") == "happy"


def test_every_entry_is_found_by_itself():
    for word, emotion in WORDS:
        scores = score(word)
        assert scores and scores.get(emotion, 0.0) == max(scores.values()), word


@given(
    st.lists(
        st.sampled_from([word for word, _ in WORDS] + ["not", "very", "but", "不", "，", ".", "!", "?"]), max_size=12
    )
)
def test_evidence_is_a_likelihood_whatever_is_said(words):
    told = read(" ".join(words))
    assert told.likelihood.sum() == pytest.approx(1.0, abs=1e-5) and (told.likelihood >= 0.0).all()
    assert 0.0 <= told.confidence <= 1.0 and 0.0 <= told.intensity <= 1.0


@given(st.text(max_size=200))
def test_any_text_can_be_read(text):
    emotion, intensity = of_text(text)
    assert emotion in EMOTIONS and 0.0 <= intensity <= 1.0 and (intensity > 0.0) == (emotion != "neutral")


def test_a_question_is_believed_less_and_silence_not_at_all():
    assert read("Are you sad?").confidence < read("You are sad.").confidence
    assert read("... !").confidence == 0.0


def test_the_avatars_own_emotion():
    assert of_text("I'm so glad you came!")[0] == "happy"
    assert of_text("The museum opens at nine.") == ("neutral", 0.0)
    assert of_text("真遗憾，今天不开门。")[0] == "sad"
