"""Tool calls put together from the pieces in which chat-completions servers stream them.

The rule is a piece of a call under each `index`, the arguments' JSON cut anywhere. What servers make of it differs:
whole calls at once, no index, one index for all calls, no id, arguments that are empty or already an object.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from bridge.dialogue import ToolCall
from bridge.errors import WireError
from bridge.wire.json_object import json_object


@dataclass(slots=True)
class _Part:
    index: int | None
    id: str
    name: str
    arguments: str


class Calls:
    """The calls of one answer. `malformed` names those whose arguments turned out to be no JSON object."""

    def __init__(self) -> None:
        self.malformed: list[str] = []
        self._parts: list[_Part] = []

    def push(self, pieces: Iterable[Any]) -> None:
        """Take the `tool_calls` of a delta. Raises AttributeError or TypeError where they have another shape."""
        for piece in pieces:
            function = piece.function
            name, arguments = function.name or "", function.arguments
            if isinstance(arguments, dict):
                arguments = json.dumps(arguments)
            part = self._part(piece.index, piece.id or "", name)
            part.name = part.name or name
            part.arguments += arguments or ""

    def take_ready(self) -> list[ToolCall]:
        """The calls that are certainly whole, in order: text follows them, or other calls do."""
        return self._take(lambda arguments: _decoded(arguments) is not None)

    def take_rest(self) -> list[ToolCall]:
        """All calls that are left, at the answer's end."""
        return self._take(lambda arguments: True)

    def _take(self, is_whole: Callable[[str], bool]) -> list[ToolCall]:
        taken = []
        while self._parts and is_whole(self._parts[0].arguments):
            part = self._parts.pop(0)
            arguments = _decoded(part.arguments)
            if arguments is None or not part.name:
                self.malformed.append(part.name or "a tool without a name")
            else:
                taken.append(ToolCall(part.id or f"call_{uuid.uuid4().hex}", part.name, arguments))
        return taken

    def _part(self, index: int | None, id_: str, name: str) -> _Part:
        """The call that a piece belongs to: by its index, else the last one, unless it shows itself to be another."""
        same = [part for part in self._parts if index is None or part.index == index]
        if same and not (id_ and same[-1].id and id_ != same[-1].id) and not (index is None and name):
            return same[-1]
        self._parts.append(_Part(index, id_, "", ""))
        return self._parts[-1]


def _decoded(arguments: str) -> dict[str, Any] | None:
    """The arguments, of which none at all are fine; None where they are no JSON object."""
    if not arguments.strip():
        return {}
    try:
        return json_object(arguments)
    except WireError:
        return None
