"""Sinks of a subject on a clock that the test turns: paced, independent of one another, and back after a failure."""

import socket
import sys
import threading
import types
from dataclasses import dataclass

import numpy as np
import pytest

from bridge.bridge import make_retarget
from bridge.errors import ConfigError, DeviceError, InputError
from bridge.outputs import PAUSE_NS, SLEW_NS, SLOW_IN_A_ROW, SLOW_NS, Outputs
from bridge.playout import Run
from bridge.timebase import FPS_NUM, NS_PER_S, Timeline, frame_to_ns
from bridge.types import SHAPE_INDEX, freeze, motion
from bridge.wire import livelink

pytestmark = pytest.mark.law


class TurnedClock:
    def __init__(self):
        self.ns = 7_000_000_000

    def now_ns(self):
        return self.ns


class TurnedWait:
    """The pacer's wait, which ends when the test lets a frame fall due."""

    def __init__(self, clock):
        self._clock = clock
        self._go = threading.Semaphore(0)
        self._waiting = threading.Semaphore(0)
        self.open = True

    def until(self, deadline_ns):
        self._waiting.release()
        while self.open and not self._go.acquire(timeout=0.05):
            pass
        self._clock.ns = max(self._clock.ns, deadline_ns)

    def let_one_fall_due(self):
        """Returns once its frame has been sent everywhere."""
        self._waiting.acquire()
        self._go.release()
        self._waiting.acquire()
        self._waiting.release()


class Room:
    """Outputs of a subject, its clock, and sinks of the test's own under the scheme `elsewhere.sink`."""

    def __init__(self):
        self.clock = TurnedClock()
        self.timeline = Timeline(self.clock.ns)
        self.loudspeaker = None
        self.wait = TurnedWait(self.clock)
        self.outputs = Outputs(self.clock, self, make_retarget, self.wait)
        self.next = 1

    def run(self, frames, epoch=0, value=0.5):
        for _ in range(frames):
            face = np.full((1, 52), value, np.float32)
            self.outputs.frames(Run(motion(self.next, face), freeze(np.zeros(0))), epoch, self.next)
            self.next += 1
            self.wait.let_one_fall_due()
            for output in self.outputs._outputs:
                if output._helper is not None:
                    output._helper.join()

    def skip_ns(self, ns):
        """Let time pass; frames fall due again from then on."""
        self.clock.ns += ns
        self.wait.let_one_fall_due()
        self.next = self.timeline.due_index(self.clock.ns) + 1

    def health(self, number):
        return next(h for h in self.outputs.health() if h.id == number)


@pytest.fixture
def room():
    room = Room()
    yield room
    room.wait.open = False
    room.outputs.close()


class Elsewhere:
    """A sink that does what the test wants: fails, is slow, can't be opened."""

    def __init__(self):
        self.sent = []
        self.opened = self.closed = 0
        self.error = None
        self.open_error = None
        self.slow_ns = 0
        self.clock = None

    def build(self, options, layout):
        if self.open_error:
            raise self.open_error
        self.opened += 1
        return self

    def send(self, epoch, motion, rigged):
        if self.clock:
            self.clock.ns += self.slow_ns
        if self.error:
            raise self.error
        self.sent.append((epoch, motion.first_index, float(rigged.curves[0, 0])))

    def close(self):
        self.closed += 1


@dataclass
class Options:
    host: str = ""
    rig: str = "arkit"


@pytest.fixture
def elsewhere(monkeypatch):
    sink = Elsewhere()
    module = types.ModuleType("elsewhere.sink")
    module.Options, module.build, module.__spec__ = Options, sink.build, types.SimpleNamespace()
    monkeypatch.setitem(sys.modules, "elsewhere", types.ModuleType("elsewhere"))
    monkeypatch.setitem(sys.modules, "elsewhere.sink", module)
    return sink


@pytest.fixture
def receiver():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listening:
        listening.bind(("127.0.0.1", 0))
        listening.settimeout(10)
        yield listening


def livelink_url(receiver, subject="A"):
    return f"livelink://127.0.0.1:{receiver.getsockname()[1]}?subject={subject}"


def test_each_frame_leaves_once_in_order_to_every_sink(room, receiver, elsewhere):
    room.outputs.add(livelink_url(receiver))
    room.outputs.add("elsewhere.sink://x")
    room.run(120)
    packets = [livelink.decode(receiver.recv(2000)) for _ in range(120)]
    assert np.diff([p.frame for p in packets]).tolist() == [1] * 119
    assert [index for _, index, _ in elsewhere.sent] == list(range(1, 121))
    health = room.outputs.health()
    assert [(h.sent, h.dropped, h.reconnects, h.state) for h in health] == [(120, 0, 0, "open")] * 2
    assert health[0].fps == pytest.approx(FPS_NUM, abs=0.1)


def test_a_sink_that_fails_is_retried_with_longer_and_longer_pauses_while_others_go_on(room, receiver, elsewhere):
    room.outputs.add(livelink_url(receiver))
    number = room.outputs.add("elsewhere.sink://x").id
    room.run(5)
    elsewhere.error = OSError("the cable is out")
    elsewhere.open_error = DeviceError("It is not there.")
    room.run(60)
    assert elsewhere.closed == 1 and room.health(number).last_error == "It is not there."
    assert room.health(1).dropped == 0 and room.health(1).sent == 65
    elsewhere.error = elsewhere.open_error = None
    room.skip_ns(PAUSE_NS[1])
    for _ in range(2000):
        room.run(1)
        if room.health(number).reconnects:
            break
    health = room.health(number)
    assert health.state == "open" and health.reconnects == 1 and health.dropped >= 55
    assert room.health(1).dropped == 0


def test_pauses_double_up_to_the_longest(room, elsewhere):
    tries = []
    room.outputs.add("elsewhere.sink://x")
    elsewhere.error = OSError("gone")
    build = elsewhere.build

    def counted(options, layout):
        tries.append(room.clock.ns)
        return build(options, layout)

    sys.modules["elsewhere.sink"].build = counted
    for _ in range(30 * FPS_NUM):
        room.run(1)
    pauses = np.diff(tries) / NS_PER_S
    assert len(tries) == 9
    np.testing.assert_allclose(pauses[:3], [1, 2, 4], atol=0.05)
    np.testing.assert_allclose(pauses[3:], PAUSE_NS[1] / NS_PER_S, atol=0.05)


def test_a_full_network_costs_frames_but_not_the_sink(room, elsewhere):
    number = room.outputs.add("elsewhere.sink://x").id
    elsewhere.error = BlockingIOError()
    room.run(7)
    elsewhere.error = None
    room.run(3)
    health = room.health(number)
    assert (health.sent, health.dropped, health.state, health.reconnects) == (3, 7, "open", 0)


@pytest.mark.parametrize("let_in", [None, False])
def test_frames_that_a_target_does_not_show_yet_were_not_sent(room, elsewhere, let_in):
    elsewhere.let_in = let_in
    number = room.outputs.add("elsewhere.sink://x").id
    room.run(7)
    assert room.outputs.are_awaited() == (let_in is None)
    elsewhere.let_in = True
    room.run(3)
    health = room.health(number)
    assert (health.sent, health.dropped, health.state) == (3, 7, "open") and len(elsewhere.sent) == 10
    assert not room.outputs.are_awaited()


def test_what_a_sink_has_to_say_is_logged_once_and_without_frames(room, elsewhere, caplog):
    elsewhere.notice = ""
    room.outputs.add("elsewhere.sink://x")
    for notice in ("It asks.", "It asks.", "", "It asks.", "It was refused."):
        elsewhere.notice = notice
        room.wait.let_one_fall_due()
    said = [record.getMessage() for record in caplog.records]
    assert said == [f"elsewhere.sink://x: {notice}" for notice in ("It asks.", "It was refused.")]


def test_a_defect_in_a_sink_stays_its_own(room, receiver, elsewhere):
    room.outputs.add(livelink_url(receiver))
    number = room.outputs.add("elsewhere.sink://x").id
    elsewhere.error = ZeroDivisionError("oh")
    room.run(10)
    assert "error in its code" in room.health(number).last_error
    assert room.health(1).sent == 10


def test_a_sink_that_holds_up_the_others_again_and_again_is_closed_for_a_while(room, elsewhere):
    number = room.outputs.add("elsewhere.sink://x").id
    elsewhere.clock, elsewhere.slow_ns = room.clock, SLOW_NS + 1
    room.run(SLOW_IN_A_ROW - 1)
    assert room.health(number).state == "open"
    room.run(1)
    assert room.health(number).state == "closed" and "held the others up" in room.health(number).last_error


def test_a_rig_that_smooths_a_curve_sees_the_frames_before(room, elsewhere, tmp_path, monkeypatch):
    (tmp_path / "rigs").mkdir()
    text = '[curves]\neyeBlinkLeft = "eyeBlinkLeft"\n[tune]\neyeBlinkLeft = { smoothing_ms = 50.0 }\n[bones]\n'
    (tmp_path / "rigs" / "slow.toml").write_text(text)
    monkeypatch.setenv("AVATAR_BRIDGE_HOME", str(tmp_path))
    room.outputs.add("elsewhere.sink://x?rig=slow")
    room.run(20, value=0.0)
    room.run(20, value=1.0)
    values = [value for _, _, value in elsewhere.sent]
    assert values[19] == 0 and 0.1 < values[20] < 0.5 and values[-1] == pytest.approx(1)
    assert (np.diff(values) >= 0).all()


def test_a_mirrored_sink_shows_the_other_side(room, receiver):
    room.outputs.add(livelink_url(receiver))
    room.outputs.add(livelink_url(receiver, "B") + "&mirror=1")
    face = np.zeros((1, 52), np.float32)
    face[0, SHAPE_INDEX["eyeBlinkLeft"]] = 1.0
    room.outputs.frames(Run(motion(1, face), freeze(np.zeros(0))), 0, 0)
    room.wait.let_one_fall_due()
    plain, mirror = (livelink.decode(receiver.recv(2000)).values for _ in range(2))
    assert plain[SHAPE_INDEX["eyeBlinkLeft"]] == mirror[SHAPE_INDEX["eyeBlinkRight"]] == 1
    assert plain[SHAPE_INDEX["eyeBlinkRight"]] == mirror[SHAPE_INDEX["eyeBlinkLeft"]] == 0


def test_a_receiver_that_vanishes_and_comes_back_is_found_again(room, receiver):
    address = receiver.getsockname()
    number = room.outputs.add(livelink_url(receiver)).id
    room.run(3)
    receiver.close()
    for _ in range(200):
        room.run(1)
        if room.health(number).last_error:
            break
    assert f"Nobody listens at 127.0.0.1:{address[1]}" in room.health(number).last_error
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as back:
        back.bind(address)
        back.settimeout(0.01)
        room.skip_ns(PAUSE_NS[1])
        for _ in range(2000):
            room.run(1)
            if room.health(number).reconnects:
                break
        assert livelink.decode(back.recv(2000)).subject == "A" and room.health(number).reconnects == 1


def test_frames_that_a_stall_overtook_count_as_dropped(room, elsewhere):
    room.outputs.add("elsewhere.sink://x")
    room.outputs.frames(Run(motion(1, np.zeros((30, 52))), freeze(np.zeros(0))), 0, 0)
    room.wait.let_one_fall_due()
    room.skip_ns(frame_to_ns(10))
    health = room.health(1)
    assert elsewhere.sent[-1][1] == 1 + health.dropped + 1 and 8 <= health.dropped <= 10


def test_nothing_of_an_old_epoch_leaves_after_a_stop(room, elsewhere):
    room.outputs.add("elsewhere.sink://x")
    room.outputs.frames(Run(motion(1, np.full((30, 52), 0.9)), freeze(np.zeros(0))), 0, 0)
    for _ in range(10):
        room.wait.let_one_fall_due()
    room.outputs.frames(Run(motion(8, np.full((30, 52), 0.1)), freeze(np.zeros(0))), 1, 10)
    for _ in range(10):
        room.wait.let_one_fall_due()
    assert [index for _, index, _ in elsewhere.sent] == list(range(1, 21))
    assert [epoch for epoch, _, _ in elsewhere.sent] == [0] * 10 + [1] * 10
    assert all(value == pytest.approx(0.9 if epoch == 0 else 0.1) for epoch, _, value in elsewhere.sent)


def test_sinks_come_and_go_while_frames_flow(room, receiver, elsewhere):
    first = room.outputs.add(livelink_url(receiver)).id
    room.run(5)
    second = room.outputs.add("elsewhere.sink://x").id
    room.run(5)
    gone = room.outputs.remove(first)
    assert gone.state == "closed" and gone.sent == 10
    room.run(5)
    assert len(elsewhere.sent) == 10 and [h.id for h in room.outputs.health()] == [second]
    with pytest.raises(InputError, match="There is no sink 1"):
        room.outputs.remove(first)
    room.wait.open = False
    room.outputs.remove("elsewhere.sink://x")
    assert len(room.outputs) == 0 and elsewhere.closed == 1


def test_what_can_not_be_opened_is_told_at_once_and_not_kept(room, elsewhere):
    elsewhere.open_error = DeviceError("It is not there.")
    with pytest.raises(DeviceError, match="It is not there"):
        room.outputs.add("elsewhere.sink://x")
    with pytest.raises(ConfigError, match="no rig 'nothing'"):
        room.outputs.add("livelink://127.0.0.1?rig=nothing")
    assert len(room.outputs) == 0


def test_the_same_sink_twice_is_refused(room, receiver):
    room.outputs.add(livelink_url(receiver))
    with pytest.raises(InputError, match="already"):
        room.outputs.add(livelink_url(receiver))


def test_the_timeline_follows_a_sink_that_is_heard(room, elsewhere):
    origin = room.timeline.origin_ns
    elsewhere.play = lambda epoch, start, samples: None
    elsewhere.origin_ns = lambda: origin + 5_000_000
    room.outputs.add("elsewhere.sink://x")
    room.run(20)
    assert room.timeline.origin_ns == origin + 20 * SLEW_NS
    room.run(40)
    assert room.timeline.origin_ns == origin + 5_000_000
    elsewhere.origin_ns = lambda: origin + 300_000_000
    room.run(2)
    assert room.timeline.origin_ns == origin + 300_000_000, "a device with a latency of its own"
    assert room.loudspeaker == Timeline(origin + 300_000_000), "its count is what was heard"
    elsewhere.origin_ns = lambda: None
    room.run(1)
    assert room.loudspeaker is None, "it does not know yet"


def test_a_loudspeaker_that_was_removed_counts_no_more(room, elsewhere):
    elsewhere.play = lambda epoch, start, samples: None
    elsewhere.origin_ns = lambda: 5
    number = room.outputs.add("elsewhere.sink://x").id
    room.run(1)
    assert room.loudspeaker == Timeline(5)
    room.wait.open = False
    room.outputs.remove(number)
    assert room.loudspeaker is None


@pytest.mark.parametrize("asked", ["play", "origin_ns"])
def test_a_sound_sink_with_a_defect_of_its_own_is_opened_anew_and_stops_no_frames(room, receiver, elsewhere, asked):
    def broken(*_):
        raise ZeroDivisionError

    elsewhere.play = lambda epoch, start_sample, samples: None
    elsewhere.origin_ns = lambda: None
    setattr(elsewhere, asked, broken)
    number = room.outputs.add("elsewhere.sink://host").id
    room.outputs.add(livelink_url(receiver))
    room.run(10)
    heard = [livelink.decode(receiver.recv(2000)).frame for _ in range(10)]
    assert np.diff(heard).tolist() == [1] * 9
    assert room.health(number).state == "closed" and "error in its code" in room.health(number).last_error
    setattr(elsewhere, asked, lambda *_: None)
    room.skip_ns(PAUSE_NS[0])
    room.run(2)
    assert room.health(number).state == "open" and elsewhere.opened == 2


def test_an_error_nobody_foresaw_does_not_stop_the_frames(room, elsewhere, caplog, monkeypatch):
    monkeypatch.setattr(room.outputs, "_follow_sound", lambda outputs: 1 // 0)
    room.outputs.add("elsewhere.sink://host")
    room.run(30)
    assert len(elsewhere.sent) == 30
    assert caplog.text.count("the pacing of sinks") == 1
