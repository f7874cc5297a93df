"""GPT-SoVITS: a voice cloned from a clip of some seconds, through its own server `api_v2.py`.

`POST /tts`, answered with a WAV whose header comes first and the samples as they are made
(github.com/RVC-Boss/GPT-SoVITS, api_v2.py). The server reads the clip from its own disk.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Final

from bridge.errors import ProviderError
from bridge.providers._access import checked_url
from bridge.providers._checks import in_range
from bridge.providers._failures import Failures
from bridge.providers.tts._decode import Decoder
from bridge.providers.tts._http import HttpVoice
from bridge.providers.tts._service import Waits
from bridge.text import clean
from bridge.types import Speech

_LANGUAGES: Final = ("zh", "en", "ja", "yue", "ko")


@dataclass(frozen=True)
class Options(Waits):
    """Which server, whose voice, and how to speak. Raises ConfigError for a number out of its range."""

    url: str = "http://127.0.0.1:9880"
    """Where `api_v2.py` listens."""
    reference: str = ""
    """The clip whose voice is cloned, 3 to 10 s: its path on the server's machine. Needed."""
    reference_text: str = ""
    """What is said in the clip. Without it the likeness is less."""
    reference_lang: str = ""
    """The language of the clip; empty: that of the text."""
    lang: str = "en"
    """A language tag; one that the model does not know is left to it (`auto`)."""
    voice: str = ""
    """Not used: the clip is the voice."""
    speed: float = 1.0
    """0.5 to 2 times the voice's own pace."""
    streaming_mode: int = 1
    """When sound leaves the server. 0: when all is made. 1: after each part of the text. 2 and 3: within a part,
    earlier and less good; for servers of 2025 and later."""
    seed: int = -1
    """The same seed says a text the same way; -1: any."""
    first_sound_s: float = 30.0
    """How long until the first sound of a sentence comes: a server loads its model at the first."""

    def __post_init__(self) -> None:
        Waits.__post_init__(self)
        in_range("gpt_sovits", self, speed=(0.5, 2), streaming_mode=(0, 3))


class GptSovits:
    """The server as a `Tts`."""

    def __init__(self, options: Options) -> None:
        if not options.reference:
            raise ProviderError(
                "The GPT-SoVITS voice needs a clip to clone: set reference in its settings to a path on its server."
            )
        url = checked_url("gpt_sovits", options.url)
        self._http = HttpVoice(url, Failures("The GPT-SoVITS voice", url), options)
        self._options = options

    async def stream(self, text: str) -> AsyncGenerator[Speech, None]:
        """Speak `text` as its sound comes. Raises InputError for a text that can't be said, and ProviderError."""
        async with aclosing(self._http.speak(["/tts"], Decoder("wav"), json=self._body(clean(text)))) as pieces:
            async for piece in pieces:
                yield piece

    async def aclose(self) -> None:
        """Let go of the connections."""
        await self._http.aclose()

    def _body(self, text: str) -> dict[str, Any]:
        options = self._options
        # Servers before 2025 take a truth value only.
        mode = options.streaming_mode if options.streaming_mode > 1 else bool(options.streaming_mode)
        return {
            "text": text,
            "text_lang": _language(options.lang),
            "ref_audio_path": options.reference,
            "prompt_text": options.reference_text,
            "prompt_lang": _language(options.reference_lang or options.lang),
            "speed_factor": options.speed,
            "seed": options.seed,
            "media_type": "wav",
            "streaming_mode": mode,
        }


def _language(tag: str) -> str:
    base = tag.lower().replace("_", "-").partition("-")[0]
    return base if base in _LANGUAGES else "auto"


def build(options: Options) -> GptSovits:
    """The voice; nothing is sent before it speaks. Raises ConfigError, and ProviderError without a clip."""
    return GptSovits(options)
