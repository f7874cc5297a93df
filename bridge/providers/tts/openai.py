"""Any server with OpenAI's speech endpoint: OpenAI itself, Kokoro-FastAPI, openedai-speech, LocalAI and others.

`POST {base_url}/audio/speech`, answered with sound while it is made (platform.openai.com/docs/api-reference/audio).
One request of raw sound needs nothing of OpenAI's client, so it goes the way of the other HTTP voices.
"""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any, Final

from bridge.errors import ProviderError
from bridge.providers._access import checked_url, key_from
from bridge.providers._checks import in_range, one_of
from bridge.providers._failures import Failures
from bridge.providers.tts._decode import FORMS, Decoder
from bridge.providers.tts._http import HttpVoice
from bridge.providers.tts._service import Waits
from bridge.text import clean
from bridge.types import Speech

_KEY: Final = "OPENAI_API_KEY"
_OPENAI: Final = "https://api.openai.com/v1"


@dataclass(frozen=True)
class Options(Waits):
    """Which server, and how to speak. Raises ConfigError for a number out of its range or an unknown form."""

    base_url: str = ""
    """Such as `http://127.0.0.1:8880/v1`; empty: `OPENAI_BASE_URL`, else OpenAI."""
    api_key: str = field(default="", repr=False)
    """Empty: `OPENAI_API_KEY`. Servers of your own often need none."""
    model: str = "gpt-4o-mini-tts"
    """The server's name for it."""
    lang: str = ""
    """Not sent: these voices hear the language from the text."""
    voice: str = "alloy"
    """The server's name for it."""
    instructions: str = ""
    """How to speak, in words; not every model understands them."""
    speed: float = 1.0
    """0.25 to 4 times the voice's own pace."""
    form: str = "pcm"
    """What to ask for: `pcm`, `wav`, `mp3` or `opus`. The first two begin soonest."""
    sample_rate_hz: int = 24_000
    """Of `pcm`; OpenAI's is 24000. The other forms carry it."""

    def __post_init__(self) -> None:
        Waits.__post_init__(self)
        one_of("openai", self, form=FORMS)
        in_range("openai", self, speed=(0.25, 4), sample_rate_hz=(4_000, 192_000))


class OpenAi:
    """The server as a `Tts`."""

    def __init__(self, options: Options) -> None:
        url = checked_url("openai", options.base_url or os.environ.get("OPENAI_BASE_URL", "") or _OPENAI)
        key = key_from(options.api_key, _KEY)
        if not key and url == _OPENAI:
            raise ProviderError(f"The OpenAI voice needs a key: set api_key in its settings, or {_KEY}.")
        remedy = f"set api_key in its settings, or {_KEY}, to a valid one"
        failures = Failures("The OpenAI voice", url, remedy, options.model, key)
        self._http = HttpVoice(url, failures, options, {"authorization": f"Bearer {key}"} if key else None)
        self._options = options

    async def stream(self, text: str) -> AsyncGenerator[Speech, None]:
        """Speak `text` as its sound comes. Raises InputError for a text that can't be said, and ProviderError."""
        options = self._options
        body: dict[str, Any] = {
            "model": options.model,
            "input": clean(text),
            "voice": options.voice,
            "response_format": options.form,
        }
        if options.speed != 1.0:
            body["speed"] = options.speed
        if options.instructions:
            body["instructions"] = options.instructions
        decoder = Decoder(options.form, options.sample_rate_hz)
        async with aclosing(self._http.speak(["/audio/speech"], decoder, json=body)) as pieces:
            async for piece in pieces:
                yield piece

    async def aclose(self) -> None:
        """Let go of the connections."""
        await self._http.aclose()


def build(options: Options) -> OpenAi:
    """The voice; nothing is sent before it speaks. Raises ConfigError, and ProviderError without a key for OpenAI."""
    return OpenAi(options)
