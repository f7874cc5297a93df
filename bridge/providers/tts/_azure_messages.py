"""Azure's speech messages: headers, a blank line and a body; a binary one's headers come after their length.

The protocol is that of Microsoft's open Speech SDK (github.com/microsoft/cognitive-services-speech-sdk-js,
src/common.speech: WebsocketMessageFormatter, SynthesisAdapterBase, SynthesisContext).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final
from xml.sax.saxutils import escape, quoteattr

from bridge.errors import WireError
from bridge.wire.json_object import json_object

TICKS_A_S: Final = 10_000_000
OUTPUT_FORMAT: Final = "raw-24khz-16bit-mono-pcm"


@dataclass(frozen=True, slots=True)
class Message:
    """One message of the service."""

    path: str
    request_id: str
    body: bytes


def compose(path: str, request_id: str, content_type: str, body: str, timestamp: str) -> str:
    """A message to the service; `timestamp` in ISO 8601, UTC."""
    return (
        f"Path:{path}\r\nX-RequestId:{request_id}\r\nX-Timestamp:{timestamp}\r\n"
        f"Content-Type:{content_type}\r\n\r\n{body}"
    )


def parse(data: str | bytes) -> Message:
    """A message of the service. Raises WireError."""
    if isinstance(data, str):
        head, blank, body = data.encode().partition(b"\r\n\r\n")
        if not blank:
            raise WireError("a message without headers")
    else:
        end = 2 + int.from_bytes(data[:2], "big")
        if len(data) < max(2, end):
            raise WireError("a message shorter than its headers")
        head, body = data[2:end], data[end:]
    headers: dict[str, str] = {}
    for line in head.decode(errors="replace").split("\r\n"):
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    if "path" not in headers:
        raise WireError("a message without a path")
    return Message(headers["path"].lower(), headers.get("x-requestid", "").lower(), body)


def metadata(body: bytes) -> list[tuple[str, float, dict[str, Any]]]:
    """Kind, start in seconds and all else of each event in an `audio.metadata` message. Raises WireError."""
    try:
        events = json_object(body)["Metadata"]
        return [(event["Type"], event["Data"]["Offset"] / TICKS_A_S, event["Data"]) for event in events]
    except (KeyError, TypeError, OverflowError) as error:
        raise WireError(f"metadata of an unknown form: {error}") from None


def config() -> str:
    """The body of `speech.config`, the first message of a connection."""
    return json.dumps({"context": {"system": {"name": "AvatarBridge", "version": "1"}, "os": {"platform": "Python"}}})


def context() -> str:
    """The body of `synthesis.context`: which events and what sound are wanted."""
    wanted = {"visemeEnabled": True, "wordBoundaryEnabled": True, "sessionEndEnabled": True}
    others = {"bookmarkEnabled": False, "punctuationBoundaryEnabled": False, "sentenceBoundaryEnabled": False}
    audio = {"metadataOptions": wanted | others, "outputFormat": OUTPUT_FORMAT}
    return json.dumps({"synthesis": {"audio": audio, "language": {"autoDetection": False}}})


def ssml(text: str, voice: str, rate: str, pitch: str, style: str) -> str:
    """`text` with how it is to be spoken, and with little silence around it.

    learn.microsoft.com/azure/ai-services/speech-service/speech-synthesis-markup-voice
    """
    said = f"<prosody rate={quoteattr(rate)} pitch={quoteattr(pitch)}>{escape(text)}</prosody>"
    if style:
        said = f"<mstts:express-as style={quoteattr(style)}>{said}</mstts:express-as>"
    return (
        "<speak version='1.0' xmlns='http://www.w3.org/2001/10/synthesis' "
        "xmlns:mstts='http://www.w3.org/2001/mstts' "
        f"xml:lang={quoteattr('-'.join(voice.split('-')[:2]))}><voice name={quoteattr(voice)}>"
        "<mstts:silence type='Leading-exact' value='50ms'/><mstts:silence type='Tailing-exact' value='300ms'/>"
        f"{said}</voice></speak>"
    )
