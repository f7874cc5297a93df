"""What a reasoning model thinks is not said: some servers leave it at the answer's start, between `<think>` tags."""

from __future__ import annotations

from typing import Final

_OPEN: Final = "<think>"
_CLOSE: Final = "</think>"


class Thinking:
    """Takes an answer's text in pieces and returns what is to be said of it."""

    def __init__(self) -> None:
        self._held = ""
        self._inside = False
        self._thought = False
        self._said = False

    def push(self, text: str) -> str:
        """The part that can be said now; the start is held while it may yet turn out to be a tag."""
        if self._said:
            return text
        self._held += text
        if not self._inside:
            start = self._held.lstrip()
            if _OPEN.startswith(start[: len(_OPEN)]) and len(start) < len(_OPEN):
                return ""
            if not start.startswith(_OPEN):
                return self._say(start if self._thought else self._held)
            self._inside = True
        thought, closed, rest = self._held.partition(_CLOSE)
        if not closed:
            self._held = thought[-len(_CLOSE) :]  # the end tag may come in pieces
            return ""
        self._held, self._inside, self._thought = "", False, True
        return self.push(rest)

    def flush(self) -> str:
        """What was held at the answer's end: an unfinished thought is none of it."""
        return self._say(self._held) if self._held.strip() and not self._inside else ""

    def _say(self, text: str) -> str:
        self._said, self._held = True, ""
        return text
