"""Who hears a visitor: ears of our own (`bridge.ears`), or a model that hears and speaks (`bridge.realtime_talk`)."""

from __future__ import annotations

from typing import Any, Protocol

from numpy.typing import NDArray

from bridge.decisions import State
from bridge.types import F32


class Hearing(Protocol):
    """One visitor's microphone, and what must be known to listen to it. See `bridge.ears.Ears` for each."""

    @property
    def state(self) -> State:
        """What the conversation is doing now."""
        ...

    def plug(self, sample_rate_hz: int) -> None:
        """A microphone comes. Raises InputError for a rate out of range."""
        ...

    def unplug(self) -> None:
        """It is gone. May be said twice."""
        ...

    async def push(self, samples: NDArray[Any]) -> None:
        """Take samples [N] at its rate. Raises InputError for what is none."""
        ...

    def press(self) -> None:
        """The button is held: push-to-talk."""
        ...

    def release(self) -> None:
        """The button is held no longer."""
        ...

    def reference(self, start_sample: int, samples: F32) -> None:
        """The avatar says samples [N] at 24 kHz, from sample `start_sample` of its timeline on."""
        ...

    def heard(self, sample: int) -> None:
        """The visitor hears sample `sample` of that now."""
        ...

    def reply_started(self, epoch: int) -> None:
        """The avatar begins to be heard."""
        ...

    def reply_finished(self, epoch: int) -> None:
        """It has been heard."""
        ...

    def reply_failed(self) -> None:
        """An answer came to nothing."""
        ...

    def stop(self) -> None:
        """Somebody has silenced the avatar."""
        ...

    def tick(self) -> None:
        """Let time pass."""
        ...

    async def aclose(self) -> None:
        """Hear no more. May be called twice."""
        ...
