"""Conversations in a file: each visitor's own, whole after any end, and gone when they are to be."""

from __future__ import annotations

import asyncio
import sqlite3
import threading

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bridge.memory import Claim, Turn, Visitor
from bridge.memory.facts import Facts
from bridge.memory.store import Store

pytestmark = pytest.mark.unit

ANN, BOB = Visitor("avatar", "ann"), Visitor("avatar", "bob")


def use(path, work):
    """Open a store, do `work(store)` and close it."""

    async def main():
        store = await Store.open(path)
        try:
            return await work(store)
        finally:
            await store.aclose()

    return asyncio.run(main())


def said(text, at_ns=0, **more):
    return Turn("user", text, at_ns, **more)


def test_a_turn_comes_back_as_it_was_kept(tmp_path):
    turn = Turn("assistant", "Half an ans", 1_700_000_000_000_000_000, 7, "happy", True)

    async def keep(store):
        return await store.add(ANN, turn)

    number = use(tmp_path / "home" / "memory.db", keep)
    (found,) = use(tmp_path / "home" / "memory.db", lambda store: store.recent(ANN, 1000))
    assert found == Turn(**{**{f: getattr(turn, f) for f in Turn.__slots__}, "id": number})


@given(st.text(st.characters(codec=None), max_size=200))
@settings(max_examples=50)
def test_any_text_can_be_kept_and_asked_for(text):
    async def main():
        store = await Store.open(None)
        await store.add(Visitor(text, text), said(text))
        (found,) = await store.recent(Visitor(text, text), 1000)
        assert found.text == text.encode("utf-8", "replace").decode()
        await store.recall(ANN, text)
        await store.aclose()

    asyncio.run(main())


@given(st.lists(st.text(max_size=30)), st.integers(0, 200))
@settings(max_examples=50)
def test_the_recent_turns_are_the_end_of_the_conversation_and_keep_to_the_budget(texts, budget):
    async def main():
        store = await Store.open(None)
        for text in texts:
            await store.add(ANN, said(text))
            await store.add(BOB, said("not hers"))
        found = [turn.text for turn in await store.recent(ANN, budget)]
        await store.aclose()
        return found

    found = asyncio.run(main())
    assert sum(map(len, found)) <= budget
    assert "".join(texts).endswith("".join(found))
    if found and len(found) < len(texts):
        left_out = texts[len(texts) - len(found) - 1]
        assert sum(map(len, found)) + len(left_out) > budget or len(texts[-1]) > budget


def test_the_end_of_a_monologue_longer_than_the_budget_is_given(tmp_path):
    async def work(store):
        await store.add(ANN, said("x" * 100 + "the end"))
        return await store.recent(ANN, 7)

    (turn,) = use(None, work)
    assert turn.text == "the end"


def test_an_old_conversation_can_be_left_out():
    async def work(store):
        await store.add(ANN, said("yesterday", 1))
        await store.add(ANN, said("today", 2))
        return [turn.text for turn in await store.recent(ANN, 1000, since_ns=2)]

    assert use(None, work) == ["today"]


def test_an_answer_is_cut_to_what_was_heard():
    async def work(store):
        number = await store.add(ANN, Turn("assistant", "We open at nine and close at five.", 0))
        await store.amend(BOB, number, "somebody else's", interrupted=True)
        await store.amend(ANN, number, "We open at nine", interrupted=True)
        await store.amend(ANN, 99, "there is none", interrupted=True)
        (turn,) = await store.recent(ANN, 1000)
        return turn, await store.recall(ANN, "close"), await store.recall(ANN, "nine")

    turn, close, nine = use(None, work)
    assert (turn.text, turn.interrupted, close, nine) == ("We open at nine", True, [], [turn])


def test_what_was_said_is_found_by_its_words_in_any_script():
    texts = ["My dog is called Rex", "我昨天去了博物馆", "明日は美術館に行きます", "제 고양이는 하얀색입니다"]

    async def work(store):
        for text in texts:
            await store.add(ANN, said(text))
        return [(await store.recall(ANN, q))[0].text for q in ("the dogs?", "博物馆怎么样", "美術館", "고양이")]

    assert use(None, work) == texts


def test_two_visitors_at_once_each_have_their_own(tmp_path):
    visitors = [Visitor(subject, name) for subject in ("avatar", "guide") for name in ("ann", "bob")]

    async def talk(store, visitor):
        for at in range(25):
            await store.add(visitor, said(f"{visitor.subject} {visitor.id} {at}", at))
            await asyncio.sleep(0)

    async def work(store):
        await asyncio.gather(*(talk(store, visitor) for visitor in visitors))
        # Loops in other threads, as a second server or a tool would have.
        threads = [threading.Thread(target=asyncio.run, args=(talk(store, visitor),)) for visitor in visitors]
        for thread in threads:
            thread.start()
        await asyncio.to_thread(lambda: [thread.join() for thread in threads])
        return [await store.recent(visitor, 100_000) for visitor in visitors], await store.visitors()

    conversations, summaries = use(tmp_path / "memory.db", work)
    for visitor, turns in zip(visitors, conversations, strict=True):
        assert [turn.text for turn in turns] == [f"{visitor.subject} {visitor.id} {at}" for at in [*range(25)] * 2]
    assert {(summary.visitor, summary.turns, summary.last_ns) for summary in summaries} == {
        (visitor, 50, 24) for visitor in visitors
    }


def leftovers(folder, secret):
    """The files that still hold the bytes."""
    return [path.name for path in folder.iterdir() if secret in path.read_bytes().lower()]


@given(st.lists(st.integers(1, 20_000), min_size=1, max_size=6), st.integers(0, 30))
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_who_is_forgotten_leaves_no_byte_behind(tmp_path_factory, lengths, others):
    folder = tmp_path_factory.mktemp("memory")

    async def work(store):
        for at, length in enumerate(lengths):
            number = await store.add(ANN, said(("xyzzyq " * length)[:length] + " 绝密的话", at))
            await Facts(store.database).learn(ANN, [Claim("note", f"xyzzyq {at}")], number, at)
            for other in range(others):
                await store.add(Visitor("avatar", f"{other}"), said(f"plugh {at} " * 20, at))
        assert leftovers(folder, b"xyzzyq")
        assert await store.forget(ANN) == len(lengths)
        assert leftovers(folder, b"xyzzyq") == leftovers(folder, "绝密".encode()) == leftovers(folder, b"ann") == []
        assert await store.recent(ANN, 1000) == await Facts(store.database).known(ANN) == []
        assert await store.forget(ANN) == 0
        assert all(summary.turns == len(lengths) for summary in await store.visitors())
        assert len(await store.visitors()) == others
        if others:
            assert await store.recall(Visitor("avatar", "0"), "plugh")
        assert store.trouble == ""

    use(folder / "memory.db", work)


def test_what_is_older_than_its_time_is_gone_and_the_rest_stays(tmp_path):
    async def work(store):
        facts = Facts(store.database)
        old = await store.add(ANN, said("xyzzyq long ago", 10))
        await store.add(ANN, said("lately", 30))
        await store.add(BOB, said("xyzzyq only long ago", 10))
        await facts.learn(ANN, [Claim("likes", "xyzzyq"), Claim("name", "Ann")], old, 10)
        await facts.learn(ANN, [Claim("name", "ann")], None, 30)
        assert await store.purge(20) == 2
        assert leftovers(tmp_path, b"xyzzyq") == []
        assert [turn.text for turn in await store.recent(ANN, 1000)] == ["lately"]
        (name,) = await facts.known(ANN)
        assert (name.text, name.turn_id) == ("Ann", None)
        assert [summary.visitor for summary in await store.visitors()] == [ANN]
        assert await store.purge(20) == 0

    use(tmp_path / "memory.db", work)


def test_without_a_path_nothing_is_written(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    async def work(store):
        await store.add(ANN, said("hello"))
        assert await store.forget(ANN) == 1
        return store.trouble

    assert use(None, work) == ""
    assert list(tmp_path.iterdir()) == []


def test_the_index_and_the_turns_agree_after_much_use(tmp_path):
    async def work(store):
        for at in range(60):
            number = await store.add(Visitor("avatar", str(at % 5)), said(f"word{at} 词语{at}", at))
            if at % 3 == 0:
                await store.amend(Visitor("avatar", str(at % 5)), number, f"other{at}", interrupted=True)
            if at % 20 == 19:
                await store.forget(Visitor("avatar", "2"))
        await store.purge(20)

    use(tmp_path / "memory.db", work)
    connection = sqlite3.connect(tmp_path / "memory.db")
    assert (
        connection.execute("SELECT id FROM turns ORDER BY id").fetchall()
        == connection.execute("SELECT rowid FROM words ORDER BY rowid").fetchall()
    )
    connection.execute("INSERT INTO words (words) VALUES ('integrity-check')")
    connection.close()
