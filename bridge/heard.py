"""What of an utterance was heard: its sentences, where in its sound they lie, and the words where the voice tells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from bridge.phrases import join
from bridge.playout import PendingMark
from bridge.timebase import SAMPLE_RATE_HZ
from bridge.types import Word
from bridge.wording import Span, spans

_WORD_CHARACTERS_A_S: Final = 14
_CJK_CHARACTERS_A_S: Final = 4.5
"""About how fast is spoken, for a sentence whose end is not known yet."""


@dataclass(slots=True)
class _Sentence:
    """A sentence and its place in the utterance, in samples; its `end` is None until it is known."""

    text: str
    start: int
    words: list[Word] = field(default_factory=list)
    end: int | None = None

    def spans(self) -> tuple[Span, ...]:
        """When its words are said, from its first sample on; none where the voice does not tell."""
        return spans(self.text, self.words, None if self.end is None else self.end - self.start)

    def heard(self, samples: int) -> str:
        """What was heard of it by `samples` of the utterance."""
        spent = samples - self.start
        if self.end is not None and samples >= self.end:
            return self.text
        if told := self.spans():
            return "".join(span.text for span in told if span.end_sample <= spent).rstrip()
        length = usual_samples(self.text) if self.end is None else self.end - self.start
        return _part(self.text, min(max(spent / max(length, 1), 0.0), 1.0))


class Recital:
    """One utterance as it is told. Give it each piece, and ask by how many samples of it were heard."""

    def __init__(self) -> None:
        self._sentences: list[_Sentence] = []
        self._samples = 0
        self.begin: PendingMark | None = None
        """Where it begins, once there is anything of it."""
        self.end_sample: int | None = None
        """Where it ends on the timeline, once that is known."""

    @property
    def is_in_sentence(self) -> bool:
        """Whether the sound so far ends within a sentence."""
        return bool(self._sentences) and self._sentences[-1].end is None

    def push(self, sentence: str, samples: int, words: Sequence[Word] = (), *, closes: bool = False) -> None:
        """`samples` more of the utterance's sound belong to `sentence`, which `closes` with them.

        More may be known of the sentence than when it began. A sentence without sound is none.
        """
        if not self.is_in_sentence:
            if not samples:
                return
            self._sentences.append(_Sentence(sentence, self._samples))
        last = self._sentences[-1]
        last.text = sentence
        last.words += words
        self._samples += samples
        if closes:
            last.end = self._samples

    def spans(self) -> tuple[Span, ...]:
        """When the words of the last sentence are said, from its first sample on; none where that is not told."""
        return self._sentences[-1].spans() if self._sentences else ()

    def text(self) -> str:
        """All of it."""
        return join([sentence.text for sentence in self._sentences])

    def text_until(self, samples: int) -> str:
        """What was heard with its first `samples`: whole sentences, and of the last one the words that were over.

        Without the times of words, as many of them as had their share of the sentence's time.
        """
        return join([sentence.heard(samples) for sentence in self._sentences])

    def text_after(self, samples: int) -> str:
        """What had not been heard by then, from the beginning of the sentence that was cut off."""
        return join([sentence.text for sentence in self._sentences if sentence.heard(samples) != sentence.text])


def usual_samples(sentence: str) -> int:
    """About how many samples at 24 kHz it takes to say a sentence."""
    rate = _WORD_CHARACTERS_A_S if sentence.isascii() or " " in sentence else _CJK_CHARACTERS_A_S
    return int(len(sentence) / rate * SAMPLE_RATE_HZ)


def _part(sentence: str, share: float) -> str:
    """The words, or without blanks the characters, that make up `share` of a sentence."""
    if share >= 1.0:
        return sentence
    spent = int(len(sentence) * share)
    if " " not in sentence:
        return sentence[:spent]
    return sentence[: spent + 1].rpartition(" ")[0]
