"""A UDP socket that never waits, for the sinks that send datagrams."""

from __future__ import annotations

import errno
import socket
from contextlib import suppress

from bridge.errors import DeviceError


class Datagrams:
    """Sends datagrams to one target."""

    def __init__(self, host: str, port: int) -> None:
        """Looks the host up, which may take a while. Raises DeviceError where it has no address."""
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)
        except (OSError, UnicodeError) as error:
            raise DeviceError(f"{host} can't be found in the network: {error}.") from None
        family, kind, protocol, _, address = found[0]
        self.target = f"{host}:{port}"
        self._socket = socket.socket(family, kind, protocol)
        self._socket.setblocking(False)
        try:
            with suppress(OSError):  # a broadcast address needs it, and not every system has it
                self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
            # A connected socket learns when nobody listens.
            self._socket.connect(address)
        except OSError as error:
            self._socket.close()
            raise DeviceError(f"{self.target} can't be reached: {error.strerror or error}.") from None

    def send(self, data: bytes) -> None:
        """Send one datagram. Raises DeviceError where nobody listens, BlockingIOError where there is no room for it."""
        try:
            self._socket.send(data)
        except ConnectionRefusedError:
            raise DeviceError(f"Nobody listens at {self.target}.") from None
        except OSError as error:
            if isinstance(error, BlockingIOError) or error.errno == errno.ENOBUFS:
                raise BlockingIOError(f"The network does not take more for {self.target} now.") from None
            raise DeviceError(f"{self.target} can't be reached: {error.strerror or error}.") from None

    def close(self) -> None:
        """Let go of the socket. May be called twice."""
        self._socket.close()
