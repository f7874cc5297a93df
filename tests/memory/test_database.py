"""Trouble with the file: one sentence, the conversation goes on, and nothing is deleted that was not ours to delete."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.errors import DeviceError
from bridge.memory import Claim, Turn, Visitor
from bridge.memory.facts import Facts
from bridge.memory.store import Store

pytestmark = pytest.mark.unit

ANN = Visitor("avatar", "ann")


def use(path, work):
    """Open a store, do `work(store)` and close it."""

    async def main():
        store = await Store.open(path)
        try:
            return await work(store)
        finally:
            await store.aclose()

    return asyncio.run(main())


def said(text):
    return Turn("user", text, 0)


async def texts(store):
    return [turn.text for turn in await store.recent(ANN, 100_000)]


async def say(store, *words):
    for word in words:
        await store.add(ANN, said(word))


async def converse(store):
    """What a conversation does with a store; it must hold in whatever trouble."""
    await say(store, "hello again")
    assert (await texts(store))[-1] == "hello again"
    assert [turn.text for turn in await store.recall(ANN, "again")] == ["hello again"]
    await Facts(store.database).learn(ANN, [Claim("name", "Ann")], None, 0)
    assert [fact.text for fact in await Facts(store.database).known(ANN)] == ["Ann"]
    return store.trouble


def fill(path, count=40):
    async def work(store):
        for at in range(count):
            await store.add(ANN, said(f"turn {at} " + "lorem ipsum " * 30))

    use(path, work)
    return path.read_bytes()


@pytest.mark.parametrize(
    "content", [b"not a database at all " * 100, b"\0" * 8192, b"SQLite format 3\0" + b"\xff" * 5000]
)
def test_a_broken_file_is_set_aside_as_it_is_and_a_new_one_begun(tmp_path, content):
    path = tmp_path / "memory.db"
    for number in (1, 2):
        path.write_bytes(content)
        trouble = use(path, converse)
        assert trouble.endswith(f"kept as memory.broken-{number}.db, a new one begun.") and "\n" not in trouble
        assert (tmp_path / f"memory.broken-{number}.db").read_bytes() == content
        assert use(path, texts) == ["hello again"]
        path.unlink()


def test_an_empty_file_is_a_new_one(tmp_path):
    (tmp_path / "memory.db").touch()
    assert use(tmp_path / "memory.db", converse) == ""


@given(st.data())
@settings(max_examples=15)
def test_whatever_happens_to_its_bytes_the_conversation_goes_on(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("memory")
    content = bytearray(fill(folder / "memory.db"))
    if data.draw(st.booleans()):
        del content[data.draw(st.integers(0, len(content))) :]
    for _ in range(data.draw(st.integers(1, 4))):
        if content:
            at = data.draw(st.integers(0, len(content) - 1))
            content[at : at + 8] = data.draw(st.binary(min_size=1, max_size=64))
    (folder / "memory.db").write_bytes(content)
    use(folder / "memory.db", converse)


def test_a_file_of_a_format_that_never_was_is_set_aside(tmp_path):
    """Its number is the 4 bytes at 44 (sqlite.org/fileformat2.html, 1.3.10), of which there are 1 to 4."""
    content = bytearray(fill(tmp_path / "memory.db"))
    content[44:48] = bytes(3) + b"\x09"
    (tmp_path / "memory.db").write_bytes(content)
    assert "was broken" in use(tmp_path / "memory.db", converse)
    assert (tmp_path / "memory.broken-1.db").read_bytes() == content


def test_an_index_that_breaks_while_in_use_is_set_aside_too(tmp_path):
    async def work(store):
        await say(store, "before")
        await store.database.write(
            lambda c: c.execute("UPDATE words_data SET block = x'00000000ffffffff' WHERE id > 1")
        )
        await store.database.write(lambda c: c.execute("DELETE FROM words_config"))
        await store.recall(ANN, "before")
        return await converse(store)

    use(tmp_path / "memory.db", lambda store: say(store, "earlier"))
    trouble = use(tmp_path / "memory.db", work)
    assert "was broken" in trouble
    assert sorted(os.listdir(tmp_path)) == ["memory.broken-1.db", "memory.db"]


@pytest.mark.parametrize("setting", ["application_id=1", "user_version=99"])
def test_a_sound_file_that_is_not_for_us_is_not_touched(tmp_path, setting):
    path = tmp_path / "memory.db"
    fill(path)
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA {setting}")
    connection.close()
    before = path.read_bytes()
    trouble = use(path, converse)
    assert "another program" in trouble or "newer version" in trouble
    assert path.read_bytes() == before and os.listdir(tmp_path) == ["memory.db"]


def test_a_database_of_another_program_without_an_id_is_not_touched(tmp_path):
    connection = sqlite3.connect(tmp_path / "memory.db")
    connection.execute("CREATE TABLE theirs (a)")
    connection.close()
    assert "another program" in use(tmp_path / "memory.db", converse)
    connection = sqlite3.connect(tmp_path / "memory.db")
    assert connection.execute("SELECT name FROM sqlite_schema").fetchall() == [("theirs",)]
    connection.close()


def test_a_place_where_no_file_can_be_is_one_sentence(tmp_path):
    (tmp_path / "file").write_text("in the way")
    (tmp_path / "folder").mkdir()
    for path in (tmp_path / "file" / "memory.db", tmp_path / "folder"):
        trouble = use(path, converse)
        assert "can't be used: " in trouble and "the conversation goes on" in trouble and "\n" not in trouble


def pragma(store, setting):
    """Set something of the file's own connection, in the thread that has it: SQLite then fails as it would at sea."""
    return store.database._call(lambda: store.database._file.execute(f"PRAGMA {setting}"))


def test_what_is_said_while_the_disk_is_full_is_kept_and_written_later(tmp_path):
    path = tmp_path / "memory.db"
    long = [f"{at} " + "lorem " * 300 for at in range(30)]

    async def work(store):
        await say(store, "before")
        await pragma(store, "max_page_count=1")  # SQLite raises it to the size there is: the file may not grow
        await say(store, *long)
        assert "the disk is full" in store.trouble
        assert await texts(store) == ["before", *long], "all of it is there to go on with"
        kept = sqlite3.connect(path)
        assert kept.execute("SELECT count(*) FROM turns").fetchone()[0] < 31, "the file is full indeed"
        kept.close()
        await pragma(store, "max_page_count=100000")
        await say(store, "after")
        assert store.trouble == ""
        return await texts(store)

    assert use(path, work) == use(path, texts) == ["before", *long, "after"]


def test_a_file_locked_by_another_program_is_waited_for_and_then_done_without(tmp_path):
    path = tmp_path / "memory.db"

    async def work(store):
        await say(store, "one")
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        await say(store, "two")
        assert "another program" in store.trouble
        other.execute("ROLLBACK")
        other.close()
        await say(store, "three")
        assert store.trouble == ""

    use(path, work)
    assert use(path, texts) == ["one", "two", "three"]


def test_a_file_that_is_locked_at_the_start_is_found_again_later(tmp_path):
    path = tmp_path / "memory.db"
    use(path, lambda store: say(store, "yesterday"))
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")

    async def work(store):
        assert "another program" in store.trouble
        other.execute("ROLLBACK")
        other.close()
        await say(store, *(str(at) for at in range(20)))
        assert store.trouble == ""

    use(path, work)
    assert use(path, texts) == ["yesterday", *(str(at) for at in range(20))]


def test_forgetting_does_not_claim_to_be_done_while_the_file_can_not_be_written(tmp_path):
    path = tmp_path / "memory.db"

    async def work(store):
        await say(store, "xyzzyq")
        await pragma(store, "query_only=ON")
        with pytest.raises(DeviceError, match=r"not deleted from the file yet.*read-only"):
            await store.forget(ANN)
        assert await texts(store) == []
        await pragma(store, "query_only=OFF")
        await store.forget(ANN)
        assert store.trouble == ""
        assert all(b"xyzzyq" not in file.read_bytes() for file in tmp_path.iterdir())

    use(path, work)


def test_traces_left_because_another_program_reads_are_told(tmp_path):
    async def work(store):
        await say(store, "xyzzyq")
        other = sqlite3.connect(tmp_path / "memory.db", isolation_level=None)
        other.execute("BEGIN")
        assert other.execute("SELECT count(*) FROM turns").fetchone() == (1,)
        with pytest.raises(DeviceError, match="traces stay"):
            await store.forget(ANN)
        other.close()
        await store.forget(ANN)
        assert all(b"xyzzyq" not in file.read_bytes() for file in tmp_path.iterdir())

    use(tmp_path / "memory.db", work)


def test_a_disk_that_hangs_does_not_gather_requests_without_end():
    async def main():
        store = await Store.open(None)
        release = threading.Event()
        stuck = asyncio.create_task(store.database.read(lambda _: release.wait()))
        await asyncio.sleep(0)
        waiting = [asyncio.create_task(store.add(ANN, said("x"))) for _ in range(300)]
        await asyncio.sleep(0)
        refused = [task for task in waiting if task.done()]
        assert len(refused) == 300 - 255
        assert all("behind" in str(task.exception()) for task in refused)
        release.set()
        assert await stuck
        assert (
            len([task for task in await asyncio.gather(*waiting, return_exceptions=True) if task in range(300)]) == 255
        )
        await store.aclose()

    asyncio.run(main())


def test_a_cancelled_call_leaves_a_store_that_works(tmp_path):
    async def work(store):
        tasks = [asyncio.create_task(store.add(ANN, said(str(at)))) for at in range(20)]
        await asyncio.sleep(0)
        for task in tasks[::2]:
            task.cancel()
        done = await asyncio.gather(*tasks, return_exceptions=True)
        kept = await texts(store)
        assert [str(at) for at in range(20) if isinstance(done[at], int)] == [t for t in kept if int(t) % 2]
        return store.trouble

    assert use(tmp_path / "memory.db", work) == ""


def test_a_closed_store_says_so(tmp_path):
    async def main():
        store = await Store.open(tmp_path / "memory.db")
        await store.aclose()
        await store.aclose()
        with pytest.raises(DeviceError, match="The memory is closed"):
            await texts(store)

    asyncio.run(main())
    assert os.listdir(tmp_path) == ["memory.db"], "its log is gone with the last user"
