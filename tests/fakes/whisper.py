"""A stand-in for faster-whisper's `WhisperModel`, for its weights are not to be had everywhere.

It hears as many words as there are bursts of sound, and decodes as its segments are asked for, as the real one does.
"""

from __future__ import annotations

import threading
from types import SimpleNamespace

import numpy as np

WORDS = ("Hello", "dear", "world", "and", "all", "who", "live", "there")


class StandIn:
    """`transcribe` with the parameters that the provider gives."""

    def __init__(self) -> None:
        self.calls: list[dict] = []
        self.seconds: list[float] = []
        self.decoding = 0
        self.most_at_once = 0
        self.error: Exception | None = None
        self.gate: threading.Event | None = None
        self.no_speech_prob = 0.1
        self.avg_logprob = -0.2
        self._lock = threading.Lock()

    def transcribe(self, audio, **options):
        assert audio.dtype == np.float32 and audio.ndim == 1
        self.calls.append(options)
        self.seconds.append(len(audio) / 16_000)
        if self.error:
            raise self.error
        language = options["language"] or "en"
        return self._segments(audio), SimpleNamespace(language=language, language_probability=0.9)

    def _segments(self, audio):
        with self._lock:
            self.decoding += 1
            self.most_at_once = max(self.most_at_once, self.decoding)
        try:
            if self.gate:
                self.gate.wait(10)
            words = [word for word, _ in zip(WORDS, range(bursts(audio)), strict=False)]
            for text in (words[:2], words[2:]):
                if text:
                    yield SimpleNamespace(
                        text=" " + " ".join(text),
                        tokens=list(range(len(text))),
                        avg_logprob=self.avg_logprob,
                        no_speech_prob=self.no_speech_prob,
                    )
        finally:
            with self._lock:
                self.decoding -= 1


def bursts(audio) -> int:
    """How often sound begins after 0.1 s of silence or more."""
    loud = np.abs(audio) > 0.01
    quiet_for, count = 1600, 0
    for heard in np.add.reduceat(loud, np.arange(0, len(loud), 160)) > 0 if len(loud) else []:
        count += bool(heard and quiet_for >= 1600)
        quiet_for = 0 if heard else quiet_for + 160
    return count
