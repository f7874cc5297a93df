"""CosyVoice: trained or cloned voices, through the server that comes with it (`runtime/python/fastapi/server.py`).

A form is posted, and bare 16-bit samples come back as they are made (github.com/FunAudioLLM/CosyVoice). Which of the
server's ways is taken follows from what is set: a clip with its text, a clip alone, or the name of a trained voice.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path

from bridge.providers._access import checked_url
from bridge.providers._checks import in_range, one_of
from bridge.providers._failures import Failures
from bridge.providers.tts._decode import SAMPLES, Decoder
from bridge.providers.tts._http import HttpVoice
from bridge.providers.tts._service import Waits, clip
from bridge.text import clean
from bridge.types import Speech


@dataclass(frozen=True)
class Options(Waits):
    """Which server, whose voice, and what it sends. Raises ConfigError for a number out of its range."""

    url: str = "http://127.0.0.1:50000"
    """Where the server listens."""
    lang: str = ""
    """Not sent: the model hears the language from the text."""
    voice: str = "中文女"
    """A voice the model was trained with (`spk_id`), where no clip is given. CosyVoice 2 and 3 have none."""
    reference: str = ""
    """A clip whose voice is cloned, up to 30 s: a file on this machine, sent along with each sentence."""
    reference_text: str = ""
    """What is said in the clip; without it the voice is taken over into any language."""
    instruction: str = ""
    """How to speak, in words, such as a dialect or a mood."""
    sample_rate_hz: int = 24_000
    """Of what the server sends: 22050 for CosyVoice 1, 24000 for 2 and 3."""
    sample: str = "int16"
    """`int16`; some servers made from it send `float32`."""
    first_sound_s: float = 30.0
    """How long until the first sound of a sentence comes: a server loads its model at the first."""

    def __post_init__(self) -> None:
        Waits.__post_init__(self)
        one_of("cosyvoice", self, sample=SAMPLES)
        in_range("cosyvoice", self, sample_rate_hz=(4_000, 192_000))


class CosyVoice:
    """The server as a `Tts`."""

    def __init__(self, options: Options) -> None:
        url = checked_url("cosyvoice", options.url)
        self._http = HttpVoice(url, Failures("The CosyVoice voice", url), options)
        self._options = options
        self._clip = clip("cosyvoice", options.reference)
        self._path, self._fields = _way(options)

    async def stream(self, text: str) -> AsyncGenerator[Speech, None]:
        """Speak `text` as its sound comes. Raises InputError for a text that can't be said, and ProviderError."""
        name = Path(self._options.reference).name
        files = {"prompt_wav": (name, self._clip, "application/octet-stream")} if self._clip else None
        decoder = Decoder("pcm", self._options.sample_rate_hz, self._options.sample)
        fields = {"tts_text": clean(text), **self._fields}
        async with aclosing(self._http.speak([self._path], decoder, data=fields, files=files)) as pieces:
            async for piece in pieces:
                yield piece

    async def aclose(self) -> None:
        """Let go of the connections."""
        await self._http.aclose()


def _way(options: Options) -> tuple[str, dict[str, str]]:
    """The server's path, and the fields beside the text."""
    if options.reference and options.instruction:
        return "/inference_instruct2", {"instruct_text": options.instruction}
    if options.reference and options.reference_text:
        return "/inference_zero_shot", {"prompt_text": options.reference_text}
    if options.reference:
        return "/inference_cross_lingual", {}
    if options.instruction:
        return "/inference_instruct", {"spk_id": options.voice, "instruct_text": options.instruction}
    return "/inference_sft", {"spk_id": options.voice}


def build(options: Options) -> CosyVoice:
    """The voice; nothing is sent before it speaks. Raises ConfigError."""
    return CosyVoice(options)
