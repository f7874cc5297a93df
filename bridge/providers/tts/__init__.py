"""Voices: text in, speech out, with the times of its phones where a voice tells them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from bridge import providers
from bridge.ports import Tts


def build(name: str, settings: Mapping[str, object], lang: str = "", voice: str = "") -> Tts:
    """The voice `name` with these settings: a file of this folder, or a dotted path to a module elsewhere.

    `lang` and `voice`, where they are not empty, go before the settings, if it has options so named.

    Raises ConfigError for an unknown name or setting, and ProviderError where the voice can't be had here.
    """
    wishes = {key: value for key, value in (("lang", lang), ("voice", voice)) if value}
    return cast(Tts, providers.build("tts", name, settings, wishes))
