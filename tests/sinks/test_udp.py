"""What the UDP sinks put on the wire: the right numbers, on the right side, as others read them."""

import contextlib
import shutil
import socket
import subprocess
import threading

import numpy as np
import pytest
from pythonosc.osc_packet import OscPacket

from bridge import sinks
from bridge.bridge import make_retarget
from bridge.errors import ConfigError, DeviceError
from bridge.layers.mixer import Mixer
from bridge.sinks import ifacialmocap as ifacialmocap_sink
from bridge.sinks.ifacialmocap import ASKERS, IFacialMocap
from bridge.sinks.livelink import DAY_FRAMES, LiveLink, Options
from bridge.types import SHAPE_INDEX, motion
from bridge.wire import ifacialmocap, livelink, osc, vmc, vrchat
from bridge.wire.livelink_values import VALUE_NAMES

pytestmark = pytest.mark.contract


@pytest.fixture
def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("", 0))
        return probe.getsockname()[1]


class Line:
    """A sink and the socket it sends to."""

    def __init__(self, scheme, query=""):
        self.ear = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.ear.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        self.ear.bind(("127.0.0.1", 0))
        self.ear.settimeout(10)
        self.port = self.ear.getsockname()[1]
        target = sinks.target(f"{scheme}://127.0.0.1:{self.port}{query}")
        self.retarget = make_retarget(target.rig)
        self.sink = target.open(self.retarget.layout)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.sink.close()
        self.ear.close()

    def send(self, frames):
        """The datagrams that frames make, a list for each."""
        curves, out = self.retarget.apply(frames), []
        for row in range(len(frames)):
            self.sink.send(0, frames[row : row + 1], curves[row : row + 1])
            self.ear.sendto(b"end", ("127.0.0.1", self.port))
            out.append(list(iter(lambda: self.ear.recv(65536), b"end")))
        return out


def one(index=0, *, head=(0, 0, 0), gaze=(0, 0), **shapes):
    face = np.zeros((1, 52), np.float32)
    for name, value in shapes.items():
        face[0, SHAPE_INDEX[name]] = value
    return motion(index, face, head_rad=np.array([head]), gaze_rad=np.array([gaze]))


def angles(packet):
    return {name: float(packet.values[i]) for i, name in enumerate(VALUE_NAMES) if i >= 52 and packet.values[i]}


def test_livelink_left_stays_left_and_frames_count_from_midnight():
    with Line("livelink", "?subject=Eva") as line:
        packets = [livelink.decode(d[0]) for d in line.send(one(7, jawLeft=0.25, mouthRight=0.75, eyeBlinkLeft=1.0))]
        packets += [livelink.decode(d[0]) for d in line.send(one(9))]
    shown = {name: float(packets[0].values[i]) for i, name in enumerate(VALUE_NAMES) if packets[0].values[i]}
    assert shown == {"JawLeft": 0.25, "MouthRight": 0.75, "EyeBlinkLeft": 1.0}
    assert packets[1].frame - packets[0].frame == 2 and 0 <= packets[0].frame < DAY_FRAMES
    assert (packets[0].subject, packets[0].fps_num, packets[0].fps_den) == ("Eva", 60, 1)
    assert packets[0].device_id == packets[1].device_id and len(packets[0].device_id) == 36


def test_livelink_keeps_one_device_a_subject_and_has_another_for_another():
    ids = []
    for subject in ("A", "A", "B"):
        with Line("livelink", f"?subject={subject}") as line:
            ids.append(livelink.decode(line.send(one())[0][0]).device_id)
    assert ids[0] == ids[1] != ids[2]


def test_livelink_angles_in_either_unit_and_turned_round():
    turned = one(head=(0.2, 0.3, 0.1), gaze=(0.4, -0.2))
    shown = {}
    for query in ("", "?angles=degrees180", "?invert=HeadYaw,lefteyepitch"):
        with Line("livelink", query) as line:
            shown[query] = angles(livelink.decode(line.send(turned)[0][0]))
    plain = shown[""]
    assert plain["LeftEyeYaw"] == plain["RightEyeYaw"] == pytest.approx(-0.4), "+ to the own right"
    assert plain["LeftEyePitch"] == pytest.approx(-0.2), "+ down"
    assert shown["?angles=degrees180"] == pytest.approx({k: np.degrees(v) / 180 for k, v in plain.items()}, rel=1e-5)
    flipped = plain | {"HeadYaw": -plain["HeadYaw"], "LeftEyePitch": -plain["LeftEyePitch"]}
    assert shown["?invert=HeadYaw,lefteyepitch"] == pytest.approx(flipped)
    with pytest.raises(ConfigError, match="no angle 'Nose'"):
        Line("livelink", "?invert=Nose")


def test_livelink_takes_the_metahuman_rig_and_refuses_one_without_its_names():
    with Line("livelink", "?rig=metahuman") as line:
        packet = livelink.decode(line.send(one(jawOpen=0.8, mouthClose=0.5))[0][0])
    assert packet.values[SHAPE_INDEX["mouthClose"]] == 0
    assert packet.values[SHAPE_INDEX["jawOpen"]] == pytest.approx(0.8 - 0.9 * 0.5)
    with pytest.raises(ConfigError, match="no curve that Live Link Face knows"):
        Line("livelink", "?rig=vrm0")


def test_livelink_goes_over_midnight():
    with Line("livelink") as line:
        late = LiveLink(Options(port=line.port), line.retarget.layout, lambda: 86_400 - 1 / 60)
        line.sink, before = late, line.sink
        before.close()
        frames = [livelink.decode(d[0]).frame for i in range(3) for d in line.send(one(100 + i))]
    assert frames == [DAY_FRAMES - 1, 0, 1]


@pytest.mark.parametrize("yaw_rad", [np.deg2rad(10), np.deg2rad(-10)])
def test_vmc_turns_the_head_to_the_same_side_in_every_world(yaw_rad):
    """Unity to glTF: VRM 1.0 mirrors X, VRM 0.x mirrors Z (and its models face the other way)."""
    with Line("vmc") as line:
        items = [item for data in line.send(one(head=(0, yaw_rad, 0)))[0] for item in vmc.decode(data)]
    poses = {item.name: item for item in items if isinstance(item, vmc.Pose)}
    x, y, z, w = poses["Head"].xyzw
    neck = poses["Neck"].xyzw
    angle = 2 * np.arctan2(y, w) + 2 * np.arctan2(neck[1], neck[3])
    assert angle == pytest.approx(-yaw_rad, abs=1e-6), "Unity: + about Y turns to the own right"
    vrm1, vrm0 = (w, x, -y, -z), (w, -x, -y, z)
    assert 2 * np.arctan2(vrm1[2], vrm1[0]) == pytest.approx(0.6 * yaw_rad, abs=1e-6)
    assert 2 * np.arctan2(vrm0[2], vrm0[0]) == pytest.approx(0.6 * yaw_rad, abs=1e-6)
    assert poses["LeftUpperArm"].place_m[0] < 0 < poses["RightUpperArm"].place_m[0], "Unity's X is to the own right"
    assert {name for name in poses} - {"root"} <= set(vmc.BONES)


def test_vmc_frames_are_whole_and_in_order():
    with Line("vmc", "?rig=vrm1_perfect_sync") as line:
        for datagrams in line.send(Mixer(1).mix(0, 5)):
            assert all(len(data) <= 1400 for data in datagrams)
            items = [item for data in datagrams for item in vmc.decode(data)]
            assert items[0] == vmc.Available(True) and items[-1] == vmc.Apply()
            blends = [item.name for item in items if isinstance(item, vmc.Blend)]
            assert blends == list(line.retarget.layout.curves) and len(set(blends)) == 52
            norms = [np.linalg.norm(item.xyzw) for item in items if isinstance(item, vmc.Pose)]
            np.testing.assert_allclose(norms, 1, atol=1e-5)


@pytest.mark.parametrize(("bones", "count"), [("all", 16), ("head", 4), ("none", 0)])
def test_vmc_sends_the_bones_that_are_wanted(bones, count):
    with Line("vmc", f"?bones={bones}&bundle=65000") as line:
        (data,) = line.send(one())[0]
        assert sum(isinstance(i, vmc.Pose) and not i.is_root for i in vmc.decode(data)) == count


@pytest.mark.skipif(shutil.which("oscdump") is None, reason="oscdump (liblo-tools) is not installed")
@pytest.mark.parametrize("scheme", ["vmc", "osc", "vrchat"])
def test_liblo_reads_every_message(scheme):
    """A decoder in C that nobody here wrote: what it prints is what was sent."""
    with Line(scheme) as line:
        datagrams = [data for frame in line.send(Mixer(1).mix(0, 20)) for data in frame]
        port = line.port
    sent = [m for data in datagrams for m in osc.messages(osc.decode(data))]
    with subprocess.Popen(["oscdump", "-L", str(port)], stdout=subprocess.PIPE, text=True) as dump:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as voice:
            voice.connect(("127.0.0.1", port))
            knock = osc.encode(osc.Message("/knock"))
            lines = _after_it_listens(dump, voice, knock)
            for data in [*datagrams, knock]:
                voice.send(data)
            read = list(iter(lambda: next(lines).split(" ", 1)[1], "/knock "))
        dump.terminate()
    assert len(read) == len(sent)
    for line_read, message in zip(read, sent, strict=True):
        _same(line_read, message)


def _after_it_listens(dump, voice, knock):
    """The lines it prints after it has answered the first knock; knocks that came before it listened are lost."""
    lines = (line.rstrip("\n") for line in dump.stdout)
    heard = threading.Event()

    def keep_knocking():
        while not heard.wait(0.05):
            try:
                voice.send(knock)
            except ConnectionRefusedError:
                continue

    thread = threading.Thread(target=keep_knocking)
    thread.start()
    assert "/knock" in next(lines)
    heard.set()
    thread.join()
    voice.send(osc.encode(osc.Message("/begin")))
    for line in lines:
        if "/begin" in line:
            return lines
    raise AssertionError("oscdump ended")


def _same(line, message):
    address, tags, *values = line.split(" ")
    assert address == message.address and len(tags) == len(message.arguments)
    numbers = [float(v) for v in values if v not in ("#T", "#F") and not v.startswith('"')]
    assert numbers == pytest.approx([a for a in message.arguments if type(a) in (int, float)], abs=1e-6)
    assert [v.strip('"') for v in values if v.startswith('"')] == [a for a in message.arguments if isinstance(a, str)]


def test_osc_names_curves_by_the_template_and_cleans_them():
    with Line("osc", "?address=/face/{name}/v&bone_address=/bone/{name}") as line:
        messages = [m.message for data in line.send(one(jawOpen=0.5))[0] for m in OscPacket(data).messages]
    values = {m.address: m.params for m in messages}
    assert values["/face/jawOpen/v"] == [0.5] and len(values) == 52 + 16
    assert values["/bone/head"] == pytest.approx([0, 0, 0, 1])
    for template in ("face/{name}", "/face", "/a b/{name}"):
        with pytest.raises(ConfigError):
            Line("osc", f"?address={template}")


def test_osc_without_bundles_sends_messages():
    with Line("osc", "?bundle=0") as line:
        datagrams = line.send(one())[0]
    assert len(datagrams) == 52 and all(isinstance(osc.decode(d), osc.Message) for d in datagrams)


def test_ifacialmocap_shows_shapes_and_angles():
    with Line("ifacialmocap", "?invert=headY") as line:
        turned = one(head=(0, np.deg2rad(20), 0), gaze=(0.1, 0.2), jawOpen=0.354)
        frame = ifacialmocap.decode(line.send(turned)[0][0])
    assert frame.face[SHAPE_INDEX["jawOpen"]] == np.float32(0.35)
    assert frame.head_deg == pytest.approx((0, -20, 0), abs=1e-4)
    assert frame.left_eye_deg == frame.right_eye_deg == pytest.approx((np.degrees(0.2), np.degrees(0.1), 0), abs=1e-4)


def test_ifacialmocap_answers_who_asks_and_says_when_the_port_is_taken():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("", 0))
        port = probe.getsockname()[1]
        with pytest.raises(DeviceError, match=f"Port {port} is taken"):
            sinks.target(f"ifacialmocap://127.0.0.1:{port}?listen=1").open(make_retarget("arkit").layout)
    retarget = make_retarget("arkit")
    sink = IFacialMocap(ifacialmocap_sink.Options(port=port, listen=True), retarget.layout, "127.0.0.1")
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
            # As on another machine, the receiver has the same port at another address.
            try:
                receiver.bind(("127.0.0.2", port))
            except OSError:
                pytest.skip("this system has no second loopback address")
            receiver.settimeout(10)
            receiver.sendto(b"who are you", ("127.0.0.1", port))
            receiver.sendto(ifacialmocap.REQUEST, ("127.0.0.1", port))
            frames = one(jawOpen=0.5)
            for _ in range(3):
                sink.send(0, frames, retarget.apply(frames))
            assert ifacialmocap.decode(receiver.recv(4096)).face[SHAPE_INDEX["jawOpen"]] == 0.5
    finally:
        sink.close()


def test_ifacialmocap_answers_those_that_asked_last(free_port):
    retarget = make_retarget("arkit")
    sink = IFacialMocap(ifacialmocap_sink.Options(port=free_port, listen=True), retarget.layout, "127.0.0.1")
    with contextlib.ExitStack() as opened:
        opened.callback(sink.close)
        receivers = []
        for number in range(ASKERS + 3):
            receiver = opened.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
            try:
                receiver.bind((f"127.0.0.{number + 2}", free_port))
            except OSError:
                pytest.skip("this system has no other loopback addresses")
            receivers.append(receiver)

        def ask(receiver):
            """Ask, until the sink has heard it: it answers nobody before it has listened."""
            receiver.settimeout(0.1)
            for _ in range(300):
                receiver.sendto(ifacialmocap.REQUEST, ("127.0.0.1", free_port))
                sink.send(0, one(), retarget.apply(one()))
                with contextlib.suppress(TimeoutError):
                    receiver.recv(4096)
                    return
            raise AssertionError("it was not answered")

        for receiver in (*receivers[:ASKERS], receivers[0], *receivers[ASKERS:]):
            ask(receiver)
        stays = [receivers[0], *receivers[4:]]
        assert len(stays) == ASKERS
        for receiver in receivers:
            _drain(receiver)
        sink.send(0, one(jawOpen=0.5), retarget.apply(one(jawOpen=0.5)))
        for receiver in stays:
            receiver.settimeout(10)
            assert ifacialmocap.decode(receiver.recv(4096)).face[SHAPE_INDEX["jawOpen"]] == 0.5
        for receiver in receivers[1:4]:
            assert _drain(receiver) == 0, "the ninth and later ones came in its place"


def _drain(receiver):
    """How many datagrams were there."""
    receiver.setblocking(False)
    count = 0
    with contextlib.suppress(BlockingIOError):
        while receiver.recv(4096):
            count += 1
    return count


def test_vrchat_sends_only_what_changes_and_all_within_a_second():
    with Line("vrchat") as line:
        first, *rest = line.send(motion(0, np.full((130, 52), 0.3)))
        assert len(first) == len(line.retarget.layout.curves) + len(vrchat.ACTIVE)
        assert max(len(frame) for frame in rest) <= 3
        later = [item for frame in rest[:60] for data in frame for item in vrchat.decode(data)]
        assert {item.name for item in later} >= {f"FT/{name}" for name in line.retarget.layout.curves}
        moved = [item for data in line.send(one(200, jawOpen=0.9))[0] for item in vrchat.decode(data)]
    assert vrchat.Parameter("FT/v2/JawOpen", float(np.float32(0.9))) in moved


def test_vrchat_parameters_may_be_made_of_bools():
    with Line("vrchat", "?binary=3") as line:
        first = [item for data in line.send(one(0, jawOpen=0.5))[0] for item in vrchat.decode(data)]
        moved = [item for data in line.send(one(1, jawOpen=0.65))[0] for item in vrchat.decode(data)]
    assert {type(item.value) for item in first} == {bool}
    jaw = {item.name: item.value for item in first if item.name.startswith("FT/v2/JawOpen")}
    assert jaw == {f"FT/v2/JawOpen{end}": end == "4" for end in ("1", "2", "4", "Negative")}
    assert vrchat.Parameter("FT/v2/JawOpen1", True) in moved and len(moved) < 10
    with pytest.raises(ConfigError, match="binary"):
        sinks.target("vrchat://127.0.0.1?binary=9").open(make_retarget("vrchat").layout)


def test_vrchat_eyes_are_the_games_own_when_asked():
    with Line("vrchat", "?eyes=1&prefix=") as line:
        items = [item for data in line.send(one(gaze=(0.1, 0.2)))[0] for item in vrchat.decode(data)]
    eyes = next(item for item in items if isinstance(item, vrchat.Eyes))
    assert (eyes.left_pitch_deg, eyes.left_yaw_deg) == pytest.approx((np.degrees(0.2), -np.degrees(0.1)), abs=1e-4)
    assert vrchat.EyesClosed(0.0) in items
    assert any(isinstance(item, vrchat.Parameter) and item.name == "v2/JawOpen" for item in items)
