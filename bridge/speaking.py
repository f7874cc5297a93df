"""From a text to speech and face: the one chain behind the server's `say` and the command's.

text -> sentences -> voice -> samples -> face model -> frames
                           -> phones, where it tells them and they are wanted -> the mouth of the frames
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing, suppress
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from bridge import text as texts
from bridge.errors import ProviderError
from bridge.face.lips import PhoneLips
from bridge.ports import FaceModel
from bridge.types import F32, Motion, Speech, Word, freeze, still
from bridge.voices import Voices


@dataclass(frozen=True, slots=True)
class Line:
    """What is to be said, and how. `lang` empty: guessed from the script, else the voice's own."""

    text: str
    lang: str = ""
    emotion: str = ""
    """One of `EMOTIONS`; empty: as it was before."""
    intensity: float = 1.0
    voice: str = ""


@dataclass(frozen=True, slots=True)
class Spoken:
    """A piece of an utterance: samples [N] at 24 kHz that follow the last piece's, and the frames now ready.

    `sentence` is the sentence of `line` that the samples belong to; `closes` says that it ends with this piece.
    Frames lag behind the samples by the model's lookahead, and that of the phones where they shape the mouth; the last
    piece of all brings those still owed.
    """

    sentence: str
    samples: F32
    frames: Motion
    closes: bool = False
    line: Line = Line("")
    words: tuple[Word, ...] = ()
    """Words of `sentence` and when they are said, from its first sample on; none where the voice does not tell."""


_NO_SAMPLES: Final = freeze(np.zeros(0))


class Speaker:
    """Speaks lines with a voice and a face. Utterances may overlap: each has a face model of its own."""

    def __init__(self, voices: Voices, face: Callable[[Line], FaceModel], *, by_phones: bool = False) -> None:
        """`by_phones`: the mouth goes by the phones of a voice that tells them, not by its sound."""
        self.voices = voices
        self.face = face
        """A face model, new, for an utterance that begins with a line."""
        self._by_phones = by_phones

    def check(self, line: Line) -> Line:
        """`line` with its text cleaned. Raises InputError or ConfigError for what can't be said."""
        checked = Line(texts.clean(line.text), line.lang, line.emotion, line.intensity, line.voice)
        self.voices.of(checked)
        self.face(checked)
        return checked

    def check_settings(self) -> None:
        """Raises ConfigError or InputError for settings with which nothing could ever be said.

        A voice that can't be had now is left to those that stand in for it, or to a later time.
        """
        line = Line("a")
        with suppress(ProviderError):
            self.voices.of(line)
        self.face(line)

    def say(self, line: Line) -> AsyncGenerator[Spoken, None]:
        """The pieces of a checked line, as `recite` gives them."""
        return self.recite(only(line))

    async def recite(
        self, lines: AsyncGenerator[Line, None], mood: tuple[str, float] = ("neutral", 1.0)
    ) -> AsyncGenerator[Spoken, None]:
        """The pieces of an utterance of several checked lines, as soon as they are there.

        Each line may have a voice and an emotion of its own, which lasts; before the first there is `mood`, a name and
        an intensity 0..1. The face goes on through all. Close it early to cancel.
        Raises ProviderError.
        """
        face: _Face | None = None
        last = Spoken("", _NO_SAMPLES, still(0, 0))
        async with aclosing(lines):
            async for line in lines:
                if line.emotion:
                    mood = (line.emotion, line.intensity)
                if face is None:
                    face = _Face(self.face(line), PhoneLips() if self._by_phones else None)
                face.set_emotion(*mood)
                for sentence in texts.sentences(line.text):
                    voice = await asyncio.to_thread(self.voices.of, line)
                    async with aclosing(voice.stream(sentence)) as pieces:
                        async for piece in pieces:
                            frames = await asyncio.to_thread(face.push, piece)
                            yield Spoken(sentence, piece.samples, frames, line=line, words=piece.words)
                    last = Spoken(sentence, _NO_SAMPLES, await asyncio.to_thread(face.end_sentence), True, line)
                    yield last
        if face is not None:
            yield replace(last, frames=await asyncio.to_thread(face.flush))


class _Face:
    """The face of one utterance: what the model hears in its sound, with lips by its phones where those are wanted."""

    def __init__(self, model: FaceModel, lips: PhoneLips | None) -> None:
        self._model = model
        self._lips = lips

    def set_emotion(self, name: str, intensity: float) -> None:
        self._model.set_emotion(name, intensity)
        if self._lips:
            self._lips.set_emotion(name, intensity)

    def push(self, piece: Speech) -> Motion:
        frames = self._model.push(piece.samples)
        return self._lips.push(piece, frames) if self._lips else frames

    def end_sentence(self) -> Motion:
        return self._lips.end_sentence() if self._lips else self._model.push(_NO_SAMPLES)

    def flush(self) -> Motion:
        frames = self._model.flush()
        return self._lips.flush(frames) if self._lips else frames


async def only(line: Line) -> AsyncGenerator[Line, None]:
    """One line, as a sequence of lines."""
    yield line
