"""Phones of recorded sentences whose words are known, so that a recorded face can be asked whether its lips met."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

from bridge.types import Phone
from models.data.lexicon import Lexicon, read_dictionary
from models.data.listen import NetworkAligner, load
from models.data.phones import ARPABET_TO_IPA


def teller(data: Path, network: Path) -> Callable[[Path, Path], tuple[Phone, ...]]:
    """What tells the phones of a recorded pair (the paths of its face and its sound), by a network's ear.

    None are told of what has no English words in `pairs/index.tsv`, or does not say them. Raises ModelError.
    """
    with (data / "pairs" / "index.tsv").open(encoding="utf-8", newline="") as f:
        texts = {row["clip"]: row["text"] for row in csv.DictReader(f, delimiter="\t") if row["language"] == "en"}
    lexicon = Lexicon(read_dictionary(data / "more" / "speech" / "speechocean762" / "lexicon.txt"))
    aligner = NetworkAligner(load(network))

    def told(face: Path, sound: Path) -> tuple[Phone, ...]:
        text = texts.get(f"{face.parent.name}/{face.stem}", "")
        found = aligner.align(sound, lexicon.words(text, None)) if text else None
        return tuple(Phone(start, end, ARPABET_TO_IPA[name]) for start, end, name in found or ())

    return told
