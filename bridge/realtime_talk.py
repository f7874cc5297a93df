"""A visitor's conversation with a model that hears and speaks, in place of ears, a language model and a voice.

    samples ──> 16 kHz ──> dsp/echo: the avatar's own voice is silenced ──> dialogue
    dialogue ──> words and sound ──> `Voiced` answers, which the conversation has said ──> what was heard ──> dialogue

The dialogue is begun when there is a microphone or a question, begun anew after a growing pause where it is lost, and
ended when nobody has been there for a while.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from bridge.brain import Act
from bridge.decisions import Interrupt, State, StateChanged
from bridge.dialogue import (
    HEARING_RATE_HZ,
    AnswerCall,
    AnswerEnded,
    AnswerSound,
    AnswerStarted,
    AnswerText,
    Message,
    RealtimeEvent,
    SpeechStarted,
    SpeechStopped,
    Tool,
    ToolCall,
    Transcript,
    Trouble,
)
from bridge.dsp.echo import EchoGate
from bridge.ears import Heard, Problem
from bridge.errors import BridgeError
from bridge.intake import Intake
from bridge.ports import Dialogue, FaceModel, Realtime
from bridge.redial import Redial
from bridge.speaking import Line
from bridge.teller import Ending
from bridge.timebase import NS_PER_S, SAMPLE_RATE_HZ, Clock
from bridge.turns import TurnSettings
from bridge.types import F32, freeze
from bridge.voiced import Answers, Voiced

EARLY_S: Final = 3
"""How much sound is kept while a dialogue begins."""
AWAY_S: Final = 60
"""After so long with neither a microphone nor a question the dialogue is ended."""
WINDOW: Final = 512
"""Samples that are the avatar's own voice or not as a whole: 32 ms."""
_SHORTEST_TURN: Final = HEARING_RATE_HZ // 10
NO_ANSWER: Final = "The speech model gave no answer."

Event = StateChanged | Heard | Interrupt | Problem | Voiced
"""What a conversation is told; a `Voiced` is an answer that nobody typed for, to be said from now on."""


@dataclass(frozen=True, slots=True)
class Opening:
    """What a dialogue begins with."""

    instructions: str
    tools: Sequence[Tool] = ()
    history: Sequence[Message] = ()


class RealtimeTalk:
    """One conversation's. All methods are for one event loop's thread; `emit` is called there too, and may call back.

    It hears as `bridge.hearing.Hearing` says, but that turns are taken by the model. Call `ended` for every answer.
    """

    def __init__(  # noqa: PLR0913, PLR0917  it stands where ears, a language model and a voice stand otherwise
        self,
        realtime: Realtime,
        settings: TurnSettings,
        clock: Clock,
        face: Callable[[Line], FaceModel],
        act: Act,
        opening: Callable[[Sequence[str]], Awaitable[Opening]],
        emit: Callable[[Event], None],
    ) -> None:
        """`opening` is given the questions that are yet to be asked. `realtime` stays the caller's to close."""
        self._realtime, self._settings, self._clock = realtime, settings, clock
        self._act, self._opening, self._emit = act, opening, emit
        self._state: State = self._resting
        self._since_ns = clock.now_ns()  # in this state
        self._intake = Intake()
        self._gate = EchoGate()
        self._pressed = False
        self._pressed_samples = 0
        self._speaking = False
        self._user_speaks = False
        self._turn = 1
        self._early: deque[F32] = deque()
        self._dialogue: Dialogue | None = None
        self._line = Redial(self._talk, self._lose)
        self._there_ns = clock.now_ns()  # when there was a microphone or a question
        self._questions: deque[tuple[Voiced, Message]] = deque()
        self._answers = Answers(face)
        self._cut: tuple[str, int] | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    # Hearing.

    @property
    def state(self) -> State:
        """What the conversation is doing now."""
        return self._state

    def plug(self, sample_rate_hz: int) -> None:
        """A microphone comes, instead of the one before if there is one. Raises InputError for a rate out of range."""
        self._intake.plug(sample_rate_hz)
        self._gate.reset()
        self._early.clear()
        self._line.eager = True
        self._line.hurry()

    def unplug(self) -> None:
        """The microphone is gone: what was said ends here. May be said twice."""
        if self._intake.plugged and self._user_speaks and self._dialogue is not None:
            self._do(self._dialogue.push(freeze(np.zeros(HEARING_RATE_HZ))))  # the far side waits for silence
        self._intake.unplug()
        self._line.eager = self._pressed = False

    async def push(self, samples: NDArray[Any]) -> None:
        """Take samples [N] at the microphone's rate, 16-bit integers or floats in -1..1, ten seconds at most.

        Raises InputError for anything else; nothing of it is taken then.
        """
        sound = self._foreign(self._intake.take(samples))
        self._line.need()
        if self._settings.mode == "push":
            if not self._pressed:
                return
            self._pressed_samples += len(sound)
        if self._dialogue is not None:
            await self._dialogue.push(sound)
            return
        self._early.append(sound)
        while sum(map(len, self._early)) > EARLY_S * HEARING_RATE_HZ:
            self._early.popleft()

    def press(self) -> None:
        """The button is held: what is being said is interrupted, and what follows is heard."""
        if self._settings.mode != "push":
            return
        self._pressed, self._pressed_samples = True, 0
        self._interrupt()
        self._enter("listening")

    def release(self) -> None:
        """The button is held no longer: the turn is over."""
        if not self._pressed:
            return
        self._pressed = False
        if self._dialogue is None or self._pressed_samples < _SHORTEST_TURN:
            self._rest()
            return
        self._do(self._dialogue.commit())
        self._enter("thinking")

    def reference(self, start_sample: int, samples: F32) -> None:
        """The avatar says samples [N] at 24 kHz, the first at sample `start_sample` of its timeline. May be early."""
        self._gate.reference(start_sample, samples)

    def heard(self, sample: int) -> None:
        """The listener is hearing sample `sample` of the avatar's timeline now. Say it some ten times a second."""
        self._gate.heard(sample)

    def reply_started(self, epoch: int) -> None:
        """The avatar begins to be heard, with anything it says."""
        self._speaking = True
        self._enter("speaking")

    def reply_finished(self, epoch: int) -> None:
        """The avatar has said all of it, and has been heard."""
        self._speaking = False
        if self._state == "speaking":
            self._rest()

    def reply_failed(self) -> None:
        """An answer came to nothing."""
        if self._state == "thinking" and not self._answers:
            self._rest()

    def stop(self) -> None:
        """Somebody has silenced the avatar."""
        self._gate.cut()
        self._speaking = False
        if self._state in ("thinking", "speaking"):
            self._rest()

    def tick(self) -> None:
        """Let time pass: what does not come in time is given up, and a dialogue without anybody is ended."""
        now = self._clock.now_ns()
        late = now - int(self._settings.reply_s * NS_PER_S)
        for answer in self._answers:
            if answer.begun_ns <= late and not answer.has_sound:
                self._answers.drop(answer, NO_ANSWER)
        if self._state in ("thinking", "interrupted") and self._since_ns <= late and not self._user_speaks:
            self._rest()
            self._emit(Problem(self._turn, NO_ANSWER))
        if self._intake.plugged or self._answers or self._speaking:
            self._there_ns = now
        elif now - self._there_ns > AWAY_S * NS_PER_S:
            self.begin_anew()

    async def aclose(self) -> None:
        """End the dialogue. May be called twice."""
        ending = self.begin_anew()
        self.unplug()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*ending, *self._tasks, return_exceptions=True)

    # Asking, and what became of the answers.

    def ask(self, message: Message) -> Voiced:
        """Ask for an answer to something typed: have it said from now on."""
        answer = self._answers.expect(self._clock.now_ns())
        self._questions.append((answer, message))
        self._line.hurry()
        if self._dialogue is not None:
            self._do(self._ask_all(self._dialogue))
        return answer

    def ended(self, answer: Voiced, ending: Ending) -> None:
        """An answer has been said, or was stopped: the model is told what was heard of it."""
        if ending.complete:
            return
        self._answers.drop(answer)
        self._questions = deque(question for question in self._questions if question[0] is not answer)
        if ending.error:
            return
        self._gate.cut()
        if self._cut is None:  # of several answers that were stopped at once, the first was heard the longest
            self._cut = (answer.name, ending.samples * 1000 // SAMPLE_RATE_HZ)
            self._do(self._tell_cut())

    def begin_anew(self) -> list[asyncio.Task[None]]:
        """End the dialogue: the model is to know nothing of it any more. Returns what is still ending."""
        ending = self._line.stop()
        self._lose("")
        return ending

    # The dialogue.

    async def _talk(self) -> None:
        """A dialogue, from its beginning to its end."""
        self._there_ns = self._clock.now_ns()
        opening = await self._opening([question.text for _, question in self._questions])
        async with self._realtime.connect(opening.instructions, opening.tools, opening.history) as dialogue:
            await self._converse(dialogue)

    async def _converse(self, dialogue: Dialogue) -> None:
        self._dialogue = dialogue
        try:
            while self._early:
                await dialogue.push(self._early.popleft())
            await self._ask_all(dialogue)
            async with aclosing(dialogue.events()) as events:
                async for event in events:
                    await self._take(event)
        finally:
            if self._dialogue is dialogue:
                self._dialogue = None

    def _lose(self, sentence: str) -> None:
        """The dialogue is gone, and with it what was to be answered."""
        self._dialogue = None
        self._user_speaks = False
        self._questions.clear()
        shown = not self._answers
        for answer in self._answers:
            self._answers.drop(answer, sentence)
        if self._state in ("thinking", "interrupted"):
            self._rest()
        if sentence and shown:  # an answer that breaks off shows it itself
            self._emit(Problem(self._turn, sentence))

    async def _take(self, event: RealtimeEvent) -> None:
        match event:
            case SpeechStarted():
                await self._hear_user()
            case SpeechStopped():
                self._user_speaks = False
                self._enter("thinking")
            case Transcript():
                self._emit(Heard(self._turn, event))
                self._turn += event.final
            case AnswerStarted(name):
                self._begin(name)
            case AnswerSound(name, samples):
                if answer := self._answers.find(name):
                    answer.sound(samples)
            case AnswerText(name, text):
                if answer := self._answers.find(name):
                    answer.text(text)
            case AnswerCall(name, call):
                self._call(name, call)
            case AnswerEnded(name, how):
                error = "The speech model could not answer." if how == "failed" else ""
                self._answers.end(name, error, goes_on=how == "whole")
            case Trouble(text):
                self._emit(Problem(self._turn, text))

    async def _hear_user(self) -> None:
        self._user_speaks = True
        if self._interrupt():
            await self._tell_cut()  # before anything else that the far side says is taken
        else:
            self._enter("listening")

    def _interrupt(self) -> bool:
        if not self._speaking and not self._answers:
            return False
        self._enter("interrupted")
        self._emit(Interrupt(self._turn))
        return True

    def _begin(self, name: str) -> None:
        self._line.praise()
        if not self._speaking:
            self._enter("thinking")
        if answer := self._answers.begin(name, self._clock.now_ns()):
            self._emit(answer)

    def _call(self, name: str, call: ToolCall) -> None:
        if answer := self._answers.find(name):
            answer.asks = True
        if self._dialogue is not None:
            self._do(self._perform(self._dialogue, call))

    async def _perform(self, dialogue: Dialogue, call: ToolCall) -> None:
        try:
            result, *pictures = await self._act(call)
        except BridgeError as error:
            result, pictures = Message("tool", str(error), tool_call_id=call.id), []
        for picture in pictures:
            await dialogue.add(picture, answer=False)
        await dialogue.add(result, answer=bool(result.text))

    async def _ask_all(self, dialogue: Dialogue) -> None:
        while self._questions:
            await dialogue.add(self._questions.popleft()[1])

    async def _tell_cut(self) -> None:
        cut, self._cut = self._cut, None
        if cut is not None and self._dialogue is not None:
            await self._dialogue.cancel(*cut)

    # Common to all.

    @property
    def _resting(self) -> State:
        return "idle" if self._settings.mode == "push" else "listening"

    def _rest(self) -> None:
        self._enter("speaking" if self._speaking else self._resting)

    def _enter(self, state: State) -> None:
        if state != self._state:
            self._state, self._since_ns = state, self._clock.now_ns()
            self._emit(StateChanged(state))

    def _foreign(self, samples: F32) -> F32:
        """Samples [N], silent where they are nothing but the avatar's own voice, or where it may not be interrupted."""
        mute = self._speaking and not self._settings.barge_in
        blocks = [samples[i : i + WINDOW] for i in range(0, len(samples), WINDOW)]
        kept = [np.zeros_like(block) if self._gate.push(block) or mute else block for block in blocks]
        return freeze(np.concatenate([*kept, np.zeros(0, np.float32)]))

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something without waiting for it."""

        async def done() -> None:
            try:
                await work
            except BridgeError as error:
                self._emit(Problem(self._turn, str(error)))

        task = asyncio.create_task(done())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
