"""A conversation in the terminal: typed or spoken, answered aloud and in writing.

lines of standard input ──┐
microphone ──> ears ──────┴──> conversation ──> loudspeaker, sinks, and what was said on standard output
"""

from __future__ import annotations

import asyncio
import io
import json
import sys
import threading
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from typing import Any

from bridge.bridge import Bridge
from bridge.config import Settings
from bridge.conversation import Conversation
from bridge.conversations import DEFAULT_VISITOR
from bridge.errors import BridgeError, DeviceError
from bridge.sources.microphone import I16, microphone
from bridge.streams import Client
from bridge.subjects import DEFAULT_SUBJECT
from bridge.text import clean

LOUDSPEAKER = "audio://default"


async def chat(settings: Settings, sinks: Sequence[str], *, mic: bool, mute: bool) -> None:
    """Talk until standard input ends and all is said. Raises BridgeError where a part can't be had."""
    bridge = Bridge(settings)
    try:
        session = bridge.subjects.get(DEFAULT_SUBJECT)
        conversation = await bridge.conversations.of(DEFAULT_SUBJECT, DEFAULT_VISITOR)
        await _open(bridge, sinks, mute)
        persona = bridge.conversations.persona
        print(_welcome(bridge, mic), file=sys.stderr)
        client = Client("arkit", json=True, audio=False)
        session.listen(client)
        shown = asyncio.create_task(_show(client, persona.name))
        try:
            await _talk(bridge, conversation, mic)
        finally:
            shown.cancel()
            await asyncio.gather(shown, return_exceptions=True)
    finally:
        await bridge.aclose()


async def _open(bridge: Bridge, sinks: Sequence[str], mute: bool) -> None:
    outputs = bridge.outputs(bridge.subjects.get(DEFAULT_SUBJECT))
    for url in sinks:
        await asyncio.to_thread(outputs.add, url)
    if not mute and not any(url.startswith("audio:") for url in sinks):
        try:
            await asyncio.to_thread(outputs.add, LOUDSPEAKER)
        except DeviceError as error:
            print(f"avatar-bridge: {error} The answers are only written.", file=sys.stderr)
    bridge.subjects.get(DEFAULT_SUBJECT).follow(outputs)


def _welcome(bridge: Bridge, mic: bool) -> str:
    name = bridge.conversations.persona.name
    who = f"{name} is a scripted companion" if bridge.conversations.thinker == "scripted" else f"{name} is here"
    how = "Speak, or type" if mic else "Type"
    return f"{who}. {how} a line; an empty one interrupts; Ctrl-D or Ctrl-C ends."


async def _talk(bridge: Bridge, conversation: Conversation, mic: bool) -> None:
    tasks: list[asyncio.Task[None]] = []
    with ExitStack() as stack:
        if mic:
            await bridge.conversations.listen(conversation)
            conversation.listeners.add(_print_heard)
            sound = stack.enter_context(microphone())
            tasks.append(asyncio.create_task(_hear(conversation, sound)))
        try:
            async for line in _typed():
                _answer(conversation, line)
                if not sys.stdin.isatty():
                    await conversation.answered()
            await conversation.answered()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


def _answer(conversation: Conversation, line: str) -> None:
    if not line.strip():
        conversation.session.stop()
        return
    try:
        conversation.say_to(clean(line))
    except BridgeError as error:
        print(f"avatar-bridge: {error}", file=sys.stderr)


async def _hear(conversation: Conversation, sound: Any) -> None:
    ears = conversation.ears
    assert ears is not None
    ears.plug(16_000)
    block: I16
    async for block in sound:
        await ears.push(block)


async def _typed() -> Any:
    """The lines of standard input until it ends or can't be read. Its thread is none that the end waits for."""
    loop = asyncio.get_running_loop()
    lines: asyncio.Queue[str] = asyncio.Queue()

    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(errors="replace")  # what is no text may still be typed

    def read() -> None:
        try:
            with suppress(OSError):  # of a terminal that has gone
                for line in sys.stdin or ():  # None: it was closed before we began
                    loop.call_soon_threadsafe(lines.put_nowait, line)
        finally:
            loop.call_soon_threadsafe(lines.put_nowait, "")

    threading.Thread(target=read, daemon=True).start()
    while line := await lines.get():
        yield line


async def _show(client: Client, name: str) -> None:
    """Write what is said, sentence by sentence, and what goes wrong."""
    while True:
        message = json.loads(await client.next())
        if message.get("type") != "event":
            continue
        if message["name"] == "caption":
            print(f"{name}: {message['text']}", flush=True)
        elif message["name"] == "cited":
            print(f"    [{'; '.join(message['sources'])}]", flush=True)
        elif message["name"] == "state" and message.get("error"):
            print(f"avatar-bridge: {message['error']}", file=sys.stderr, flush=True)


def _print_heard(message: dict[str, Any]) -> None:
    if message["type"] == "transcript" and message["final"] and message["text"]:
        print(f"You: {message['text']}", flush=True)
