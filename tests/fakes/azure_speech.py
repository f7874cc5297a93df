"""Azure's text to speech: the WebSocket of Microsoft's Speech SDK, and the REST endpoint beside it.

github.com/microsoft/cognitive-services-speech-sdk-js, src/common.speech;
learn.microsoft.com/azure/ai-services/speech-service/rest-text-to-speech
"""

from __future__ import annotations

import json
from http import HTTPStatus
from xml.etree import ElementTree

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from websockets.asyncio.server import ServerConnection
from websockets.http11 import Request as Handshake
from websockets.http11 import Response as Refusal

from bridge.types import Phone
from tests.fakes import speech
from tests.fakes._server import HttpFake, WebSocketFake
from tests.fakes.edge import TICKS_A_S, audio_message, text_message, word_boundary, words_of

KEY = "0123456789abcdef-azure"
PATH = "/cognitiveservices/websocket/v1"
_CLASSES = ("", "æəʌɐa", "ɑ", "ɔ", "ɛʊe", "ɝɜɚ", "jiɪɨ", "wu", "o", "", "", "", "h", "ɹ", "l", "sz", "ʃʒ", "θð", "fv")
_IDS = {letter: number for number, letters in enumerate((*_CLASSES, "dtnɾ", "kɡŋ", "pbm")) for letter in letters}
_DIPHTHONGS = {"aʊ": 9, "ɔɪ": 10, "aɪ": 11, "oʊ": 8, "tʃ": 16, "dʒ": 16, "eɪ": 4}


def viseme_id(phone: Phone) -> int:
    """Microsoft's class of a phone."""
    letters = phone.ipa.lstrip("ˈˌ")
    return _DIPHTHONGS.get(letters[:2], _IDS.get(letters[:1], 0))


def read_ssml(ssml: str) -> tuple[str, str]:
    """The voice's name and the text. Raises ParseError for what is no XML."""
    root = ElementTree.fromstring(ssml)
    voice = root.find("{http://www.w3.org/2001/10/synthesis}voice")
    assert voice is not None
    return voice.attrib["name"], "".join(root.itertext()).strip()


class AzureSpeech(WebSocketFake):
    """Says what it is asked to, any number of turns on one connection. Knows one key, and no voice called Nobody.

    `visemes_late` sends each piece of sound before the visemes in it.
    """

    def __init__(self, key: str = KEY, *, visemes_late: bool = False) -> None:
        super().__init__()
        self.key = key
        self.visemes_late = visemes_late
        self.ssml: list[str] = []
        self.connections = 0

    @property
    def endpoint(self) -> str:
        """What a setting names: the same host over HTTP."""
        return self.url.replace("ws", "http", 1)

    def _handshake(self, connection: ServerConnection, request: Handshake) -> Refusal | None:
        if request.headers.get("Ocp-Apim-Subscription-Key") != self.key:
            self.requests.append(request)
            return connection.respond(HTTPStatus.UNAUTHORIZED, f"no access with {self.key}")
        if request.path != PATH:
            return connection.respond(HTTPStatus.NOT_FOUND, "")
        return super()._handshake(connection, request)

    async def serve(self, connection: ServerConnection) -> None:
        self.connections += 1
        assert "Path:speech.config" in str(await connection.recv())
        while True:
            head, _, context = str(await connection.recv()).partition("\r\n\r\n")
            assert "Path:synthesis.context" in head
            wanted = json.loads(context)["synthesis"]["audio"]
            assert wanted["outputFormat"] == "raw-24khz-16bit-mono-pcm"
            head, _, ssml = str(await connection.recv()).partition("\r\n\r\n")
            request_id = head.partition("X-RequestId:")[2].partition("\r\n")[0]
            self.ssml.append(ssml)
            voice, text = read_ssml(ssml)
            if "Nobody" in voice:
                await connection.close(1007, f"Unsupported voice {voice}.")
                return
            await self._turn(connection, request_id, text, visemes=wanted["metadataOptions"]["visemeEnabled"])

    async def _turn(self, connection: ServerConnection, request_id: str, text: str, *, visemes: bool) -> None:
        spoken = speech.spoken(text)
        await connection.send(text_message("turn.start", "{}", request_id))
        await connection.send(text_message("response", "{}", request_id))
        events = [
            (start, word_boundary(start, length, word))
            for start, length, word in words_of(text, len(spoken.samples) / spoken.sample_rate_hz)
        ]
        if visemes:
            events += [(phone.start_s, _viseme(phone)) for phone in spoken.phones]
        events.sort(key=lambda event: event[0])
        size = 9600
        for index, sound in enumerate(speech.pieces(speech.pcm(spoken.samples), size)):
            until_s = (index + (1 if self.visemes_late else 3)) * size / 2 / spoken.sample_rate_hz
            told = [event for start, event in events if start < until_s]
            events = [event for event in events if event[0] >= until_s]
            metadata = text_message("audio.metadata", json.dumps({"Metadata": told}), request_id)
            if self.visemes_late:
                await self.send(connection, audio_message(sound, "audio/x-wav", request_id))
                await connection.send(metadata)
            else:
                await connection.send(metadata)
                await self.send(connection, audio_message(sound, "audio/x-wav", request_id))
        await connection.send(audio_message(b"", request_id=request_id))
        await connection.send(text_message("turn.end", "{}", request_id))


def _viseme(phone: Phone) -> dict:
    data = {"Offset": round(phone.start_s * TICKS_A_S), "VisemeId": viseme_id(phone), "IsLastAnimation": True}
    return {"Type": "Viseme", "Data": data}


class AzureRest(HttpFake):
    """The REST endpoint."""

    garbage = b"\x00" * 8

    async def answer(self, request: Request) -> Response:
        if request.headers.get("ocp-apim-subscription-key") != KEY:
            return PlainTextResponse("", 401)
        if request.url.path != "/cognitiveservices/v1":
            return PlainTextResponse("", 404)
        assert request.headers["x-microsoft-outputformat"] == "raw-24khz-16bit-mono-pcm"
        assert request.headers["content-type"] == "application/ssml+xml"
        voice, text = read_ssml((await request.body()).decode())
        if "Nobody" in voice:
            return PlainTextResponse("", 400)
        return self.stream(request, speech.pieces(speech.pcm(speech.spoken(text).samples)), "audio/x-wav")
