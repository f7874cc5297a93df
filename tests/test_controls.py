"""What may be set: schema and values say the same, a set is done whole or not at all, and all is told in order."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.controls import Controls, Desk
from bridge.desks import Desks
from bridge.errors import BridgeError, ConfigError, InputError
from bridge.history import DRAG_NS
from bridge.layers.regions import FACE_REGIONS
from bridge.outbox import QUEUE_MESSAGES
from bridge.rig.tuning import KEYS
from bridge.schema import check, schema
from bridge.session import Session
from bridge.speaking import Speaker
from bridge.streams import Client, Streams
from bridge.subjects import Subjects
from bridge.timebase import frame_to_ns
from bridge.tunings import Tunings
from bridge.types import ARKIT_BLENDSHAPES, EMOTIONS, SHAPE_INDEX
from bridge.wire import stream

pytestmark = pytest.mark.law

DESK = Desk("avatar", "arkit")
NOWHERE = Path("no such folder")
JAW = "rig.curves.jawOpen.gain"


class TurnedClock:
    def __init__(self):
        self.ns = 1_000_000_000

    def now_ns(self):
        return self.ns


class Studio:
    """Controls over live sessions that say nothing, on a clock that the test turns."""

    def __init__(self, folder=NOWHERE):
        self.clock = TurnedClock()
        self.tunings = Tunings(folder)
        self.subjects = Subjects(self._session, 8, 600.0)
        self.controls = Controls(self.subjects, self.tunings, self.clock)
        self.desks = Desks(self.controls, self.subjects)
        self.changes = []
        self.controls.listeners.append(self.changes.extend)

    def _session(self, name):
        streams = Streams(name, self.tunings.retarget)
        session = Session(name, self.clock, Speaker(None, lambda _: None), streams, seed=1)
        session.start = lambda: None  # the test ticks
        return session

    def set(self, path, value, by="me", desk=DESK):
        self.clock.ns += DRAG_NS
        self.controls.set(desk, {path: value}, by)


@pytest.fixture
def studio(tmp_path):
    return Studio(tmp_path)


def queued(client):
    return [json.loads(text) for text in client._queue]


def wild():
    """Values of all kinds."""
    return st.one_of(st.floats(), st.integers(), st.text(max_size=5), st.none(), st.booleans(), st.lists(st.integers()))


@st.composite
def settings_of(draw):
    """A path of the schema or near it, and any value."""
    stems = [f"rig.curves.{curve}.{key}" for curve in ("jawOpen", "cheekPuff", "x") for key in (*KEYS, "x")]
    paths = [
        *stems,
        "override.jawOpen",
        "override.x",
        "override.",
        "emotion.name",
        "emotion.intensity",
        "",
        "rig.curves.",
    ]
    value = draw(st.one_of(wild(), st.floats(0, 1), st.sampled_from(EMOTIONS)))
    return draw(st.sampled_from(paths)), value


def test_every_path_of_the_schema_has_a_value_and_takes_it_back(studio):
    values = studio.controls.values(DESK)
    assert len(values) == 52 * len(KEYS) + 52 + 2
    for path, value in values.items():
        assert studio.controls.get(DESK, path) == value
        studio.controls.set(DESK, {path: value}, "me")
    assert studio.controls.values(DESK) == values and not studio.controls.history.can_undo(DESK.scopes)
    for control in schema(studio.tunings.rig("arkit")):
        path = control.path.replace("*", control.names[0] if control.names else "jawOpen")
        assert values[path] == control.default


@given(st.lists(settings_of(), max_size=6))
def test_a_set_is_done_whole_or_not_at_all_and_undone_whole(wanted):
    studio = Studio()
    controls = studio.controls
    before = controls.values(DESK)
    try:
        controls.set(DESK, dict(wanted), "me")
    except BridgeError as error:
        assert str(error).endswith(".") and len(str(error)) < 1000
        assert controls.values(DESK) == before and studio.changes == [] and controls.rev == 0
        return
    after = controls.values(DESK)
    assert after == before | {change.path: change.value for change in studio.changes}
    if after != before:
        controls.undo(DESK, "me")
        assert controls.values(DESK) == before
        controls.redo(DESK, "me")
        assert controls.values(DESK) == after


def test_revisions_count_up_and_every_change_is_told_once(studio):
    studio.set(JAW, 1.2)
    studio.controls.set(DESK, {"override.jawOpen": 0.5, "emotion.name": "sad"}, "api")
    studio.controls.undo(DESK, "you")
    told = [(change.path, change.value, change.rev, change.by) for change in studio.changes]
    assert told == [
        (JAW, 1.2, 1, "me"),
        ("override.jawOpen", 0.5, 2, "api"),
        ("emotion.name", "sad", 2, "api"),
        ("override.jawOpen", None, 3, "you"),
        ("emotion.name", "neutral", 3, "you"),
    ]


def test_a_slider_at_60_a_second_is_one_step_of_undo(studio):
    for value in range(60):
        studio.clock.ns += frame_to_ns(1)
        studio.controls.set(DESK, {JAW: 1 + value / 60}, "me")
    studio.controls.undo(DESK, "me")
    assert studio.controls.get(DESK, JAW) == 1.0
    with pytest.raises(InputError, match="nothing to undo"):
        studio.controls.undo(DESK, "me")


def test_a_rig_is_shared_by_all_avatars_and_a_face_held_is_not(studio):
    other = Desk("other", "arkit")
    studio.set(JAW, 1.2)
    studio.set("override.jawOpen", 0.5)
    assert studio.controls.get(other, JAW) == 1.2 and studio.controls.get(other, "override.jawOpen") is None
    assert studio.controls.get(Desk("avatar", "unity"), "override.jawOpen") == 0.5


@pytest.mark.parametrize("desk", [Desk("avatar", "nosuch"), Desk("../x", "arkit")])
def test_a_desk_there_is_not_is_refused(studio, desk):
    for act in (lambda: studio.desks.join(desk), lambda: studio.set("override.jawOpen", 0.5, desk=desk)):
        with pytest.raises((ConfigError, InputError)):
            act()
    assert len(studio.desks) == 0


def test_every_client_of_a_rig_sees_the_next_frames_tuned_and_no_other_is_disturbed(studio):
    tuned, also, untouched = Client("arkit"), Client("arkit"), Client("unity")
    studio.subjects.get("avatar").listen(tuned)
    studio.subjects.get("avatar").listen(untouched)
    studio.subjects.get("other").listen(also)
    for session in studio.subjects:
        session.tick()
    layout = studio.tunings.retarget("arkit").layout
    for client in (tuned, also, untouched):
        client.drop()
    studio.clock.ns += frame_to_ns(1) + 1
    studio.controls.set(DESK, {"rig.curves.tongueOut.offset": 0.5}, "me")
    for session in studio.subjects:
        session.tick()
    for client in (tuned, also):
        frames = [stream.decode(data, layout) for data in client._queue]
        assert {type(m) for m in frames} == {stream.FramesMessage}, "the layout is as it was"
        tongue = np.concatenate([m.frames.curves[:, SHAPE_INDEX["tongueOut"]] for m in frames])
        np.testing.assert_allclose(tongue, 0.5, atol=0.01)


def test_smoothing_holds_over_the_seams_of_what_is_sent(studio):
    client, session = Client("arkit"), studio.subjects.get("avatar")
    session.listen(client)
    layout = studio.tunings.retarget("arkit").layout
    studio.controls.set(DESK, {"rig.curves.tongueOut.smoothing_ms": 100.0}, "me")
    shown = {}
    for frame in range(90):
        studio.clock.ns += frame_to_ns(1) + 1
        if frame == 30:
            studio.controls.set(DESK, {"override.tongueOut": 1.0}, "me")
        session.tick()
        for message in (stream.decode(data, layout) for data in client._queue):
            if isinstance(message, stream.FramesMessage):
                rows = message.frames
                for row, values in enumerate(rows.curves):
                    shown[rows.first_index + row] = values[SHAPE_INDEX["tongueOut"]]
        client.drop()
    tongue = np.array([shown[index] for index in sorted(shown)])
    steps = np.diff(tongue)
    assert steps.max() < 0.2 and steps.min() > -0.01 and tongue[-1] > 0.99, "one rise, without a jump"


def test_an_override_holds_every_shape(studio):
    for shape in ARKIT_BLENDSHAPES:
        studio.set(f"override.{shape}", 0.25)
    (layer,) = studio.subjects.get("avatar").mixer.override.layers(0, 1)
    assert (layer.motion.face == 0.25).all() and layer.regions is FACE_REGIONS


def test_a_client_that_reads_nothing_keeps_a_bounded_queue_and_begins_anew_with_all(studio):
    slow, quick = studio.desks.join(DESK), studio.desks.join(DESK)
    for value in range(3 * QUEUE_MESSAGES):
        studio.set(JAW, 1 + value / 1000)
        quick.drop()
        assert len(slow._queue) <= QUEUE_MESSAGES
    assert slow.resyncs >= 2 and quick.resyncs == 0
    first = queued(slow)[0]
    assert first["type"] == "state" and first["schema"] and first["values"]
    value = first["values"][JAW]
    for message in queued(slow)[1:]:
        if message["type"] == "changed":
            assert message["rev"] > first["rev"]
            value = message["value"]
    assert value == studio.controls.get(DESK, JAW)


def test_the_state_is_told_only_when_it_changes(studio):
    client = studio.desks.join(DESK)
    client.drop()
    for _ in range(3):
        studio.desks.update(client)
    assert queued(client) == []
    for value in (1.1, 1.2, 1.3):
        studio.set(JAW, value)
    assert [m["type"] for m in queued(client)] == ["changed", "state", "changed", "changed"]
    listener = Client("arkit")
    studio.subjects.get("avatar").listen(listener)
    assert queued(client)[-1]["clients"] == 1


def test_a_client_that_has_gone_is_told_nothing(studio):
    client = studio.desks.join(DESK)
    studio.desks.leave(client)
    client.drop()
    studio.set(JAW, 1.5)
    studio.subjects.get("avatar").stop()
    assert queued(client) == [] and not studio.subjects.get("avatar").watchers


@given(path=st.text(max_size=30), value=wild())
def test_no_path_and_no_value_breaks_the_check(path, value):
    controls = schema(Tunings(NOWHERE).rig("arkit"))
    for each in (path, f"rig.curves.{path}.gain", "emotion.name", "emotion.intensity", "override.jawOpen"):
        try:
            assert check(controls, each, value) == value
        except InputError as error:
            assert str(error).endswith(".")


def test_what_is_next_is_waited_for():
    async def scene():
        studio = Studio()
        client = studio.desks.join(DESK)
        assert json.loads(await client.next())["type"] == "state"
        waiting = asyncio.ensure_future(client.next())
        await asyncio.sleep(0)
        assert not waiting.done()
        studio.set(JAW, 1.5)
        assert json.loads(await waiting)["value"] == 1.5

    asyncio.run(scene())
