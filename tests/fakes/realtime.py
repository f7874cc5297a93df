"""A server of OpenAI's Realtime protocol, GA or beta, that hears by loudness and answers every turn with a tone.

It is as strict as the reference: settings of the other generation, a second answer at once, or a cut beyond what was
sent are answered with an error event. Besides the faults of `_server`, which take hold after its first event,
`in_answer` may be set to `cut`, `hang`, `malformed` or `fail`: it takes hold once, after an answer's first sound, or in
its place where there are no words.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
from urllib.parse import parse_qs, urlsplit

import numpy as np
from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from tests.fakes._server import WebSocketFake

KEY = "sk-a-key-that-nobody-may-read"
MODEL = "little-speaker"
RATE_HZ = 24_000
DELTA = 2400
"""Samples in an audio delta: 0.1 s."""
LOUD = 1000
QUIET_S = 0.2
BETA_NAMES = {"response.output_audio": "response.audio", "response.output_text": "response.text"}


class RealtimeServer(WebSocketFake):
    """Says `words`, a tone of 0.1 s with each. What happened is in `heard`, `items`, `sessions` and `received`."""

    def __init__(self, *, beta: bool = False) -> None:
        super().__init__()
        self.beta = beta
        self.words = ["Hello", " there", "."]
        self.pause_s = 0.002
        self.calls: list[tuple[str, str]] = []
        """Tools that the next answer asks for, as name and arguments; the answer has no voice then unless `both`."""
        self.both = False
        self.in_answer = ""
        self.heard: list[np.ndarray] = []
        """The turns as samples."""
        self.sessions: list[dict] = []
        self.items: list[dict] = []
        self.received: list[dict] = []
        self.first_limits = {"name": "tokens", "limit": 1000, "remaining": 900, "reset_seconds": 0.1}

    async def serve(self, connection: ServerConnection) -> None:
        await _Talk(self, connection).run()

    def of_type(self, kind: str) -> list[dict]:
        """The client's events of a type, in order."""
        return [event for event in self.received if event["type"] == kind]


class _Talk:
    """One connection."""

    def __init__(self, fake: RealtimeServer, connection: ServerConnection) -> None:
        self.fake = fake
        self.connection = connection
        self.session: dict = {}
        self.buffer: list[np.ndarray] = []
        self.speaking = False
        self.quiet_s = 0.0
        self.answer: asyncio.Task | None = None
        self.sent_ms: dict[str, float] = {}
        self.count = 0

    async def run(self) -> None:
        query = parse_qs(urlsplit(self.connection.request.path).query)
        if query.get("model") != [MODEL]:
            await self.error("The model does not exist.", "model_not_found")
            return
        session = {"id": "sess_1"} if self.fake.beta else {"id": "sess_1", "type": "realtime", "audio": {}}
        await self.send("session.created", session=session)
        try:
            async for message in self.connection:
                event = json.loads(message)
                self.fake.received.append(event)
                await self.handle(event)
        finally:
            if self.answer:
                self.answer.cancel()

    async def send(self, kind: str, **fields) -> None:
        self.count += 1
        for ga, beta in BETA_NAMES.items() if self.fake.beta else ():
            kind = beta + kind.removeprefix(ga) if kind.startswith(ga) else kind
        await self.fake.send(self.connection, json.dumps({"type": kind, "event_id": f"event_{self.count}"} | fields))

    async def error(self, message: str, code: str, event: dict | None = None) -> None:
        asked = (event or {}).get("event_id")
        error = {"type": "invalid_request_error", "code": code, "message": message, "param": None, "event_id": asked}
        await self.send("error", error=error)

    async def handle(self, event: dict) -> None:
        kind = event["type"]
        if kind == "session.update":
            await self.update(event)
        elif kind == "input_audio_buffer.append":
            await self.hear(np.frombuffer(base64.b64decode(event["audio"], validate=True), "<i2"))
        elif kind == "input_audio_buffer.commit":
            await self.commit()
        elif kind == "conversation.item.create":
            self.fake.items.append(event["item"])
            await self.send("conversation.item.created" if self.fake.beta else "conversation.item.added", item={})
        elif kind == "conversation.item.truncate":
            await self.truncate(event)
        elif kind == "conversation.item.delete":
            await self.send("conversation.item.deleted", item_id=event["item_id"])
        elif kind == "response.create":
            await self.create(event)
        elif kind == "response.cancel":
            await self.cancel("client_cancelled", event)
        else:
            await self.error(f"Invalid value: '{kind}'.", "invalid_value", event)

    async def update(self, event: dict) -> None:
        session = event["session"]
        if self.fake.beta == ("audio" in session):
            await self.error("Unknown parameter: 'session.audio'.", "unknown_parameter", event)
            return
        if (session["voice"] if self.fake.beta else session["audio"]["output"]["voice"]) == "nobody":
            await self.error("Invalid value: 'nobody'.", "invalid_value", event)
            return
        self.session = session
        self.fake.sessions.append(session)
        await self.send("session.updated", session=session)

    @property
    def turn_detection(self) -> dict | None:
        where = self.session if self.fake.beta else self.session["audio"]["input"]
        return where["turn_detection"]

    async def hear(self, samples: np.ndarray) -> None:
        self.buffer.append(samples)
        if self.turn_detection is None:
            return
        loud = np.abs(samples.astype(np.int32)).max(initial=0) > LOUD
        self.quiet_s = 0.0 if loud else self.quiet_s + len(samples) / RATE_HZ
        if loud and not self.speaking:
            self.speaking = True
            await self.send("input_audio_buffer.speech_started", audio_start_ms=0, item_id="item_user")
            await self.cancel("turn_detected", None)
        if self.speaking and self.quiet_s >= QUIET_S:
            self.speaking = False
            await self.send("input_audio_buffer.speech_stopped", audio_end_ms=0, item_id="item_user")
            await self.commit()
            await self.create({})

    async def commit(self) -> None:
        self.fake.heard.append(np.concatenate([*self.buffer, np.zeros(0, np.int16)]))
        self.buffer.clear()
        self.count += 1
        item = f"item_user_{self.count}"
        await self.send("input_audio_buffer.committed", item_id=item)
        name = "conversation.item.input_audio_transcription"
        for delta in ("Good", " morning."):
            await self.send(f"{name}.delta", item_id=item, content_index=0, delta=delta)
        await self.send(f"{name}.completed", item_id=item, content_index=0, transcript="Good morning.\n")

    async def truncate(self, event: dict) -> None:
        if event["audio_end_ms"] > self.sent_ms.get(event["item_id"], -1):
            await self.error("Audio content is shorter than that.", "invalid_value", event)
            return
        await self.send("conversation.item.truncated", item_id=event["item_id"], audio_end_ms=event["audio_end_ms"])

    async def create(self, event: dict) -> None:
        if self.answer and not self.answer.done():
            message = "Conversation already has an active response in progress."
            await self.error(message, "conversation_already_has_active_response", event)
            return
        self.count += 1
        self.answer = asyncio.create_task(self.respond(f"resp_{self.count}"))

    async def cancel(self, reason: str, event: dict | None) -> None:
        if self.answer is None or self.answer.done():
            if event:
                await self.error("Cancellation failed: no active response found.", "response_cancel_not_active", event)
            return
        self.answer.cancel(reason)
        with contextlib.suppress(asyncio.CancelledError, ConnectionClosed):
            await self.answer

    async def respond(self, response: str) -> None:
        output: list[dict] = []
        done = {"id": response, "object": "realtime.response", "status": "completed", "output": output}
        try:
            await self.send("response.created", response=done | {"status": "in_progress"})
            await self.send("rate_limits.updated", rate_limits=[self.fake.first_limits])
            calls, self.fake.calls = self.fake.calls, []
            if not calls or self.fake.both:
                await self.speak(response, output)
            for number, (name, arguments) in enumerate(calls):
                await self.ask(response, name, arguments, number, output)
        except asyncio.CancelledError as cancelled:
            reason = cancelled.args[0] if cancelled.args else "client_cancelled"
            done |= {"status": "cancelled", "status_details": {"type": "cancelled", "reason": reason}}
        except _Failure:
            error = {"type": "server_error", "code": "server_error", "message": f"Out of memory for {KEY}."}
            done |= {"status": "failed", "status_details": {"type": "failed", "error": error}}
        with contextlib.suppress(ConnectionClosed, KeyError):  # the client, or the base's note of it, is gone
            await self.send("response.done", response=done)

    async def speak(self, response: str, output: list[dict]) -> None:
        item = f"item_{response}"
        output.append({"id": item, "type": "message", "role": "assistant", "status": "completed"})
        where = {"response_id": response, "item_id": item, "output_index": 0, "content_index": 0}
        await self.send("response.output_item.added", response_id=response, output_index=0, item=output[-1])
        self.sent_ms[item] = 0
        if not self.fake.words:
            await self.misbehave()
        for number, word in enumerate(self.fake.words):
            tone = np.sin(np.arange(DELTA) * (2 * np.pi * 300 / RATE_HZ)) * 8000
            audio = base64.b64encode(tone.astype("<i2").tobytes()).decode()
            await self.send("response.output_audio_transcript.delta", delta=word, **where)
            await self.send("response.output_audio.delta", delta=audio, **where)
            self.sent_ms[item] += 1000 * DELTA / RATE_HZ
            await asyncio.sleep(self.fake.pause_s)
            if number == 0:
                await self.misbehave()
        await self.send("response.output_audio.done", **where)
        await self.send("response.output_item.done", response_id=response, output_index=0, item=output[-1])

    async def misbehave(self) -> None:
        fault, self.fake.in_answer = self.fake.in_answer, ""
        if fault == "cut":
            self.connection.transport.abort()
            await self.connection.wait_closed()
        elif fault == "hang":
            await self.connection.wait_closed()
        elif fault == "malformed":
            nested = "[" * 100_000
            for garbage in ("{this is no JSON", "[1]", '{"type": "response.output_audio.delta"}', b"\xff", nested):
                await self.connection.send(garbage)
            wrong = {"response_id": "?", "delta": "?", "item_id": "x"}
            await self.send("response.output_audio.delta", **wrong)
        elif fault == "fail":
            raise _Failure

    async def ask(self, response: str, name: str, arguments: str, number: int, output: list[dict]) -> None:
        call = f"call_{response}_{number}"
        item = {"id": f"item_{call}", "type": "function_call", "status": "completed", "call_id": call}
        output.append(item | {"name": name, "arguments": arguments})
        where = {"response_id": response, "item_id": item["id"], "output_index": number, "call_id": call}
        await self.send("response.function_call_arguments.delta", delta=arguments, **where)
        await self.send("response.function_call_arguments.done", arguments=arguments, **where)
        await self.send("response.output_item.done", response_id=response, output_index=number, item=output[-1])


class _Failure(Exception):
    """The answer fails on the server's side."""
