"""`/ws/control` and `/api/rig` over a real application: what everybody is told, and what is refused."""

from __future__ import annotations

import tomllib

import numpy as np
import pytest
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from bridge.bridge import Bridge
from bridge.config import Settings
from bridge.rig.parse import parse
from bridge.server.app import create_app
from bridge.speaking import Speaker
from bridge.timebase import SAMPLES_PER_FRAME
from bridge.types import SHAPE_INDEX, Speech, freeze, still
from bridge.wire import stream

pytestmark = pytest.mark.contract


class Voices:
    """Hums a twentieth of a second for any text."""

    def of(self, line):
        return self

    async def stream(self, text):
        yield Speech(freeze(np.full(3 * SAMPLES_PER_FRAME, 0.25)))

    async def aclose(self):
        pass


class StillFace:
    lookahead_ms = 0

    def push(self, samples):
        return still(0, len(samples) // SAMPLES_PER_FRAME)

    def flush(self):
        return still(0, 0)


@pytest.fixture
def client(tmp_path, monkeypatch):
    monkeypatch.setenv("AVATAR_BRIDGE_HOME", str(tmp_path))
    bridge = Bridge(Settings(), speaker=Speaker(Voices(), lambda _: StillFace()))
    with TestClient(create_app(bridge), headers={"Host": "127.0.0.1:8765"}) as client:
        client.bridge = bridge
        yield client


def until(socket, **wanted):
    """The next message with these fields; what comes before is passed over."""
    for _ in range(200):
        message = socket.receive_json()
        if wanted.items() <= message.items():
            return message
    raise AssertionError(f"no {wanted} among 200 messages")


def test_the_whole_state_comes_first(client):
    with client.websocket_connect("/ws/control") as studio:
        state = studio.receive_json()
    assert state["type"] == "state" and state["subject"] == "avatar" and state["rev"] == 0
    assert state["state"] == "idle" and not state["unsaved"] and not state["can_undo"]
    assert state["values"]["rig.curves.jawOpen.gain"] == 1.0 and state["values"]["override.jawOpen"] is None
    paths = {control["path"]: control for control in state["schema"]}
    assert (paths["rig.curves.*.max"]["min"], paths["rig.curves.*.max"]["max"]) == (0.0, 1.0)
    assert "happy" in paths["emotion.name"]["choices"]


def test_a_set_is_told_to_all_that_have_it_before_them_and_to_no_one_else(client):
    with (
        client.websocket_connect("/ws/control") as one,
        client.websocket_connect("/ws/control") as two,
        client.websocket_connect("/ws/control?subject=other&rig=unity") as elsewhere,
    ):
        you = one.receive_json()["you"]
        assert two.receive_json()["you"] != you
        elsewhere.receive_json()
        one.send_json({"type": "set", "path": "rig.curves.jawOpen.gain", "value": 1.2, "id": 1})
        expected = {"type": "changed", "path": "rig.curves.jawOpen.gain", "value": 1.2, "rev": 1, "by": you}
        assert until(one, type="changed") == expected == until(two, type="changed")
        one.send_json({"type": "set", "path": "override.mouthClose", "value": 0.5, "id": 2})
        assert until(two, type="changed")["rev"] == 2
        elsewhere.send_json({"type": "set", "path": "emotion.name", "value": "sad"})
        assert until(elsewhere, type="changed")["path"] == "emotion.name"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{", "no JSON object"),
        ("[]", "no JSON object"),
        ("[" * 10_000, "no JSON object"),
        ('{"type":"fly"}', "'type' is one of"),
        ('{"type":"set","path":"rig.curves.jawOpen.gain"}', "needs 'value'"),
        ('{"type":"set","path":"rig.curves.jawOpen.gain","value":1,"colour":2}', "has no 'colour'"),
        ('{"type":"set","path":"rig.curves.jawOpen.colour","value":1}', "There is no path"),
        ('{"type":"set","path":"rig.curves.jawOpeb.gain","value":1}', "no curve 'jawOpeb'"),
        ('{"type":"set","path":"rig.curves.jawOpen.gain","value":NaN}', "lies between"),
        ('{"type":"set","path":"rig.curves.jawOpen.gain","value":1e400}', "lies between"),
        ('{"type":"set","path":"rig.curves.jawOpen.gain","value":' + "9" * 400 + "}", "lies between"),
        ('{"type":"set","path":"rig.curves.jawOpen.gain","value":"1"}', "takes a number"),
        ('{"type":"set","path":"rig.curves.jawOpen.gain","value":true}', "'value' must be"),
        ('{"type":"set","path":"rig.curves.jawOpen.gain","value":null}', "takes a number"),
        ('{"type":"set","path":"rig.curves.jawOpen.min","value":1}', "must lie below its max"),
        ('{"type":"set","path":"override.jawOpen","value":1.01}', "lies between 0 and 1"),
        ('{"type":"set","path":"override.jawOpeb","value":1}', "There is no path"),
        ('{"type":"set","path":"emotion.name","value":"hungry"}', "is one of neutral"),
        ('{"type":"set","path":"\\ud800","value":1}', "There is no path"),
        ('{"type":"undo"}', "nothing to undo"),
        ('{"type":"redo"}', "nothing to redo"),
        ('{"type":"say","text":" "}', "."),
        ('{"type":"say","text":"a","intensity":1e9}', "'intensity' must be a number"),
    ],
    ids=lambda text: text[:70],
)
def test_what_is_wrong_is_one_sentence_to_the_sender_and_changes_nothing(client, text, sentence):
    with client.websocket_connect("/ws/control") as studio, client.websocket_connect("/ws/control") as other:
        before = studio.receive_json()
        other.receive_json()
        studio.send_text(text[:-1] + ',"id":"x7"}' if text.endswith("}") else text)
        error = studio.receive_json()
        assert error["type"] == "error" and error["id"] == ("x7" if text.endswith("}") else None)
        assert sentence in error["error"] and error["error"].endswith(".") and len(error["error"]) < 400
        studio.send_json({"type": "set", "path": "override.jawOpen", "value": 0.1})
        assert until(other, type="changed")["rev"] == before["rev"] + 1, "the other hears nothing of the error"


def test_undo_redo_and_save_are_seen_by_all(client, tmp_path):
    with client.websocket_connect("/ws/control") as one, client.websocket_connect("/ws/control") as two:
        one.send_json({"type": "set", "path": "rig.curves.jawOpen.gain", "value": 1.5})
        state = until(two, type="state", can_undo=True)
        assert state["unsaved"] and state["values"] is None
        two.send_json({"type": "undo"})
        assert until(one, type="changed", value=1.0)["by"] == state["you"]
        assert not until(one, type="state", can_redo=True)["unsaved"]
        one.send_json({"type": "redo"})
        until(two, type="changed", value=1.5)
        one.send_json({"type": "save"})
        until(two, type="state", unsaved=False, can_undo=True)
    saved = tomllib.loads((tmp_path / "tuning" / "arkit.toml").read_text("utf-8"))
    assert saved == {"tune": {"jawOpen": {"gain": 1.5}}}
    with client.websocket_connect("/ws/control") as later:
        assert later.receive_json()["values"]["rig.curves.jawOpen.gain"] == 1.5


def test_say_and_stop_show_in_the_state(client):
    with client.websocket_connect("/ws/control") as studio:
        epoch = studio.receive_json()["epoch"]
        studio.send_json({"type": "say", "text": "Hello."})
        until(studio, type="state", state="speaking")
        studio.send_json({"type": "stop"})
        assert until(studio, type="state", state="idle")["epoch"] == epoch + 1


def test_a_slider_is_seen_in_the_very_next_frames_of_its_rig(client):
    with client.websocket_connect("/ws/stream?audio=0") as engine, client.websocket_connect("/ws/control") as studio:
        layout = stream.decode(engine.receive_bytes(), None).layout
        jaw = SHAPE_INDEX["jawOpen"]
        stream.decode(engine.receive_bytes(), layout)
        studio.send_json({"type": "set", "path": "rig.curves.jawOpen.offset", "value": 0.8})
        until(studio, type="changed")
        due = client.bridge.subjects.get("avatar").due_index
        seen = {}
        while not seen or min(seen.values()) < 0.75:
            message = stream.decode(engine.receive_bytes(), layout)
            assert not isinstance(message, stream.LayoutMessage), "the layout is as it was"
            if isinstance(message, stream.FramesMessage):
                rows = message.frames
                seen |= {
                    rows.first_index + i: row[jaw] for i, row in enumerate(rows.curves) if i + rows.first_index >= due
                }


def test_an_unknown_rig_or_subject_ends_the_socket_with_a_sentence(client):
    for query in ("rig=nosuch", "subject=..%2F..", "rig=..%2Farkit"):
        with client.websocket_connect(f"/ws/control?{query}") as studio, pytest.raises(WebSocketDisconnect) as ended:
            studio.receive_json()
        assert ended.value.code == 1008 and ended.value.reason
    assert len(client.bridge.desks) == 0


def test_a_client_that_goes_is_forgotten(client):
    with client.websocket_connect("/ws/control") as studio:
        studio.receive_json()
        assert len(client.bridge.desks) == 1
    session = client.bridge.subjects.get("avatar")
    assert len(client.bridge.desks) == 0 and not session.watchers


def test_the_rig_as_json_tells_what_was_changed(client):
    rig = client.get("/api/rig").json()
    assert {"arkit", "unity", "metahuman"} <= set(rig["rigs"])
    assert rig["rig"] == "arkit" and len(rig["curves"]) == 52 and rig["bones"]["head"] == "head"
    answer = client.patch(
        "/api/rig", json={"set": {"rig.curves.jawOpen.gain": 2.0, "rig.curves.jawOpen.max": 0.5}}
    ).json()
    jaw = next(curve for curve in answer["curves"] if curve["name"] == "jawOpen")
    assert (jaw["gain"], jaw["max"], jaw["changed"]) == (2.0, 0.5, ["gain", "max"])
    assert answer["unsaved"] and answer["rev"] == 1
    assert client.get("/api/rig?rig=arkit").json() == answer


def test_a_patch_is_all_or_nothing(client):
    before = client.get("/api/rig").json()
    wrong = {"rig.curves.jawOpen.gain": 2.0, "rig.curves.jawOpen.min": 0.9, "rig.curves.jawOpen.max": 0.1}
    answer = client.patch("/api/rig", json={"set": wrong})
    assert answer.status_code == 400 and "below its max" in answer.json()["error"]
    assert client.get("/api/rig").json() == before


@pytest.mark.parametrize(
    "body", [{}, {"set": []}, {"set": {"emotion.name": 3}}, {"rig": "nosuch", "set": {}}, {"set": {}, "save": True}]
)
def test_a_wrong_patch_is_a_sentence(client, body):
    answer = client.patch("/api/rig", json=body)
    assert 400 <= answer.status_code < 500 and answer.json()["error"].endswith(".")


def test_a_patch_is_told_to_the_studio(client):
    with client.websocket_connect("/ws/control") as studio:
        client.patch("/api/rig", json={"set": {"override.jawOpen": 0.25}})
        assert until(studio, type="changed") == {
            **{"type": "changed", "path": "override.jawOpen", "value": 0.25, "rev": 1, "by": "api"},
        }


def test_the_whole_rig_file_has_the_tuning_written_back(client):
    client.patch("/api/rig", json={"set": {"rig.curves.jawOpen.gain": 1.3}})
    answer = client.get("/api/rig?form=toml")
    rig = parse(answer.text, "arkit")
    assert next(curve.gain for curve in rig.curves if curve.name == "jawOpen") == 1.3
    assert answer.text.startswith("# The canonical rig"), "the author's own words stay"
    assert client.get("/api/rig?form=xml").status_code == 400
