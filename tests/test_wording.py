"""The words that a voice tells of, laid on the text: laws, and how it reads what voices say in other words."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.timebase import SAMPLE_RATE_HZ
from bridge.types import Word
from bridge.wording import Span, spans

pytestmark = pytest.mark.law

S = SAMPLE_RATE_HZ


def told(*texts):
    """Words of one second each, without a pause."""
    return [Word(float(i), float(i + 1), text) for i, text in enumerate(texts)]


def texts(text, words, end_s=None):
    return [span.text for span in spans(text, words, None if end_s is None else end_s * S)]


times_s = st.floats(0, 20)
pieces = st.text("aé Ж你好0.,-“(\n", max_size=6)
words = st.builds(Word, times_s, times_s, pieces)


@given(pieces.map(lambda text: text * 4), st.lists(words, max_size=8), st.none() | st.integers(0, 20 * S))
def test_spans_are_in_order_do_not_overlap_and_make_up_the_text_whatever_a_voice_tells(text, said, end):
    found = spans(text, said, end)
    assert all(0 <= span.start_sample <= span.end_sample for span in found)
    assert all(a.end_sample <= b.start_sample for a, b in itertools.pairwise(found))
    joined = "".join(span.text for span in found)
    assert text.startswith(joined) and (not found or end is None or joined == text)


@given(st.lists(st.sampled_from(["a", "to", "two", "Grüße", "it's", "U.S.A"]), min_size=1, max_size=9), st.data())
def test_each_word_as_it_is_written_has_its_own_time_and_keeps_it_as_more_are_told(written, data):
    text = "".join(word + data.draw(st.sampled_from([" ", ", ", " — ", "! "])) for word in written).strip()
    whole = spans(text, told(*written), len(written) * S)
    assert [(span.start_sample, span.end_sample) for span in whole] == [(i * S, i * S + S) for i in range(len(written))]
    assert all(span.text.startswith(word) for span, word in zip(whole, written, strict=True))
    for count in range(1, len(written)):
        assert spans(text, told(*written[:count]))[: count - 1] == whole[: count - 1]


def test_a_voice_that_tells_nothing_has_no_spans():
    assert spans("Hello there.", [], 2 * S) == ()


@pytest.mark.parametrize(
    ("text", "said", "parts"),
    [
        ("“Hello,” he said (twice).", ["Hello", "he", "said", "twice"], ["“Hello,” ", "he ", "said ", "(twice)."]),
        ("你好，我们去。", ["你好", "我们", "去"], ["你好，", "我们", "去。"]),
        ("「你好」「再见」", ["你好", "再见"], ["「你好」", "「再见」"]),
        ("It costs $25 now.", ["it", "costs", "twenty", "five", "dollars", "now"], ["It ", "costs ", "$25 ", "now."]),
        ("No. 5", ["Number", "five"], ["No. 5"]),
        ("A cat sat.", ["A", "sat"], ["A ", "cat ", "sat."]),
        ("It pays 1 euro and one cent.", ["It", "pays", "one", "euro", "and", "one", "cent"], None),
        ("I like it. To it!", ["I", "like", "it", "to", "it"], ["I ", "like ", "it. ", "To ", "it!"]),
        ("50% off", ["50", "%", "off"], ["50", "% ", "off"]),
    ],
)
def test_what_is_read_otherwise_than_written_stands_where_it_was_said(text, said, parts):
    found = texts(text, told(*said), len(said))
    assert found == (parts or ["It ", "pays ", "1 ", "euro ", "and ", "one ", "cent."])


def test_what_was_not_told_lies_between_what_was():
    words = [Word(0.0, 1.0, "A"), Word(2.0, 3.0, "sat")]
    assert spans("A cat sat down.", words, 4 * S) == (
        Span(0, S, "A "),
        Span(S, 2 * S, "cat "),
        Span(2 * S, 3 * S, "sat "),
        Span(3 * S, 4 * S, "down."),
    )


def test_a_word_is_not_found_inside_another_nor_far_away():
    assert texts("At noon.", told("a", "noon"), 2) == ["At ", "noon."]
    assert texts("Nobody here knows what a 2 means.", told("two", "means"), 2)[-1].endswith("means.")
