"""Markdown and HTML to headings and paragraphs: what a reader sees, without the marks. Pure.

Markdown as far as it matters to a reader: spec.commonmark.org, and the front matter that site builders put first.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Final

from bridge.memory._blocks import Outline

_FRONT: Final = re.compile(r"\A---\s*\n(.*?)\n(?:---|\.\.\.)\s*(?:\n|\Z)", re.DOTALL)
_FRONT_TITLE: Final = re.compile(r"^title:\s*[\"']?(.*?)[\"']?\s*$", re.MULTILINE)
_FENCE: Final = re.compile(r" {0,3}(`{3,}|~{3,})")
_ATX: Final = re.compile(r" {0,3}(#{1,6})(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*$")
_SETEXT: Final = re.compile(r" {0,3}(=+|-+)[ \t]*$")
_RULE: Final = re.compile(r" {0,3}(?:[-*_][ \t]*){3,}$")
_TABLE_RULE: Final = frozenset(" |:-+=")
_QUOTE: Final = re.compile(r"^(?: {0,3}> ?)+")
_LINK: Final = re.compile(r"!?\[([^\[\]]*)\](?:\([^()\s]*(?:\s+\"[^\"]*\")?\)|\[[^\[\]]*\])")
_TAG: Final = re.compile(r"</?[a-zA-Z][^<>]*>")
_EMPHASIS: Final = re.compile(
    r"(?<![\w*])[*_]{1,3}(?=\S)|(?<=\S)[*_]{1,3}(?![\w*])|(?<=[^\x00-\x7f])\*{1,3}|\*{1,3}(?=[^\x00-\x7f])|`+"
)


def markdown(text: str) -> Outline:
    """The outline of a Markdown document."""
    outline = Outline()
    if front := _FRONT.match(text):
        title = _FRONT_TITLE.search(front[1])
        outline.title = title[1] if title else ""
        text = text[front.end() :]
    paragraph: list[str] = []
    fence = ""

    def close() -> None:
        outline.paragraph("\n".join(paragraph))
        paragraph.clear()

    for line in _without_comments(text).splitlines():
        mark = _FENCE.match(line)
        if fence:
            if mark and mark[1].startswith(fence):
                fence = ""
                close()
            else:
                paragraph.append(line)
        elif mark:
            fence = mark[1]
            close()
        elif heading := _ATX.match(line):
            close()
            outline.head(len(heading[1]), _inline(heading[2] or ""))
        elif paragraph and (under := _SETEXT.match(line)):
            outline.head(1 if under[1][0] == "=" else 2, " ".join(paragraph))
            paragraph.clear()
        elif _RULE.match(line) or _TABLE_RULE.issuperset(line):
            close()
        else:
            paragraph.append(_inline(_QUOTE.sub("", line)))
    close()
    return outline


def _without_comments(text: str) -> str:
    """One that isn't closed is left as it is. (A pattern would look for its end again and again.)"""
    kept, at = [], 0
    while (start := text.find("<!--", at)) >= 0 and (end := text.find("-->", start)) >= 0:
        kept.append(text[at:start])
        at = end + 3
    return "".join([*kept, text[at:]])


def _inline(line: str) -> str:
    """A line without links' addresses, emphasis, code marks and tags."""
    return _EMPHASIS.sub("", _TAG.sub("", _LINK.sub(r"\1", line))).strip()


_SILENT: Final = frozenset(("script", "style", "template", "svg"))
_BREAKS: Final = frozenset(
    (
        *("address", "article", "aside", "blockquote", "body", "caption", "dd", "details", "div", "dl", "dt"),
        *("figcaption", "figure", "footer", "form", "head", "header", "hr", "li", "main", "nav", "ol", "option", "p"),
        *("pre", "section", "summary", "table", "tr", "ul", "title", "h1", "h2", "h3", "h4", "h5", "h6"),
    )
)
_HEADINGS: Final = {f"h{level}": level for level in range(1, 7)}


class _Page(HTMLParser):
    """Gathers text between tags that break lines."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.outline = Outline()
        self._text: list[str] = []
        self._silent = ""
        self._inside = ""  # a heading or the title

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT and not self._silent:
            self._silent = tag
        if tag in _BREAKS:
            self.close_paragraph()
        if tag in _HEADINGS or tag == "title":
            self._inside = tag
        elif tag in ("br", "td", "th", "img"):
            self._text.append(" ")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._text.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag == self._silent:
            self._silent = ""
        if tag in _BREAKS:
            self.close_paragraph()

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self._text.append(data)

    def close_paragraph(self) -> None:
        """What was gathered is a paragraph, a heading or the title."""
        text = " ".join("".join(self._text).split())
        self._text.clear()
        inside, self._inside = self._inside, ""
        if inside == "title":
            self.outline.title = self.outline.title or text
        elif inside:
            self.outline.head(_HEADINGS[inside], text)
        else:
            self.outline.paragraph(text)


def html(text: str) -> Outline:
    """The outline of an HTML page. Scripts, styles and drawings are left out."""
    page = _Page()
    page.feed(text)
    page.close()
    page.close_paragraph()
    return page.outline
