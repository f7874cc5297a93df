"""The error tree: what can go wrong, by whose hand.

    BridgeError
    ├── ConfigError      the user's settings or arguments
    ├── InputError       what was given to work on: a file, a text, a request
    ├── DeviceError      a device, port or program of this machine
    ├── ProviderError    a voice, recogniser or model outside the process; may be worth another try
    ├── WireError        bytes that are not what the protocol says
    └── ModelError       a network file, or a call to it, that does not fit

Each carries one sentence for a person. Pure code raises; the command line turns it into a line on
standard error and a status, the server into a 4xx answer, and a receiving loop into a counted warning.
"""

from __future__ import annotations


class BridgeError(Exception):
    """Anything this package raises on purpose. `str(error)` is one sentence for a person."""


class ConfigError(BridgeError):
    """A setting or an argument is wrong."""


class InputError(BridgeError):
    """The text, audio, take or request can't be used as it is."""


class DeviceError(BridgeError):
    """A device, port or program of this machine is missing, busy or broken."""


class ProviderError(BridgeError):
    """A provider failed. `retryable` says whether the same call may succeed later."""

    def __init__(self, message: str, *, retryable: bool = False) -> None:
        super().__init__(message)
        self.retryable = retryable


class WireError(BridgeError):
    """Bytes do not follow the protocol they claim to follow."""


class ModelError(BridgeError):
    """A network file is missing, broken or of another shape than the code expects."""
