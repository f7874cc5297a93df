"""The loudspeaker: every sample heard at its place, nothing after a stop, frames that follow the device's clock."""

import sys
import types

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge import sinks
from bridge.errors import DeviceError
from bridge.outputs import LEAP_NS, SLEW_NS
from bridge.sinks._track import FADE_SAMPLES, DeviceClock, Track
from bridge.sinks.audio import Loudspeaker, Options
from bridge.timebase import SAMPLE_RATE_HZ, frame_to_ns
from bridge.types import freeze, still

pytestmark = pytest.mark.law


@given(
    st.lists(st.tuples(st.integers(0, 3000), st.integers(1, 900)), max_size=8),
    st.lists(st.integers(1, 700), min_size=1, max_size=12),
)
def test_samples_are_heard_at_their_places_however_they_are_asked_for(pieces, blocks):
    track, expected, at = Track(), np.zeros(20_000, np.float32), 0
    for start, count in pieces:
        samples = np.linspace(0.01, 0.1, count, dtype=np.float32)
        track.put(0, start, freeze(samples))
        expected[start : start + count] += samples
    for block in blocks:
        np.testing.assert_allclose(track.read(at, block), np.clip(expected, -1, 1)[at : at + block], atol=1e-6)
        at += block


def test_a_stop_fades_what_is_being_heard_and_forgets_the_rest():
    track = Track()
    track.put(0, 0, freeze(np.full(SAMPLE_RATE_HZ, 0.5)))
    track.read(0, 1000)
    track.put(1, 0, freeze(np.zeros(0)))
    heard = track.read(1000, SAMPLE_RATE_HZ)
    assert heard[0] == pytest.approx(0.5) and np.abs(np.diff(heard)).max() < 0.003, "a click"
    assert not heard[FADE_SAMPLES:].any()
    track.put(0, 5000, freeze(np.full(100, 0.5)))
    assert not track.read(3000, 9000).any(), "the old epoch spoke"


class TurnedClock:
    ns = 50_000_000_000

    def now_ns(self):
        return self.ns


class Device:
    """A sound device whose crystal is off by some parts in a million, and that tells its latency."""

    def __init__(self, clock, block=480, off_ppm=0.0, latency_s=0.05):
        self.clock, self.block, self.latency_s = clock, block, latency_s
        self.step_ns = block / SAMPLE_RATE_HZ * 1e9 / (1 + off_ppm * 1e-6)
        self.active, self.closed = False, 0
        self.heard = []
        self._due_ns = clock.ns

    def open(self, callback):
        self.callback = callback
        return self

    def start(self):
        self.active = True

    def close(self):
        self.active = False
        self.closed += 1

    def run(self, seconds, each=lambda: None):
        end_ns = self._due_ns + seconds * 1e9
        while self._due_ns < end_ns:
            self.clock.ns = round(self._due_ns)
            each()
            out = np.empty((self.block, 1), np.float32)
            times = types.SimpleNamespace(outputBufferDacTime=7.0 + self.latency_s, currentTime=7.0)
            self.callback(out, self.block, times, None)
            self.heard.append((self.clock.ns + round(self.latency_s * 1e9), out[:, 0].copy()))
            self._due_ns += self.step_ns


@pytest.mark.parametrize("latency_s", [0.02, 0.4])
def test_speech_is_heard_whole_when_its_frames_are_due(latency_s):
    clock = TurnedClock()
    device = Device(clock, latency_s=latency_s)
    sink = Loudspeaker(Options(), clock, device.open)
    origin_ns = clock.ns
    tone = np.sin(np.arange(SAMPLE_RATE_HZ) * 0.05).astype(np.float32) * 0.5
    sink.play(0, SAMPLE_RATE_HZ // 10, freeze(tone))

    def beat():
        """A frame falls due each 20 ms here; the timeline follows the device at once."""
        nonlocal origin_ns
        index = max(0, (clock.ns - origin_ns) * 60 // 10**9)
        clock.ns, before = origin_ns + frame_to_ns(index), clock.ns
        sink.send(0, still(index, 1), None)
        clock.ns = before
        origin_ns = sink.origin_ns() or origin_ns

    device.run(3, beat)
    sound = np.concatenate([samples for _, samples in device.heard])
    begin = int(np.argmax(np.abs(sound) > 1e-4)) - 1
    np.testing.assert_allclose(sound[begin : begin + len(tone)], tone, atol=1e-6)
    first_ns, first = next((at, s) for at, s in device.heard if np.abs(s).max() > 0.01)
    onset_ns = first_ns + int(np.argmax(np.abs(first) > 1e-4)) * 10**9 / SAMPLE_RATE_HZ
    assert onset_ns - (origin_ns + 10**8) == pytest.approx(0, abs=1.5e6)


LATENCY_NS = 300_000_000


def followed(off_ns):
    """What the timeline moves in the time of a block, as `bridge.outputs` moves it."""
    return off_ns if abs(off_ns) > LEAP_NS else int(np.clip(off_ns, -SLEW_NS, SLEW_NS))


@pytest.mark.parametrize("off_ppm", [-200.0, 0.0, 100.0])
def test_the_timelines_origin_follows_the_devices_crystal(off_ppm):
    clock = DeviceClock()
    rng = np.random.default_rng(1)
    origin_ns, at_ns, paced = 10**10, 10**10 + 10**9, []
    for _ in range(6000):
        now_ns = round(at_ns + rng.normal(0, 1e6))
        start = clock.block(now_ns - LATENCY_NS, now_ns, 480, origin_ns)
        paced.append(at_ns - (origin_ns + start * 10**9 / SAMPLE_RATE_HZ))
        origin_ns += followed(clock.origin_ns - origin_ns)
        at_ns += 0.02e9 / (1 + off_ppm * 1e-6)
    assert np.abs(paced[250:]).max() < 1.5e6, "frames and sound within 1.5 ms for two minutes"


def test_a_device_that_stood_still_begins_anew_at_the_right_place():
    clock = DeviceClock()
    assert clock.origin_ns is None
    assert clock.block(10**9, 10**9 + LATENCY_NS, 480, 0) == SAMPLE_RATE_HZ
    assert clock.origin_ns == LATENCY_NS
    assert clock.block(10**9 + 20 * 10**6, 10**9 + 20 * 10**6 + LATENCY_NS, 480, 0) == SAMPLE_RATE_HZ + 480
    assert clock.block(3 * 10**9, 3 * 10**9, 480, 0) == 3 * SAMPLE_RATE_HZ


def test_a_device_that_has_gone_is_told_by_the_next_frame():
    clock = TurnedClock()
    device = Device(clock)
    sink = Loudspeaker(Options(), clock, device.open)
    sink.send(0, still(0, 1), None)
    device.active = False
    with pytest.raises(DeviceError, match="has stopped"):
        sink.send(0, still(1, 1), None)
    sink.close()
    sink.close()


def test_without_portaudio_it_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    with pytest.raises(DeviceError, match="libportaudio2"):
        sinks.target("audio://default").open(None)
