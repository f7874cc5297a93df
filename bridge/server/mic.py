"""`/ws/mic`: a visitor's microphone up, transcripts and turns down.

Binary messages are 16-bit little-endian mono PCM at the rate of the query. Text messages are JSON: `press`, `release`
(push-to-talk), `stop`, `say` (typed text) and `picture` (what the avatar asked to see, a JPEG in base64, or empty).
Down come `transcript`, `turn`, `answered`, `problem`, `cited` and `look`, as `bridge.conversation` tells them.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import json
import logging
from typing import Any, Final

import numpy as np
from fastapi import WebSocket

from bridge.bridge import Bridge
from bridge.conversation import Conversation
from bridge.errors import BridgeError, InputError, WireError
from bridge.hearing import Hearing
from bridge.microphones import Microphone
from bridge.outbox import Outbox
from bridge.server.chat import typed
from bridge.server.sockets import converse, refuse
from bridge.wire.json_object import json_object

log = logging.getLogger(__name__)

MOST_PICTURE_BYTES: Final = 700_000


class MicClient(Outbox):
    """What waits to be sent to one microphone's owner."""

    def tell(self, message: dict[str, Any]) -> None:
        """Send a message, unless its owner has stopped reading."""
        self.lost = False
        # What the client sent may stand in a sentence, and need not be whole Unicode.
        self.offer([json.dumps(message, ensure_ascii=False).encode("utf-8", "replace").decode()])


async def serve_mic(socket: WebSocket, bridge: Bridge, subject: str, visitor: str, sample_rate_hz: int) -> None:
    """Hear a microphone until it goes."""
    client = MicClient()
    try:
        conversation = await bridge.conversations.of(subject, visitor)
    except BridgeError as error:
        await refuse(socket, error)
        return
    # Before the ears are there, which may take seconds: a conversation that nobody listens to ends for another visitor.
    conversation.listeners.add(client.tell)
    try:
        await _converse(socket, bridge, conversation, client, sample_rate_hz)
    finally:
        conversation.listeners.discard(client.tell)


async def _converse(
    socket: WebSocket, bridge: Bridge, conversation: Conversation, client: MicClient, sample_rate_hz: int
) -> None:
    microphone = Microphone(sample_rate_hz, client.tell)
    try:
        ears = await _ears(bridge, conversation)
        conversation.microphones.plug(microphone, ears)
    except BridgeError as error:
        await refuse(socket, error)
        return
    try:
        client.tell({"type": "turn", "state": ears.state})
        if bridge.settings.mind.greets and conversation.session.state == "idle":
            conversation.greet()
        owner = _Owner(bridge, conversation, ears, microphone)
        await converse(socket, client, owner.hear, owner.listen)
    finally:
        conversation.microphones.unplug(microphone, ears)


async def _ears(bridge: Bridge, conversation: Conversation) -> Hearing:
    """A conversation's ears. Raises BridgeError where there is no recogniser, and all who watch are told."""
    try:
        await bridge.conversations.listen(conversation)
    except BridgeError as error:
        conversation.session.report(str(error))
        raise
    assert conversation.ears is not None
    return conversation.ears


class _Owner:
    """What the owner of one microphone sends. While a later one of the same visitor is heard, its sound is dropped."""

    def __init__(self, bridge: Bridge, conversation: Conversation, ears: Hearing, microphone: Microphone) -> None:
        self._bridge = bridge
        self._conversation = conversation
        self._ears = ears
        self._microphone = microphone
        self._odd = b""

    async def listen(self, data: bytes) -> None:
        """Take PCM. Samples may be cut between messages."""
        data = self._odd + data
        whole = len(data) - len(data) % 2
        self._odd = data[whole:]
        if self._conversation.microphones.heard is not self._microphone:
            return
        try:
            await self._ears.push(np.frombuffer(data[:whole], "<i2"))
        except BridgeError as error:
            self._microphone.tell({"type": "problem", "text": str(error)})

    async def hear(self, text: str) -> None:
        """Obey a message; what can't be obeyed is answered with the reason."""
        try:
            await self._obey(_decode(text))
        except BridgeError as error:
            self._microphone.tell({"type": "problem", "text": str(error)})
        await asyncio.sleep(0)

    async def _obey(self, message: dict[str, Any]) -> None:
        match message.get("type"):
            case "press":
                self._ears.press()
            case "release":
                self._ears.release()
            case "stop":
                self._conversation.session.stop()
            case "say":
                lang = _text(message, "lang") if "lang" in message else ""
                self._conversation.say_to(await typed(self._bridge, _text(message, "text"), lang), lang)
            case "picture":
                self._conversation.show(_picture(message))
            case other:
                raise InputError(f"There is no message {other!r}; there are press, release, stop, say and picture.")


def _decode(text: str) -> dict[str, Any]:
    try:
        return json_object(text)
    except WireError:
        raise InputError("A text message on this socket is a JSON object.") from None


def _text(message: dict[str, Any], key: str) -> str:
    value = message.get(key)
    if not isinstance(value, str):
        raise InputError(f"The message {message['type']} has a text '{key}'.")
    return value


def _picture(message: dict[str, Any]) -> bytes:
    try:
        picture = base64.b64decode(_text(message, "jpeg"), validate=True)
    except (binascii.Error, ValueError):
        raise InputError("A picture is a JPEG in base64.") from None
    if not picture:
        return b""  # no consent, or no camera
    if not picture.startswith(b"\xff\xd8\xff") or len(picture) > MOST_PICTURE_BYTES:
        raise InputError(f"A picture is a JPEG of at most {MOST_PICTURE_BYTES // 1000} kB.")
    return picture
