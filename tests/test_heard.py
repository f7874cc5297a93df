"""What of an utterance was heard: laws over every place where it may be cut."""

import itertools

import numpy as np
import pytest

from bridge.heard import Recital
from bridge.providers.tts import espeak
from bridge.timebase import SAMPLE_RATE_HZ
from bridge.types import Word

pytestmark = pytest.mark.law

TEXTS = ("One, two three.", "“Four” five!")
WORDS = (
    (Word(0.1, 0.3, "One"), Word(0.35, 0.5, "two"), Word(0.5, 0.8, "three")),
    (Word(0.0, 0.25, "Four"), Word(0.3, 0.7, "five")),
)
LENGTH = SAMPLE_RATE_HZ  # of each sentence


def recited(*, with_words, pieces=7):
    recital = Recital()
    for text, words in zip(TEXTS, WORDS, strict=True):
        cuts = np.linspace(0, LENGTH, pieces + 1).astype(int)
        for first, last in itertools.pairwise(cuts):
            here = [word for word in words if first < round(word.end_s * SAMPLE_RATE_HZ) <= last]
            recital.push(text, int(last - first), here if with_words else ())
        recital.push(text, 0, closes=True)
    return recital


def test_cut_at_any_sample_it_ends_with_the_last_word_that_was_heard_whole():
    recital = recited(with_words=True)
    ends = [(round(word.end_s * SAMPLE_RATE_HZ) + i * LENGTH, word.text) for i in range(2) for word in WORDS[i]]
    for sample in range(0, 2 * LENGTH + 1):
        heard = recital.text_until(sample)
        over = [text for end, text in ends if end <= sample]
        assert [word.strip("“”,.!") for word in heard.split()] == over
        assert recital.text().startswith(heard)


def test_without_the_times_of_words_it_grows_with_the_time_word_by_word():
    recital = recited(with_words=False)
    heard = [recital.text_until(sample) for sample in range(0, 2 * LENGTH + 1, 100)]
    assert heard[0] == "" and heard[-1] == recital.text()
    assert len(set(heard)) == 6  # nothing, and a word more each time
    for less, more in itertools.pairwise(heard):
        assert more.startswith(less)


@pytest.mark.parametrize("with_words", [False, True])
def test_what_was_not_heard_begins_with_the_sentence_that_was_cut(with_words):
    recital = recited(with_words=with_words)
    assert recital.text_after(0) == recital.text()
    assert recital.text_after(LENGTH - SAMPLE_RATE_HZ // 2) == recital.text()
    assert recital.text_after(LENGTH) == TEXTS[1]
    assert recital.text_after(2 * LENGTH) == ""


def test_a_sentence_whose_words_were_all_heard_was_heard_though_its_pause_was_not():
    recital = recited(with_words=True)
    assert recital.text_until(round(0.8 * SAMPLE_RATE_HZ)) == TEXTS[0]
    assert recital.text_after(round(0.8 * SAMPLE_RATE_HZ)) == TEXTS[1]


def test_of_a_sentence_that_is_still_told_nothing_is_heard_before_its_words_are():
    recital = Recital()
    recital.push(TEXTS[0], LENGTH // 2, WORDS[0][:2])
    assert recital.text_until(LENGTH) == "One, two"
    assert recital.text_after(LENGTH) == TEXTS[0]


def test_a_sentence_without_sound_is_none():
    recital = Recital()
    recital.push("Nothing.", 0, closes=True)
    assert recital.text() == "" and not recital.is_in_sentence and recital.spans() == ()


def test_of_the_embedded_voice_each_word_is_heard_with_its_end():
    pytest.importorskip("espeakng_loader")
    text = "The quick fox, she said, costs 25 dollars."
    speech = espeak.speak(text, espeak.Options())
    recital = Recital()
    recital.push(text, len(speech.samples), speech.words, closes=True)
    for number, word in enumerate(speech.words):
        end = round(word.end_s * SAMPLE_RATE_HZ)
        assert len(recital.text_until(end - 1).split()) == number
        assert recital.text_until(end).rstrip(",.").endswith(word.text)
