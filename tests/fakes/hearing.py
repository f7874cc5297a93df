"""A recogniser for `hearing.provider = "tests.fakes.hearing"`: it hears how long a turn is, or fails as asked."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from bridge.dialogue import HEARING_RATE_HZ, Transcript
from bridge.errors import ProviderError

DOWN = "The recogniser is not there: start it, or choose another."

begun, ready = threading.Event(), threading.Event()
"""A slow one is being built; it may be."""


@dataclass(frozen=True)
class Options:
    fault: str = ""
    """`start`: it can't be built; `slow`: that takes until `ready`; `turn`: each turn fails; `crash`: each turn fails
    with an error of its own."""


class Hearing:
    def __init__(self, fault):
        self._fault = fault

    async def stream(self, sound, lang=""):
        heard = 0
        async for samples in sound:
            heard += len(samples)
        if self._fault == "turn":
            raise ProviderError(DOWN)
        if self._fault == "crash":
            raise ZeroDivisionError("a defect")
        yield Transcript(f"for {round(heard / HEARING_RATE_HZ)} seconds", final=True, lang="en")

    async def aclose(self):
        pass


def build(options):
    if options.fault == "start":
        raise ProviderError(DOWN)
    if options.fault == "slow":
        begun.set()
        ready.wait()
    return Hearing(options.fault)
