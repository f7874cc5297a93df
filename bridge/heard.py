"""What of an utterance was heard: its sentences, and where on the timeline they came to lie."""

from __future__ import annotations

from typing import Final

from bridge.phrases import join
from bridge.playout import PendingMark
from bridge.timebase import SAMPLE_RATE_HZ, frame_to_sample

_WORD_CHARACTERS_A_S: Final = 14
_CJK_CHARACTERS_A_S: Final = 4.5
"""About how fast is spoken, for a sentence whose end is not known yet."""


class Recital:
    """One utterance as it is told. Give it each sentence with its mark, and ask by a sample of the timeline."""

    def __init__(self) -> None:
        self._sentences: list[tuple[str, PendingMark]] = []
        self.begin: PendingMark | None = None
        """Where it begins, once there is anything of it."""
        self.end_sample: int | None = None
        """Where it ends on the timeline, once that is known."""

    def add(self, sentence: str, mark: PendingMark) -> None:
        """The next sentence lies where `mark` does."""
        self._sentences.append((sentence, mark))

    def correct(self, sentence: str) -> None:
        """More is known of the last sentence now: it is `sentence`."""
        _, mark = self._sentences[-1]
        self._sentences[-1] = (sentence, mark)

    def text(self) -> str:
        """All of it."""
        return join([sentence for sentence, _ in self._sentences])

    def text_until(self, sample: int) -> str:
        """What was heard by `sample`: whole sentences, and of the last one as many words as had their time."""
        heard = [_part(sentence, _share(sentence, mark, sample)) for sentence, mark in self._sentences]
        return join(heard)

    def text_after(self, sample: int) -> str:
        """What had not been heard by `sample`, from the beginning of the sentence that was cut off."""
        return join([sentence for sentence, mark in self._sentences if _share(sentence, mark, sample) < 1.0])


def usual_samples(sentence: str) -> int:
    """About how many samples at 24 kHz it takes to say a sentence."""
    rate = _WORD_CHARACTERS_A_S if sentence.isascii() or " " in sentence else _CJK_CHARACTERS_A_S
    return int(len(sentence) / rate * SAMPLE_RATE_HZ)


def _share(sentence: str, mark: PendingMark, sample: int) -> float:
    """How much of a sentence lies before `sample`, 0..1."""
    if mark.start_index is None:
        return 0.0
    length = usual_samples(sentence) if mark.end is None else frame_to_sample(mark.end - mark.start)
    return min(max((sample - frame_to_sample(mark.start_index)) / max(length, 1), 0.0), 1.0)


def _part(sentence: str, share: float) -> str:
    """The words, or without blanks the characters, that make up `share` of a sentence."""
    if share >= 1.0:
        return sentence
    spent = int(len(sentence) * share)
    if " " not in sentence:
        return sentence[:spent]
    return sentence[: spent + 1].rpartition(" ")[0]
