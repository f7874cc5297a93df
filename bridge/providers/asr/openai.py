"""Any server that takes recordings as OpenAI's transcription endpoint does: OpenAI, Groq, speaches, vLLM, LocalAI.

POST /v1/audio/transcriptions (platform.openai.com/docs/api-reference/audio/createTranscription) with a turn as a WAV
file, once it has ended. Some servers send the text in pieces then, which shows it sooner.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import openai

from bridge.dialogue import HEARING_RATE_HZ, Transcript
from bridge.errors import ConfigError, ProviderError
from bridge.providers._loopback import on_this_machine
from bridge.providers.asr._sound import FAINTEST, levels, pcm16, wav
from bridge.providers.asr._words import Words
from bridge.types import F32

_KEY: Final = "OPENAI_API_KEY"
_BROKEN: Final = (openai.OpenAIError, ValueError, TypeError, AttributeError)
"""What the client raises for a network, a server or an answer that is not as it should be."""
_LONGEST_S: Final = 780
"""OpenAI takes files of up to 25 MB."""
_END: Final = object()


@dataclass(frozen=True)
class Options:
    """Which server and model to ask, and how long to wait. Raises ConfigError for a number out of its range."""

    base_url: str = ""
    """Such as `http://127.0.0.1:8000/v1`; empty: `OPENAI_BASE_URL`, else OpenAI."""
    api_key: str = field(default="", repr=False)
    """Empty: `OPENAI_API_KEY`. Servers of your own often need none."""
    model: str = "gpt-4o-mini-transcribe"
    """The server's name for it, such as `whisper-large-v3-turbo`."""
    lang: str = ""
    """The language to expect, such as `en`, where the conversation does not say; empty: the server tells."""
    prompt: str = ""
    """Words to expect, such as names, in a sentence."""
    stream: bool = False
    """Whether to ask for the text in pieces; not all servers and models can."""
    connect_s: float = 5.0
    """How long a connection may take."""
    answer_s: float = 20.0
    """How long until an answer comes, or the next piece of it."""

    def __post_init__(self) -> None:
        for name in ("connect_s", "answer_s"):
            if not 0 < getattr(self, name) <= 600:
                raise ConfigError(f"openai's {name} is {getattr(self, name)}; it must lie above 0 and up to 600.")


class OpenAi:
    """The server as an `Asr`. Turns may overlap."""

    def __init__(self, options: Options) -> None:
        base_url = options.base_url or os.environ.get("OPENAI_BASE_URL", "")
        key = options.api_key or os.environ.get(_KEY, "")
        if not key and not base_url:
            raise ConfigError(f"The openai recogniser needs a key: set api_key in its settings, or {_KEY}.")
        self._options = options
        self._client = _client(options, key, base_url)
        remedy = f"set api_key in its settings, or {_KEY}, to a valid one"
        self._words = Words(self._client.base_url.host, remedy, key)

    async def stream(self, sound: AsyncIterator[F32], lang: str = "") -> AsyncGenerator[Transcript, None]:
        """Recognise a turn once it is whole; see `bridge.ports.Asr`. Raises ProviderError."""
        pieces: list[F32] = []
        async for samples in sound:
            pieces.append(samples)
        tag = (lang or self._options.lang).lower().replace("_", "-").partition("-")[0]
        whole = np.concatenate(pieces) if pieces else np.zeros(0, np.float32)
        if levels(whole).max(initial=0) <= FAINTEST:
            yield Transcript("", final=True, lang=tag)
            return
        if len(whole) > _LONGEST_S * HEARING_RATE_HZ:
            raise self._words.failed(f"takes turns of up to {_LONGEST_S} s, and this was longer")
        answer = await self._waited(self._client.audio.transcriptions.create(**self._request(pcm16(whole), tag)))
        if not self._options.stream:
            yield self._final(getattr(answer, "text", None), tag)
            return
        try:
            async for transcript in self._pieces(answer, tag):
                yield transcript
        finally:
            await answer.close()

    async def aclose(self) -> None:
        """Close the connections; turns under way break off."""
        await self._client.close()

    async def _pieces(self, events: Any, lang: str) -> AsyncGenerator[Transcript, None]:
        text = ""
        while (event := await self._waited(anext(events, _END))) is not _END:
            kind = getattr(event, "type", None)
            if kind == "transcript.text.done":
                yield self._final(getattr(event, "text", None), lang)
                return
            if kind == "transcript.text.delta":
                delta = getattr(event, "delta", None)
                if not isinstance(delta, str):
                    raise self._words.malformed()
                text += delta
                if text.strip():
                    yield Transcript(text.strip(), final=False, lang=lang)
        raise self._words.cut()

    def _final(self, text: object, lang: str) -> Transcript:
        if not isinstance(text, str):
            raise self._words.malformed()
        return Transcript(text.strip(), final=True, lang=lang)

    async def _waited(self, answer: Awaitable[Any]) -> Any:
        """What the client returns. Raises ProviderError where it fails or takes too long."""
        try:
            async with asyncio.timeout(self._options.answer_s):
                return await answer
        except TimeoutError:
            raise self._words.silent(self._options.answer_s) from None
        except _BROKEN as error:
            raise self._error(error) from error

    def _error(self, cause: Exception) -> ProviderError:
        if isinstance(cause, openai.APITimeoutError):
            return self._words.unreachable()
        if isinstance(cause, openai.APIConnectionError):
            never = cause.__cause__ is None or "Connect" in type(cause.__cause__).__name__
            return self._words.unreachable() if never else self._words.cut()
        if isinstance(cause, openai.APIStatusError):
            return self._words.refused(cause.status_code, cause.response.headers, _said(cause))
        if isinstance(cause, openai.APIError):  # an error event within the stream
            return self._words.cut()
        return self._words.malformed()

    def _request(self, pcm: bytes, lang: str) -> dict[str, Any]:
        request: dict[str, Any] = {
            "file": ("turn.wav", wav(pcm), "audio/wav"),
            "model": self._options.model,
            "response_format": "json",
        }
        if lang:
            request["language"] = lang
        if self._options.prompt:
            request["prompt"] = self._options.prompt
        if self._options.stream:
            request["stream"] = True
        return request


def build(options: Options) -> OpenAi:
    """The server, not yet spoken to. Raises ConfigError where a key is missing or the address is none."""
    return OpenAi(options)


def _client(options: Options, key: str, base_url: str) -> openai.AsyncOpenAI:
    wrong = ConfigError(f"The openai recogniser's base_url is no address of a server: {base_url!r}.")
    try:
        client = openai.AsyncOpenAI(
            api_key=key or "none",
            base_url=base_url or None,
            max_retries=0,  # who waits is a person: the turn is tried again by those who know whether it still matters
            timeout=openai.Timeout(None, connect=options.connect_s),
            http_client=openai.DefaultAsyncHttpxClient(trust_env=False) if on_this_machine(base_url) else None,
        )
    except Exception as error:  # what its URL parser raises differs from version to version
        raise wrong from error
    if client.base_url.scheme not in ("http", "https") or not client.base_url.host:
        raise wrong
    return client


def _said(cause: openai.APIStatusError) -> str:
    body: Any = cause.body
    return str(body.get("message") or "") if isinstance(body, dict) else str(cause.message)
