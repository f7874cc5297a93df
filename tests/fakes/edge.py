"""Edge's read-aloud service, as edge-tts 7 speaks to it: messages of headers and a body."""

from __future__ import annotations

import json
import re
from xml.sax.saxutils import unescape

from websockets.asyncio.server import ServerConnection

from tests.fakes import speech
from tests.fakes._server import WebSocketFake

TICKS_A_S = 10_000_000
PIECE = 4096


def text_message(path: str, body: str, request_id: str = "1") -> str:
    """A text message as the service sends it."""
    return f"X-RequestId:{request_id}\r\nContent-Type:application/json; charset=utf-8\r\nPath:{path}\r\n\r\n{body}"


def audio_message(data: bytes, content_type: str = "audio/mpeg", request_id: str = "1") -> bytes:
    """A piece of sound; the last one is empty and without a type."""
    kind = f"Content-Type:{content_type}\r\n" if data else ""
    head = f"X-RequestId:{request_id}\r\n{kind}X-StreamId:2\r\nPath:audio\r\n".encode()
    return len(head).to_bytes(2, "big") + head + data


def words_of(text: str, seconds: float) -> list[tuple[float, float, str]]:
    """Start, length and text of each word, sharing the time out by characters."""
    found, at = [], 0.0
    for word in text.split():
        length = seconds * len(word) / max(1, len(text))
        found.append((at, length, word))
        at += length + seconds / max(1, len(text))
    return found


def word_boundary(start_s: float, length_s: float, text: str) -> dict:
    """A word, in an audio.metadata message."""
    ticks = {"Offset": round(start_s * TICKS_A_S), "Duration": round(length_s * TICKS_A_S)}
    return {"Type": "WordBoundary", "Data": ticks | {"text": {"Text": text, "Length": len(text)}}}


class Edge(WebSocketFake):
    """Says what it is asked to. Voices without the mark `Neural` in their name get no sound, as with the real one."""

    def __init__(self) -> None:
        super().__init__()
        self.configs: list[dict] = []
        self.ssml: list[str] = []

    @property
    def wss_url(self) -> str:
        """What the package's constant is to be."""
        return f"{self.url}/edge/v1?TrustedClientToken=none"

    async def serve(self, connection: ServerConnection) -> None:
        config = str(await connection.recv())
        self.configs.append(json.loads(config.partition("\r\n\r\n")[2]))
        ssml = str(await connection.recv()).partition("\r\n\r\n")[2]
        self.ssml.append(ssml)
        text = unescape(re.sub(r"<[^>]*>", "", ssml)).strip()
        spoken = speech.spoken(text)
        await connection.send(text_message("turn.start", "{}"))
        await connection.send(text_message("response", "{}"))
        words = words_of(text, len(spoken.samples) / spoken.sample_rate_hz)
        sounds = speech.pieces(speech.mp3(spoken.samples), PIECE)
        while words or sounds:
            for word in words[:4]:
                await connection.send(text_message("audio.metadata", json.dumps({"Metadata": [word_boundary(*word)]})))
            del words[:4]
            if sounds:
                await self.send(connection, audio_message(sounds.pop(0)))
        await connection.send(audio_message(b""))
        await connection.send(text_message("turn.end", "{}"))
        await connection.wait_closed()
