"""fish-speech (OpenAudio): a voice cloned from a clip, through its own server or Fish Audio's.

`POST /v1/tts` in JSON, answered with a WAV while it is made (github.com/fishaudio/fish-speech, tools/server). Mind its
licence: the weights are not for commercial use.
"""

from __future__ import annotations

import base64
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any, Final

from bridge.providers._access import checked_url, key_from
from bridge.providers._checks import in_range
from bridge.providers._failures import Failures
from bridge.providers.tts._decode import Decoder
from bridge.providers.tts._http import HttpVoice
from bridge.providers.tts._service import Waits, clip
from bridge.text import clean
from bridge.types import Speech

_KEY: Final = "FISH_API_KEY"


@dataclass(frozen=True)
class Options(Waits):
    """Which server, whose voice, and how to speak. Raises ConfigError for a number out of its range."""

    url: str = "http://127.0.0.1:8080"
    """Where the server listens."""
    api_key: str = field(default="", repr=False)
    """Empty: `FISH_API_KEY`. A server of your own needs none unless it was started with one."""
    lang: str = ""
    """Not sent: the model hears the language from the text."""
    voice: str = ""
    """The name of a clip that lies on the server (`reference_id`)."""
    reference: str = ""
    """A clip whose voice is cloned, 10 to 30 s: a file on this machine, sent along with each sentence."""
    reference_text: str = ""
    """What is said in the clip."""
    streaming: bool = True
    """Whether sound is sent while it is made."""
    temperature: float = 0.8
    """How freely it speaks, 0.1 to 1."""
    seed: int = -1
    """The same seed says a text the same way; -1: any."""
    first_sound_s: float = 30.0
    """How long until the first sound of a sentence comes: a server loads its model at the first."""

    def __post_init__(self) -> None:
        Waits.__post_init__(self)
        in_range("fish_speech", self, temperature=(0.1, 1))


class FishSpeech:
    """The server as a `Tts`."""

    def __init__(self, options: Options) -> None:
        url = checked_url("fish_speech", options.url)
        key = key_from(options.api_key, _KEY)
        remedy = f"set api_key in its settings, or {_KEY}, to a valid one"
        failures = Failures("The fish-speech voice", url, remedy, key=key)
        self._http = HttpVoice(url, failures, options, {"authorization": f"Bearer {key}"} if key else None)
        self._settings = _settings(options)

    async def stream(self, text: str) -> AsyncGenerator[Speech, None]:
        """Speak `text` as its sound comes. Raises InputError for a text that can't be said, and ProviderError."""
        body = {"text": clean(text), **self._settings}
        async with aclosing(self._http.speak(["/v1/tts"], Decoder("wav"), json=body)) as pieces:
            async for piece in pieces:
                yield piece

    async def aclose(self) -> None:
        """Let go of the connections."""
        await self._http.aclose()


def _settings(options: Options) -> dict[str, Any]:
    """All of a request but the text."""
    body: dict[str, Any] = {
        "format": "wav",
        "streaming": options.streaming,
        "temperature": options.temperature,
        "use_memory_cache": "on",  # or the server would learn the clip anew for every sentence
    }
    if options.reference:
        sound = base64.b64encode(clip("fish_speech", options.reference)).decode()
        body["references"] = [{"audio": sound, "text": options.reference_text}]
    if options.voice:
        body["reference_id"] = options.voice
    if options.seed >= 0:
        body["seed"] = options.seed
    return body


def build(options: Options) -> FishSpeech:
    """The voice; nothing is sent before it speaks. Raises ConfigError."""
    return FishSpeech(options)
