"""How long a service asks to be left alone."""

from __future__ import annotations

import email.utils
import math
import time
from collections.abc import Mapping


def retry_after(headers: Mapping[str, str]) -> str:
    """A few words for a person, from `retry-after`: seconds or a date (RFC 9110, 10.2.3)."""
    said = headers.get("retry-after", "")
    try:
        seconds = float(said)
    except ValueError:
        date = email.utils.parsedate_tz(said)
        seconds = email.utils.mktime_tz(date) - time.time() if date else math.nan
    return f"wait {max(1, math.ceil(seconds))} s" if math.isfinite(seconds) else "wait a little"
