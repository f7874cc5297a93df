"""The voices in use, in order: each stands in for the ones before it while those can't speak.

A voice that can't be built, or fails before any sound of a sentence came, is passed over: the next one says the
sentence from its start. After that it is left alone for a while, longer each time, and tried again. A sentence half
said is continued by nobody. The last voice of all is the embedded one, which needs no network.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from typing import Final, Protocol

from bridge import text as texts
from bridge.clock import MonotonicClock
from bridge.errors import BridgeError, ConfigError, InputError, ProviderError
from bridge.ports import Tts
from bridge.providers import tts
from bridge.timebase import NS_PER_S, Clock
from bridge.types import Speech

log = logging.getLogger(__name__)

LAST: Final = "espeak"
FIRST_PAUSE_S: Final = 5
LONGEST_PAUSE_S: Final = 300
KEPT: Final = 32
"""How many voices, of all providers, languages and manners, are kept ready."""


class Wanted(Protocol):
    """What a line tells of its voice."""

    @property
    def text(self) -> str: ...
    @property
    def lang(self) -> str: ...
    @property
    def voice(self) -> str: ...


@dataclass(slots=True)
class _Provider:
    """One of the order, and how it fares."""

    name: str
    settings: Mapping[str, object]
    failures: int = 0
    again_ns: int = 0
    reason: str = ""


class Voices:
    """The voices in use, one for each language and manner, made when first needed."""

    def __init__(
        self,
        provider: str,
        settings: Mapping[str, object],
        default_lang: str,
        stand_ins: Mapping[str, Mapping[str, object]] | None = None,
        clock: Clock | None = None,
    ) -> None:
        """`stand_ins` are the providers that speak where `provider` can't, in order, each with its settings."""
        order = {provider: settings}
        for name, own in {**(stand_ins or {}), LAST: (stand_ins or {}).get(LAST, {})}.items():
            order.setdefault(name, own)
        self._order = [_Provider(name, own) for name, own in order.items()]
        self._default_lang = default_lang
        self._clock = clock or MonotonicClock()
        self._lock = threading.Lock()
        self._made: dict[tuple[str, str, str], Tts] = {}
        self._speaking: list[Tts] = []
        self._retired: list[Tts] = []
        self._speaker = provider
        self._noticed = ""
        self.told: Callable[[str], None] = lambda sentence: None
        """Called on the event loop with a sentence, where another voice begins to speak or the right one does again."""

    @property
    def notice(self) -> str:
        """Why another voice speaks than the one that should; empty while that one does."""
        reason = self._order[0].reason
        instead = f" The voice {self._speaker} speaks instead." if self._speaker != self._order[0].name else ""
        return reason and f"{reason}{instead}"

    def lang(self, line: Wanted) -> str:
        """The language a line is spoken in."""
        return line.lang or texts.guess_language(line.text, self._default_lang)

    def of(self, line: Wanted) -> Tts:
        """The voice for a line, which is another's where the first fails. May be called from any thread.

        Raises ConfigError for a language or voice that the first does not have, and ProviderError where none is there.
        """
        lang, failures = self.lang(line), list[BridgeError]()
        for provider in self._order:
            try:
                self._built(provider, lang, line.voice)
                return _Relay(self, lang, line.voice)
            except ConfigError as error:
                if provider is self._order[0]:
                    raise
                failures.append(error)
            except BridgeError as error:
                failures.append(error)
        raise _of_all(failures)

    async def aclose(self) -> None:
        """Let go of all."""
        self._retired += self._made.values()
        self._made.clear()
        await self._let_go()

    def _ready(self) -> Iterator[_Provider]:
        """Those to be tried now, in order: not the paused, unless there are no others."""
        now_ns = self._clock.now_ns()
        rested = [provider for provider in self._order if provider.again_ns <= now_ns]
        return iter(rested or self._order)

    def _built(self, provider: _Provider, lang: str, voice: str) -> Tts:
        """The voice of `provider`. A line's own `voice` is a name of the first provider's, so it goes to no other."""
        if provider is not self._order[0]:
            voice = ""
        key = (provider.name, lang, voice)
        with self._lock:
            if key in self._made:
                self._made[key] = self._made.pop(key)  # the latest in use stands last
            else:
                self._made[key] = tts.build(provider.name, provider.settings, lang, voice)
                self._retire()
            return self._made[key]

    def _retire(self) -> None:
        """Give up those that were not in use for longest, where there are too many: callers choose voices by name."""
        for key in list(self._made)[:-KEPT]:
            if self._made[key] not in self._speaking:
                self._retired.append(self._made.pop(key))

    @asynccontextmanager
    async def _in_use(self, provider: _Provider, lang: str, voice: str) -> AsyncGenerator[Tts, None]:
        speaking = await asyncio.to_thread(self._built, provider, lang, voice)
        self._speaking.append(speaking)
        try:
            yield speaking
        finally:
            self._speaking.remove(speaking)
            await self._let_go()

    async def _let_go(self) -> None:
        while self._retired:
            await self._retired.pop().aclose()

    def _fails(self, provider: _Provider, error: BridgeError) -> None:
        log.info("voice %s: %s", provider.name, error)
        pause_s = min(FIRST_PAUSE_S * 2**provider.failures, LONGEST_PAUSE_S)
        provider.again_ns = self._clock.now_ns() + pause_s * NS_PER_S
        provider.failures = min(provider.failures + 1, 16)
        provider.reason = str(error)

    def _speaks(self, provider: _Provider) -> None:
        self._speaker = provider.name
        provider.failures, provider.again_ns, provider.reason = 0, 0, ""
        if self.notice != self._noticed:
            self._noticed = self.notice
            sentence = self.notice or f"The voice {provider.name} speaks again."
            log.warning("%s", sentence)
            self.told(sentence)


class _Relay:
    """The voices in order, as one."""

    def __init__(self, voices: Voices, lang: str, voice: str) -> None:
        self._voices, self._lang, self._voice = voices, lang, voice

    async def stream(self, text: str) -> AsyncGenerator[Speech, None]:
        """Speak `text` with the first voice that can. Raises InputError, or ProviderError where none can."""
        failures: list[BridgeError] = []
        for provider in self._voices._ready():
            sounded = False
            try:
                async with aclosing(self._pieces(provider, text)) as pieces:
                    async for piece in pieces:
                        if len(piece.samples) and not sounded:
                            sounded = True
                            self._voices._speaks(provider)
                        yield piece
                return
            except BridgeError as error:
                # A text that this voice can't say tells nothing about the next text.
                if not isinstance(error, InputError):
                    self._voices._fails(provider, error)
                if sounded:
                    raise
                failures.append(error)
        raise _of_all(failures)

    async def aclose(self) -> None:
        """Nothing: the voices are shared, and `Voices.aclose` ends them."""

    async def _pieces(self, provider: _Provider, text: str) -> AsyncGenerator[Speech, None]:
        try:
            async with (
                self._voices._in_use(provider, self._lang, self._voice) as voice,
                aclosing(voice.stream(text)) as pieces,
            ):
                async for piece in pieces:
                    yield piece
        except BridgeError:
            raise
        except Exception as error:  # the boundary of a provider, which may be the user's own
            log.exception("the voice %s failed", provider.name)
            raise ProviderError(
                f"The voice {provider.name} failed by an error of its own; the log says more."
            ) from error


def _of_all(failures: list[BridgeError]) -> BridgeError:
    """One error for those of all voices."""
    if len(failures) == 1 or all(isinstance(error, InputError) for error in failures):
        return failures[0]
    return ProviderError(f"No voice can speak: {' '.join(str(error) for error in failures)}", retryable=True)
