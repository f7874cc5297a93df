"""Facts: learnt once, replaced when they change, each visitor's own to list, edit and delete."""

from __future__ import annotations

import asyncio

import pytest

from bridge.errors import InputError
from bridge.memory import KINDS, Claim, Turn, Visitor
from bridge.memory.facts import Facts
from bridge.memory.store import Store

pytestmark = pytest.mark.unit

ANN, BOB = Visitor("avatar", "ann"), Visitor("avatar", "bob")


def use(work):
    """Do `work(store, facts)` in working memory."""

    async def main():
        store = await Store.open(None)
        try:
            return await work(store, Facts(store.database))
        finally:
            await store.aclose()

    return asyncio.run(main())


def learnt(*claims):
    """What is known after each (kind, text) was said, in order."""

    async def work(_, facts):
        for at, (kind, text) in enumerate(claims):
            await facts.learn(ANN, [Claim(kind, text)], None, at)
        return [(fact.kind, fact.text) for fact in await facts.known(ANN)]

    return use(work)


def test_a_fact_has_the_turn_it_came_from_and_its_time():
    async def work(store, facts):
        first = await store.add(ANN, Turn("user", "I like tea", 5))
        again = await store.add(ANN, Turn("user", "I like Tea!", 9))
        (new,) = await facts.learn(ANN, [Claim("likes", "tea")], first, 5)
        assert (new.turn_id, new.at_ns) == (first, 5)
        assert await facts.learn(ANN, [Claim("likes", "Tea!")], again, 9) == []
        (known,) = await facts.known(ANN)
        assert (known.id, known.text, known.turn_id, known.at_ns) == (new.id, "tea", again, 9)

    use(work)


def test_a_turn_of_somebody_else_is_no_source():
    async def work(store, facts):
        turn = await store.add(BOB, Turn("user", "hello", 0))
        (fact,) = await facts.learn(ANN, [Claim("name", "Ann")], turn, 0)
        assert fact.turn_id is None

    use(work)


def test_one_name_many_likes():
    said = [("name", "Ann"), ("likes", "tea"), ("likes", "jazz"), ("name", "Anna"), ("likes", "TEA"), ("lives", "Lyon")]
    assert learnt(*said) == [("name", "Anna"), ("lives", "Lyon"), ("likes", "tea"), ("likes", "jazz")]


def test_who_comes_to_like_a_thing_no_longer_dislikes_it():
    assert learnt(("dislikes", "Rain"), ("likes", "rain"), ("note", "rain")) == [("likes", "rain"), ("note", "rain")]


def test_what_says_nothing_or_too_much_is_not_kept():
    assert learnt(("name", "…"), ("note", "x" * 201), ("note", " "), ("likes", "\ud800 x")) == [("likes", "? x")]


def test_the_oldest_of_too_many_make_room():
    known = learnt(*(("note", f"number {at}") for at in range(205)))
    assert known == [("note", f"number {at}") for at in range(5, 205)]


def test_facts_are_listed_by_kind():
    assert [kind for kind, _ in learnt(*((kind, f"my {kind}") for kind in reversed(KINDS)))] == list(KINDS)


def test_a_visitor_edits_and_deletes_their_own_and_nobody_elses():
    async def work(_, facts):
        tea, jazz = await facts.learn(ANN, [Claim("likes", "tea"), Claim("likes", "jazz")], None, 0)
        for attempt in (facts.edit(BOB, tea.id, "coffee", 1), facts.delete(BOB, tea.id), facts.delete(ANN, 999)):
            with pytest.raises(InputError, match="no fact"):
                await attempt
        edited = await facts.edit(ANN, tea.id, "  green tea ", 1)
        assert (edited.id, edited.kind, edited.text, edited.at_ns, edited.turn_id) == (
            tea.id,
            "likes",
            "green tea",
            1,
            None,
        )
        with pytest.raises(InputError, match="1 to 200 characters"):
            await facts.edit(ANN, tea.id, "!", 1)
        await facts.edit(ANN, tea.id, "Jazz", 2)
        assert [fact.text for fact in await facts.known(ANN)] == ["Jazz"], "two that say the same are one"
        await facts.delete(ANN, tea.id)
        assert await facts.known(ANN) == [] and jazz.id != tea.id

    use(work)


def test_two_visitors_know_nothing_of_each_other():
    async def work(store, facts):
        async def tell(visitor, name):
            for at in range(20):
                await facts.learn(visitor, [Claim("name", name), Claim("likes", f"{name} {at}")], None, at)

        await asyncio.gather(tell(ANN, "Ann"), tell(BOB, "Bob"))
        for visitor, name in ((ANN, "Ann"), (BOB, "Bob")):
            assert {fact.text for fact in await facts.known(visitor)} == {name, *(f"{name} {at}" for at in range(20))}
        await store.forget(ANN)
        assert await facts.known(ANN) == [] and len(await facts.known(BOB)) == 21

    use(work)
