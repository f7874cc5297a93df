"""Frames released ahead of time, held until they are due. Pure: the pacer says which frame is due.

For one index the last frame put in wins, so frames that are released again replace those that wait. A new epoch drops
all that is left of the old one. What is taken goes strictly forward.
"""

from __future__ import annotations

from bridge.types import Motion


class DueBuffer:
    """The frames of one subject that have not been sent yet. Not thread-safe."""

    def __init__(self) -> None:
        self.epoch = 0
        self.dropped = 0
        """Frames that were never due: a later one was by the time somebody asked."""
        self._taken = -1
        self._frames: dict[int, Motion] = {}

    def __len__(self) -> int:
        return len(self._frames)

    def put(self, epoch: int, frames: Motion) -> None:
        """Hold `frames`. Those of an epoch that is over, and of the past, are left out."""
        if epoch < self.epoch:
            return
        if epoch > self.epoch:
            self.epoch = epoch
            self._frames.clear()
        for row in range(len(frames)):
            index = frames.first_index + row
            if index > self._taken:
                self._frames[index] = frames[row : row + 1]

    def take(self, due_index: int) -> Motion | None:
        """The one frame to send now that frame `due_index` is due: the latest up to it, if it has not been taken."""
        ripe = [index for index in self._frames if index <= due_index]
        if not ripe:
            return None
        self._taken = max(ripe)
        frame = self._frames[self._taken]
        for index in ripe:
            del self._frames[index]
        self.dropped += len(ripe) - 1
        return frame
