"""Speech to speech: one model that hears and speaks, in place of a recogniser, a language model and a voice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from bridge import providers
from bridge.ports import Realtime


def build(name: str, settings: Mapping[str, object]) -> Realtime:
    """The provider `name` with these settings: a file of this folder, or a dotted path to a module elsewhere.

    Raises ConfigError for an unknown name or setting, and where a key is missing.
    """
    return cast(Realtime, providers.build("realtime", name, settings))
