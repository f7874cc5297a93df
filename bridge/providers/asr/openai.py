"""Any server that takes recordings as OpenAI's transcription endpoint does: OpenAI, Groq, speaches, vLLM, LocalAI.

POST /v1/audio/transcriptions (platform.openai.com/docs/api-reference/audio/createTranscription) with a turn as a WAV
file, once it has ended. Some servers send the text in pieces then, which shows it sooner.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from bridge.dialogue import HEARING_RATE_HZ, Transcript
from bridge.providers._checks import SECONDS, in_range
from bridge.providers._openai import Server
from bridge.providers.asr._sound import FAINTEST, levels, pcm16, wav
from bridge.types import F32

_LONGEST_S: Final = 780
"""OpenAI takes files of up to 25 MB."""


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
        in_range("openai", self, connect_s=SECONDS, answer_s=SECONDS)


class OpenAi:
    """The server as an `Asr`. Turns may overlap."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._server = Server("recogniser", options.base_url, options.api_key, options.model, options.connect_s)

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
            raise self._server.failures.failed(f"takes turns of up to {_LONGEST_S} s, and this was longer")
        request = self._server.client.audio.transcriptions.create(**self._request(pcm16(whole), tag))
        if not self._options.stream:
            answer = await self._server.answer(request, self._options.answer_s)
            yield Transcript(self._text(answer, "text").strip(), final=True, lang=tag)
            return
        async with aclosing(self._server.events(request, self._options.answer_s, self._options.answer_s)) as events:
            async for transcript in self._pieces(events, tag):
                yield transcript

    async def aclose(self) -> None:
        """Close the connections; turns under way break off."""
        await self._server.aclose()

    async def _pieces(self, events: AsyncIterator[Any], lang: str) -> AsyncGenerator[Transcript, None]:
        text = ""
        async for event in events:
            kind = getattr(event, "type", None)
            if kind == "transcript.text.done":
                yield Transcript(self._text(event, "text").strip(), final=True, lang=lang)
                return
            if kind == "transcript.text.delta":
                text += self._text(event, "delta")
                if text.strip():
                    yield Transcript(text.strip(), final=False, lang=lang)
        raise self._server.failures.cut()

    def _text(self, answer: Any, name: str) -> str:
        """A text in what the server sent. Raises ProviderError where it has none."""
        text = getattr(answer, name, None)
        if not isinstance(text, str):
            raise self._server.failures.malformed()
        return text

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
