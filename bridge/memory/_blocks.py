"""Paragraphs of documents, and their packing into passages. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import Final

TARGET: Final = 700
"""Characters of a passage; a paragraph alone may fill it. Twice as many make a paragraph be cut."""

_SENTENCE_END: Final = re.compile(r"[。！？…]+[”’」』）)\"']*|[.!?]+[\"'”’)\]]*(?=\s)|\n")


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, or several: where it stands, as in `Passage`, and its text."""

    heading: str
    page: int
    text: str


@dataclass(slots=True)
class Outline:
    """The blocks of a document with headings, as they are met. The first heading of level 1 is its title."""

    title: str = ""
    blocks: list[Block] = field(default_factory=list)
    _above: list[tuple[int, str]] = field(default_factory=list)

    def head(self, level: int, text: str) -> None:
        """A heading: level 1 is the outermost."""
        text = " ".join(text.split())
        if not text:
            return
        self._above = [above for above in self._above if above[0] < level]
        if level == 1 and not self.title:
            self.title = text
        self._above.append((level, text))
        # A heading is found by its own words even where nothing stands under it but further headings.
        self.paragraph(text)

    def paragraph(self, text: str) -> None:
        """A paragraph under the headings met so far."""
        if text := text.strip():
            path = " > ".join(heading for _, heading in self._above if heading != self.title)
            self.blocks.append(Block(path, 0, text))


def pack(blocks: Iterable[Block]) -> Iterator[Block]:
    """Short neighbours of one place put together, long ones cut: passages of some `TARGET` characters."""
    for (heading, page), group in groupby(blocks, key=lambda block: (block.heading, block.page)):
        gathered = ""
        for block in group:
            for piece in _cut(block.text):
                if gathered and len(gathered) + len(piece) > TARGET:
                    yield Block(heading, page, gathered)
                    gathered = ""
                gathered = f"{gathered}\n{piece}" if gathered else piece
        if gathered:
            yield Block(heading, page, gathered)


def _cut(text: str) -> Iterator[str]:
    """A paragraph in pieces of at most twice `TARGET`, cut after a sentence, else at a blank, else anywhere."""
    while len(text) > 2 * TARGET:
        ends = [match.end() for match in _SENTENCE_END.finditer(text, TARGET // 2, TARGET)]
        cut = ends[-1] if ends else text.rfind(" ", TARGET // 2, TARGET) + 1 or TARGET
        if piece := text[:cut].strip():
            yield piece
        text = text[cut:].strip()
    if text:
        yield text
