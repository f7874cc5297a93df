"""The numbers by which requests name facts, sinks and sources."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import Field

LARGEST: Final = 2**63 - 1
"""What the database can compare with (SQLite's INTEGER)."""

Number = Annotated[int, Field(ge=0, le=LARGEST)]
