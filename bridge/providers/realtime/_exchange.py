"""A Realtime dialogue without its socket: events of the server in, events of ours out, and what is to be sent back.

What it keeps is what the server can't know: which answers were cancelled before their end had arrived, how much of each
was heard, and which of the things that an answer asked for are still being done.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from bridge.dialogue import (
    AnswerCall,
    AnswerEnded,
    AnswerSound,
    AnswerStarted,
    AnswerText,
    Message,
    RealtimeEvent,
    SpeechStarted,
    SpeechStopped,
    Transcript,
    Trouble,
)
from bridge.errors import WireError
from bridge.providers._failures import Failures
from bridge.providers.realtime import _protocol as protocol
from bridge.providers.realtime._protocol import Event
from bridge.timebase import SAMPLE_RATE_HZ

_ANSWERS_KEPT: Final = 8
_HISTORY: Final = 40
_HOW: Final[dict[str, Literal["whole", "cancelled", "short", "failed"]]] = {
    "completed": "whole",
    "cancelled": "cancelled",
    "incomplete": "short",
}


@dataclass(slots=True)
class _Answer:
    name: str
    samples: dict[str, int] = field(default_factory=dict)
    """How many samples of each of its items have arrived."""
    text: str = ""
    calls: set[str] = field(default_factory=set)
    """What it asked for and is not done yet."""
    called: set[str] = field(default_factory=set)
    go_on: bool = False
    told: bool = True
    """Whether its beginning was passed on."""
    ended: bool = False
    cancelled: bool = False
    heard: float = 1.0
    """The part of its sound that was heard."""

    @property
    def heard_text(self) -> str:
        """About what of its text was heard."""
        return self.text[: round(len(self.text) * self.heard)].strip()

    @property
    def needs_more(self) -> bool:
        """Whether the server must be asked to go on after what was asked for is done."""
        done = self.ended and bool(self.called) and not self.calls
        return done and not self.cancelled and (self.go_on or not self.samples)


class Exchange:
    """One dialogue. `outbox` holds what is to be sent, oldest first; whoever calls a method empties it after."""

    def __init__(self, failures: Failures) -> None:
        self.beta = False
        self.outbox: deque[Event] = deque()
        self._failures = failures
        self._said: deque[Message | _Answer] = deque(maxlen=_HISTORY)
        self._answers: dict[str, _Answer] = {}
        self._active = ""
        self._asked: dict[str, bool] = {}
        """The answers asked for that have not begun, by the number of the request; whether they were cancelled."""
        self._ask_later = False
        self._numbers = 0
        self._turns: dict[str, str] = {}

    # What is said to it

    @property
    def awaits_answer(self) -> bool:
        """Whether the server owes something."""
        return bool(self._active or self._asked)

    @property
    def history(self) -> list[Message]:
        """What was said lately, by both; of answers that were interrupted about what was heard."""
        said = [Message("assistant", s.heard_text) if isinstance(s, _Answer) else s for s in self._said]
        return [message for message in said if message.text]

    def remember(self, history: Sequence[Message]) -> None:
        """Take over what was said before, without what was asked to be done and its results."""
        self._said.extend(Message(m.role, m.text) for m in history if m.role in ("user", "assistant") and m.text)

    def begin(self, *, beta: bool) -> None:
        """Tell a server, which is new to it, what was said before."""
        self.beta = beta
        for message in self.history:
            self._create(message)

    def commit(self) -> None:
        """The user's turn is over."""
        self._send({"type": "input_audio_buffer.commit"})
        self._ask()

    def add(self, message: Message, *, answer: bool) -> None:
        """Add to the conversation; see `bridge.ports.Dialogue`."""
        if message.role == "tool":
            self._add_result(message, answer)
            return
        self._create(message)
        self._said.append(Message(message.role, message.text))
        if answer:
            self._ask()

    def cancel(self, name: str, played_ms: int) -> None:
        """Of the answer only `played_ms` were heard, of those after it nothing."""
        self._ask_later = False
        self._asked = dict.fromkeys(self._asked, True)
        if self._active:
            self._answers[self._active].cancelled = True
            self._send({"type": "response.cancel", "response_id": self._active}, "quiet")
        names = list(self._answers)
        for later in names[names.index(name) :] if name in names else []:
            self._truncate(self._answers[later], played_ms if later == name else 0)

    # What the server says

    def receive(self, event: Event) -> list[RealtimeEvent]:
        """What an event means. Raises WireError where it lacks what its type promises; the dialogue goes on."""
        handle = _HANDLERS.get(event["type"])
        try:
            return handle(self, event) if handle else []
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise WireError(f"The event {event['type']} is not as it should be.") from error

    def lose(self) -> list[RealtimeEvent]:
        """The connection is gone, and with it what was under way."""
        lost: list[RealtimeEvent] = []
        if self._active and self._answers[self._active].told:
            lost.append(AnswerEnded(self._active, "failed"))
        self._active, self._ask_later = "", False
        for gone in (self._asked, self._answers, self._turns, self.outbox):
            gone.clear()
        return lost

    def _created(self, event: Event) -> list[RealtimeEvent]:
        name = event["response"]["id"]
        cancelled = self._asked.pop(next(iter(self._asked))) if self._asked else False
        self._answers[name] = _Answer(name, told=not cancelled, cancelled=cancelled)
        self._said.append(self._answers[name])
        while len(self._answers) > _ANSWERS_KEPT:
            self._answers.pop(next(iter(self._answers)))
        self._active = name
        if cancelled:
            self._send({"type": "response.cancel", "response_id": name}, "quiet")
            return []
        return [AnswerStarted(name)]

    def _sound(self, event: Event) -> list[RealtimeEvent]:
        answer = self._answer(event)
        samples = protocol.sound(event["delta"])
        if answer is None or not len(samples):
            return []
        item = event["item_id"]
        answer.samples[item] = answer.samples.get(item, 0) + len(samples)
        return [AnswerSound(answer.name, samples)]

    def _text(self, event: Event) -> list[RealtimeEvent]:
        answer = self._answer(event)
        if answer is None or not event["delta"]:
            return []
        answer.text += event["delta"]
        return [AnswerText(answer.name, event["delta"])]

    def _item_done(self, event: Event) -> list[RealtimeEvent]:
        answer, item = self._answer(event), event["item"]
        whole = item["type"] == "function_call" and item.get("status") in (None, "completed")
        if answer is None or not whole or item["call_id"] in answer.called:
            return []
        call = protocol.call(item)
        answer.calls.add(call.id)
        answer.called.add(call.id)
        return [AnswerCall(answer.name, call)]

    def _done(self, event: Event) -> list[RealtimeEvent]:
        response = event["response"]
        name, how = response["id"], _HOW.get(response.get("status") or "completed", "failed")
        if name == self._active:
            self._active = ""
        answer = self._answers.get(name)
        if answer is None:
            return []
        answer.ended = True
        if answer.cancelled:
            self._delete_unheard(answer, response)
        if self._ask_later:
            self._ask()
        else:
            self._go_on(answer)
        return self._ended(answer, "cancelled" if answer.cancelled else how, response) if answer.told else []

    def _ended(self, answer: _Answer, how: Any, response: Event) -> list[RealtimeEvent]:
        events: list[RealtimeEvent] = []
        error = (response.get("status_details") or {}).get("error") if how == "failed" else None
        if how == "failed":
            events.append(self._trouble("could not answer", error))
        return [*events, AnswerEnded(answer.name, how)]

    def _speech_started(self, event: Event) -> list[RealtimeEvent]:
        return [SpeechStarted()]

    def _speech_stopped(self, event: Event) -> list[RealtimeEvent]:
        return [SpeechStopped()]

    def _heard_more(self, event: Event) -> list[RealtimeEvent]:
        self._turns[event["item_id"]] = self._turns.get(event["item_id"], "") + event["delta"]
        return [Transcript(self._turns[event["item_id"]], False)]

    def _heard(self, event: Event) -> list[RealtimeEvent]:
        self._turns.pop(event["item_id"], None)
        text = event["transcript"].strip()
        if text:
            self._said.append(Message("user", text))
        return [Transcript(text, True)]

    def _not_heard(self, event: Event) -> list[RealtimeEvent]:
        self._turns.pop(event["item_id"], None)
        return [self._trouble("heard a turn that it could not write down", event["error"])]

    def _limits(self, event: Event) -> list[RealtimeEvent]:
        return [
            self._trouble(f"has reached its limit of {limit['name']}; wait {limit['reset_seconds']:.0f} s")
            for limit in event["rate_limits"]
            if limit.get("remaining") == 0 and limit.get("reset_seconds")
        ]

    def _error(self, event: Event) -> list[RealtimeEvent]:
        error = event["error"]
        ours = error.get("event_id") or ""
        if error.get("code") == "conversation_already_has_active_response":
            self._asked.pop(ours, None)
            self._ask_later = True
            return []
        if ours.endswith("quiet"):  # what was to be cancelled or cut is gone already
            return []
        self._asked.pop(ours, None)
        return [self._trouble("reports trouble", error)]

    # Common to both

    def _answer(self, event: Event) -> _Answer | None:
        """The answer that an event belongs to, unless it is to be kept quiet."""
        answer = self._answers.get(event.get("response_id") or self._active)
        return None if answer is None or answer.cancelled else answer

    def _add_result(self, message: Message, answer: bool) -> None:
        for known in self._answers.values():
            if message.tool_call_id in known.calls:
                self._create(message)
                known.calls.discard(message.tool_call_id)
                known.go_on = known.go_on or answer
                self._go_on(known)

    def _create(self, message: Message) -> None:
        self._send({"type": "conversation.item.create", "item": protocol.item(message, beta=self.beta)})

    def _ask(self) -> None:
        """Ask for an answer, now or when the one under way has ended: there is one at a time."""
        self._ask_later = self.awaits_answer
        if not self._ask_later:
            self._asked[self._send({"type": "response.create"})] = False

    def _go_on(self, answer: _Answer) -> None:
        if answer.needs_more and not self.awaits_answer:
            answer.called = set()
            self._ask()

    def _truncate(self, answer: _Answer, played_ms: int) -> None:
        """Make the server forget what was not heard."""
        whole_ms = sum(answer.samples.values()) * 1000 // SAMPLE_RATE_HZ
        answer.heard = min(played_ms / whole_ms, 1.0) if whole_ms else 0.0
        answer.cancelled = answer.cancelled or not answer.ended
        for item, count in answer.samples.items():
            ms = count * 1000 // SAMPLE_RATE_HZ
            if played_ms < ms:
                cut = {"item_id": item, "content_index": 0, "audio_end_ms": max(played_ms, 0)}
                self._send({"type": "conversation.item.truncate"} | cut, "quiet")
            played_ms = max(played_ms - ms, 0)

    def _delete_unheard(self, answer: _Answer, response: Event) -> None:
        for item in response.get("output") or []:
            if item["type"] == "message" and item["id"] not in answer.samples:
                self._send({"type": "conversation.item.delete", "item_id": item["id"]}, "quiet")

    def _send(self, event: Event, mark: str = "") -> str:
        self._numbers += 1
        number = f"bridge_{self._numbers}{mark and '_'}{mark}"
        self.outbox.append(event | {"event_id": number})
        return number

    def _trouble(self, what: str, error: Any = None) -> Trouble:
        """A sentence, with what the server itself said in the error of an event."""
        return Trouble(str(self._failures.failed(what, said=(error or {}).get("message"))))


_HANDLERS: Final = {
    "response.created": Exchange._created,
    "response.output_audio.delta": Exchange._sound,
    "response.output_audio_transcript.delta": Exchange._text,
    "response.output_text.delta": Exchange._text,
    "response.output_item.done": Exchange._item_done,
    "response.done": Exchange._done,
    "input_audio_buffer.speech_started": Exchange._speech_started,
    "input_audio_buffer.speech_stopped": Exchange._speech_stopped,
    "conversation.item.input_audio_transcription.delta": Exchange._heard_more,
    "conversation.item.input_audio_transcription.completed": Exchange._heard,
    "conversation.item.input_audio_transcription.failed": Exchange._not_heard,
    "rate_limits.updated": Exchange._limits,
    "error": Exchange._error,
}
