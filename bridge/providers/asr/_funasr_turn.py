"""What FunASR's messages say of a turn. No sockets.

The streaming model's texts continue one another until the second pass gives a better one for all since its last. Which
message is the last, servers tell differently: the C++ server marks it `is_final`; the Python server uses the field for
whether the speaker still speaks, and may say nothing more at all when it found the end itself. But it takes a name at
any time and puts it into its answers, so that an answer by the name `ENDED` is from after the turn's end.
"""

from __future__ import annotations

from typing import Final

from bridge.errors import WireError
from bridge.phrases import join
from bridge.wire.json_object import json_object

ENDED: Final = "ended"
_SECOND: Final = ("2pass-offline", "offline")
_FIRST: Final = ("2pass-online", "online")


class Turn:
    """A turn's text so far."""

    def __init__(self) -> None:
        self.over = False
        """Whether the server has said the last."""
        self._sure = ""
        self._along = ""
        self._final_means_speaking = False

    @property
    def text(self) -> str:
        """The best that is known."""
        return join((self._sure, self._along))

    @property
    def settled(self) -> bool:
        """Whether there is text, and all of it from the second pass."""
        return bool(self._sure) and not self._along

    def push(self, message: str | bytes, *, ended: bool) -> None:
        """Take a message; `ended`: the server was told that the turn is over. Raises WireError where it is none."""
        mode, text, final, name = _read(message)
        if final and not ended:
            self._final_means_speaking = True
        if mode in _FIRST:
            self._along = join((self._along, text))
        elif mode in _SECOND:
            self._sure, self._along = join((self._sure, text)), ""
            self.over = ended and (name == ENDED or (final and not self._final_means_speaking))


def _read(message: str | bytes) -> tuple[str, str, bool, str]:
    said = json_object(message)
    if not isinstance(said.get("text"), str) or not isinstance(said.get("mode"), str):
        raise WireError("A message from FunASR has no mode or no text.")
    return said["mode"], said["text"], said.get("is_final") is True, str(said.get("wav_name", ""))
