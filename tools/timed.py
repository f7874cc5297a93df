"""Providers that write down when they are asked and when they answer: what `tools.bench_conversation` reads.

A module for `bridge.toml`, by its dotted path: `kind` is asr, llm or tts, `name` the provider that does the work, or
`instant` for one that takes no time. A line of `log` is the kind, what happened, and when, in ns of the system's
monotonic clock, which all processes of a machine share on Linux.
"""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

import numpy as np

from bridge import providers
from bridge.dialogue import Delta, Message, TextDelta, Tool, Transcript
from bridge.errors import ConfigError
from bridge.timebase import SAMPLE_RATE_HZ
from bridge.types import F32, Speech, freeze

INSTANT_ANSWER = "This is said at once. And this is said after it."


@dataclass(frozen=True)
class Options:
    """Which provider is timed, and where its times go."""

    kind: str = ""
    name: str = "instant"
    log: str = ""
    lang: str = ""
    voice: str = ""


def build(options: Options) -> Any:
    """The provider, timed. Raises ConfigError for a kind that can't be."""
    kinds = {"asr": (Asr, InstantAsr), "llm": (Llm, InstantLlm), "tts": (Tts, InstantTts)}
    if options.kind not in kinds:
        raise ConfigError(f"There is no kind {options.kind!r} to be timed; there are {', '.join(kinds)}.")
    timed, instant = kinds[options.kind]
    wishes = {"lang": options.lang, "voice": options.voice} if options.kind == "tts" else {}
    if options.name == "instant":
        return timed(instant(), options)
    return timed(providers.build(options.kind, options.name, {}, wishes), options)


class _Timed:
    def __init__(self, inner: Any, options: Options) -> None:
        self._inner = inner
        self._kind = options.kind
        self._log = open(options.log, "a", encoding="ascii", buffering=1)  # noqa: SIM115  kept open while it lives

    def note(self, what: str) -> None:
        self._log.write(f"{self._kind} {what} {time.monotonic_ns()}\n")

    async def aclose(self) -> None:
        await self._inner.aclose()
        self._log.close()


class Asr(_Timed):
    """Notes the end of the sound, and the final transcript."""

    async def stream(self, sound: AsyncIterator[F32], lang: str = "") -> AsyncGenerator[Transcript, None]:
        async def noted() -> AsyncGenerator[F32, None]:
            async for samples in sound:
                yield samples
            self.note("ended")

        async with aclosing(noted()) as passed, aclosing(self._inner.stream(passed, lang)) as transcripts:
            async for transcript in transcripts:
                if transcript.final:
                    self.note("final")
                yield transcript


class Llm(_Timed):
    """Notes when it is asked, and each delta."""

    async def stream(self, messages: Sequence[Message], tools: Sequence[Tool] = ()) -> AsyncGenerator[Delta, None]:
        self.note("asked")
        async with aclosing(self._inner.stream(messages, tools)) as deltas:
            async for delta in deltas:
                self.note("delta")
                yield delta


class Tts(_Timed):
    """Notes when it gets a sentence, and each piece of its sound."""

    async def stream(self, text: str) -> AsyncGenerator[Speech, None]:
        self.note("asked")
        async with aclosing(self._inner.stream(text)) as pieces:
            async for piece in pieces:
                self.note("piece")
                yield piece


class _Instant:
    async def aclose(self) -> None:
        pass


class InstantAsr(_Instant):
    """Understands everything at once."""

    async def stream(self, sound: AsyncIterator[F32], lang: str = "") -> AsyncGenerator[Transcript, None]:
        async for _ in sound:
            pass
        yield Transcript("This was understood.", final=True, lang="en")


class InstantLlm(_Instant):
    """Answers at once."""

    async def stream(self, messages: Sequence[Message], tools: Sequence[Tool] = ()) -> AsyncGenerator[Delta, None]:
        yield TextDelta(INSTANT_ANSWER)


class InstantTts(_Instant):
    """Hums two seconds at once."""

    async def stream(self, text: str) -> AsyncGenerator[Speech, None]:
        t = np.arange(2 * SAMPLE_RATE_HZ) / SAMPLE_RATE_HZ
        yield Speech(freeze(0.2 * np.sin(2 * np.pi * 150 * t)))
