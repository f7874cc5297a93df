"""Files to passages: what a reader sees, where it stands, and nothing lost."""

from __future__ import annotations

import random
import re
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader, PdfWriter

from bridge.errors import InputError
from bridge.memory._blocks import TARGET, Block, pack
from bridge.memory._documents import read
from bridge.memory._markup import html, markdown
from bridge.memory._reader import Reader

pytestmark = pytest.mark.unit


def write_pdf(path, *pages, title=""):
    """A PDF as its specification has it (ISO 32000-1, 7.5): a page for each text, in lines."""
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", "", "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"]
    kids = []
    for text in pages:
        lines = " ".join(f"({line}) Tj 0 -14 Td" for line in text.split("\n"))
        stream = f"BT /F1 12 Tf 50 700 Td {lines} ET"
        objects.append(f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream")
        resources = "<< /Font << /F1 3 0 R >> >>"
        objects.append(f"<< /Type /Page /Parent 2 0 R /Resources {resources} /Contents {len(objects)} 0 R >>")
        kids.append(f"{len(objects)} 0 R")
    objects[1] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} /MediaBox [0 0 612 792] >>"
    objects.append(f"<< /Title ({title}) >>")
    out, places = "%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    trailer = f"<< /Size {len(places) + 1} /Root 1 0 R /Info {len(places)} 0 R >>"
    out += f"xref\n0 {len(places) + 1}\n0000000000 65535 f \n{table}trailer\n{trailer}\nstartxref\n{len(out)}\n%%EOF\n"
    path.write_bytes(out.encode("latin-1"))
    return path


def blocks(outline):
    return [(block.heading, block.text) for block in outline.blocks]


def test_markdown_is_read_without_its_marks():
    outline = markdown(
        "---\ntitle: 'Guide'\nlayout: x\n---\n"
        '<!-- not\nthis -->Welcome to the **old** _house_ of `cats`, [here](http://a "b") ![pic](c.png).\n'
        "2 * 3 and snake_case stay.\n\n"
        "## Hours ##\n> quoted *words*\n\n- one\n- two\n\n---\n\n"
        "### Winter\n| day | time |\n|-----|------|\n| Mon | 9–5 |\n\n"
        "```python\n# no heading\n```\n"
        "Tickets\n-------\n**成人**八十元\n"
    )
    assert outline.title == "Guide"
    assert blocks(outline) == [
        ("", "Welcome to the old house of cats, here pic.\n2 * 3 and snake_case stay."),
        ("Hours", "Hours"),
        ("Hours", "quoted words"),
        ("Hours", "- one\n- two"),
        ("Hours > Winter", "Winter"),
        ("Hours > Winter", "| day | time |"),
        ("Hours > Winter", "| Mon | 9–5 |"),
        ("Hours > Winter", "# no heading"),
        ("Tickets", "Tickets"),
        ("Tickets", "成人八十元"),
    ]


def test_html_is_read_as_it_is_seen():
    outline = html(
        "<!doctype html><html><head><title>The\n House</title><style>p { color: red }</style></head><body>"
        "<script>if (a < b) { document.write('<p>no</p>') }</script>"
        "<h1>Visit</h1><p>We&nbsp;open <b>at</b> nine<br>sharp."
        "<h2>Tickets</h2><table><tr><td>Adults<td>12 &euro;<tr><td>Children<td>free</table><ul><li>a<li>b</ul>"
        "<p>unfinished <b"
    )
    assert outline.title == "The House"
    assert blocks(outline)[:6] == [
        ("Visit", "Visit"),
        ("Visit", "We open at nine sharp."),
        ("Visit > Tickets", "Tickets"),
        ("Visit > Tickets", "Adults 12 €"),
        ("Visit > Tickets", "Children free"),
        ("Visit > Tickets", "a"),
    ]


@given(st.text())
def test_any_text_can_be_taken_for_markup(text):
    markdown(text)
    html(text)


@pytest.mark.parametrize("piece", ["<b", "[", "![a](", "*", "`", "<!--", "#\n", "> ", "&", "<p>", "- ", "|-", "<svg>"])
def test_long_hostile_markup_is_read(piece):
    for text in (piece * 20_000, "x" + piece * 20_000 + "y", piece * 20_000 + "y"):
        markdown(text)
    html("x" + piece * 5_000 + "y")


PARAGRAPHS = st.lists(st.text("ab. 。字\n!?", max_size=3 * TARGET), max_size=5)


@given(PARAGRAPHS)
@settings(max_examples=50)
def test_packing_loses_nothing_and_keeps_to_its_size(texts):
    packed = list(pack([Block("h", 0, text.strip()) for text in texts if text.strip()]))
    assert re.sub(r"\s", "", "".join(block.text for block in packed)) == re.sub(r"\s", "", "".join(texts))
    assert all(len(block.text) <= 2 * TARGET for block in packed)


def test_passages_do_not_cross_headings_and_pages():
    packed = pack([Block("a", 0, "1"), Block("a", 0, "2"), Block("b", 0, "3"), Block("b", 1, "4")])
    assert list(packed) == [Block("a", 0, "1\n2"), Block("b", 0, "3"), Block("b", 1, "4")]


def test_a_long_paragraph_is_cut_after_a_sentence():
    text = "This is a sentence of some length. " * 100
    assert all(block.text.endswith(".") for block in pack([Block("", 0, text)]))


@pytest.mark.parametrize(
    ("content", "ending"),
    [
        ("博物馆".encode(), ".txt"),
        ("博物馆".encode("utf-8-sig"), ".txt"),
        ("博物馆".encode("utf-16"), ".txt"),
        ("博物馆\r\n".encode(), ".md"),
        (b'<meta charset="gb18030"><p>' + "博物馆".encode("gb18030"), ".html"),
        (b'<meta http-equiv="x" content="text/html; charset=big5">' + "博物館".encode("big5"), ".HTM"),
    ],
)
def test_text_is_read_in_the_encoding_that_it_says(tmp_path, content, ending):
    path = tmp_path / f"a{ending}"
    path.write_bytes(content)
    (entry,) = read(path, path.name)
    assert entry.passage.text in ("博物馆", "博物館") and entry.passage.title == "a"
    assert "博物" in entry.terms


@pytest.mark.parametrize(
    ("content", "ending", "reason"),
    [
        (b"\xff\xfe\xff", ".txt", "is not UTF-16 text; save it as UTF-8"),
        (b"\xe9", ".md", "is not UTF-8 text"),
        (b'<meta charset="klingon">x', ".html", "is not KLINGON text"),
        (b'<meta charset="base64">x', ".html", "is not BASE64 text"),
        (b"a\0b", ".txt", "is no text file"),
        (b" \n \n", ".txt", "has no text"),
        (b"...", ".md", "has no text"),
    ],
)
def test_what_is_no_text_is_refused_by_name(tmp_path, content, ending, reason):
    (tmp_path / "x").write_bytes(content)
    path = (tmp_path / "x").rename(tmp_path / f"x{ending}")
    with pytest.raises(InputError, match=f"^my file {reason}"):
        read(path, "my file")


def test_a_pdf_is_cited_by_page(tmp_path):
    path = write_pdf(tmp_path / "guide.pdf", "Welcome to the mu-\nseum of cats", "We open at nine", title="The Guide")
    found = [entry.passage for entry in read(path, "guide.pdf")]
    assert [(passage.citation, passage.text) for passage in found] == [
        ("guide.pdf, page 1", "Welcome to the museum of cats"),
        ("guide.pdf, page 2", "We open at nine"),
    ]
    assert {passage.title for passage in found} == {"The Guide"}


def test_a_pdf_without_text_or_with_a_password_says_so(tmp_path):
    path = write_pdf(tmp_path / "a.pdf", "")
    with pytest.raises(InputError, match=r"a\.pdf has no text; scanned"):
        read(path, "a.pdf")
    writer = PdfWriter(clone_from=PdfReader(path))
    writer.encrypt("secret", algorithm="RC4-128")
    writer.write(tmp_path / "b.pdf")
    with pytest.raises(InputError, match=r"b\.pdf is locked with a password"):
        read(tmp_path / "b.pdf", "b.pdf")


@pytest.fixture(name="reader")
def make_reader():
    reader = Reader()
    yield reader
    reader.close()


def test_a_damaged_pdf_is_refused_and_the_next_is_read(tmp_path, reader):
    path, dice = write_pdf(tmp_path / "a.pdf", "Welcome to the museum"), random.Random(1)
    content = path.read_bytes()
    refused = 0
    for _ in range(8):
        damaged = bytearray(content)
        for _ in range(dice.randint(1, 40)):
            damaged[dice.randrange(len(damaged))] = dice.randrange(256)
        path.write_bytes(damaged[: dice.randint(0, 2 * len(damaged))])
        try:
            reader.read(path, "a.pdf")
        except InputError as error:
            assert str(error).startswith("a.pdf ")
            refused += 1
    assert refused
    path.write_bytes(content)
    assert reader.read(path, "a.pdf")[0].passage.text == "Welcome to the museum"


def test_a_document_that_takes_too_long_is_left_out(tmp_path):
    (tmp_path / "a.txt").write_text("hello")
    reader = Reader(limit_s=0.0)
    with pytest.raises(InputError, match=r"a\.txt takes longer than 0 s"):
        reader.read(tmp_path / "a.txt", "a.txt")
    reader.close()
    reader.close()


def test_a_file_that_is_gone_is_told_of(tmp_path, reader):
    with pytest.raises(InputError, match=r"a\.txt can't be read: No such file"):
        reader.read(tmp_path / "a.txt", "a.txt")


def test_reading_leaves_pdf_alone_until_it_is_needed(tmp_path):
    (tmp_path / "a.txt").write_text("hello")
    for name in [name for name in sys.modules if name.startswith("bridge.memory._pdf")]:
        del sys.modules[name]
    read(tmp_path / "a.txt", "a.txt")
    assert "bridge.memory._pdf" not in sys.modules
