"""Does what a language model asks the avatar to do: `bridge.actions` on a session, the camera and the documents."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Final

from bridge.actions import BODY_TOOLS, LOOK_TOOL, SEARCH_TOOL, Feel, Gesture, LookAt, Search, See, action
from bridge.dialogue import Message, Tool, ToolCall
from bridge.memory.knowledge import Knowledge
from bridge.session import Session

LOOK_S: Final = 5.0
"""How long a picture may take."""
UNSEEN: Final = "You can't see the visitor: they have no camera on, or do not want to be looked at."


class Performer:
    """One conversation's. `tell` reaches the visitor's page, which alone has a camera."""

    def __init__(self, session: Session, knowledge: Knowledge, tell: Callable[[dict[str, Any]], None]) -> None:
        self._session = session
        self._knowledge = knowledge
        self._tell = tell
        self._picture: asyncio.Future[bytes] | None = None

    @property
    def tools(self) -> tuple[Tool, ...]:
        """What can be asked for now."""
        return (*BODY_TOOLS, LOOK_TOOL, *([SEARCH_TOOL] if self._knowledge.documents else []))

    async def act(self, call: ToolCall) -> list[Message]:
        """Do it. Raises InputError for what there is not, and DeviceError where the documents can't be read."""
        wanted = action(call)
        told, picture = "", b""
        match wanted:
            case Feel(emotion, intensity):
                self._session.set_mood(emotion, intensity)
            case Gesture(name):
                self._session.gesture(name)
            case LookAt(target):
                self._session.glance(target)
            case Search(query):
                told = await self._search(query)
            case See():
                picture = await self._look()
                told = "Here is the picture." if picture else UNSEEN
        result = Message("tool", told, tool_call_id=call.id)
        return [result, Message("user", "", image_jpeg=picture)] if picture else [result]

    def show(self, jpeg: bytes) -> None:
        """The picture that was asked for; empty where there is none to be had."""
        if self._picture is not None and not self._picture.done():
            self._picture.set_result(jpeg)

    async def _look(self) -> bytes:
        self._picture = asyncio.get_running_loop().create_future()
        self._tell({"type": "look"})
        try:
            async with asyncio.timeout(LOOK_S):
                return await self._picture
        except TimeoutError:
            return b""
        finally:
            self._picture = None

    async def _search(self, query: str) -> str:
        hits = await self._knowledge.search(query)
        if not hits:
            return "The documents say nothing of it."
        return "\n\n".join(f"{hit.passage.citation}:\n{hit.passage.text}" for hit in hits)
