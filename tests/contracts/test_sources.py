"""What every live source in the folder promises: `bridge.sources.live.LiveSource`, its URL and its options."""

from __future__ import annotations

import dataclasses
import importlib
import socket
import threading

import pytest

from bridge.errors import BridgeError, ConfigError
from bridge.sources import live
from bridge.sources.live.vmc import Options, VmcSource
from bridge.timebase import frame_to_ns
from bridge.wire import osc

pytestmark = pytest.mark.contract


@pytest.fixture(params=live.names())
def scheme(request):
    return request.param


@pytest.fixture
def url(scheme):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return f"{scheme}://127.0.0.1:{probe.getsockname()[1]}"


def test_options_have_defaults_and_a_documented_purpose(scheme):
    module = importlib.import_module(f"bridge.sources.live.{scheme}")
    assert module.__doc__ and f"{scheme}://" in module.__doc__
    assert {f.name for f in dataclasses.fields(module.Options())} >= {"host"}


def test_it_listens_and_lets_go_of_its_port(url):
    for _ in range(2):
        source = live.open_source(url, lambda captured: None)
        assert (source.received, source.bad, source.last_error) == (0, 0, "")
        source.close()
        source.close()


def test_a_port_that_is_taken_is_one_sentence(url):
    source = live.open_source(url, lambda captured: None)
    try:
        with pytest.raises(BridgeError) as refused:
            live.open_source(url, lambda captured: None)
        assert str(refused.value).endswith(".")
    finally:
        source.close()


@pytest.mark.parametrize("rest", ["127.0.0.1?wings=2", "127.0.0.1/path", "127.0.0.1:0", "127.0.0.1:x"])
def test_a_wrong_url_is_one_sentence(scheme, rest):
    with pytest.raises(ConfigError) as refused:
        live.open_source(f"{scheme}://{rest}", lambda captured: None)
    assert str(refused.value).endswith(".")


class TurnedClock:
    """Stands still until it is turned. Who reads it goes on reading it, so a test can wait for its readings."""

    def __init__(self):
        self._ns = 7_000_000_000
        self._read = threading.Condition()
        self.reads = 0

    def now_ns(self):
        with self._read:
            self.reads += 1
            self._read.notify_all()
            return self._ns

    def turn(self, ns):
        with self._read:
            self._ns += ns

    def until(self, condition):
        with self._read:
            assert self._read.wait_for(condition, 30)

    def until_read(self, count):
        last = self.reads + count
        self.until(lambda: self.reads >= last)


def test_a_frame_in_a_hundred_datagrams_is_shown_once(url):
    clock, shown, port = TurnedClock(), [], int(url.rsplit(":", 1)[1])
    source = VmcSource(Options(port=port), shown.append, clock)
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as voice:
            for number, height in enumerate((0.25, 0.75), 1):
                frame = [
                    osc.Message("/VMC/Ext/Bone/Pos", ("Head", 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0)),
                    osc.Message("/VMC/Ext/Blend/Val", ("BrowInnerUp", height)),
                    osc.Message("/VMC/Ext/Blend/Apply", ()),
                ]
                for message in frame * 40:
                    voice.sendto(osc.encode(message), ("127.0.0.1", port))
                clock.until(lambda number=number: source.received == number * 120)
                clock.until_read(3)  # the last datagram has been taken in
                assert len(shown) == number - 1
                clock.turn(2 * frame_to_ns(1))
                clock.until(lambda number=number: len(shown) >= number)
                assert shown[-1].frame.face.max() == pytest.approx(height)
    finally:
        source.close()
    assert (len(shown), source.bad) == (2, 0)
