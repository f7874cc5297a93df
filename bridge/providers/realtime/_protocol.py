"""What is sent and received over OpenAI's Realtime WebSocket, in both of its generations. No sockets.

The one since August 2025 is called GA, the one before it beta; servers that copy OpenAI mostly speak the latter. Events
are the same but for the names of three families; the session is described in another shape. Source: the reference at
platform.openai.com/docs/api-reference/realtime, and the types of OpenAI's own client for both.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from bridge.dialogue import Message, Tool, ToolCall
from bridge.errors import WireError
from bridge.timebase import SAMPLE_RATE_HZ
from bridge.types import F32, freeze
from bridge.wire.json_object import json_object

_RENAMED: Final = {
    "response.audio.": "response.output_audio.",
    "response.audio_transcript.": "response.output_audio_transcript.",
    "response.text.": "response.output_text.",
}
Event = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Setup:
    """What a dialogue is set up with; `turn_detection` as the API calls it, None for none."""

    instructions: str
    tools: tuple[Tool, ...]
    voice: str
    transcription_model: str
    lang: str
    turn_detection: dict[str, Any] | None


def is_beta(created: Event) -> bool:
    """Whether a `session.created` event comes from a server of the beta generation."""
    session = created.get("session")
    return not (isinstance(session, dict) and ("audio" in session or session.get("type") == "realtime"))


def session_update(setup: Setup, *, beta: bool) -> Event:
    """The event that describes the dialogue to the server."""
    transcription: dict[str, Any] | None = None
    if setup.transcription_model:
        transcription = {"model": setup.transcription_model} | ({"language": setup.lang} if setup.lang else {})
    session: dict[str, Any] = {
        "instructions": setup.instructions,
        "tools": [_tool(tool) for tool in setup.tools],
        "tool_choice": "auto",
    }
    if beta:
        session |= {
            "modalities": ["audio", "text"],
            "voice": setup.voice,
            "input_audio_format": "pcm16",
            "output_audio_format": "pcm16",
            "input_audio_transcription": transcription,
            "turn_detection": setup.turn_detection,
        }
    else:
        pcm = {"type": "audio/pcm", "rate": SAMPLE_RATE_HZ}
        heard = {"format": pcm, "transcription": transcription, "turn_detection": setup.turn_detection}
        audio = {"input": heard, "output": {"format": pcm, "voice": setup.voice}}
        session |= {"type": "realtime", "output_modalities": ["audio"], "audio": audio}
    return {"type": "session.update", "session": session}


def item(message: Message, *, beta: bool) -> Event:
    """A message as an item of the conversation. A call that was asked for is left out: only its result counts."""
    if message.role == "tool":
        return {"type": "function_call_output", "call_id": message.tool_call_id, "output": message.text}
    kind = "input_text"
    if message.role == "assistant":
        kind = "text" if beta else "output_text"
    content: list[dict[str, Any]] = [{"type": kind, "text": message.text}] if message.text else []
    if message.image_jpeg:
        url = f"data:image/jpeg;base64,{base64.b64encode(message.image_jpeg).decode()}"
        content.append({"type": "input_image", "image_url": url})
    return {"type": "message", "role": message.role, "content": content}


def encode(event: Event) -> str:
    """An event as it travels. Half a surrogate pair becomes a question mark."""
    return json.dumps(event, ensure_ascii=False).encode("utf-8", "replace").decode()


def decode(message: str | bytes) -> Event:
    """An event as it came, under its GA name. Raises WireError where it is none."""
    event = json_object(message)
    if not isinstance(event.get("type"), str):
        raise WireError("The message is no event.")
    for beta, ga in _RENAMED.items():
        if event["type"].startswith(beta):
            event["type"] = ga + event["type"].removeprefix(beta)
    return event


def append(samples: F32) -> Event:
    """Samples [N] at 24 kHz as an event for the server's input buffer."""
    pcm = np.clip(np.rint(samples * 32768.0), -32768, 32767).astype("<i2")
    return {"type": "input_audio_buffer.append", "audio": base64.b64encode(pcm.tobytes()).decode()}


def sound(delta: object) -> F32:
    """The samples [N] at 24 kHz of an audio delta. Raises WireError where it holds none."""
    try:
        data = base64.b64decode(delta if isinstance(delta, str) else "-", validate=True)
        return freeze(np.frombuffer(data, "<i2").astype(np.float32) / 32768.0)
    except (binascii.Error, ValueError):
        raise WireError("The audio is no base64 of 16-bit samples.") from None


def call(asked: Event) -> ToolCall:
    """The tool call in an item of the type `function_call`. Raises WireError where it has no name or arguments."""
    name, id_, arguments = asked.get("name"), asked.get("call_id"), asked.get("arguments") or "{}"
    if not (isinstance(name, str) and isinstance(id_, str) and isinstance(arguments, str)):
        raise WireError("A tool was asked for without a name, a number or arguments.")
    return ToolCall(id_, name, json_object(arguments))


def _tool(tool: Tool) -> dict[str, Any]:
    return {"type": "function", "name": tool.name, "description": tool.description, "parameters": tool.parameters}
