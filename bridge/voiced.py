"""An answer that somebody else speaks: its sound and its words, as they come, as an utterance with captions and a face.

Sound and words are two streams that are only roughly in step. A sentence is taken to be over in the sound where the
next one's words have begun to come, but not sooner than it can be said.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Callable, Iterator
from typing import Final

import numpy as np

from bridge.affect.text import of_text
from bridge.errors import ProviderError
from bridge.heard import usual_samples
from bridge.phrases import join
from bridge.ports import FaceModel
from bridge.speaking import Line, Spoken
from bridge.text import Cutter
from bridge.types import F32, freeze, still

_FASTEST: Final = 0.7
"""The part of its usual time that a sentence takes at least."""
_NO_SAMPLES: Final = freeze(np.zeros(0))


class Voiced:
    """One answer. Fill it with `text`, `sound` and at last `end`; one task reads `pieces`."""

    def __init__(self, face: Callable[[Line], FaceModel], begun_ns: int) -> None:
        self.name = ""
        """What the far side calls it, once it has begun."""
        self.begun_ns = begun_ns
        """When it was asked for, or began."""
        self.has_sound = False
        self.asks = False
        """Whether something is to be done for it."""
        self.error = ""
        """Why it is not what it should be; empty if nothing failed."""
        self._face = face
        self._parts: asyncio.Queue[F32 | str | None] = asyncio.Queue()

    def text(self, text: str) -> None:
        """More of its words."""
        self._parts.put_nowait(text)

    def sound(self, samples: F32) -> None:
        """More of its sound: samples [N] at 24 kHz."""
        self.has_sound = self.has_sound or bool(len(samples))
        self._parts.put_nowait(samples)

    def end(self, error: str = "") -> None:
        """No more will come; perhaps because of a failure, in one sentence."""
        self.error = self.error or error
        self._parts.put_nowait(None)

    async def pieces(self, mood: tuple[str, float] = ("neutral", 1.0)) -> AsyncGenerator[Spoken, None]:
        """The pieces of the utterance. Close it early to cancel. Raises ProviderError where it broke off."""
        model: FaceModel | None = None
        captions = _Captions(mood)
        shown = mood
        while (part := await self._parts.get()) is not None:
            if isinstance(part, str):
                captions.text(part)
                continue
            if not len(part):
                continue
            if captions.is_over:
                yield Spoken(captions.take(), _NO_SAMPLES, still(0, 0), closes=True)
            line = captions.line
            if model is None:
                model = self._face(line)
                model.set_emotion(*shown)
            if (line.emotion, line.intensity) != shown:
                shown = (line.emotion, line.intensity)
                model.set_emotion(*shown)
            captions.sound(len(part))
            yield Spoken(line.text, part, await asyncio.to_thread(model.push, part), line=line)
        if model is not None:
            yield Spoken(captions.rest(), _NO_SAMPLES, await asyncio.to_thread(model.flush), closes=True)
        if self.error and self.has_sound:
            raise ProviderError(self.error)


class Answers:
    """The answers of one dialogue that are not whole: those that were asked for, and those that come."""

    def __init__(self, face: Callable[[Line], FaceModel]) -> None:
        self._face = face
        self._expected: deque[Voiced] = deque()
        self._coming: dict[str, Voiced] = {}

    def __len__(self) -> int:
        return len(self._expected) + len(self._coming)

    def __iter__(self) -> Iterator[Voiced]:
        return iter([*self._expected, *self._coming.values()])

    def expect(self, now_ns: int) -> Voiced:
        """One was asked for: the next that begins, after those asked for before it."""
        self._expected.append(Voiced(self._face, now_ns))
        return self._expected[-1]

    def begin(self, name: str, now_ns: int) -> Voiced | None:
        """The one called `name` begins. Returned where nobody has asked for it in writing."""
        asked = bool(self._expected)
        answer = self._expected.popleft() if asked else Voiced(self._face, now_ns)
        answer.name = name
        self._coming[name] = answer
        return None if asked else answer

    def find(self, name: str) -> Voiced | None:
        """The one called `name`, while it comes and is wanted."""
        return self._coming.get(name)

    def end(self, name: str, error: str, *, goes_on: bool) -> None:
        """The one called `name` is over, unless it `goes_on` in another one, after what it has asked to be done."""
        answer = self._coming.pop(name, None)
        if answer is None:
            return
        if goes_on and answer.asks and not answer.has_sound:
            self._expected.appendleft(answer)
        else:
            answer.end(error)

    def drop(self, answer: Voiced, error: str = "") -> None:
        """No more of it is wanted, or will come."""
        if answer in self._expected:
            self._expected.remove(answer)
        if self._coming.get(answer.name) is answer:
            del self._coming[answer.name]
        answer.end(error)


class _Captions:
    """Which sentence is being said."""

    def __init__(self, mood: tuple[str, float]) -> None:
        self._mood = mood
        self._cutter = Cutter()
        self._whole: deque[str] = deque()
        self._said = 0
        self._line = Line("", "", *mood)

    def text(self, text: str) -> None:
        """More words."""
        self._whole.extend(self._cutter.push(text))

    def sound(self, count: int) -> None:
        """`count` more samples are of this sentence."""
        self._said += count

    @property
    def line(self) -> Line:
        """The sentence, as far as it is known, with the emotion of its words, if they have one."""
        text = self._whole[0] if self._whole else self._cutter.held
        if text != self._line.text:
            felt = of_text(text)
            self._line = Line(text, "", *(felt if felt[0] != "neutral" else self._mood))
        return self._line

    @property
    def is_over(self) -> bool:
        """Whether the next sound belongs to the next sentence."""
        next_begun = len(self._whole) > 1 or (len(self._whole) == 1 and self._cutter.held != "")
        return next_begun and self._said >= _FASTEST * usual_samples(self._whole[0])

    def take(self) -> str:
        """The sentence that is over."""
        self._said = 0
        return self._whole.popleft()

    def rest(self) -> str:
        """All words that have no sound of their own any more."""
        return join([*self._whole, *self._cutter.flush()])
