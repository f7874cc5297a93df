"""How English words are said, in ARPAbet without stress: from dictionaries, and for other words from espeak-ng."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pocketsphinx

from bridge.errors import InputError
from bridge.providers.tts.espeak import Options, speak

_ROWS: Final = """
    aɪ=AY aʊ=AW eɪ=EY oʊ=OW ɔɪ=OY tʃ=CH dʒ=JH ɜː=ER ɚ=ER
    iː=IY i=IY ɪ=IH ᵻ=IH ɛ=EH e=EH æ=AE a=AE ɑ=AA ɐ=AH ʌ=AH ə=AH ɔ=AO o=OW ʊ=UH u=UW
    b=B d=D ð=DH f=F ɡ=G h=HH k=K l=L m=M n=N ŋ=NG p=P ɹ=R r=R s=S ʃ=SH t=T ɾ=T θ=TH v=V w=W j=Y z=Z ʒ=ZH x=K
"""
_FROM_IPA: Final = dict(row.split("=") for row in _ROWS.split())
_IPA: Final = re.compile("|".join(sorted(_FROM_IPA, key=len, reverse=True)))


Phones = list[tuple[float, float, str]]
"""What an aligner finds: start and end in seconds, and the phone in ARPAbet; `SIL` is silence."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word as it is written, in lower case, and its phones."""

    text: str
    phones: tuple[str, ...]


def from_ipa(labels: Iterable[str]) -> tuple[str, ...]:
    """English labels of espeak-ng as ARPAbet; what has no letter there is left out."""
    return tuple(_FROM_IPA[found] for label in labels for found in _IPA.findall(label))


def read_dictionary(path: Path) -> dict[str, tuple[str, ...]]:
    """Pronunciations of a file of lines `WORD PH ON ES`; the first of several is kept. Raises InputError."""
    words: dict[str, tuple[str, ...]] = {}
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as e:
        raise InputError(f"{path} can't be read as a dictionary: {e}") from e
    for line in lines:
        word, *phones = line.split()
        words.setdefault(word.lower(), unstressed(phones))
    return words


def unstressed(phones: Sequence[str]) -> tuple[str, ...]:
    """ARPAbet without stress digits and marks of the place in a word, as in `IY0_E`."""
    return tuple(re.sub(r"\d?(_[BIES])?$", "", phone) for phone in phones)


class Lexicon:
    """Words of transcripts and how they are said."""

    def __init__(self, extra: dict[str, tuple[str, ...]]) -> None:
        """`extra` is asked where the dictionary that comes with pocketsphinx does not have a word."""
        own = read_dictionary(Path(pocketsphinx.get_model_path("en-us/cmudict-en-us.dict")))
        self._words = {**extra, **own}

    def words(self, transcript: str, spoken: Sequence[tuple[str, ...]] | None = None) -> list[Word]:
        """The words of an English text without figures; `spoken` tells their phones where a corpus does."""
        found = re.sub(r"[^a-z' ]", " ", transcript.lower().replace("’", "'")).split()
        if spoken is not None and len(spoken) == len(found):
            return [Word(word, phones) for word, phones in zip(found, spoken, strict=True)]
        bare = [word if word in self._words else word.strip("'") for word in found]
        return [Word(word, self._phones(word)) for word in bare if word]

    def _phones(self, word: str) -> tuple[str, ...]:
        if word not in self._words:
            self._words[word] = self._possessive(word) or from_ipa(
                p.ipa for p in speak(word, Options(lang="en")).phones
            )
        return self._words[word]

    def _possessive(self, word: str) -> tuple[str, ...] | None:
        stem = self._words.get(word.removesuffix("'s")) if word.endswith("'s") else None
        if stem is None:
            return None
        if stem[-1] in {"S", "Z", "SH", "ZH", "CH", "JH"}:
            return (*stem, "IH", "Z")
        return (*stem, "S" if stem[-1] in {"P", "T", "K", "F", "TH"} else "Z")


def read_spoken(path: Path) -> dict[str, list[tuple[str, ...]]]:
    """Phones of each word of utterances by name, from lines `NAME.WORD PH ON ES`, as speechocean762 gives them."""
    found: dict[str, list[tuple[str, ...]]] = {}
    for line in path.read_text("utf-8").splitlines():
        name, *phones = line.split()
        found.setdefault(name.rpartition(".")[0], []).append(unstressed(phones))
    return found
