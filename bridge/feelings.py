"""What the visitor of a conversation seems to feel: from words, voice and, while a camera watches, face."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing

from bridge.affect import UNKNOWN, Affect
from bridge.affect.face import FaceReader
from bridge.affect.fuse import Fusion
from bridge.affect.prosody import Prosody
from bridge.affect.text import read
from bridge.dialogue import Transcript
from bridge.layers.capture import Captured
from bridge.ports import Asr
from bridge.types import F32


class Feelings:
    """One visitor's. Times are nanoseconds of any one clock."""

    def __init__(self) -> None:
        self._fusion = Fusion()
        self._prosody = Prosody()
        self._face = FaceReader()
        self.visitor: Affect = UNKNOWN
        """What they seem to feel, as of the last turn."""

    def read(self, text: str, now_ns: int) -> Affect:
        """A turn is over, and `text` was said in it: what they seem to feel now."""
        self._fusion.put(read(text), now_ns)
        self._fusion.put(self._prosody.end(), now_ns)
        self.visitor = self._fusion.affect(now_ns)
        return self.visitor

    def see(self, captured: Captured, now_ns: int) -> None:
        """A camera sees their face now."""
        if captured.shapes.any():
            self._face.push(captured.frame.face)
            self._fusion.put(self._face.read(), now_ns)

    def reset(self) -> None:
        """Another person."""
        self._fusion.reset()
        self._prosody.reset()
        self._face.reset()
        self.visitor = UNKNOWN

    def overhearing(self, asr: Asr) -> Asr:
        """The recogniser, with an ear for the voice in what it is given."""
        return _Overhearing(asr, self._prosody)


class _Overhearing:
    def __init__(self, asr: Asr, prosody: Prosody) -> None:
        self._asr = asr
        self._prosody = prosody

    async def stream(self, sound: AsyncIterator[F32], lang: str = "") -> AsyncGenerator[Transcript, None]:
        self._prosody.drop()

        async def overheard() -> AsyncGenerator[F32, None]:
            async for samples in sound:
                self._prosody.push(samples)
                yield samples

        async with aclosing(overheard()) as passed, aclosing(self._asr.stream(passed, lang)) as transcripts:
            async for transcript in transcripts:
                yield transcript

    async def aclose(self) -> None:
        """The recogniser stays its owner's to close."""
