"""Whisper on this machine, through faster-whisper: a hundred languages, on a processor or an NVIDIA card.

Models come by name (`tiny` to `large-v3`, `turbo`, or a repository such as `Systran/faster-whisper-small`) or as a
folder of CTranslate2 files, which may lie in `models` in the user's folder. Nothing is downloaded unless the settings
allow it.
"""

from __future__ import annotations

import importlib.util
import math
import threading
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from bridge import resources
from bridge.dialogue import Transcript
from bridge.errors import ConfigError, ProviderError
from bridge.providers._checks import in_range
from bridge.providers.asr._growing import Cadence, recognise
from bridge.types import F32

if TYPE_CHECKING:
    from faster_whisper import WhisperModel

_FILES: Final = ("model.bin", "config.json", "tokenizer.json")
_NO_SPEECH: Final = 0.6
_UNSURE: Final = -1.0
_WHISPERED: Final = {"cmn": "zh", "nb": "no"}
"""Where a tag's language has another name in Whisper."""


@dataclass(frozen=True, slots=True)
class Options:
    """Which model, where it runs, how thoroughly it searches. Raises ConfigError for a number out of its range."""

    model: str = "small"
    """A name, a repository, or a folder."""
    device: str = "auto"
    """`auto`, `cpu` or `cuda`."""
    compute_type: str = "default"
    """CTranslate2's number format, such as `int8` (small and fast on a processor) or `float16` (on a card)."""
    lang: str = ""
    """The language to expect, such as `en`, where the conversation does not say; empty: detected turn by turn."""
    beam_size: int = 5
    """How many readings are kept in view while it decodes, 1 (fastest) to 20."""
    cpu_threads: int = 0
    """Threads on a processor; 0: CTranslate2's own choice."""
    every_s: float = 0.6
    """A partial transcript is tried for with each further piece of this length, 0.1 to 60 s."""
    download: bool = False
    """Whether the model may be fetched from Hugging Face when it is not on this machine."""

    def __post_init__(self) -> None:
        in_range("faster_whisper", self, beam_size=(1, 20), cpu_threads=(0, 256), every_s=(0.1, 60))


class FasterWhisper:
    """The recogniser as an `Asr`. Turns that overlap take their turns at the one model."""

    def __init__(self, options: Options, model: WhisperModel) -> None:
        self._options = options
        self._model = model
        self._lock = threading.Lock()
        self._lang = ""

    async def stream(self, sound: AsyncIterator[F32], lang: str = "") -> AsyncGenerator[Transcript, None]:
        """Recognise a turn; see `bridge.ports.Asr`. Raises ProviderError, also for a language it does not know."""
        tag = _tag(lang or self._options.lang)

        def decode(samples: F32, given_up: threading.Event) -> Transcript:
            with self._lock:
                return self._transcribe(samples, tag, given_up)

        async with aclosing(recognise(sound, decode, Cadence(self._options.every_s))) as transcripts:
            async for transcript in transcripts:
                yield transcript

    async def aclose(self) -> None:
        """Nothing is kept but the model, which goes with this object."""

    def _transcribe(self, samples: F32, lang: str, given_up: threading.Event) -> Transcript:
        try:
            segments, info = self._model.transcribe(
                samples,
                language=lang or None,
                beam_size=self._options.beam_size,
                temperature=0.0,  # no second tries at higher ones: they take long, and invent
                condition_on_previous_text=False,
            )
            heard = []
            for segment in segments:  # decoded as they are asked for
                if given_up.is_set():
                    break
                if segment.no_speech_prob <= _NO_SPEECH or segment.avg_logprob >= _UNSURE:
                    heard.append(segment)
        except (RuntimeError, ValueError) as error:  # CTranslate2's failures; a language that Whisper has not
            raise ProviderError(f"The faster-whisper recogniser failed: {_short(error)}.") from error
        text = " ".join(segment.text.strip() for segment in heard).strip()
        return Transcript(text, final=False, lang=info.language or lang, confidence=_confidence(heard))


def on_disk(model: str) -> bool:
    """Whether a model is on this machine, by its name, repository or folder. Loads no model."""
    if importlib.util.find_spec("faster_whisper") is None:
        return False
    if _folder(model):
        return True
    from faster_whisper import download_model  # noqa: PLC0415  heavy, and absent by choice

    try:
        return _is_model(Path(download_model(model, local_files_only=True)))
    except (OSError, ValueError):  # not there; no such name
        return False


def build(options: Options) -> FasterWhisper:
    """The recogniser, its model loaded. Raises ConfigError where the model is not to be had, saying how to get it."""
    if importlib.util.find_spec("faster_whisper") is None:
        raise ConfigError("The faster-whisper recogniser needs the package faster-whisper: pip install faster-whisper.")
    from faster_whisper import WhisperModel  # noqa: PLC0415  heavy, and absent by choice

    if not options.download and not on_disk(options.model):
        raise ConfigError(_missing(options.model))
    try:
        model = WhisperModel(
            _folder(options.model) or options.model,
            device=options.device,
            compute_type=options.compute_type,
            cpu_threads=options.cpu_threads,
            local_files_only=not options.download,
        )
    except Exception as error:  # what its downloader, its tokenizer and CTranslate2 raise has no common root
        raise ConfigError(f"The faster-whisper model {options.model!r} can't be loaded: {_short(error)}.") from error
    return FasterWhisper(options, model)


def _folder(model: str) -> str:
    """Where the user has put a model: a folder, or one by its name in the user's `models`; empty where it is none."""
    own = resources.home() / "models"
    for folder in (Path(model).expanduser(), own / model, own / f"faster-whisper-{model}"):
        if _is_model(folder):
            return str(folder)
    return ""


def _is_model(folder: Path) -> bool:
    return all((folder / name).is_file() for name in _FILES)


def _missing(model: str) -> str:
    fetch = f"python -c \"from faster_whisper import download_model; download_model('{model}')\""
    return (
        f"The faster-whisper model {model!r} is not on this machine: set download = true in its settings, "
        f"fetch it with {fetch}, or set model to a folder with {', '.join(_FILES)}."
    )


def _tag(lang: str) -> str:
    """A language tag as Whisper writes it: `zh-TW` is `zh`."""
    language = lang.lower().replace("_", "-").partition("-")[0]
    return _WHISPERED.get(language, language)


def _confidence(segments: list[Any]) -> float:
    """0..1: the likelihood of an average token, of all segments by their length."""
    tokens = sum(len(segment.tokens) for segment in segments)
    if not tokens:
        return 1.0
    return min(1.0, math.exp(sum(segment.avg_logprob * len(segment.tokens) for segment in segments) / tokens))


def _short(error: Exception) -> str:
    return " ".join(str(error).split())[:200].rstrip(". ") or type(error).__name__
