"""The conversations of a bridge on a clock that is turned by hand: begun, left, ended, and their house kept."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest

from bridge.bridge import make_retarget
from bridge.config import Settings
from bridge.conversations import LEFT_S, PURGE_EVERY_NS, Conversations
from bridge.errors import InputError
from bridge.memory import MemorySettings, Turn, Visitor
from bridge.recollection import turn_time
from bridge.session import Session
from bridge.speaking import Speaker
from bridge.streams import Client, Streams
from bridge.subjects import DEFAULT_SUBJECT, Subjects
from bridge.timebase import NS_PER_S
from tests.fakes.stage import HummingVoices, OpenMouth, TurnedClock, settled

pytestmark = pytest.mark.law

SUBJECT_IDLE_S = 600
NOW = datetime(2026, 5, 4, 10, 0, tzinfo=UTC)


class House:
    """Subjects and their conversations. Their files lie in a folder of the test."""

    def __init__(self, settings=None):
        self.clock = TurnedClock()
        self.now = NOW
        self.subjects = Subjects(self._session, limit=2, idle_s=SUBJECT_IDLE_S)
        self.conversations = Conversations(settings or Settings(), self.subjects, self.clock, lambda: self.now)

    def _session(self, subject):
        streams = Streams(subject, make_retarget)
        return Session(subject, self.clock, Speaker(HummingVoices(), lambda _: OpenMouth()), streams)

    async def pass_s(self, seconds):
        """Let time pass, and have the house kept at its end."""
        self.clock.ns += int(seconds * NS_PER_S)
        self.now += timedelta(seconds=seconds)
        await settled()
        for session in self.subjects:
            session.tick()
        await self.conversations._tidy()
        await self.subjects.sweep()

    async def say(self, subject, text="Hello."):
        """Say something to a subject, and hear its answer out."""
        conversation = await self.conversations.of(subject)
        conversation.say_to(text)
        for _ in range(1000):
            await settled()
            if conversation.session.state == "idle" and not conversation.session.waiting_lines:
                return conversation
            self.clock.ns += NS_PER_S // 10
            conversation.session.tick()
        raise AssertionError(f"it never ended: {conversation.session.state}")


@asynccontextmanager
async def house(settings=None):
    it = House(settings)
    try:
        yield it
    finally:
        await it.conversations.aclose()
        await it.subjects.aclose()


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("AVATAR_BRIDGE_HOME", str(tmp_path))
    return tmp_path


def test_a_subject_that_somebody_has_talked_with_ends_as_others_do():
    async def scene():
        async with house() as it:
            conversation = await it.say("kiosk")
            await it.say(DEFAULT_SUBJECT)
            with pytest.raises(InputError, match="2 subjects are live"):
                await it.conversations.of("another")
            await it.pass_s(LEFT_S + 1)
            session = conversation.session
            assert not session.followers and not session.watchers and not session.onlookers
            assert list(it.subjects) == [session, it.subjects.get(DEFAULT_SUBJECT)]
            assert not it.subjects.get(DEFAULT_SUBJECT).followers, "the default one rests too"
            await it.pass_s(SUBJECT_IDLE_S + 1)
            assert [s.subject for s in it.subjects] == [DEFAULT_SUBJECT]
            assert (await it.say("another")).session.subject == "another"

    asyncio.run(scene())


def test_a_conversation_lasts_while_somebody_is_there_and_a_minute_more():
    async def scene():
        async with house() as it:
            conversation = await it.say("kiosk")

            async def is_open():
                await it.pass_s(0)
                return bool(conversation.session.followers)

            conversation.listeners.add(print)
            await it.pass_s(10 * LEFT_S)
            assert await is_open(), "a microphone is open"
            conversation.listeners.discard(print)
            client = Client("arkit")
            conversation.session.listen(client)
            await it.pass_s(10 * LEFT_S)
            assert await is_open(), "somebody watches"
            conversation.session.leave(client)
            await it.pass_s(LEFT_S - 1)
            assert await is_open()
            assert await it.conversations.of("kiosk") is conversation
            await it.pass_s(LEFT_S - 1)
            assert await is_open(), "somebody wanted it"
            await it.pass_s(2)
            assert not await is_open()
            again = await it.conversations.of("kiosk")
            assert again is not conversation and again.session is conversation.session

    asyncio.run(scene())


def test_what_is_too_old_is_deleted_at_once_and_then_once_an_hour(home):
    async def scene():
        async with house(Settings(memory=MemorySettings(kept_days=1))) as it:
            store, ann = (await it.conversations.mind()).store, Visitor("kiosk", "ann")

            async def kept_after_s(seconds):
                await it.pass_s(seconds)
                return [turn.text for turn in await store.recent(ann, 10_000)]

            for age_minutes, text in ((1, "stale"), (-1, "ripe"), (-30, "late"), (-300, "fresh")):
                at = NOW - timedelta(days=1, minutes=age_minutes)
                await store.add(ann, Turn("user", text, turn_time(at), 0))
            hour_s = PURGE_EVERY_NS // NS_PER_S
            assert await kept_after_s(0) == ["ripe", "late", "fresh"]
            assert await kept_after_s(hour_s - 1) == ["ripe", "late", "fresh"]
            assert await kept_after_s(1) == ["fresh"]
            assert b"ripe" not in (home / "memory.db").read_bytes()

    asyncio.run(scene())
