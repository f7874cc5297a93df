"""Another VMC application drives us: VSeeFace, VMagicMirror, Virtual Motion Capture, a phone.

`vmc://:39540?regions=brows,eyes,cheeks,head,body`. By default the mouth stays with the voice; `regions` with mouth and
jaw gives it away too.
"""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from bridge.clock import MonotonicClock
from bridge.errors import ConfigError, DeviceError, WireError
from bridge.layers.capture import Captured, regions_of
from bridge.layers.regions import REGIONS
from bridge.mocap.gathering import Gathering
from bridge.mocap.vmc import Performer
from bridge.timebase import NS_PER_S, Clock
from bridge.wire import vmc

log = logging.getLogger(__name__)

DATAGRAM_BYTES: Final = 65536
LOOK_NS: Final = NS_PER_S // 4
"""How often the thread looks whether it should end."""


@dataclass(frozen=True, slots=True)
class Options:
    """`host` is the own address to listen on; another than 127.0.0.1 lets other machines in."""

    host: str = "127.0.0.1"
    port: int = vmc.PERFORMER_PORT
    regions: str = "brows,eyes,cheeks,head,body"


def build(options: Options, show: Callable[[Captured], None]) -> VmcSource:
    """Listen. `show` is called on a thread of the source's. Raises ConfigError or DeviceError."""
    return VmcSource(options, show)


class VmcSource:
    """Listens for one sender; what can't be read is counted, and warned of once. Shows once a frame at most."""

    def __init__(self, options: Options, show: Callable[[Captured], None], clock: Clock | None = None) -> None:
        try:
            self._regions = regions_of(options.regions)
        except ValueError as error:
            raise ConfigError(f"There is no region {error}; there are {', '.join(REGIONS)}.") from None
        self.received = 0
        self.bad = 0
        self.last_error = ""
        self._show = show
        self._clock = clock or MonotonicClock()
        self._performer = Performer()
        self._gathering = Gathering()
        self._ended = False
        self._socket = socket.socket(socket.AF_INET6 if ":" in options.host else socket.AF_INET, socket.SOCK_DGRAM)
        try:
            self._socket.bind((options.host, options.port))
        except (OSError, TypeError) as error:  # TypeError: a name that no host can have, such as 'ä..b'
            self._socket.close()
            reason = getattr(error, "strerror", None) or error
            raise DeviceError(f"Port {options.port} of {options.host} can't be listened on: {reason}.") from None
        self._thread = threading.Thread(target=self._listen, name="vmc source", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Listen no more. May be called twice."""
        self._ended = True
        self._thread.join()
        self._socket.close()

    def _listen(self) -> None:
        while not self._ended:
            now_ns, due_ns = self._clock.now_ns(), self._gathering.due_ns
            if due_ns is not None and due_ns <= now_ns:
                self._gathering.shown(now_ns)
                self._show(self._performer.captured(self._regions))
                continue
            self._socket.settimeout((LOOK_NS if due_ns is None else min(LOOK_NS, due_ns - now_ns)) / NS_PER_S)
            with suppress(TimeoutError, ConnectionError):
                self._hear(self._socket.recv(DATAGRAM_BYTES))

    def _hear(self, data: bytes) -> None:
        self.received += 1
        try:
            new = self._performer.take(vmc.decode(data))
        except WireError as error:
            if not self.bad:
                log.warning("what comes in for VMC can't be read: %s", error)
            self.bad += 1
            self.last_error = str(error)
            return
        if new:
            self._gathering.came(self._clock.now_ns())
