"""Ten questions of a visitor, spoken by voices that have nothing to do with the recogniser.

Each has a word that must be heard for its answer to be right. espeak-ng's voice is always here; flite's (Debian:
`apt-get install flite`) sounds more like a person and is used where it is installed.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import wave
from pathlib import Path
from typing import NamedTuple

import numpy as np
import soxr

from bridge.dialogue import HEARING_RATE_HZ
from bridge.providers.tts import espeak


class Question(NamedTuple):
    """What is asked, the word that must be heard, and the scripted companion's topic that it leads to."""

    text: str
    word: str
    topic: str


QUESTIONS = (
    Question("What are your opening hours?", "hours", "hours"),
    Question("What is your name?", "name", "name"),
    Question("How is the weather today?", "weather", "weather"),
    Question("What kind of music do you like?", "music", "music"),
    Question("What is your favorite color?", "color", "colour"),
    Question("Can you help me please?", "help", "capable"),
    Question("Where can I buy a ticket?", "ticket", "ticket"),
    Question("What time is it now?", "time", "time"),
    Question("Would you like a cup of coffee?", "coffee", "coffee"),
    Question("Tell me about the museum.", "museum", "museum"),
)


def voices() -> list[str]:
    """The voices that can speak here."""
    return ["espeak", *(["flite"] if shutil.which("flite") else [])]


def spoken(text: str, voice: str = "espeak", variant: str = "") -> np.ndarray:
    """A text at 16 kHz, mono float32, with 0.3 s of silence before and after it."""
    said = _flite(text, variant or "slt") if voice == "flite" else _espeak(text, variant or "f5")
    silence = np.zeros(HEARING_RATE_HZ * 3 // 10, np.float32)
    return np.concatenate([silence, said.astype(np.float32), silence])


def _espeak(text: str, variant: str) -> np.ndarray:
    speech = espeak.speak(text, espeak.Options(voice=variant, rate_wpm=150))
    return soxr.resample(speech.samples, speech.sample_rate_hz, HEARING_RATE_HZ)


def _flite(text: str, voice: str) -> np.ndarray:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "said.wav"
        subprocess.run(["flite", "-voice", voice, "-t", text, "-o", path], check=True)
        with wave.open(str(path)) as file:
            rate = file.getframerate()
            samples = np.frombuffer(file.readframes(file.getnframes()), "<i2")
    return soxr.resample(samples.astype(np.float32) / 32768, rate, HEARING_RATE_HZ)
