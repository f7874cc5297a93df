"""Speech detectors: sound in, how likely it is speech out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from bridge import providers
from bridge.ports import Vad


def build(name: str, settings: Mapping[str, object]) -> Vad:
    """The detector `name` with these settings: a file of this folder, or a dotted path to a module elsewhere.

    Raises ConfigError for an unknown name or setting, and ModelError where its network can't be had here.
    """
    return cast(Vad, providers.build("vad", name, settings))
