"""PDF to paragraphs with page numbers, by pypdf. For a process of its own: a damaged file may raise anything."""

from __future__ import annotations

import logging
import re
from pathlib import Path
from typing import Final

from pypdf import PdfReader

from bridge.errors import InputError
from bridge.memory._blocks import Block

_MAX_CHARACTERS: Final = 10_000_000
_HYPHEN: Final = re.compile(r"(?<=[a-zà-ÿ])-\n(?=[a-zà-ÿ])")
_WIDE_BREAK: Final = re.compile(r"(?<=[\u3000-\u9fff\uff00-\uffef])\s*\n\s*(?=[\u3000-\u9fff\uff00-\uffef])")
_PARAGRAPH: Final = re.compile(r"\n\s*\n")


def pdf(path: Path, name: str) -> tuple[str, list[Block]]:
    """The title that the file has, perhaps empty, and the text page by page.

    Raises InputError for one with a password or without text, and whatever pypdf raises for one that is damaged.
    """
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    reader = PdfReader(path)
    if reader.is_encrypted and not reader.decrypt(""):
        raise InputError(f"{name} is locked with a password.")
    blocks: list[Block] = []
    left = _MAX_CHARACTERS
    for number, page in enumerate(reader.pages, 1):
        text = page.extract_text()[:left]
        left -= len(text)
        blocks += [Block("", number, part) for part in _paragraphs(text)]
    if not blocks:
        raise InputError(f"{name} has no text; scanned pages need text recognition (OCR) first.")
    title = reader.metadata.title if reader.metadata else None
    return (title or "").strip(), blocks


def _paragraphs(text: str) -> list[str]:
    """The lines of a page put together: words parted at a line's end made whole, no blank between Chinese lines."""
    joined = _WIDE_BREAK.sub("", _HYPHEN.sub("", text))
    parts = (" ".join(part.split()) for part in _PARAGRAPH.split(joined))
    return [part for part in parts if part]
