"""All conversations of one bridge, and what they share: recogniser, language model, memory, knowledge, persona.

The shared parts are made when the first conversation needs them, so that a bridge that only says what it is told has
none of them. One avatar talks with one visitor at a time; another visitor is asked to wait, or uses another subject.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from bridge import resources
from bridge.config import Settings
from bridge.conversation import Conversation
from bridge.enduring import Enduring
from bridge.errors import BridgeError, ConfigError, InputError
from bridge.memory import MemorySettings, Visitor
from bridge.memory.facts import Facts
from bridge.memory.knowledge import Knowledge, folder
from bridge.memory.knowledge import default_path as knowledge_path
from bridge.memory.store import Store
from bridge.memory.store import default_path as memory_path
from bridge.mind import Mind
from bridge.persona import Persona
from bridge.persona.files import PersonaFile, find
from bridge.ports import Asr, Realtime
from bridge.providers import asr, llm, realtime, vad
from bridge.recollection import turn_time
from bridge.session import Session
from bridge.speaking import Line
from bridge.subjects import Subjects
from bridge.timebase import NS_PER_S, Clock

log = logging.getLogger(__name__)

DEFAULT_VISITOR: Final = "default"
DETECTOR: Final = "silero"
HOUSEKEEPING_S: Final = 60.0
PURGE_EVERY_NS: Final = 3600 * NS_PER_S
"""How often what is too old is deleted: each time the file is written anew."""
LEFT_S: Final = 60.0
"""After how long without anybody a conversation ends. It keeps its avatar moving, and its subject from ending."""


class Conversations:
    """By subject. All methods are called on the event loop."""

    def __init__(
        self,
        settings: Settings,
        subjects: Subjects,
        clock: Clock,
        now: Callable[[], datetime] = lambda: datetime.now(UTC).astimezone(),
    ) -> None:
        """Raises ConfigError for a persona that can't be read, or a language model there is not."""
        self._settings = settings
        self._subjects = subjects
        self._clock = clock
        self._now = now
        self._persona = PersonaFile(find(settings.mind.persona)) if settings.mind.persona else None
        self._llm = llm.build(settings.mind.provider, settings.mind.settings)
        self._realtime: Realtime | None = None
        if settings.realtime.provider:
            if settings.turns.mode == "wake":
                raise ConfigError(
                    "A wake phrase needs a recogniser; with speech to speech set turns.mode to open or push."
                )
            self._realtime = realtime.build(settings.realtime.provider, settings.realtime.settings)
        self._mind: Mind | None = None
        self._purge_ns = clock.now_ns()
        """When what is too old is deleted next."""
        self._problems: tuple[str, ...] = ()
        self._asr: Asr | None = None
        self._asr_lock = asyncio.Lock()
        self._lock = asyncio.Lock()
        self._open: dict[str, Conversation] = {}

    @property
    def persona(self) -> Persona:
        """The persona as its file is now."""
        if self._persona is None:
            return Persona(lang=self._settings.voice.lang)
        if self._persona.refresh() and self._persona.problem:
            log.warning("the persona stays as it was: %s", self._persona.problem)
        return self._persona.persona

    @property
    def greeting(self) -> dict[str, str]:
        """What the avatar says when somebody comes, and in which language."""
        return {"text": self._settings.avatar.greeting or self.persona.hello, "lang": self.persona.lang}

    @property
    def thinker(self) -> str:
        """Who answers."""
        return self._settings.realtime.provider or self._settings.mind.provider

    async def recogniser(self) -> str:
        """Who hears; empty where nobody can."""
        # Looking for a model on this disk loads packages at first, half a second that speech must not wait for.
        return await asyncio.to_thread(self._recogniser)

    def _recogniser(self) -> str:
        return self._settings.realtime.provider or self._settings.hearing.provider or asr.default()

    async def of(self, subject: str, visitor: str = DEFAULT_VISITOR) -> Conversation:
        """The conversation of an avatar with a visitor, begun if there is none.

        Raises InputError while the avatar talks with somebody else who has a microphone open.
        """
        mind = await self.mind()
        async with self._lock:
            session = self._subjects.get(subject)
            open_one = self._open.get(subject)
            if open_one is not None and open_one.session is session and open_one.visitor.id == visitor:
                open_one.touch()
                return open_one
            if open_one is not None:
                if open_one.listeners:
                    raise InputError("The avatar is talking with somebody else just now; try again in a moment.")
                await self._close(subject)
            return self._begin(session, Visitor(subject, visitor), mind)

    def _begin(self, session: Session, visitor: Visitor, mind: Mind) -> Conversation:
        conversation = self._open[visitor.subject] = Conversation(session, visitor, mind, self._clock)
        if self._realtime is not None:
            conversation.talk(self._realtime, self._settings.turns)
        return conversation

    async def listen(self, conversation: Conversation) -> None:
        """Give a conversation ears, if it has none yet. Raises BridgeError where there is no recogniser."""
        if conversation.ears is not None:
            return
        async with self._asr_lock:  # loading a recogniser takes seconds, in which others may talk
            if self._asr is None:
                self._asr = await asyncio.to_thread(self._build_asr)
        detector = await asyncio.to_thread(vad.build, DETECTOR, {})
        if conversation.ears is None:
            ears = conversation.listen(detector, self._asr, self._settings.turns)
            ears.lang = self._settings.hearing.lang
            await self._warm_up(conversation)

    async def _warm_up(self, conversation: Conversation) -> None:
        """Have the voice and the memory ready before the first answer: their first use takes a tenth of a second."""
        mind, persona = await self.mind(), self.persona
        hello = Line(persona.hello, persona.lang, voice=persona.voice)
        with suppress(BridgeError):  # what is wrong is told with the answer
            await asyncio.to_thread(conversation.session.speaker.check, hello)
            await mind.store.recent(conversation.visitor, 1)

    def _build_asr(self) -> Asr:
        name = self._recogniser()
        if not name:
            raise ConfigError(
                "There is no recogniser: put a faster-whisper model into the models folder, or use Python 3.11 or 3.13 "
                "for pocketsphinx."
            )
        return asr.build(name, self._settings.hearing.settings)

    async def mind(self) -> Mind:
        """What conversations share, opened when first asked for."""
        async with self._lock:
            if self._mind is None:
                memory: MemorySettings = self._settings.memory
                store = await Store.open(_path(memory_path(), memory.remember))
                knowledge = await Knowledge.open(memory, knowledge_path())
                for trouble in filter(None, (store.trouble, knowledge.trouble)):
                    log.warning("%s", trouble)
                facts = Facts(store.database)
                learns = self._settings.mind.provider != "scripted"
                self._mind = Mind(self._llm, store, facts, knowledge, learns, memory, lambda: self.persona, self._now)
                await self._read_documents(knowledge)
        return self._mind

    async def keep_house(self) -> None:
        """For ever: read changed documents, forget what is too old, end the conversations that were left."""
        enduring = Enduring("the housekeeping", self._clock)
        while True:
            await asyncio.sleep(HOUSEKEEPING_S)
            with enduring:
                try:
                    await self._tidy()
                except BridgeError as error:
                    log.warning("%s", error)

    async def _tidy(self) -> None:
        async with self._lock:
            alive = {session.subject: session for session in self._subjects}
            for subject, conversation in list(self._open.items()):
                if alive.get(subject) is not conversation.session or conversation.idle_s > LEFT_S:
                    await self._close(subject)
        if self._mind is not None:
            await self._read_documents(self._mind.knowledge)
            if self._clock.now_ns() >= self._purge_ns:
                await self._mind.store.purge(self._settings.memory.keep_from_ns(turn_time(self._now())))
                self._purge_ns = self._clock.now_ns() + PURGE_EVERY_NS

    async def _read_documents(self, knowledge: Knowledge) -> None:
        """Look at the folder of documents, if there is one; what is wrong with it is said once."""
        memory = self._settings.memory
        if not memory.knowledge and not await asyncio.to_thread(folder(memory).is_dir):
            return
        problems = (await knowledge.refresh()).problems
        for problem in problems:
            if problem not in self._problems:
                log.warning("%s", problem)
        self._problems = problems

    async def forget(self, subject: str, visitor: str) -> int:
        """Delete all there is of a visitor, and end their conversation; how many turns that were."""
        mind = await self.mind()
        open_one = self._open.get(subject)
        if open_one is not None and open_one.visitor.id == visitor:
            open_one.session.stop()
            await open_one.settle()
            open_one.begin_anew()
        return await mind.store.forget(Visitor(subject, visitor))

    async def aclose(self) -> None:
        """End all conversations, and let go of what they share."""
        for subject in list(self._open):
            await self._close(subject)
        if self._mind is not None:
            await self._mind.knowledge.aclose()
            await self._mind.store.aclose()
        if self._asr is not None:
            await self._asr.aclose()
        await self._llm.aclose()
        if self._realtime is not None:
            await self._realtime.aclose()

    async def _close(self, subject: str) -> None:
        await self._open.pop(subject).aclose()


def _path(path: Path, wanted: bool) -> Path | None:
    if wanted:
        resources.home().mkdir(parents=True, exist_ok=True)
        return path
    return None
