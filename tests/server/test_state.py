"""`GET /api/state`, which pages ask while the avatar speaks."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from starlette.testclient import TestClient

from bridge.bridge import Bridge
from bridge.config import Settings
from bridge.server.app import create_app
from bridge.speaking import Speaker

pytestmark = pytest.mark.contract


class NoVoices:
    async def aclose(self):
        pass


def test_looking_for_a_recogniser_keeps_nobody_waiting(tmp_path, monkeypatch):
    """The first look loads packages for half a second; on the event loop speech would falter."""
    looking, answered = threading.Event(), threading.Event()

    def look():
        looking.set()
        return "ears" if answered.wait(10) else "too late"

    monkeypatch.setenv("AVATAR_BRIDGE_HOME", str(tmp_path))
    monkeypatch.setattr("bridge.providers.asr.default", look)
    bridge = Bridge(Settings(), speaker=Speaker(NoVoices(), lambda _: None))
    app = create_app(bridge)
    with TestClient(app, headers={"Host": "127.0.0.1:8765"}) as client, ThreadPoolExecutor(1) as other:
        state = other.submit(client.get, "/api/state")
        assert looking.wait(10)
        client.get("/healthz").raise_for_status()
        answered.set()
        assert state.result().json()["hearing"]["provider"] == "ears"
