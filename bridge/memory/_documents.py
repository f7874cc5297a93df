"""A document's file to passages: Markdown, plain text, HTML and PDF."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from bridge.errors import InputError
from bridge.memory import Passage, _words
from bridge.memory._blocks import Block, pack
from bridge.memory._markup import html, markdown

ENDINGS: Final = (".md", ".markdown", ".txt", ".html", ".htm", ".pdf")
OTHER_ENDINGS: Final = frozenset(
    (".doc", ".docx", ".odt", ".rtf", ".ppt", ".pptx", ".odp", ".xls", ".xlsx", ".ods", ".epub", ".pages", ".csv")
)
"""Documents too, but not for us: a person would wonder why nothing is known of them."""

_BOMS: Final = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_CHARSET: Final = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{1,40})", re.IGNORECASE)
_PARAGRAPH: Final = re.compile(r"\n\s*\n")


@dataclass(frozen=True, slots=True)
class Entry:
    """A passage and the terms it is found by: those of its headings, and those of its text."""

    passage: Passage
    place_terms: str
    terms: str


def read(path: Path, name: str) -> list[Entry]:
    """The passages of a document; `name` is what people call it.

    Raises InputError where it can't be used, OSError where it can't be read, and anything where a PDF is damaged.
    """
    title, blocks = _outline(path, name)
    title = " ".join(title.split()) or PurePosixPath(name).stem
    found = [_entry(name, title, block) for block in pack(blocks)]
    if not any(entry.terms for entry in found):
        raise InputError(f"{name} has no text.")
    return found


def _outline(path: Path, name: str) -> tuple[str, list[Block]]:
    ending = path.suffix.lower()
    if ending == ".pdf":
        from bridge.memory._pdf import pdf  # noqa: PLC0415 - slow to import, and not in most folders

        return pdf(path, name)
    content = path.read_bytes()
    if ending in (".html", ".htm"):
        outline = html(_decode(content, name, _declared(content)))
    elif ending == ".txt":
        return "", [Block("", 0, part.strip()) for part in _PARAGRAPH.split(_decode(content, name)) if part.strip()]
    else:
        outline = markdown(_decode(content, name))
    return outline.title, outline.blocks


def _entry(name: str, title: str, block: Block) -> Entry:
    text = _words.clean(block.text)
    passage = Passage(name, _words.clean(title), _words.clean(block.heading), block.page, text)
    place = _words.indexed(f"{PurePosixPath(name).stem} {title} {block.heading}")
    return Entry(passage, place, _words.indexed(text))


def _declared(content: bytes) -> str:
    """The encoding that an HTML page says it has."""
    found = _CHARSET.search(content[:4096])
    return found[1].decode("ascii") if found else "utf-8"


def _decode(content: bytes, name: str, encoding: str = "utf-8") -> str:
    """Text by its byte-order mark, else in `encoding`, with `\\n` at the ends of lines. Raises InputError."""
    encoding = next((coding for mark, coding in _BOMS if content.startswith(mark)), encoding)
    try:
        text = content.decode(encoding)
    except (LookupError, UnicodeError):
        raise InputError(f"{name} is not {encoding.removesuffix('-sig').upper()} text; save it as UTF-8.") from None
    if "\0" in text:
        raise InputError(f"{name} is no text file.")
    return text.replace("\r\n", "\n").replace("\r", "\n")
