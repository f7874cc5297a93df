"""JSON as whoever is at the other end sent it: an object, or a WireError."""

from __future__ import annotations

import json
from typing import Any

from bridge.errors import WireError


def json_object(text: str | bytes) -> dict[str, Any]:
    """The object that `text` holds. Raises WireError for all else, be it no JSON or nested too deeply to be read."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise WireError("The message is no JSON object.")
    return value
