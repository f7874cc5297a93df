"""What all commands of this folder have in common: how they end, and numbers that make sense."""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Callable
from pathlib import Path

from bridge.errors import BridgeError


def run(command: Callable[[], None]) -> int:
    """Run a command; its exit status. What went wrong on purpose, or with a file, is one sentence on standard error."""
    name = Path(sys.argv[0]).stem
    try:
        command()
    except BridgeError as error:
        print(f"{name}: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        what = f"{error.filename}: {error.strerror}" if error.filename else str(error)
        print(f"{name}: {what}.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def at_least(least: int) -> Callable[[str], int]:
    """An argument that is a whole number, and not less."""

    def whole(text: str) -> int:
        value = int(text)
        if value < least:
            raise argparse.ArgumentTypeError(f"{value} is too little; it takes {least} or more")
        return value

    return whole


def above_zero(text: str) -> float:
    """An argument that is a finite number, and more than zero."""
    value = float(text)
    if not 0 < value < math.inf:
        raise argparse.ArgumentTypeError(f"{text} is not a finite number above 0")
    return value
