"""A bad network between a page and the bridge: a proxy on the loopback that holds up the stream's messages.

What is held up is whole WebSocket messages on their way to the page, the handshake and all else pass untouched. A
message that is lost comes 200 ms later, as a connection sends again what was not acknowledged, and holds up those
behind it; only `keeps_order=False`, which no WebSocket does, lets messages overtake one another.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import random
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

STREAM: Final = b"/ws/stream"
SENT_AGAIN_S: Final = 0.2
STALL_EVERY_S: Final = 10.0


@dataclass(frozen=True, slots=True)
class Network:
    """What happens to messages. `jitter_s` is the standard deviation of each one's own delay, never below none."""

    name: str
    delay_s: float = 0.0
    jitter_s: float = 0.0
    loss: float = 0.0
    stall_s: float = 0.0
    """Each ten seconds nothing arrives for so long."""
    keeps_order: bool = True


NETWORKS: Final = (
    Network("no delay"),
    Network("100 ms delay", delay_s=0.1),
    Network("30 ms jitter", jitter_s=0.03),
    Network("2 % loss, sent again after 200 ms", loss=0.02),
    Network("reordering (30 ms jitter, no order)", jitter_s=0.03, keeps_order=False),
    Network("1 s stall each ten seconds", stall_s=1.0),
    Network("100 ms delay, 30 ms jitter, 2 % loss, stalls", 0.1, 0.03, 0.02, 1.0),
)


class Proxy:
    """One listening port in front of the bridge's."""

    def __init__(self, target: int, network: Network, seed: int = 7) -> None:
        self.port = 0
        self.began_s = time.monotonic()
        """The reading of the monotonic clock that stalls count from."""
        self._target = target
        self._network = network
        self._random = random.Random(seed)

    async def serve(self, ready: threading.Event, ended: asyncio.Event) -> None:
        """Take a port and pass connections on until `ended`."""
        server = await asyncio.start_server(self._connected, "127.0.0.1")
        self.port = server.sockets[0].getsockname()[1]
        ready.set()
        async with server:
            await ended.wait()

    def is_stalled(self, at_s: float) -> bool:
        """Whether nothing arrives at this reading of the monotonic clock."""
        return self._stall_left_s(at_s) > 0

    async def _connected(self, page: asyncio.StreamReader, to_page: asyncio.StreamWriter) -> None:
        bridge, to_bridge = await asyncio.open_connection("127.0.0.1", self._target)
        request = await page.readline()
        to_bridge.write(request)
        down = self._impair(bridge, to_page) if STREAM in request else _copy(bridge, to_page)
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            await asyncio.gather(_copy(page, to_bridge), down)
        for writer in (to_page, to_bridge):
            writer.close()

    async def _impair(self, bridge: asyncio.StreamReader, to_page: asyncio.StreamWriter) -> None:
        to_page.write(await bridge.readuntil(b"\r\n\r\n"))
        loop = asyncio.get_running_loop()
        waiting: asyncio.PriorityQueue[tuple[float, int, bytes]] = asyncio.PriorityQueue()
        more = asyncio.Event()

        async def deliver() -> None:
            while True:
                while waiting.empty():
                    more.clear()
                    await more.wait()
                at_s, number, message = waiting.get_nowait()
                if at_s > loop.time():
                    waiting.put_nowait((at_s, number, message))
                    more.clear()
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(more.wait(), at_s - loop.time())
                else:
                    to_page.write(message)

        delivering = asyncio.create_task(deliver())
        try:
            last_s = 0.0
            for number in itertools.count():
                message = await _message(bridge)
                at_s = self._arrival_s(loop.time())
                if self._network.keeps_order:
                    at_s = last_s = max(at_s, last_s)
                waiting.put_nowait((at_s, number, message))
                more.set()
        finally:
            delivering.cancel()

    def _arrival_s(self, now_s: float) -> float:
        network = self._network
        at_s = now_s + max(0.0, network.delay_s + self._random.gauss(0.0, network.jitter_s))
        if self._random.random() < network.loss:
            at_s += SENT_AGAIN_S
        return at_s + self._stall_left_s(at_s)

    def _stall_left_s(self, at_s: float) -> float:
        """How long it takes until something arrives again. The loop's clock is the monotonic one."""
        since_s = at_s - self.began_s
        if since_s < STALL_EVERY_S:
            return 0.0
        return max(0.0, self._network.stall_s - since_s % STALL_EVERY_S)


@contextmanager
def impaired(target: int, network: Network) -> Iterator[Proxy]:
    """A proxy in front of the bridge at port `target`, on a thread of its own; connect to its `port`."""
    proxy, ready = Proxy(target, network), threading.Event()
    ended: list[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = []

    async def run() -> None:
        ended.append((asyncio.get_running_loop(), asyncio.Event()))
        await proxy.serve(ready, ended[0][1])

    thread = threading.Thread(target=asyncio.run, args=(run(),), daemon=True)
    thread.start()
    ready.wait(10)
    try:
        yield proxy
    finally:
        loop, event = ended[0]
        loop.call_soon_threadsafe(event.set)
        thread.join(10)


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
    writer.close()


async def _message(reader: asyncio.StreamReader) -> bytes:
    """A whole frame of RFC 6455 as a server sends it: unmasked, its length in 7, 16 or 64 bits."""
    head = await reader.readexactly(2)
    length = head[1] & 0x7F
    if length == 126:
        head += await reader.readexactly(2)
        (length,) = struct.unpack(">H", head[2:])
    elif length == 127:
        head += await reader.readexactly(8)
        (length,) = struct.unpack(">Q", head[2:])
    return head + await reader.readexactly(length)
