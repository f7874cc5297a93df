"""`/avatars`: the characters a user keeps in the folder, for the stage to show."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from bridge.bridge import Bridge
from bridge.config import Settings
from bridge.server.app import create_app

pytestmark = pytest.mark.contract


def test_a_character_put_into_the_folder_is_served_and_nothing_beside_it(tmp_path, monkeypatch):
    monkeypatch.setenv("AVATAR_BRIDGE_HOME", str(tmp_path))
    with TestClient(create_app(Bridge(Settings())), headers={"Host": "127.0.0.1:8765"}) as client:
        assert client.get("/avatars/me.vrm").status_code == 404
        (tmp_path / "avatars").mkdir()
        (tmp_path / "avatars" / "me.vrm").write_bytes(b"glTF")
        (tmp_path / "secret").touch()
        assert client.get("/avatars/me.vrm").content == b"glTF"
        assert client.get("/avatars/%2e%2e/secret").status_code == 404
