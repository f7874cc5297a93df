"""What sources capture reaches the session: the latest of it, and no more than the session has time for."""

from __future__ import annotations

import asyncio
import threading

import pytest

from bridge import inputs
from bridge.inputs import Inputs

pytestmark = pytest.mark.law


class Source:
    received = bad = 0
    last_error = ""

    def close(self):
        pass


class Session:
    def __init__(self):
        self.performed = []

    def perform(self, captured):
        self.performed.append(captured)


def test_a_busy_loop_is_given_the_latest_and_no_queue(monkeypatch):
    shows, session = [], Session()
    monkeypatch.setattr(inputs, "open_source", lambda url, show: shows.append(show) or Source())

    async def busy():
        them = Inputs(session)
        them.add("vmc://127.0.0.1")
        for burst in (range(1000), range(1000, 1003)):
            thread = threading.Thread(target=lambda burst=burst: [shows[0](i) for i in burst])
            thread.start()
            thread.join()
            await asyncio.sleep(0)
            await asyncio.sleep(0)

    asyncio.run(busy())
    assert session.performed == [999, 1002]
    shows[0](1003)  # the loop has ended
    assert session.performed == [999, 1002]
