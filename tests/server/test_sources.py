"""`/api/sources` over a real application: another VMC application moves the avatar, bad packets do no harm."""

from __future__ import annotations

import socket
import time

import numpy as np
import pytest
from starlette.testclient import TestClient

from bridge.bridge import Bridge
from bridge.config import AvatarSettings, Settings
from bridge.server.app import create_app
from bridge.speaking import Speaker
from bridge.types import SHAPE_INDEX
from bridge.wire import livelink, osc

pytestmark = pytest.mark.contract

BROW, JAW = SHAPE_INDEX["browInnerUp"], SHAPE_INDEX["jawOpen"]


class NoVoices:
    async def aclose(self):
        pass


def served(tmp_path, monkeypatch, **avatar):
    monkeypatch.setenv("AVATAR_BRIDGE_HOME", str(tmp_path))
    bridge = Bridge(Settings(avatar=AvatarSettings(**avatar)), speaker=Speaker(NoVoices(), lambda _: None))
    return TestClient(create_app(bridge), headers={"Host": "127.0.0.1:8765"})


@pytest.fixture
def client(tmp_path, monkeypatch):
    with served(tmp_path, monkeypatch) as client:
        yield client


@pytest.fixture
def port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Application:
    """A VMC application that lifts its brows and opens its mouth."""

    def __init__(self, port):
        self._voice = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._target = ("127.0.0.1", port)
        blends = (osc.Message("/VMC/Ext/Blend/Val", (n, 1.0)) for n in ("BrowInnerUp", "JawOpen"))
        self._frame = osc.bundle(osc.encode(m) for m in (*blends, osc.Message("/VMC/Ext/Blend/Apply")))

    def show(self):
        self.send(self._frame)

    def send(self, data):
        self._voice.sendto(data, self._target)


def until(condition):
    for _ in range(1500):
        if condition():
            return
        time.sleep(0.01)
    raise AssertionError("it never came about")


def test_an_application_moves_what_it_may_and_a_sink_shows_it(client, port):
    added = client.post("/api/sources", json={"url": f"vmc://127.0.0.1:{port}"})
    assert added.status_code == 201 and added.json()["received"] == 0
    application = Application(port)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ear:
        ear.bind(("127.0.0.1", 0))
        ear.settimeout(20)
        client.post("/api/sinks", json={"url": f"livelink://127.0.0.1:{ear.getsockname()[1]}"})
        for _ in range(300):
            application.show()
            values = livelink.decode(ear.recv(2000)).values
            if values[BROW] > 0.95:
                break
        assert values[BROW] > 0.95 and values[JAW] < 0.5, "the mouth stays with the voice"
        calm = [float(livelink.decode(ear.recv(2000)).values[BROW]) for _ in range(120)]
        assert calm[-1] < 0.5, "the application has gone"
    (health,) = client.get("/api/sources").json()["sources"]
    assert health["received"] > 0 and health["bad"] == 0
    assert client.request("DELETE", "/api/sources", json={"id": health["id"]}).status_code == 200
    assert client.get("/api/sources").json()["sources"] == []


def test_bad_packets_are_counted_and_harm_nothing(client, port, caplog):
    client.post("/api/sources", json={"url": f"vmc://127.0.0.1:{port}"})
    application, rng = Application(port), np.random.default_rng(0)
    for _ in range(50):
        application.send(rng.bytes(rng.integers(0, 300)))
    application.show()

    def all_in():
        (health,) = client.get("/api/sources").json()["sources"]
        return health["received"] == 51 and health["bad"] == 50 and health["last_error"].endswith(".")

    until(all_in)
    assert sum("can't be read" in record.message for record in caplog.records) == 1, "warned once"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"url": "warp://x"}, "There is no source 'warp'; there are vmc"),
        ({"url": "vmc://127.0.0.1?regions=ears"}, "There is no region ears"),
        ({"url": "vmc://192.0.2.1"}, "can't be listened on"),
        ({"url": "vmc://x.invalid"}, "can't be listened on"),
        ({"url": "vmc://ä..b"}, "can't be listened on"),
        ({"url": "vmc://a%00b:48141"}, "control or broken characters"),
        ({"url": "vmc://127.0.0.1\n:48141"}, "control or broken characters"),
    ],
)
def test_what_can_not_be_is_one_sentence(client, body, words):
    answer = client.post("/api/sources", json=body)
    assert answer.status_code >= 400 and words in answer.json()["error"]
    assert client.get("/api/sources").json()["sources"] == []
    assert client.request("DELETE", "/api/sources", json={"id": 9}).status_code == 400


def test_a_port_that_is_taken_is_said(client, port):
    url = f"vmc://127.0.0.1:{port}"
    assert client.post("/api/sources", json={"url": url}).status_code == 201
    assert "already" in client.post("/api/sources", json={"url": url}).json()["error"]
    other = client.post("/api/sources", json={"url": url + "?regions=head", "subject": "eva"})
    assert other.status_code == 503 and "can't be listened on" in other.json()["error"]


def test_sources_of_the_settings_are_there_from_the_start(tmp_path, monkeypatch, port):
    with served(tmp_path, monkeypatch, sources=(f"vmc://127.0.0.1:{port}",)) as client:
        until(lambda: client.get("/api/sources").json()["sources"])
