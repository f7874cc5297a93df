"""`/api/sinks` over a real application: sinks come, are fed in time with what the stream shows, and go."""

from __future__ import annotations

import json
import socket

import numpy as np
import pytest
from starlette.testclient import TestClient

from bridge.bridge import Bridge
from bridge.config import AvatarSettings, Settings
from bridge.server.app import create_app
from bridge.speaking import Speaker
from bridge.timebase import SAMPLES_PER_FRAME
from bridge.types import SHAPE_INDEX, Speech, freeze, motion
from bridge.wire import livelink

pytestmark = pytest.mark.contract

JAW = SHAPE_INDEX["jawOpen"]


class Voices:
    """Hums a second for any text."""

    def of(self, line):
        return self

    async def stream(self, text):
        yield Speech(freeze(np.full(60 * SAMPLES_PER_FRAME, 0.25)))

    async def aclose(self):
        pass


class OpenMouth:
    lookahead_ms = 0

    def set_emotion(self, name, intensity=1.0):
        pass

    def push(self, samples):
        face = np.zeros((len(samples) // SAMPLES_PER_FRAME, 52))
        face[:, JAW] = 0.6
        return motion(0, face)

    def flush(self):
        return motion(0, np.zeros((0, 52)))


class Ear:
    """A Live Link receiver and the sink that sends to it."""

    def __init__(self, listening):
        self._socket = listening
        self.url = f"livelink://127.0.0.1:{listening.getsockname()[1]}"

    def packets(self, count):
        return [livelink.decode(self._socket.recv(2000)) for _ in range(count)]


@pytest.fixture
def ear():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        listening.bind(("127.0.0.1", 0))
        listening.settimeout(20)
        yield Ear(listening)


def served(tmp_path, monkeypatch, **avatar):
    monkeypatch.setenv("AVATAR_BRIDGE_HOME", str(tmp_path))
    bridge = Bridge(Settings(avatar=AvatarSettings(**avatar)), speaker=Speaker(Voices(), lambda _: OpenMouth()))
    return TestClient(create_app(bridge), headers={"Host": "127.0.0.1:8765"})


@pytest.fixture
def client(tmp_path, monkeypatch):
    with served(tmp_path, monkeypatch) as client:
        yield client


def test_a_sink_is_added_fed_and_removed(client, ear):
    assert client.get("/api/sinks").json() == {"subject": "avatar", "sinks": []}
    added = client.post("/api/sinks", json={"url": ear.url})
    assert added.status_code == 201 and added.json()["state"] == "open"
    frames = [p.frame for p in ear.packets(90)]
    assert (np.diff(frames) >= 1).all(), "strictly forward"
    listed = client.get("/api/sinks").json()["sinks"]
    assert len(listed) == 1 and listed[0]["url"] == ear.url and listed[0]["sent"] >= 90
    assert listed[0].keys() == {"id", "url", "state", "fps", "sent", "dropped", "reconnects", "last_error"}
    gone = client.request("DELETE", "/api/sinks", json={"id": listed[0]["id"]})
    assert gone.status_code == 200 and gone.json()["state"] == "closed"
    assert client.get("/api/sinks").json()["sinks"] == []


def test_metrics_tell_how_a_sink_does(client, ear):
    assert b"avatar_bridge_sink_frames_total{" not in client.get("/metrics").content
    client.post("/api/sinks", json={"url": ear.url})
    ear.packets(90)
    text = client.get("/metrics").text
    figures = dict(line.rsplit(" ", 1) for line in text.splitlines() if f'sink="{ear.url}",subject="avatar"' in line)
    kinds = {name.removeprefix("avatar_bridge_sink_").split("{")[0]: float(value) for name, value in figures.items()}
    assert kinds.keys() == {"open", "fps", "frames_total", "drops_total", "reconnects_total"}
    assert kinds["open"] == 1 and kinds["frames_total"] >= 89 and kinds["fps"] > 5


def test_what_is_said_reaches_a_sink(client, ear):
    client.post("/api/sinks", json={"url": ear.url})
    ear.packets(5)
    client.post("/api/say", json={"text": "hum"})
    jaw = [float(p.values[JAW]) for p in ear.packets(150)]
    assert max(jaw) > 0.5 and jaw[-1] < 0.2


def test_a_stop_shuts_the_mouth_of_a_sink(client, ear):
    client.post("/api/sinks", json={"url": ear.url})
    client.post("/api/say", json={"text": "hum"})
    while float(ear.packets(1)[0].values[JAW]) < 0.5:
        pass
    client.post("/api/stop")
    later = [float(p.values[JAW]) for p in ear.packets(45)]
    assert max(later[30:]) < 0.1, "well before the second that was being said was over"


def test_by_url_in_the_query_too(client, ear):
    client.post("/api/sinks", json={"url": ear.url})
    assert client.delete("/api/sinks", params={"url": ear.url}).status_code == 200


def test_subjects_have_sinks_of_their_own(client, ear):
    assert client.post("/api/sinks", json={"url": ear.url, "subject": "eva"}).status_code == 201
    assert client.get("/api/sinks").json()["sinks"] == []
    assert len(client.get("/api/sinks", params={"subject": "eva"}).json()["sinks"]) == 1


@pytest.mark.parametrize(
    ("method", "body", "words"),
    [
        ("POST", {"url": "warp://x"}, "There is no sink 'warp'"),
        ("POST", {"url": "livelink://127.0.0.1?wings=2"}, "no option 'wings'"),
        ("POST", {"url": "livelink://127.0.0.1?rig=none"}, "no rig 'none'"),
        ("POST", {"url": "vts://127.0.0.1:9"}, "does not answer"),
        ("POST", {"url": "vrchat://127.0.0.1?prefix=\ud800"}, "broken characters"),
        ("POST", {"url": "livelink://127.0.0.1?subject=\ud800"}, "broken characters"),
        ("POST", {"url": "livelink://127.0.0.1?subject=%00"}, "control or broken"),
        ("POST", {"url": "livelink://127.0.0.1?sub%0aject=x"}, "control or broken"),
        ("POST", {"ulr": "x"}, "url"),
        ("POST", {"url": "livelink://127.0.0.1", "subject": "a b"}, "subject's name"),
        ("DELETE", {"id": 7}, "There is no sink 7"),
        ("DELETE", {"id": 10**29}, "id: "),
        ("DELETE", {"id": -1}, "id: "),
        ("DELETE", {}, "Which one"),
    ],
)
def test_what_can_not_be_is_one_sentence_and_the_server_goes_on(client, method, body, words):
    # Escaped, as clients may write what is no whole Unicode.
    answer = client.request(
        method, "/api/sinks", content=json.dumps(body), headers={"Content-Type": "application/json"}
    )
    assert answer.status_code >= 400 and words in answer.json()["error"]
    assert client.get("/api/sinks").json()["sinks"] == []
    assert client.get("/metrics").status_code == 200


def test_a_number_in_the_query_has_the_same_bounds(client):
    for number in (-1, 10**29):
        assert client.delete("/api/sinks", params={"id": number}).status_code == 422


def test_sinks_of_the_settings_are_there_from_the_start(tmp_path, monkeypatch, ear):
    urls = (ear.url, "vts://127.0.0.1:9", "warp://x")
    with served(tmp_path, monkeypatch, sinks=urls) as client:
        ear.packets(5)
        for _ in range(200):
            listed = client.get("/api/sinks").json()["sinks"]
            if len(listed) == 2:
                break
        assert [h["url"] for h in listed] == [ear.url, "vts://127.0.0.1:9"]
        assert listed[0]["state"] == "open" and "does not answer" in listed[1]["last_error"]
