"""Which recordings are kept out of training: `models/split.tsv`, lines of a path's beginning and a split.

*seen* are sentences not trained on, of speakers that are; *unseen* are speakers kept out whole.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

SPLIT_FILE = Path(__file__).parents[1] / "split.tsv"


@cache
def held_out() -> dict[str, str]:
    """Beginning of a recording's path, below the data folder, to its split."""
    lines = SPLIT_FILE.read_text("utf-8").splitlines()[1:]
    return dict(line.split("\t") for line in lines)


def split_of(item: str) -> str:
    """`train`, `seen` or `unseen` for a path such as `pairs/grid_s1/bbaf2n`."""
    return next((split for start, split in held_out().items() if item.startswith(start)), "train")
