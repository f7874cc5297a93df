"""What every live sink in the folder promises: `bridge.ports.Sink`, its URL and its options."""

from __future__ import annotations

import contextlib
import dataclasses
import importlib
import socket

import numpy as np
import pytest

from bridge import resources, sinks
from bridge.bridge import make_retarget
from bridge.errors import BridgeError, ConfigError
from bridge.layers.mixer import Mixer
from bridge.types import RigLayout, motion
from tools.vtube_studio import VTubeStudio

pytestmark = pytest.mark.contract

FRAMES = Mixer(3).mix(0, 120)


class Udp:
    """A receiver of datagrams, which it counts."""

    def __init__(self):
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.settimeout(10)
        self.port = self._socket.getsockname()[1]

    def wait_for(self, count):
        for _ in range(count):
            assert self._socket.recv(65536)

    def close(self):
        self._socket.close()


@pytest.fixture(params=sinks.names())
def scheme(request, monkeypatch, tmp_path):
    monkeypatch.setenv("AVATAR_BRIDGE_HOME", str(tmp_path))
    return request.param


@pytest.fixture
def receiver(scheme):
    if scheme == "audio":
        pytest.skip("a loudspeaker receives nothing; tests/sinks/test_audio.py has its laws")
    there = VTubeStudio() if scheme == "vts" else Udp()
    if scheme == "vts":
        there.start()
    yield there
    there.close()


@pytest.fixture
def sink(scheme, receiver):
    target = sinks.target(f"{scheme}://127.0.0.1:{receiver.port}")
    sink = target.open(make_retarget(target.rig).layout)
    yield sink
    sink.close()


def rigged(scheme, frames=FRAMES):
    return make_retarget(sinks.target(f"{scheme}://").rig).apply(frames)


def send(sink, scheme, frames=FRAMES, epoch=0):
    curves = rigged(scheme, frames)
    for row in range(len(frames)):
        sink.send(epoch, frames[row : row + 1], curves[row : row + 1])


def test_the_bare_scheme_is_enough(scheme):
    assert sinks.target(f"{scheme}://").rig in resources.rig_names()


def test_options_have_defaults_and_a_documented_purpose(scheme):
    module = importlib.import_module(f"bridge.sinks.{scheme}")
    assert module.__doc__ and f"{scheme}://" in module.__doc__
    assert module.Options() == module.Options()
    assert {f.name for f in dataclasses.fields(module.Options)} >= {"host", "rig"}


@pytest.mark.parametrize(
    ("rest", "words"),
    [
        ("127.0.0.1?wings=2", "has no option 'wings'; it has host"),
        ("127.0.0.1?rig=a&rig=b", "'rig' twice"),
        ("127.0.0.1/path", "is not a sink's address"),
        ("127.0.0.1?rig", "is not a sink's address"),
    ],
)
def test_a_wrong_url_is_one_sentence(scheme, rest, words):
    with pytest.raises(ConfigError, match=words) as refused:
        sinks.target(f"{scheme}://{rest}")
    assert str(refused.value).endswith(".")


@pytest.mark.parametrize("port", ["0", "65536", "-1", "x"])
def test_a_wrong_port_is_one_sentence(scheme, port):
    if not hasattr(importlib.import_module(f"bridge.sinks.{scheme}").Options(), "port"):
        pytest.skip("has no port")
    with pytest.raises(ConfigError):
        sinks.target(f"{scheme}://127.0.0.1:{port}")


def test_frames_arrive(sink, scheme, receiver):
    send(sink, scheme)
    receiver.wait_for(1 if scheme == "vts" else 100)


def test_indices_may_leap_and_epochs_go_on(sink, scheme, receiver):
    send(sink, scheme, Mixer(0).mix(10**9, 3), epoch=4_000_000_000)
    receiver.wait_for(1)


def test_extremes_of_motion_are_sent(sink, scheme, receiver):
    wild = motion(0, np.ones((4, 52)), head_rad=np.full((4, 3), 3.0), gaze_rad=np.full((4, 2), -1.5))
    send(sink, scheme, wild)
    receiver.wait_for(1)


def test_nobody_there_is_no_crash_and_no_wait(scheme, receiver):
    port = receiver.port
    receiver.close()
    target = sinks.target(f"{scheme}://127.0.0.1:{port}")
    try:
        sink = target.open(make_retarget(target.rig).layout)
        send(sink, scheme)
        sink.close()
    except BridgeError as error:
        assert str(error).endswith(".") and "127.0.0.1" in str(error)


def test_a_host_that_can_not_be_found_is_one_sentence(scheme, receiver):
    target = sinks.target(f"{scheme}://{'a' * 70}.invalid")
    with pytest.raises(BridgeError) as refused:
        target.open(make_retarget(target.rig).layout)
    assert str(refused.value).endswith(".") and ".invalid" in str(refused.value)


def test_a_rig_without_curves_is_refused_or_sent_empty(scheme, receiver):
    target = sinks.target(f"{scheme}://127.0.0.1:{receiver.port}")
    try:
        target.open(RigLayout((), ())).close()
    except ConfigError as error:
        assert str(error).endswith(".")


def test_closing_twice_is_fine_and_sending_then_is_an_error_of_the_kinds_named(sink, scheme, receiver):
    send(sink, scheme, FRAMES[:2])
    sink.close()
    sink.close()
    with contextlib.suppress(BridgeError, OSError):
        send(sink, scheme, FRAMES[2:4])


def test_sinks_are_found_without_importing_them():
    assert {"audio", "ifacialmocap", "livelink", "osc", "vmc", "vrchat", "vts"} <= set(sinks.names())


@pytest.mark.parametrize("url", ["", "nonsense", "warp://x", "no.such.module://x", "os.path://x", "livelink:/x", "://"])
def test_what_is_no_sink_is_one_sentence(url):
    with pytest.raises(ConfigError) as refused:
        sinks.target(url)
    assert str(refused.value).endswith(".")
