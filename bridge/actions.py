"""What a language model may ask the avatar to do: the tools as it is told of them, and its calls as typed actions.

Each stands for something that is there: emotions and gestures of `bridge.layers`, the webcam, the knowledge base.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from bridge.dialogue import Tool, ToolCall
from bridge.errors import InputError
from bridge.layers.acting import GESTURES, TARGETS
from bridge.types import EMOTIONS


@dataclass(frozen=True, slots=True)
class Feel:
    """Show an emotion, one of `EMOTIONS`, as strong as `intensity` 0..1."""

    emotion: str
    intensity: float


@dataclass(frozen=True, slots=True)
class Gesture:
    """Make a gesture, one of `bridge.layers.acting.GESTURES`."""

    name: str


@dataclass(frozen=True, slots=True)
class LookAt:
    """Glance at something, one of `bridge.layers.acting.TARGETS`."""

    target: str


@dataclass(frozen=True, slots=True)
class See:
    """Look at one picture of the visitor's webcam, with their consent. The result is a picture."""


@dataclass(frozen=True, slots=True)
class Search:
    """Look something up in the documents of this place. The result is what they say."""

    query: str


Action = Feel | Gesture | LookAt | See | Search


def _tool(tool: str, description: str, /, **parameters: dict[str, Any]) -> Tool:
    required = [key for key, value in parameters.items() if "default" not in value]
    return Tool(tool, description, {"type": "object", "properties": parameters, "required": required})


EMOTION_TOOL: Final = _tool(
    "emotion",
    "Show an emotion on your face until you show another. Nobody hears it. It needs no answer.",
    name={"type": "string", "enum": list(EMOTIONS)},
    intensity={"type": "number", "minimum": 0, "maximum": 1, "default": 0.8, "description": "How strong, 0 to 1."},
)
GESTURE_TOOL: Final = _tool(
    "gesture",
    "Make a gesture, while you speak or without a word. It needs no answer.",
    name={"type": "string", "enum": list(GESTURES)},
)
LOOK_AT_TOOL: Final = _tool(
    "look_at",
    "Glance somewhere for a moment; your eyes come back to the visitor by themselves. It needs no answer.",
    target={"type": "string", "enum": list(TARGETS), "description": "Left and right are your own."},
)
LOOK_TOOL: Final = _tool(
    "look",
    "See the visitor: one picture of their camera, which they must agree to. Use it only when they ask what you see.",
)
SEARCH_TOOL: Final = _tool(
    "search",
    "Look something up in the documents of this place, which know more of it than you.",
    query={"type": "string", "description": "A few telling words, in the language of the question."},
)
BODY_TOOLS: Final = (EMOTION_TOOL, GESTURE_TOOL, LOOK_AT_TOOL)
"""Those that every avatar has. Their results are empty: nothing is to be said to them."""


def action(call: ToolCall) -> Action:
    """What a call asks for. Raises InputError, a sentence that the language model can learn from."""
    make = _MAKERS.get(call.name)
    if make is None:
        raise InputError(f"There is no tool '{call.name}'; there are {', '.join(_MAKERS)}.")
    return make(call)


def _feel(call: ToolCall) -> Feel:
    return Feel(_one_of(call, "name", EMOTIONS), _share(call, "intensity", 0.8))


def _gesture(call: ToolCall) -> Gesture:
    return Gesture(_one_of(call, "name", GESTURES))


def _look_at(call: ToolCall) -> LookAt:
    return LookAt(_one_of(call, "target", TARGETS))


def _see(call: ToolCall) -> See:
    return See()


def _search(call: ToolCall) -> Search:
    query = call.arguments.get("query")
    if not isinstance(query, str) or not query.strip():
        raise InputError("The tool 'search' needs a 'query': a few words to look for.")
    return Search(" ".join(query.split()))


_MAKERS: Final[dict[str, Callable[[ToolCall], Action]]] = {
    "emotion": _feel,
    "gesture": _gesture,
    "look_at": _look_at,
    "look": _see,
    "search": _search,
}


def _one_of(call: ToolCall, key: str, valid: tuple[str, ...]) -> str:
    """An argument that is one of some words; models write them with capitals and blanks."""
    given = call.arguments.get(key)
    word = "_".join(given.lower().replace("-", " ").replace("_", " ").split()) if isinstance(given, str) else ""
    if word not in valid:
        raise InputError(f"The '{key}' of the tool '{call.name}' must be one of {', '.join(valid)}.")
    return word


def _share(call: ToolCall, key: str, default: float) -> float:
    """A number within 0..1; what lies outside becomes the nearer end, what is none the default."""
    given = call.arguments.get(key, default)
    try:
        value = float(given)
    except (TypeError, ValueError):
        return default
    return default if math.isnan(value) else min(max(value, 0.0), 1.0)
