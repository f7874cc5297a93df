"""Recognisers: a turn's sound in, what was said out, first as it seems while it grows, then finally."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import cast

from bridge import providers
from bridge.ports import Asr


def build(name: str, settings: Mapping[str, object]) -> Asr:
    """The recogniser `name` with these settings: a file of this folder, or a dotted path to a module elsewhere.

    Raises ConfigError for an unknown name or setting, and for what the recogniser lacks here.
    """
    return cast(Asr, providers.build("asr", name, settings))


def default() -> str:
    """The best recogniser that needs neither a network nor settings here; empty where there is none.

    That is faster_whisper once its default model is on this machine, else pocketsphinx where its package is.
    """
    whisper = import_module(f"{__name__}.faster_whisper")
    if whisper.on_disk(whisper.Options().model):
        return "faster_whisper"
    return "pocketsphinx" if import_module(f"{__name__}.pocketsphinx").available() else ""
