"""The voice through a loudspeaker of this machine: `audio://default`, or a part of another device's name.

Its sample counter disciplines the pacer: frames follow what is heard. Needs PortAudio, which the sounddevice package
brings along on Windows and macOS and Linux distributions call libportaudio2.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from bridge.clock import MonotonicClock
from bridge.errors import DeviceError
from bridge.sinks._track import DeviceClock, Track
from bridge.timebase import NS_PER_S, SAMPLE_RATE_HZ, Clock, frame_to_ns
from bridge.types import F32, Motion, RigFrames, RigLayout

DEFAULT = "default"
LONGEST_S = 3.0
"""The longest way to the ear that is believed."""


@dataclass(frozen=True, slots=True)
class Options:
    """`host` is the device: default, or a part of its name. `rig` means nothing here."""

    host: str = DEFAULT
    rig: str = "arkit"
    latency_ms: float = 60.0
    """What the device is asked to hold ready: more is safer, and nothing is late for it."""


class Stream(Protocol):
    """What is used of sounddevice.OutputStream."""

    @property
    def active(self) -> bool: ...
    def start(self) -> None: ...
    def close(self) -> None: ...


Callback = Callable[[Any, int, Any, Any], None]


def build(options: Options, layout: RigLayout) -> Loudspeaker:
    """Open the device. Raises DeviceError."""
    try:
        import sounddevice  # noqa: PLC0415  fails where PortAudio is missing, which only those who ask should hear
    except (ImportError, OSError) as error:
        raise DeviceError(
            f"Sound can't be played here: {error}. On Debian and Ubuntu: sudo apt install libportaudio2."
        ) from None

    def open_stream(callback: Callback) -> Stream:
        try:
            stream: Stream = sounddevice.OutputStream(
                samplerate=SAMPLE_RATE_HZ,
                channels=1,
                dtype="float32",
                latency=options.latency_ms / 1000,
                device=None if options.host == DEFAULT else options.host,
                callback=callback,
            )
        except (sounddevice.PortAudioError, ValueError) as error:
            raise DeviceError(f"The sound device '{options.host}' can't be opened: {error}.") from None
        return stream

    return Loudspeaker(options, MonotonicClock(), open_stream)


class Loudspeaker:
    """One device, playing since it was opened: silence where nothing is said."""

    def __init__(self, options: Options, clock: Clock, open_stream: Callable[[Callback], Stream]) -> None:
        self._name = options.host
        self._clock = clock
        self._lock = threading.Lock()
        self._track = Track()
        self._device = DeviceClock()
        self._timeline_origin_ns: int | None = None
        self._stream = open_stream(self._fill)
        self._stream.start()

    def send(self, epoch: int, motion: Motion, rigged: RigFrames) -> None:
        """Note where the timeline is. Raises DeviceError once the device has gone."""
        if not self._stream.active:
            raise DeviceError(f"The sound device '{self._name}' has stopped.")
        self._timeline_origin_ns = self._clock.now_ns() - frame_to_ns(motion.first_index)

    def play(self, epoch: int, start_sample: int, samples: F32) -> None:
        """Take speech ahead of time."""
        with self._lock:
            self._track.put(epoch, start_sample, samples)

    def origin_ns(self) -> int | None:
        """The clock reading at which sample 0 would have been heard."""
        return self._device.origin_ns

    def close(self) -> None:
        """Let go of the device."""
        self._stream.close()

    def _fill(self, out: Any, count: int, times: Any, status: Any) -> None:
        """sounddevice's callback, on a thread of PortAudio's: the next `count` samples."""
        if self._timeline_origin_ns is None:
            out.fill(0)
            return
        # How long until this block is heard; drivers that don't tell put 0 there.
        ahead_s = float(np.clip(times.outputBufferDacTime - times.currentTime, 0.0, LONGEST_S))
        now_ns = self._clock.now_ns()
        start = self._device.block(now_ns, now_ns + round(ahead_s * NS_PER_S), count, self._timeline_origin_ns)
        with self._lock:
            out[:, 0] = self._track.read(start, count)
