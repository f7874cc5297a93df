"""Where a service is, and the key to it."""

from __future__ import annotations

import ipaddress
import os
from urllib.parse import urlsplit

import httpx

from bridge.errors import ConfigError


def checked_url(name: str, url: str, schemes: tuple[str, ...] = ("http", "https")) -> str:
    """`url` without a slash at its end. Raises ConfigError where it is no address of one of the schemes."""
    try:
        parts = httpx.URL(url)
        whole = parts.scheme in schemes and bool(parts.host) and 0 < (parts.port or 1) < 65536
    except httpx.InvalidURL:
        whole = False
    if not whole:
        raise ConfigError(f"{name}'s url is no address such as {schemes[0]}://127.0.0.1:8000: {url!r}.")
    return url.rstrip("/")


def key_from(option: str, variable: str) -> str:
    """What the option says, an API key mostly, else the environment variable."""
    return option or os.environ.get(variable, "")


def on_this_machine(url: str) -> bool:
    """Whether an address is this machine's own: then no proxy that the system uses may stand between."""
    try:
        name = urlsplit(url).hostname or ""
        return name == "localhost" or ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
