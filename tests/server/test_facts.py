"""`/api/facts`: what an avatar knows of a visitor is corrected and forgotten by its number."""

from __future__ import annotations

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


@pytest.fixture
def client(tmp_path, monkeypatch):
    monkeypatch.setenv("AVATAR_BRIDGE_HOME", str(tmp_path))
    bridge = Bridge(Settings(), speaker=Speaker(NoVoices(), lambda _: None))
    with TestClient(create_app(bridge), headers={"Host": "127.0.0.1:8765"}) as client:
        yield client


@pytest.mark.parametrize("body", [{"id": 0}, {"id": 2**63 - 1}, {"id": 2**63}, {"id": 10**29}, {"id": -1}])
@pytest.mark.parametrize(("method", "more"), [("PATCH", {"text": "Likes tea."}), ("DELETE", {})])
def test_a_number_that_no_fact_has_is_one_sentence(client, method, more, body):
    answer = client.request(method, "/api/facts", json={**body, **more})
    assert answer.status_code in (400, 422) and len(answer.json()["error"]) > 10
