"""A folder of documents: found in any script, cited, kept up to date, and never stopped by a bad file."""

from __future__ import annotations

import asyncio
import os
import random
import sqlite3

import pytest

from bridge.errors import DeviceError
from bridge.memory import MemorySettings
from bridge.memory.knowledge import Knowledge

pytestmark = pytest.mark.unit

MUSEUM = """# The Museum

Welcome.

## Opening hours

We open at **nine** on [Sundays](https://example.org).

## Tickets

Adults pay 12 euro.
"""


def use(folder, work, path=None, **settings):
    """Open a knowledge base on `folder`, do `work(knowledge)` and close it."""

    async def main():
        knowledge = await Knowledge.open(MemorySettings(knowledge=str(folder), **settings), path)
        try:
            return await work(knowledge)
        finally:
            await knowledge.aclose()

    return asyncio.run(main())


@pytest.fixture(name="folder")
def make_folder(tmp_path):
    folder = tmp_path / "documents"
    (folder / "more").mkdir(parents=True)
    (folder / "house.md").write_text(MUSEUM, encoding="utf-8")
    (folder / "博物馆.txt").write_text(
        "博物馆开放时间：周一至周五上午九点。\n\n门票：成人八十元，学生半价。", encoding="utf-8"
    )
    (folder / "more" / "ja.html").write_text(
        "<title>美術館</title><h1>美術館</h1><p>開館は午前九時です。", encoding="utf-8"
    )
    return folder


async def citations(knowledge, question, limit=1):
    return [hit.passage.citation for hit in await knowledge.search(question, limit)]


def test_questions_find_the_passage_and_say_where_it_stands(folder):
    async def work(knowledge):
        report = await knowledge.refresh()
        assert (report.documents, report.passages, report.changed, report.problems) == (3, 5, 3, ())
        assert await citations(knowledge, "When do you open on Sunday?") == ["house.md, Opening hours"]
        assert await citations(knowledge, "How much is a ticket for an adult?") == ["house.md, Tickets"]
        assert await citations(knowledge, "学生门票多少钱？") == ["博物馆.txt"]
        assert await citations(knowledge, "開館は何時ですか") == ["more/ja.html"]
        assert await citations(knowledge, "elephants?") == await citations(knowledge, "…") == []
        (hit,) = await knowledge.search("opening hours on sunday", 1)
        assert hit.passage.text == "Opening hours\nWe open at nine on Sundays." and hit.passage.title == "The Museum"
        assert hit.share == 1.0
        (hit,) = await knowledge.search("ticket for elephants", 1)
        assert hit.share == 0.5

    use(folder, work)


def test_only_what_changed_is_read_again(folder, tmp_path):
    path = tmp_path / "knowledge.db"

    async def first(knowledge):
        await knowledge.refresh()
        return (await knowledge.refresh()).changed

    assert use(folder, first, path) == 0

    async def second(knowledge):
        assert await citations(knowledge, "sundays") == ["house.md, Opening hours"], "known before the first look"
        os.utime(folder / "house.md", ns=(1, 1))
        assert (await knowledge.refresh()).changed == 0, "another time, the same content"
        (folder / "house.md").write_text("# The Museum\n\nClosed for ever.", encoding="utf-8")
        (folder / "博物馆.txt").rename(folder / "馆.txt")
        (folder / "more" / "ja.html").unlink()
        report = await knowledge.refresh()
        assert (report.documents, report.changed) == (2, 4)
        assert await citations(knowledge, "sundays") == await citations(knowledge, "美術館") == []
        assert await citations(knowledge, "closed") == ["house.md"]
        assert await citations(knowledge, "门票") == ["馆.txt"]

    use(folder, second, path)


def test_another_folder_replaces_the_one_before(folder, tmp_path):
    path = tmp_path / "knowledge.db"
    use(folder, lambda knowledge: knowledge.refresh(), path)
    other = tmp_path / "other"
    other.mkdir()
    (other / "a.txt").write_text("elephants", encoding="utf-8")

    async def work(knowledge):
        await knowledge.refresh()
        return await citations(knowledge, "elephants"), await citations(knowledge, "sundays")

    assert use(other, work, path) == (["a.txt"], [])


def test_bad_files_are_told_by_name_and_the_rest_is_read(folder):
    (folder / "bad.pdf").write_bytes(b"%PDF-1.7 nonsense")
    (folder / "latin.txt").write_bytes("café".encode("latin-1"))
    (folder / "binary.txt").write_bytes(b"a\0b")
    (folder / "empty.md").write_text("", encoding="utf-8")
    (folder / "letter.docx").write_bytes(b"PK")
    (folder / "huge.txt").write_bytes(b"word " * 300_000)
    (folder / ".hidden.md").write_text("secret", encoding="utf-8")
    (folder / "photo.jpg").write_bytes(b"\xff\xd8")
    (folder / "dir.md").mkdir()

    async def work(knowledge):
        await knowledge.refresh()
        report = await knowledge.refresh()
        assert (report.documents, report.changed) == (3, 0), "bad files are not read again and again"
        assert await citations(knowledge, "secret") == []
        return report.problems

    assert use(folder, work, knowledge_file_mb=1) == (
        "huge.txt has 1.4 MiB and is left out; at most 1 are read.",
        "letter.docx is left out: only Markdown, text, HTML and PDF are read.",
        "bad.pdf can't be read: it seems to be damaged.",
        "binary.txt is no text file.",
        "empty.md has no text.",
        "latin.txt is not UTF-8 text; save it as UTF-8.",
    )


def test_too_many_documents_are_one_sentence(folder):
    for at in range(5):
        (folder / f"{at}.txt").write_text(f"number {at}", encoding="utf-8")
    report = use(folder, lambda knowledge: knowledge.refresh(), knowledge_files=3)
    assert report.documents == 3
    (problem,) = report.problems
    assert problem.endswith("3.txt and those after it are left out.")


def test_a_folder_that_is_not_there_is_one_sentence(tmp_path):
    report = use(tmp_path / "nowhere", lambda knowledge: knowledge.refresh())
    assert report.documents == 0 and len(report.problems) == 1 and "There is no folder" in report.problems[0]


def test_a_document_half_indexed_when_the_program_ended_is_read_again(folder, tmp_path):
    path = tmp_path / "knowledge.db"
    use(folder, lambda knowledge: knowledge.refresh(), path)
    connection = sqlite3.connect(path)
    connection.execute("UPDATE documents SET sha256 = '' WHERE file = 'house.md'")
    connection.execute("DELETE FROM passages WHERE heading = 'Tickets'")
    connection.execute("DELETE FROM words WHERE rowid NOT IN (SELECT id FROM passages)")
    connection.commit()
    connection.close()

    async def work(knowledge):
        assert (await knowledge.refresh()).changed == 1
        return await citations(knowledge, "tickets")

    assert use(folder, work, path) == ["house.md, Tickets"]


def test_a_broken_index_is_made_anew(folder, tmp_path):
    (tmp_path / "knowledge.db").write_bytes(b"broken " * 1000)

    async def work(knowledge):
        assert "knowledge.broken-1.db" in knowledge.trouble
        await knowledge.refresh()
        return await citations(knowledge, "tickets")

    assert use(folder, work, tmp_path / "knowledge.db") == ["house.md, Tickets"]


def test_it_can_be_closed_while_it_reads_and_goes_on_the_next_time(folder, tmp_path):
    for at in range(50):
        (folder / f"{at}.txt").write_text(f"number{at} " * 1000, encoding="utf-8")

    async def cut_short(knowledge):
        reading = asyncio.create_task(knowledge.refresh())
        while not await citations(knowledge, "number0"):
            pass
        await knowledge.aclose()
        with pytest.raises(DeviceError, match="closed"):
            await reading
            await knowledge.search("anything")

    use(folder, cut_short, tmp_path / "knowledge.db")

    async def go_on(knowledge):
        report = await knowledge.refresh()
        assert (report.documents, report.problems) == (53, ())
        assert 0 < report.changed < 53

    use(folder, go_on, tmp_path / "knowledge.db")


def test_every_document_is_found_by_its_own_words(tmp_path):
    dice = random.Random(3)
    folder = tmp_path / "documents"
    folder.mkdir()
    common = ["the", "house", "展览", "です", "open"]
    for at in range(60):
        han = "".join(chr(dice.randint(0x4E00, 0x9FFF)) for _ in range(4))
        word = "".join(dice.choice("bcdfgklmnprtaeiou") for _ in range(9))
        (folder / f"{at}.txt").write_text(" ".join([*common, word, han]), encoding="utf-8")

    async def work(knowledge):
        await knowledge.refresh()
        for at in range(60):
            *_, word, han = (folder / f"{at}.txt").read_text(encoding="utf-8").split()
            for question in (word, han, han[:2], han[-1], f"the house {word}", f"{word} 展览"):
                assert f"{at}.txt" in await citations(knowledge, question, 5)
            assert await citations(knowledge, f"{word} {han} open") == [f"{at}.txt"]

    use(folder, work)
