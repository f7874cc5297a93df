"""A language model for `mind.provider = "tests.fakes.failing_mind"`: it always fails, as the option tells."""

from __future__ import annotations

from dataclasses import dataclass

from bridge.dialogue import TextDelta
from bridge.errors import ProviderError

DOWN = "The language model is not there: start it, or choose another."


@dataclass(frozen=True)
class Options:
    fault: str = "raise"
    """`raise`: a provider's error; `crash`: one of its own; `middle`: it breaks off after a sentence."""


class FailingMind:
    def __init__(self, fault):
        self._fault = fault

    async def stream(self, messages, tools=()):
        if self._fault == "middle":
            yield TextDelta("This much is sure. And ")
        if self._fault == "crash":
            raise ZeroDivisionError("a defect")
        raise ProviderError(DOWN)

    async def aclose(self):
        pass


def build(options):
    return FailingMind(options.fault)
