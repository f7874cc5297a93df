"""Voices that answer one HTTP request with sound, decoded while it comes."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Any, Final

import httpx

from bridge.errors import WireError
from bridge.providers.tts._decode import Decoder
from bridge.providers.tts._service import Waits, Words, next_piece, on_this_machine
from bridge.types import F32, Speech

_REASON_AT_MOST: Final = 4096


class HttpVoice:
    """A service's connections, kept for the next sentence. Sentences may overlap."""

    def __init__(self, url: str, words: Words, waits: Waits, headers: Mapping[str, str] | None = None) -> None:
        self._words, self._waits = words, waits
        self._client = httpx.AsyncClient(
            base_url=url,
            headers=headers,
            timeout=httpx.Timeout(None, connect=waits.connect_s),
            trust_env=not on_this_machine(url),
        )

    async def speak(self, path: str, decoder: Decoder, **request: Any) -> AsyncGenerator[Speech, None]:
        """What the service answers to a POST to `path`; `request` is httpx's. Raises ProviderError."""
        sounded = False
        async with aclosing(self._bytes(path, request)) as pieces:
            patience = self._waits.first_sound_s
            while (data := await next_piece(pieces, patience, self._words)) is not None:
                samples = self._decoded(decoder, data)
                if len(samples):
                    sounded, patience = True, self._waits.stall_s
                    yield Speech(samples)
        samples = self._decoded(decoder, None)
        if len(samples):
            yield Speech(samples)
        elif not sounded:
            raise self._words.empty()

    async def aclose(self) -> None:
        """Let go of the connections. May be called twice."""
        await self._client.aclose()

    def _decoded(self, decoder: Decoder, data: bytes | None) -> F32:
        try:
            return decoder.flush() if data is None else decoder.push(data)
        except WireError as error:
            raise self._words.malformed(error) from None

    async def _bytes(self, path: str, request: dict[str, Any]) -> AsyncGenerator[bytes, None]:
        answered = False
        try:
            async with self._client.stream("POST", path, **request) as response:
                answered = True
                if response.status_code != httpx.codes.OK:
                    raise self._words.refused(response.status_code, response.headers, await _reason(response))
                async for data in response.aiter_bytes():
                    yield data
        except httpx.TransportError:
            raise (self._words.cut() if answered else self._words.unreachable()) from None
        except httpx.HTTPError as error:  # a redirect without end, an encoding that is none
            raise self._words.malformed(error) from None


async def _reason(response: httpx.Response) -> str:
    """What a refusal says, from the shapes that these services use."""
    body = b""
    async for data in response.aiter_bytes():
        body += data
        if len(body) > _REASON_AT_MOST:
            break
    text = body[:_REASON_AT_MOST].decode(errors="replace")
    try:
        said: Any = json.loads(text)
    except ValueError:
        return text
    for key in ("error", "detail", "message"):
        if isinstance(said, dict) and key in said:
            said = said[key]
    return said if isinstance(said, str) else json.dumps(said, ensure_ascii=False)
