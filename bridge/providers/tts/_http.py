"""Voices that answer one HTTP request with sound, decoded while it comes."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any, Final

import httpx

from bridge.providers._access import on_this_machine
from bridge.providers._failures import Failures
from bridge.providers.tts._decode import Decoder
from bridge.providers.tts._service import Waits
from bridge.providers.tts._spoken import spoken
from bridge.types import Speech

_REASON_AT_MOST: Final = 4096
_NO_SUCH_PATH: Final = (404, 405)


class HttpVoice:
    """A service's connections, kept for the next sentence. Sentences may overlap."""

    def __init__(self, url: str, failures: Failures, waits: Waits, headers: Mapping[str, str] | None = None) -> None:
        self._failures, self._waits = failures, waits
        self._client = httpx.AsyncClient(
            base_url=url,
            headers=headers,
            timeout=httpx.Timeout(None, connect=waits.connect_s),
            trust_env=not on_this_machine(url),
        )

    def speak(self, paths: Sequence[str], decoder: Decoder, **request: Any) -> AsyncGenerator[Speech, None]:
        """What the service answers to a POST to the first of `paths` that it has; `request` is httpx's.

        Raises ProviderError.
        """
        return spoken(self._bytes(paths, request), decoder, self._waits, self._failures)

    async def aclose(self) -> None:
        """Let go of the connections. May be called twice."""
        await self._client.aclose()

    async def _bytes(self, paths: Sequence[str], request: dict[str, Any]) -> AsyncGenerator[bytes, None]:
        answered = False
        try:
            for path in paths:
                async with self._client.stream("POST", path, **request) as response:
                    answered = True
                    if response.status_code in _NO_SUCH_PATH and path != paths[-1]:
                        continue
                    if response.status_code != httpx.codes.OK:
                        raise self._failures.refused(response.status_code, response.headers, await _reason(response))
                    async for data in response.aiter_bytes():
                        yield data
                    return
        except httpx.TransportError:
            raise (self._failures.cut() if answered else self._failures.unreachable()) from None
        except httpx.HTTPError as error:  # a redirect without end, an encoding that is none
            raise self._failures.malformed(error) from None


async def _reason(response: httpx.Response) -> str:
    """The beginning of what a refusal says."""
    body = b""
    async for data in response.aiter_bytes():
        body += data
        if len(body) > _REASON_AT_MOST:
            break
    return body[:_REASON_AT_MOST].decode(errors="replace")
