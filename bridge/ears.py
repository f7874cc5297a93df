"""One microphone of one subject: sound in; out come turns, what is said in them, and when to fall silent.

    samples ──> 16 kHz ──> windows of 32 ms ──┬─ vad ──> probability ──┐
    what the avatar says ──> dsp/echo: its own voice?  ────────────────┴─> turns ──> decisions
                             the turn's sound ──> asr ──> transcripts ──────^

Time is counted in the microphone's own samples, so a late packet changes nothing. Where the microphone gives nothing
for half a second, the clock stands in for it. Everything held is bounded: an hour of silence costs nothing.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from bridge.decisions import Decision, Interrupt, State, TurnBegan, TurnDiscarded, TurnEnded
from bridge.dialogue import HEARING_RATE_HZ, Transcript
from bridge.dsp.echo import EchoGate
from bridge.errors import BridgeError, ConfigError, ProviderError
from bridge.intake import Intake, check_rate
from bridge.ports import Asr, Vad
from bridge.timebase import Clock
from bridge.turns import WINDOW_NS, Turns, TurnSettings
from bridge.types import F32, freeze

WINDOW: Final = HEARING_RATE_HZ * WINDOW_NS // 1_000_000_000
_STALLED_NS: Final = 500_000_000
_RECOGNITIONS: Final = 6  # at a time; the oldest is given up for a seventh
_ATTEMPTS: Final = 2
_WINDOWS_AT_ONCE: Final = 8  # then others have their turn on the loop


@dataclass(frozen=True, slots=True)
class Heard:
    """What a turn is recognised as, so far or finally."""

    turn: int
    transcript: Transcript


@dataclass(frozen=True, slots=True)
class Problem:
    """Something is wrong with hearing, in one sentence for a person. Listening goes on."""

    turn: int
    sentence: str


Event = Decision | Heard | Problem


class Ears:
    """Hears one user. All methods are for one event loop's thread; `emit` is called there too, and may call back.

    Call `tick` some ten times a second, whether there is a microphone or not: it is what lets time pass without sound.
    """

    def __init__(
        self,
        vad: Vad,
        asr: Asr,
        settings: TurnSettings,
        clock: Clock,
        emit: Callable[[Event], None],
    ) -> None:
        """`vad` and `asr` stay the caller's to close.

        Raises ConfigError for a detector of other windows, and for the mode `wake` without a wake phrase.
        """
        if vad.window != WINDOW:
            raise ConfigError(f"The speech detector takes windows of {vad.window} samples, and {WINDOW} are needed.")
        self.lang = ""
        """The language that the recogniser is told; empty: it finds out. May be changed between turns."""
        self._vad, self._asr, self._clock, self._emit = vad, asr, clock, emit
        self._turns = Turns(settings)
        self._gate = EchoGate()
        self._now_ns = 0
        self._seen_ns = clock.now_ns()  # the clock when `_now_ns` was last brought up to date
        self._stalled = True
        self._intake = Intake()
        self._rest: F32 = np.zeros(0, np.float32)
        before = settings.pre_roll_ms * 1_000_000 // WINDOW_NS + 4
        self._before: deque[tuple[int, F32]] = deque(maxlen=before)  # the last windows by the time they end
        self._recognitions: dict[int, _Recognition] = {}
        self._speaker: _Recognition | None = None
        self._events: deque[Event] = deque()
        self._emitting = False

    @property
    def state(self) -> State:
        """What the conversation is doing now."""
        return self._turns.state

    def plug(self, sample_rate_hz: int) -> None:
        """A microphone comes, instead of the one before if there is one. Raises InputError for a rate out of range."""
        check_rate(sample_rate_hz)
        self.unplug()
        self._intake.plug(sample_rate_hz)
        self._vad.reset()
        self._gate.reset()
        self._rest = self._rest[:0]

    def unplug(self) -> None:
        """The microphone is gone: what was said ends here. May be said twice."""
        if self._intake.plugged:
            self._intake.unplug()
            self._stalled = True
            self._seen_ns = self._clock.now_ns()
            self._before.clear()
            self._act(self._turns.unplugged(self._now_ns))

    async def push(self, samples: NDArray[Any]) -> None:
        """Take samples [N] at the microphone's rate, 16-bit integers or floats in -1..1, ten seconds at most.

        Raises InputError for anything else; nothing of it is taken then.
        """
        sound = self._intake.take(samples)
        self._seen_ns, self._stalled = self._clock.now_ns(), False
        joined = np.concatenate([self._rest, sound])
        count = len(joined) // WINDOW
        self._rest = joined[count * WINDOW :].copy()
        for i in range(count):
            self._window(freeze(joined[i * WINDOW : (i + 1) * WINDOW]))
            if i % _WINDOWS_AT_ONCE == _WINDOWS_AT_ONCE - 1:
                await asyncio.sleep(0)

    def press(self) -> None:
        """The button is held: push-to-talk."""
        self._act(self._turns.press(self._now_ns))

    def release(self) -> None:
        """The button is held no longer."""
        self._act(self._turns.release(self._now_ns))

    def reference(self, start_sample: int, samples: F32) -> None:
        """The avatar says samples [N] at 24 kHz, the first at sample `start_sample` of its timeline. May be early."""
        self._gate.reference(start_sample, samples)

    def heard(self, sample: int) -> None:
        """The listener is hearing sample `sample` of the avatar's timeline now. Say it some ten times a second."""
        self._gate.heard(sample)

    def reply_started(self, epoch: int) -> None:
        """The avatar begins to be heard, with anything it says."""
        self._act(self._turns.reply_started(self._now_ns, epoch))

    def reply_finished(self, epoch: int) -> None:
        """The avatar has said all of it, and has been heard."""
        self._act(self._turns.reply_finished(self._now_ns, epoch))

    def reply_failed(self) -> None:
        """No answer will come to the last `Answer`."""
        self._act(self._turns.reply_failed(self._now_ns))

    def stop(self) -> None:
        """Somebody has silenced the avatar."""
        self._gate.cut()
        self._act(self._turns.stop(self._now_ns))

    def tick(self) -> None:
        """Let time pass where the microphone gives nothing."""
        now = self._clock.now_ns()
        if self._stalled or now - self._seen_ns >= _STALLED_NS:
            self._now_ns += max(now - self._seen_ns, 0)
            self._seen_ns, self._stalled = now, True
            self._before.clear()
        self._act(self._turns.passed(self._now_ns))

    async def aclose(self) -> None:
        """Give up what is being recognised. May be called twice."""
        self.unplug()
        tasks = [recognition.task for recognition in self._recognitions.values()]
        self._recognitions.clear()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _window(self, samples: F32) -> None:
        self._now_ns += WINDOW_NS
        [probability] = self._vad.push(samples)
        own = self._gate.push(samples)
        if self._speaker:
            self._speaker.add(samples)
        # What comes before a turn must not bring the avatar's own words into it.
        self._before.append((self._now_ns, np.zeros_like(samples) if own else samples))
        self._act(self._turns.window(self._now_ns, 0.0 if own else probability))

    def _act(self, decisions: list[Decision]) -> None:
        """Do what was decided, and tell it, in order, even where telling one thing leads to another."""
        for decision in decisions:
            match decision:
                case TurnBegan(turn, start_ns):
                    self._recognise(turn, start_ns)
                case TurnEnded():
                    self._hush(decision.turn)
                case TurnDiscarded(turn, reason):
                    self._discard(turn)
                    if reason == "unrecognised":
                        waited = self._turns.settings.recognition_s
                        self._tell(Problem(turn, f"The recogniser has not answered for {waited:g} s."))
                case Interrupt():
                    self._gate.cut()
            self._tell(decision)

    def _tell(self, event: Event) -> None:
        self._events.append(event)
        if self._emitting:
            return
        self._emitting = True
        try:
            while self._events:
                self._emit(self._events.popleft())
        finally:
            self._emitting = False

    def _recognise(self, turn: int, start_ns: int) -> None:
        if len(self._recognitions) >= _RECOGNITIONS:
            oldest = next(iter(self._recognitions))
            self._discard(oldest)
            self._tell(Problem(oldest, "The recogniser is too slow: a turn was given up."))
            self._act(self._turns.heard(self._now_ns, oldest, "", final=True))
        recognition = _Recognition(turn)
        for end_ns, samples in self._before:
            if end_ns > start_ns:
                late = max(start_ns - end_ns + WINDOW_NS, 0) * WINDOW // WINDOW_NS
                recognition.add(samples[late:])
        recognition.task = asyncio.get_running_loop().create_task(self._listen(turn, recognition))
        self._recognitions[turn] = self._speaker = recognition

    def _discard(self, turn: int) -> None:
        recognition = self._recognitions.pop(turn, None)
        if recognition:
            recognition.task.cancel()
        self._hush(turn)

    def _hush(self, turn: int) -> None:
        """No more sound for this turn's recogniser."""
        if self._speaker and self._speaker.turn == turn:
            self._speaker.close()
            self._speaker = None

    async def _listen(self, turn: int, recognition: _Recognition) -> None:
        """Have a turn recognised. Once more, from its beginning, where a failure may pass."""
        text = ""
        for attempt in range(_ATTEMPTS):
            try:
                text = await self._transcribe(turn, recognition)
                break
            except BridgeError as error:
                if attempt == _ATTEMPTS - 1 or not (isinstance(error, ProviderError) and error.retryable):
                    self._tell(Problem(turn, str(error)))
                    break
            except Exception as error:  # noqa: BLE001  a recogniser from outside the package may raise anything
                self._tell(Problem(turn, f"The recogniser failed: {type(error).__name__}: {error}"))
                break
        if self._recognitions.pop(turn, None):
            self._hush(turn)
            self._act(self._turns.heard(self._now_ns, turn, text, final=True))

    async def _transcribe(self, turn: int, recognition: _Recognition) -> str:
        text = ""
        async with aclosing(self._asr.stream(recognition.sound(), self.lang)) as transcripts:
            async for transcript in transcripts:
                self._tell(Heard(turn, transcript))
                if transcript.final:
                    text = transcript.text
                else:
                    self._act(self._turns.heard(self._now_ns, turn, transcript.text, final=False))
        return text


class _Recognition:
    """A turn's sound, which grows until it is closed and can be read from its beginning, and the task that reads it."""

    task: asyncio.Task[None]

    def __init__(self, turn: int) -> None:
        self.turn = turn
        self._pieces: list[F32] = []
        self._closed = False
        self._grown = asyncio.Event()

    def add(self, samples: F32) -> None:
        self._pieces.append(samples)
        self._grown.set()

    def close(self) -> None:
        self._closed = True
        self._grown.set()

    async def sound(self) -> AsyncGenerator[F32, None]:
        read = 0
        while True:
            while read < len(self._pieces):
                yield self._pieces[read]
                read += 1
            if self._closed:
                return
            self._grown.clear()
            await self._grown.wait()
