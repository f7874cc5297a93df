"""Subjects: made on first use, bounded in number, removed when idle for long."""

from __future__ import annotations

import asyncio

import pytest

from bridge.errors import InputError
from bridge.subjects import DEFAULT_SUBJECT, Subjects

pytestmark = pytest.mark.unit


class Life:
    """A session, as far as the registry knows one."""

    def __init__(self, subject):
        self.subject, self.idle_s, self.alive = subject, 0.0, False

    def start(self):
        self.alive = True

    async def aclose(self):
        self.alive = False


def test_a_subject_is_made_once_and_started():
    subjects = Subjects(Life, limit=2, idle_s=10)
    first = subjects.get("a")
    assert first.alive and subjects.get("a") is first and list(subjects) == [first]


def test_no_more_than_the_limit_and_no_odd_names():
    subjects = Subjects(Life, limit=1, idle_s=10)
    subjects.get("a")
    with pytest.raises(InputError, match="1 subjects are live"):
        subjects.get("b")
    for name in ("", "a b", "../x", "x" * 65, "a\n"):
        with pytest.raises(InputError, match="name"):
            subjects.get(name)


def test_the_idle_are_swept_but_for_the_default_one():
    subjects = Subjects(Life, limit=3, idle_s=10)
    default, idle, busy = subjects.get(DEFAULT_SUBJECT), subjects.get("idle"), subjects.get("busy")
    default.idle_s = idle.idle_s = 11
    asyncio.run(subjects.sweep())
    assert list(subjects) == [default, busy] and not idle.alive
    asyncio.run(subjects.aclose())
    assert list(subjects) == [] and not busy.alive
