"""`play`, and `--to` of `say` and `animate`: a take leaves in real time, to the end, as others read it."""

from __future__ import annotations

import logging
import socket
import sys
import threading

import numpy as np
import pytest

from bridge.cli import main
from bridge.layers.mixer import Mixer
from bridge.takes import open_takes
from bridge.types import SHAPE_INDEX
from bridge.wire import livelink
from tools.vtube_studio import VTubeStudio

pytestmark = pytest.mark.e2e

FRAMES = Mixer(5).mix(0, 90)


def run(*arguments: str) -> int:
    """The status of a command, run in this process."""
    try:
        return main(list(arguments))
    except SystemExit as wrong_use:
        return int(wrong_use.code or 0)


class Receiver:
    """Gathers Live Link packets on a thread until it is asked for them."""

    def __init__(self):
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.url = f"livelink://127.0.0.1:{self._socket.getsockname()[1]}"
        self._packets = []
        self._thread = threading.Thread(target=self._gather, daemon=True)
        self._thread.start()

    def _gather(self):
        while (data := self._socket.recv(2000)) != b"end":
            self._packets.append(livelink.decode(data))

    def packets(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as voice:
            voice.sendto(b"end", self._socket.getsockname())
        self._thread.join(20)
        self._socket.close()
        return self._packets


@pytest.fixture
def receiver():
    return Receiver()


@pytest.fixture
def take(tmp_path):
    path = tmp_path / "take.npz"
    with open_takes([path]) as takes:
        takes.write(FRAMES, np.zeros(90 * 400, np.float32))
    return path


def test_play_shows_each_frame_of_a_take_in_order(receiver, take, capsys):
    assert run("play", str(take), "--to", receiver.url) == 0
    packets = receiver.packets()
    assert "90 frames" in capsys.readouterr().out
    numbers = np.array([p.frame for p in packets])
    assert (np.diff(numbers) >= 1).all() and len(packets) > 20
    # Under load frames may be late, and late ones are left out; those that come are the take's, each at its place.
    shown = np.stack([p.values[:52] for p in packets])
    np.testing.assert_allclose(shown, FRAMES.face[numbers - numbers[-1] + 89], atol=1e-6)


def test_play_feeds_several_sinks_and_rigs(take):
    first, second = Receiver(), Receiver()
    assert run("play", str(take), "--to", first.url, f"{second.url}?rig=metahuman&subject=B") == 0
    plain, meta = first.packets(), second.packets()
    assert {p.subject for p in plain} == {"AvatarBridge"} and {p.subject for p in meta} == {"B"}
    assert not any(p.values[SHAPE_INDEX["mouthClose"]] for p in meta)


def test_say_and_animate_reach_a_sink_and_a_file_at_once(receiver, tmp_path):
    out, sound = tmp_path / "out.npz", tmp_path / "out.wav"
    assert run("say", "--to", receiver.url, "Hello, my name is Bob.", "-o", str(out), "-o", str(sound)) == 0
    said = np.load(out)["arkit"]
    jaw = SHAPE_INDEX["jawOpen"]
    packets = receiver.packets()
    assert max(p.values[jaw] for p in packets) == pytest.approx(said[:, jaw].max(), abs=0.1)
    assert len(packets) > 0.3 * len(said)
    again = Receiver()
    assert run("animate", str(sound), "--to", again.url) == 0
    assert len(again.packets()) > 0.3 * len(said)


def test_frames_that_nobody_listens_to_are_no_success_but_a_take_is_whole(take, tmp_path, capsys):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        url = f"livelink://127.0.0.1:{probe.getsockname()[1]}"
    assert run("play", str(take), "--to", url) == 1
    out, err = capsys.readouterr()
    assert out == "" and f"avatar-bridge: {url} was sent " in err and "Nobody listens" in err
    sound, copy = tmp_path / "sound.wav", tmp_path / "copy.npz"
    with open_takes([sound], (".wav",)) as takes:
        takes.write(FRAMES, np.zeros(90 * 400, np.float32))
    assert run("animate", str(sound), "--to", url, "-o", str(copy)) == 1
    assert len(np.load(copy)["arkit"]) == 90


class SlowToAllow(VTubeStudio):
    """Its user says yes once `asked_aloud` is set."""

    def __init__(self):
        super().__init__()
        self.asked_aloud = threading.Event()

    def _open_to_all(self, kind, data, plugin):
        assert self.asked_aloud.wait(30)
        return super()._open_to_all(kind, data, plugin)


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("AVATAR_BRIDGE_HOME", str(tmp_path / "home"))


def test_a_take_begins_when_its_user_has_allowed_it(home, take, capsys):
    program = SlowToAllow()
    program.start()
    listener = logging.Handler()
    listener.emit = lambda record: program.asked_aloud.set() if "asks its user" in record.getMessage() else None
    logging.getLogger("bridge.outputs").addHandler(listener)
    try:
        assert run("play", str(take), "--to", f"vts://127.0.0.1:{program.port}") == 0
    finally:
        logging.getLogger("bridge.outputs").removeHandler(listener)
        program.close()
    assert program.asked_aloud.is_set() and program.injections and "90 frames" in capsys.readouterr().out


def test_a_take_that_its_user_does_not_allow_is_no_success(home, take, capsys):
    program = VTubeStudio(allows=False)
    program.start()
    try:
        assert run("play", str(take), "--to", f"vts://127.0.0.1:{program.port}") == 1
    finally:
        program.close()
    out, err = capsys.readouterr()
    assert out == "" and "was sent none of 90 frames: VTube Studio did not allow Avatar Bridge" in err


@pytest.mark.parametrize(
    "arguments",
    [
        ("play", "{tmp}/none.npz", "--to", "livelink://127.0.0.1"),
        ("play", "{take}"),
        ("play", "{take}", "--to", "warp://x"),
        ("play", "{take}", "--to", "livelink://127.0.0.1?wings=2"),
        ("play", "{take}", "--to", "livelink://127.0.0.1", "livelink://127.0.0.1"),
        ("play", "{take}", "--to", "vts://127.0.0.1:9"),
        ("animate", "{tmp}/none.wav"),
        ("say", "hello", "--to", "warp://x"),
    ],
    ids=lambda a: " ".join(a)[:48],
)
def test_what_cannot_be_done_is_one_sentence(arguments, take, tmp_path, capsys):
    status = run(*(a.replace("{tmp}", str(tmp_path)).replace("{take}", str(take)) for a in arguments))
    out, err = capsys.readouterr()
    assert status in (1, 2) and out == "" and len(err.strip()) > 15 and "Traceback" not in err


def test_say_alone_wants_a_loudspeaker_and_says_so(capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    assert run("say", "hi") == 1
    out, err = capsys.readouterr()
    assert out == "" and "Sound can't be played here" in err and "libportaudio2" in err
