"""Language models: messages in, an answer out as it is made, with what it asks to be done."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from bridge import providers
from bridge.ports import Llm


def build(name: str, settings: Mapping[str, object]) -> Llm:
    """The language model `name` with these settings: a file of this folder, or a dotted path to a module elsewhere.

    Raises ConfigError for an unknown name or setting, and where a key is missing.
    """
    return cast(Llm, providers.build("llm", name, settings))
