"""A conversation of one visitor with one avatar: heard, thought about, answered, interrupted, remembered.

    microphone ──> ears ──┬─ Interrupt ──────────────> session.stop: language model, voice, face and transport together
    typed text ───────────┴─ Answer ──> memory ──> brain ──lines──> session.recite ──> what was heard of it ──> memory

With a speech-to-speech model `bridge.realtime_talk` takes the place of ears and brain, and its answers that of lines.

All is called on the event loop. Nothing here reads a clock but through what it is given.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Coroutine, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Any, Final

from bridge import decisions
from bridge.brain import Answer, Brain
from bridge.decisions import FalseAlarm, GaveUp, Interrupt, StateChanged
from bridge.dialogue import Message
from bridge.ears import Ears, Event, Heard, Problem
from bridge.enduring import Enduring
from bridge.errors import BridgeError
from bridge.feelings import Feelings
from bridge.hearing import Hearing
from bridge.layers.capture import Captured
from bridge.learning import Learning
from bridge.memory import Passage, Visitor
from bridge.microphones import Microphones
from bridge.mind import Mind
from bridge.performer import Performer
from bridge.persona import Persona
from bridge.persona.prompt import Situation, system_prompt
from bridge.playout import Run
from bridge.ports import Asr, Realtime, Vad
from bridge.realtime_talk import NO_ANSWER, Opening, RealtimeTalk
from bridge.realtime_talk import Event as Told
from bridge.recollection import Recollection
from bridge.session import Session
from bridge.speaking import Line, Spoken
from bridge.teller import Ending
from bridge.text import guess_language
from bridge.timebase import NS_PER_S, Clock
from bridge.turns import TurnSettings
from bridge.voiced import Voiced

log = logging.getLogger(__name__)

TICK_S: Final = 0.1
PASSAGES: Final = 3
LEAST_SHARE: Final = 0.34
"""A passage that has fewer of a question's words is not worth reading out."""
COMPLAIN_EVERY_NS: Final = 60_000_000_000
"""How often the avatar says that it can't hear or think, while that lasts."""

Listener = Callable[[dict[str, Any]], None]
"""Is told what happens in a conversation, as the messages of `/ws/mic`."""


class Conversation:
    """One visitor's. Make it inside a running loop, and close it."""

    def __init__(self, session: Session, visitor: Visitor, mind: Mind, clock: Clock) -> None:
        self.session = session
        self.visitor = visitor
        self.listeners: set[Listener] = set()
        self.ears: Hearing | None = None
        self.microphones = Microphones()
        self.feelings = Feelings()
        self._mind = mind
        self._clock = clock
        self._performer = Performer(session, mind.knowledge, self._tell)
        self._brain = Brain(mind.llm, self._performer.act)
        self._talk: RealtimeTalk | None = None
        self._turn = 0
        self._unheard = ""
        """What an interruption cut off."""
        self._recollection = Recollection(visitor, mind)
        self._learning = Learning(self._learn, session.report)
        self._lang = ""
        self._complained_ns = -COMPLAIN_EVERY_NS
        self._was_speaking = False
        self._active_ns = clock.now_ns()
        self._epoch = session.epoch
        self._interrupting = False
        self._passages: list[Passage] = []
        self._unanswered = 0
        self._answered = asyncio.Event()
        self._writes: set[asyncio.Task[Any]] = set()
        self._tick = asyncio.create_task(self._pass_time())
        session.watchers.add(self._watch)
        session.onlookers.add(self._see)
        session.follow(self)

    async def aclose(self) -> None:
        """End it; what was said is kept."""
        self.session.watchers.discard(self._watch)
        self.session.onlookers.discard(self._see)
        self.session.unfollow(self)
        self._tick.cancel()
        if self.ears is not None:
            await self.ears.aclose()
        await self._learning.aclose()
        await asyncio.gather(*self._writes, self._tick, return_exceptions=True)

    def talk(self, realtime: Realtime, settings: TurnSettings) -> None:
        """Leave hearing, thinking and speaking to one model. Raises ConfigError."""
        face, act = self.session.speaker.face, self._performer.act
        self._talk = RealtimeTalk(realtime, settings, self._clock, face, act, self._opening, self._hear_model)
        self.ears = self._talk

    def listen(self, vad: Vad, asr: Asr, settings: TurnSettings) -> Ears:
        """Ears for this conversation, which end with it. Raises ConfigError."""
        persona = self._mind.persona()
        if not settings.wake_phrases:
            settings = replace(settings, wake_phrases=persona.wake_phrases)
        ears = self.ears = Ears(vad, self.feelings.overhearing(asr), settings, self._clock, self._hear)
        return ears

    def say_to(self, text: str, lang: str = "") -> tuple[int, int]:
        """The visitor typed something: answered at once, whatever is being said. The utterance and its epoch.

        `lang` is one that the voice is known to have, or empty. Raises InputError where too much waits to be said.
        """
        self._lang = lang
        if self.session.state != "idle":
            self.session.stop()
        if self._talk is None:
            return self._answer(text)
        self._keep(self._remember_user(text, continues=False))
        return self._voice(self._talk.ask(Message("user", text)))

    @property
    def idle_s(self) -> float:
        """For how long nobody has had a microphone or the avatar's stream open, and nothing was said."""
        session = self.session
        if self.listeners or len(session.streams) or session.waiting_lines or session.state != "idle":
            self.touch()
        return (self._clock.now_ns() - self._active_ns) / NS_PER_S

    def touch(self) -> None:
        """Somebody wants it: it counts as idle from now on at the earliest."""
        self._active_ns = self._clock.now_ns()

    async def answered(self) -> None:
        """Wait until all that was asked has been answered, and the answers heard to their end."""
        while self._unanswered:
            self._answered.clear()
            await self._answered.wait()

    def greet(self) -> tuple[int, int]:
        """Somebody has come."""
        persona = self._mind.persona()
        if self._talk is None:
            return self.session.recite(self._say(persona.hello, persona), ended=self._ended)
        wish = f"A visitor has come. Greet them with these words, or such: {persona.hello}"
        return self._voice(self._talk.ask(Message("system", wish)))

    def show(self, jpeg: bytes) -> None:
        """The picture that was asked for; empty where the visitor does not want to be seen."""
        self._performer.show(jpeg)

    async def settle(self) -> None:
        """Wait until all that was heard is remembered. What a language model learns from it is not waited for."""
        await asyncio.gather(*self._writes, return_exceptions=True)

    def begin_anew(self) -> None:
        """The visitor was forgotten: know nothing of them any more."""
        self.feelings.reset()
        self._learning.give_up()
        self._recollection.begin_anew()
        self._passages = []
        if self._talk is not None:
            self._talk.begin_anew()

    # What the session tells.

    def frames(self, run: Run, epoch: int, due_index: int) -> None:
        """The avatar's own voice, which the microphone may hear."""
        if self.ears is not None and len(run.samples):
            self.ears.reference(run.start_sample, run.samples)

    def reload(self, rig: str) -> None:
        """Rigs are nothing to a conversation."""

    def _watch(self) -> None:
        if self.session.epoch != self._epoch:
            self._epoch = self.session.epoch
            if not self._interrupting:
                self._unheard = ""
                if self.ears is not None:
                    self.ears.stop()
        speaking = self.session.state == "speaking"
        if speaking != self._was_speaking and self.ears is not None:
            if speaking:
                self.ears.reply_started(self.session.epoch)
            else:
                self.ears.reply_finished(self.session.epoch)
        self._was_speaking = speaking

    def _see(self, captured: Captured) -> None:
        self.feelings.see(captured, self._clock.now_ns())

    async def _pass_time(self) -> None:
        enduring = Enduring(f"the conversation of {self.session.subject}", self._clock)
        while True:
            await asyncio.sleep(TICK_S)
            with enduring:
                _ = self.idle_s  # asked often, it misses no microphone or stream that comes and goes
                if self.ears is not None:
                    self.ears.heard(self.session.heard_sample)
                    self.ears.tick()

    # What the ears tell.

    def _hear(self, event: Event) -> None:
        match event:
            case StateChanged(state):
                self._tell({"type": "turn", "state": state})
            case Heard(turn, transcript):
                self._lang = transcript.lang
                self._tell({"type": "transcript", "turn": turn, "text": transcript.text, "final": transcript.final})
            case Interrupt():
                self._unheard = ""
                self._interrupting = True
                self.session.stop()
                self._interrupting = False
            case decisions.Answer(_, text, continues):
                self._answer(text, continues=continues)
            case FalseAlarm():
                self._resume()
            case GaveUp():
                self.session.stop()
                self._complain("llm_down", "The answer did not come in time.")
            case Problem(_, sentence):
                self._complain("asr_down", sentence)

    def _hear_model(self, event: Told) -> None:
        """As `_hear`, from a model that answers by itself."""
        match event:
            case Voiced():
                self._voice(event)
            case Problem(_, sentence):
                self._complain("llm_down", sentence)
            case _:
                self._hear(event)
        if isinstance(event, Heard) and event.transcript.final and event.transcript.text:
            self._keep(self._remember_user(event.transcript.text, continues=False))

    def _complain(self, line: Any, sentence: str) -> None:
        """Show what is wrong, and now and then say it too."""
        self.session.report(sentence)
        self._tell({"type": "problem", "text": sentence})
        now = self._clock.now_ns()
        if now - self._complained_ns >= COMPLAIN_EVERY_NS and self.session.state == "idle":
            self._complained_ns = now
            persona = self._mind.persona()
            self.session.recite(self._say(persona.line(line, self._lang, self._turn), persona))

    def _resume(self) -> None:
        """What interrupted the avatar was nothing: it says what was not heard, from the sentence that was cut off."""
        if self._unheard and self._talk is None and self.session.state == "idle":
            self._unanswered += 1
            unheard, self._unheard = self._unheard, ""
            self.session.recite(self._say(unheard, self._mind.persona(), self._lang), ended=self._ended)

    def _tell(self, message: dict[str, Any]) -> None:
        for listener in tuple(self.listeners):
            listener(message)

    # Answering.

    def _answer(self, text: str, *, continues: bool = False) -> tuple[int, int]:
        self._turn += 1
        self._unanswered += 1
        return self.session.recite(self._lines(text, continues), state="thinking", ended=self._ended)

    def _voice(self, answer: Voiced) -> tuple[int, int]:
        """Have said what the speech-to-speech model answers."""
        self._turn += 1
        self._unanswered += 1

        def ended(ending: Ending) -> None:
            if self._talk is not None:
                self._talk.ended(answer, ending)
            self._ended(ending)

        return self.session.voice(self._voiced(answer), state="thinking", ended=ended)

    async def _voiced(self, answer: Voiced) -> AsyncGenerator[Spoken, None]:
        async with aclosing(answer.pieces(self.session.mood)) as pieces:
            async for piece in pieces:
                yield piece
        if not answer.has_sound:
            self.session.report(answer.error or NO_ANSWER)
            persona = self._mind.persona()
            apology = self._say(persona.line("llm_down", self._lang, self._turn), persona)
            async with aclosing(self.session.speaker.recite(apology, self.session.mood)) as pieces:
                async for piece in pieces:
                    yield piece

    async def _opening(self, unasked: Sequence[str]) -> Opening:
        """What the speech-to-speech model begins with; questions that are `unasked` are not told as asked before."""
        persona, tools = self._mind.persona(), self._performer.tools
        self.session.set_manner(persona.idle)
        situation = Situation(await self._recollection.facts(), now=self._mind.now())
        said = await self._recollection.said()
        while said and said[-1].role == "user" and said[-1].text in unasked:
            said.pop()
        return Opening(system_prompt(persona, situation, tools, speaks=True), tools, said)

    async def _lines(self, text: str, continues: bool) -> AsyncGenerator[Line, None]:
        """The answer to `text`, made as it is said. The text itself is remembered first, so that a kill keeps it."""
        persona = self._mind.persona()
        self.session.set_manner(persona.idle)
        lang = self._lang or guess_language(text, persona.lang)
        await self._remember_user(text, continues)
        if topic := persona.taboo_in(text):
            log.info("the topic %r is deflected", topic)
            async for line in self._say(persona.line("deflect", lang, self._turn), persona, lang):
                yield line
            return
        answer = Answer()
        messages = await self._messages(text, persona)
        async with aclosing(self._brain.answer(messages, self._performer.tools, persona, lang, answer)) as lines:
            async for line in lines:
                yield line
        if answer.error:
            self.session.report(answer.error)
        if sources := [self._passages[n - 1].citation for n in answer.cited if 0 < n <= len(self._passages)]:
            self._tell({"type": "cited", "sources": sources})
            self.session.streams.event(self.session.epoch, "cited", sources=sources)

    async def _say(self, text: str, persona: Persona, lang: str = "") -> AsyncGenerator[Line, None]:
        yield Line(text, lang or guess_language(text, persona.lang), voice=persona.voice)

    async def _messages(self, text: str, persona: Persona) -> list[Message]:
        """All that the language model is given to answer `text`, which is remembered already."""
        hits = await self._mind.knowledge.search(text, PASSAGES)
        self._passages = [hit.passage for hit in hits if hit.share >= LEAST_SHARE]
        situation = Situation(await self._recollection.facts(), self._passages, self.feelings.visitor, self._mind.now())
        said = await self._recollection.said()
        if not said or said[-1].role != "user":
            said.append(Message("user", text))
        return [Message("system", system_prompt(persona, situation, self._performer.tools)), *said]

    # Memory.

    async def _remember_user(self, text: str, continues: bool) -> None:
        felt = self.feelings.read(text, self._clock.now_ns())
        self.session.streams.event(
            self.session.epoch,
            "visitor",
            emotion=felt.emotion,
            intensity=felt.intensity,
            confidence=felt.confidence,
            sources=list(felt.sources),
        )
        await self._recollection.asked(text, self.session.epoch, felt.emotion, continues=continues)

    def _ended(self, ending: Ending) -> None:
        """An answer is over: only what was heard of it is remembered."""
        self._unanswered = max(0, self._unanswered - 1)
        self._answered.set()
        if self.ears is not None and not ending.heard:
            self.ears.reply_failed()
        if self._interrupting:  # what was stopped on purpose is not gone on with
            self._unheard = self._unheard or ending.unheard
        if ending.heard:
            interrupted = not ending.complete
            self._keep(self._recollection.answered(ending.heard, self.session.epoch, interrupted=interrupted))
            self._learning.want()
        self._tell({"type": "answered", "text": ending.heard, "complete": ending.complete})

    async def _learn(self) -> None:
        """Look for facts in what is remembered, the latest answer with it."""
        await self.settle()
        await self._recollection.learn()

    def _keep(self, work: Coroutine[Any, Any, Any]) -> None:
        """Remember something without waiting for it, one after another."""
        before = tuple(self._writes)

        async def keep() -> None:
            await asyncio.gather(*before, return_exceptions=True)
            try:
                await work
            except BridgeError as error:
                self.session.report(str(error))

        task = asyncio.create_task(keep())
        self._writes.add(task)
        task.add_done_callback(self._writes.discard)
