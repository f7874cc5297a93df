"""Turn taking: who is speaking, when a user's turn begins and ends, and when it interrupts the avatar.

`Turns` is told what happens and answers with decisions. It reads no clock: every input comes with its time, in
nanoseconds on the microphone's own timeline, and every input also lets time pass. A time before an earlier one
counts as that one.

What the user has to say may take several turns: a long speech is cut, and a user who goes on before the answer has
begun is still saying the same. `Answer` comes once, with the words of all of them. No path hangs: a recognition and an
answer that don't come are given up, and so is a button that is never released.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, get_args

from bridge import decisions
from bridge.decisions import Cause, Decision, State
from bridge.errors import ConfigError
from bridge.phrases import after_wake, join, patience_factor

Mode = Literal["open", "push", "wake"]

WINDOW_NS: Final = 32_000_000
"""What a speech probability is of: 512 samples at 16 kHz."""
MAX_CHARACTERS: Final = 20_000
"""Of an answerable text; the oldest words of a longer one are dropped."""
_MS: Final = 1_000_000
_S: Final = 1_000_000_000
_ONSET: Final = 2  # windows
_BREATH_NS: Final = 3 * WINDOW_NS  # a pause in which a long speech may be cut
_STUCK_NS: Final = 10 * _S  # a button held this long without a word was forgotten
_HYSTERESIS: Final = 0.15  # Silero's own
_RANGES: Final = (
    *(("patience_ms", 100, 5_000), ("min_speech_ms", 32, 2_000), ("barge_in_ms", 32, 5_000)),
    *(("pre_roll_ms", 0, 2_000), ("max_turn_s", 5, 600), ("recognition_s", 1, 120), ("reply_s", 1, 600)),
    *(("wake_open_s", 1, 3_600), ("speech_probability", 0.2, 0.95), ("barge_in_probability", 0.2, 0.99)),
)


@dataclass(frozen=True, slots=True)
class TurnSettings:
    """How turns are taken. Raises ConfigError for a value out of its range."""

    mode: str = "open"
    """`open`: speech begins a turn; `push`: only while a button is held; `wake`: it must begin with a wake phrase."""
    patience_ms: int = 600
    """How long a user may pause within a turn. Less after words that end a sentence (0.7), more after "and" (1.6)."""
    min_speech_ms: int = 200
    """Less speech than this is a cough, a click or a breath, and no turn."""
    barge_in: bool = True
    """Whether a user who talks over the avatar interrupts it."""
    barge_in_ms: int = 200
    """How much confident speech it takes to interrupt."""
    pre_roll_ms: int = 300
    """How much sound before the first speech window belongs to a turn, so that its first phone is not cut."""
    max_turn_s: float = 60.0
    """A longer speech is cut, in a pause if there is one in the last fifth. Nothing of it is lost."""
    recognition_s: float = 20.0
    """How long a recogniser may take after a turn's end; then its words are lost."""
    reply_s: float = 30.0
    """How long the first sound of an answer may take."""
    speech_probability: float = 0.5
    """From where on a window counts as speech; within a turn 0.15 less will do."""
    barge_in_probability: float = 0.7
    """From where on it counts as confident speech."""
    wake_phrases: tuple[str, ...] = ()
    """With the mode `wake`: what a turn begins with to be answered; empty: what the persona answers to."""
    wake_open_s: float = 20.0
    """With the mode `wake`: how long after a turn or an answer the next turn needs no wake phrase."""

    def __post_init__(self) -> None:
        if self.mode not in get_args(Mode):
            raise ConfigError(f"The turns' mode is {self.mode!r}; it must be one of {', '.join(get_args(Mode))}.")
        for name, low, high in _RANGES:
            if not low <= getattr(self, name) <= high:
                raise ConfigError(f"The turns' {name} is {getattr(self, name)}; it must lie in {low} to {high}.")


@dataclass(slots=True)
class _Open:
    """A turn that is being spoken."""

    turn: int
    start_ns: int
    last_speech_ns: int
    addressed: bool  # it needs no wake phrase
    counted: bool = False  # it is no cough: the answer to what was said before waits for it
    speech_ns: int = 0
    confident_ns: int = 0
    partial: str = ""
    text: str | None = None  # the final one, of a recogniser that is done or has failed before the turn's end


@dataclass(slots=True)
class _Part:
    """A turn that has ended; `text` is None until it is recognised."""

    turn: int
    ended_ns: int
    addressed: bool
    text: str | None = None


class Turns:
    """The state machine of one microphone. Each input returns what follows from it, in order. Not thread-safe."""

    def __init__(self, settings: TurnSettings | None = None) -> None:
        """Raises ConfigError where the mode is `wake` and there is nothing to wake by."""
        self.settings = settings or TurnSettings()
        phrases = self.settings.wake_phrases
        if self.settings.mode == "wake" and not any(after_wake(phrase, (phrase,)) == "" for phrase in phrases):
            raise ConfigError("The turns' mode is wake, and there is no wake phrase with a letter in it.")
        self._now = 0
        self._out: list[Decision] = []
        self._count = 0
        self._onset: list[float] = []  # the probabilities of speech that is no turn yet
        self._open: _Open | None = None
        self._free_ns = 0  # where the last turn ended: the next may not begin before
        self._parts: list[_Part] = []
        self._asked_ns: int | None = None  # since when an answer to the parts is awaited
        self._reopened = False  # the parts were given to be answered once, and the user went on
        self._alarm = 0  # the turn that interrupted, until it has come to something
        self._reply: int | None = None  # the epoch that is being spoken
        self._stale = -1  # the last epoch that was silenced
        self._pressed_ns: int | None = None
        self._awake_ns = -1  # until when turns need no wake phrase
        self._shown = self.state

    @property
    def state(self) -> State:
        """What the conversation is doing now."""
        if self._reply is not None:
            return "speaking"
        talking = self._open is not None and self._open.counted
        if self._alarm and talking:
            return "interrupted"
        waiting = self._asked_ns is not None or any(part.addressed for part in self._parts)
        if waiting and not talking:
            return "thinking"
        if self.settings.mode == "push":
            return "idle" if self._pressed_ns is None else "listening"
        return "listening" if self._awake else "idle"

    def window(self, end_ns: int, probability: float) -> list[Decision]:
        """The 32 ms up to `end_ns` are speech with this probability, what the avatar's own voice explains left out."""
        self._pass(end_ns - WINDOW_NS)
        self._now = max(self._now, end_ns)
        if self._open is not None:
            self._hear(self._open, probability)
        elif self.settings.mode != "push":
            self._onset = [*self._onset, probability] if probability >= self.settings.speech_probability else []
            if len(self._onset) == _ONSET:
                before_ns = _ONSET * WINDOW_NS + self.settings.pre_roll_ms * _MS
                sure = sum(p >= self.settings.barge_in_probability for p in self._onset)
                turn = self._begin(self._now - before_ns)
                turn.speech_ns, turn.confident_ns = _ONSET * WINDOW_NS, sure * WINDOW_NS
        return self._decided()

    def press(self, now_ns: int) -> list[Decision]:
        """The button is held from now on. Means something with the mode `push` only."""
        self._pass(now_ns)
        if self.settings.mode == "push" and self._pressed_ns is None:
            self._pressed_ns = self._now
            turn = self._begin(self._now)
            turn.counted = True
            if self._reply is not None or self._asked_ns is not None:
                self._interrupt(turn)
        return self._decided()

    def release(self, now_ns: int) -> list[Decision]:
        """The button is held no longer."""
        self._pass(now_ns)
        self._release("released")
        return self._decided()

    def unplugged(self, now_ns: int) -> list[Decision]:
        """There is no microphone any more: what was said ends here."""
        self._pass(now_ns)
        self._release("unplugged")
        self._onset = []
        if self._open:
            self._end(self._open, "unplugged")
        return self._decided()

    def heard(self, now_ns: int, turn: int, text: str, *, final: bool) -> list[Decision]:
        """What a turn is recognised as so far. A final one that is empty says that there is nothing, or no recogniser.

        A turn that was discarded, answered or given up is not waited for: its transcript changes nothing.
        """
        self._pass(now_ns)
        if self._open and self._open.turn == turn:
            self._open.partial = text
            self._open.text = text.strip() if final else None
            self._open.addressed |= after_wake(text, self.settings.wake_phrases) is not None
        for part in self._parts:
            if part.turn == turn and final and part.text is None:
                self._recognise(part, text.strip())
        return self._decided()

    def reply_started(self, now_ns: int, epoch: int) -> list[Decision]:
        """The avatar is being heard. May be said of every line. An epoch that was silenced changes nothing."""
        self._pass(now_ns)
        if epoch > self._stale:
            if self._asked_ns is not None:
                self._forget()
            if self._open and self._reply is None:
                self._open.confident_ns = 0
            self._reply = epoch
        return self._decided()

    def reply_finished(self, now_ns: int, epoch: int) -> list[Decision]:
        """The avatar has fallen silent. An older epoch than the one that is speaking changes nothing."""
        self._pass(now_ns)
        if self._reply is not None and epoch >= self._reply:
            self._reply = None
            if self._asked_ns is not None:
                self._asked_ns = self._now
        return self._decided()

    def reply_failed(self, now_ns: int) -> list[Decision]:
        """No answer will come to what was asked."""
        self._pass(now_ns)
        if self._asked_ns is not None:
            self._forget()
        return self._decided()

    def stop(self, now_ns: int) -> list[Decision]:
        """Somebody has silenced the avatar: nothing said before is answered. A turn that is being spoken goes on."""
        self._pass(now_ns)
        self._silence()
        self._out += [decisions.TurnDiscarded(part.turn, "stopped") for part in self._parts if part.text is None]
        self._forget()
        return self._decided()

    def passed(self, now_ns: int) -> list[Decision]:
        """Nothing happened until now."""
        self._pass(now_ns)
        return self._decided()

    @property
    def _awake(self) -> bool:
        return self.settings.mode != "wake" or self._now <= self._awake_ns

    def _decided(self) -> list[Decision]:
        self._settle()
        if self._awake and (self._reply is not None or self._asked_ns is not None or self._parts):
            self._stay_awake()
        if self.state != self._shown:
            self._shown = self.state
            self._out.append(decisions.StateChanged(self._shown))
        out, self._out = self._out, []
        return out

    def _stay_awake(self) -> None:
        self._awake_ns = self._now + int(self.settings.wake_open_s * _S)

    def _pass(self, now_ns: int) -> None:
        """Let time pass, and do what is due."""
        self._now = max(self._now, now_ns)
        if self._open:
            self._watch(self._open)
        for part in self._parts:
            if part.text is None and self._now - part.ended_ns >= self.settings.recognition_s * _S:
                part.text = ""
                self._out.append(decisions.TurnDiscarded(part.turn, "unrecognised"))
        waited_ns = 0 if self._asked_ns is None or self._reply is not None else self._now - self._asked_ns
        if waited_ns >= self.settings.reply_s * _S:
            self._out.append(decisions.GaveUp(tuple(part.turn for part in self._parts)))
            self._forget()

    def _watch(self, turn: _Open) -> None:
        """See whether a turn that is being spoken is over."""
        quiet_ns = self._now - turn.last_speech_ns
        if self._pressed_ns is not None:
            if quiet_ns >= _STUCK_NS:
                return self._release("quiet")
        elif quiet_ns >= self.settings.patience_ms * _MS * patience_factor(turn.partial):
            return self._end(turn, "quiet")
        full_ns, length_ns = self.settings.max_turn_s * _S, self._now - turn.start_ns
        if length_ns >= full_ns or (length_ns >= 0.8 * full_ns and quiet_ns >= _BREATH_NS):
            self._cut(turn)
        return None

    def _hear(self, turn: _Open, probability: float) -> None:
        """Add a window to a turn that is being spoken."""
        if probability >= self.settings.speech_probability - _HYSTERESIS:
            turn.last_speech_ns = self._now
            turn.speech_ns += WINDOW_NS
        confident = probability >= self.settings.barge_in_probability
        turn.confident_ns = max(turn.confident_ns + (WINDOW_NS if confident else -WINDOW_NS), 0)
        if self._reply is None:
            turn.counted |= turn.speech_ns >= self.settings.min_speech_ms * _MS
            over = turn.counted and self._asked_ns is not None
        else:
            over = self.settings.barge_in and turn.confident_ns >= self.settings.barge_in_ms * _MS
        if over and turn.addressed:
            self._interrupt(turn)
        self._watch(turn)

    def _begin(self, start_ns: int) -> _Open:
        assert self._open is None, "one turn at a time"
        self._count += 1
        self._onset = []
        turn = _Open(self._count, max(start_ns, self._free_ns), self._now, self._awake)
        self._open = turn
        self._out.append(decisions.TurnBegan(turn.turn, turn.start_ns))
        return turn

    def _interrupt(self, turn: _Open) -> None:
        """Silence the avatar, or the answer it is working on, for a user's turn."""
        self._out.append(decisions.Interrupt(turn.turn))
        self._reopened |= self._asked_ns is not None
        self._silence()
        self._alarm = turn.turn
        turn.counted = True

    def _silence(self) -> None:
        if self._reply is not None:
            self._stale = self._reply
        self._reply = self._asked_ns = None

    def _release(self, cause: Cause) -> None:
        if self._pressed_ns is not None:
            self._pressed_ns = None
            if self._open:
                self._end(self._open, cause)

    def _end(self, turn: _Open, cause: Cause) -> None:
        """A user's turn is over: it waits for its text, or was nothing."""
        self._open, self._free_ns = None, self._now
        if turn.speech_ns < self.settings.min_speech_ms * _MS:
            self._out.append(decisions.TurnDiscarded(turn.turn, "short"))
        elif not turn.counted:
            self._out.append(decisions.TurnDiscarded(turn.turn, "talked over"))
        else:
            if self._reply is not None and self.settings.barge_in and turn.addressed:
                self._interrupt(turn)  # the user had begun before the avatar, and stopped soon
            self._out.append(decisions.TurnEnded(turn.turn, self._now, turn.last_speech_ns, cause))
            self._parts.append(_Part(turn.turn, self._now, turn.addressed))
            if turn.text is not None:
                self._recognise(self._parts[-1], turn.text)

    def _recognise(self, part: _Part, text: str) -> None:
        part.text = text
        if not text:
            self._out.append(decisions.TurnDiscarded(part.turn, "nothing recognised"))

    def _cut(self, turn: _Open) -> None:
        """A turn is as long as turns may be: the next goes on without a gap."""
        self._end(turn, "full")
        after = self._begin(self._now)
        after.last_speech_ns, after.addressed, after.counted = turn.last_speech_ns, turn.addressed, turn.counted

    def _settle(self) -> None:
        """Give what was said to be answered, once all of it is recognised and nobody is saying more of it."""
        if self.settings.mode == "wake":
            self._judge()
        if self._asked_ns is not None or (self._open and self._open.counted):
            return
        if any(part.text is None for part in self._parts):
            return
        if text := join(part.text or "" for part in self._parts)[-MAX_CHARACTERS:]:
            self._out.append(decisions.Answer(tuple(part.turn for part in self._parts), text, self._reopened))
            self._asked_ns = self._now
            return
        if self._alarm:
            self._out.append(decisions.FalseAlarm(self._alarm))
        self._forget()

    def _judge(self) -> None:
        """Take the wake phrase off what is recognised, in order, and drop what is not addressed to the avatar."""
        for part in list(self._parts):
            if part.text is None:
                return
            rest = after_wake(part.text, self.settings.wake_phrases)
            if rest is not None:
                self._call(part, rest)
            elif not part.addressed:
                self._parts.remove(part)
                if part.text:
                    self._out.append(decisions.TurnDiscarded(part.turn, "not addressed"))

    def _call(self, part: _Part, rest: str) -> None:
        """The avatar is addressed, by this turn and by all that come after it for a while."""
        part.text = rest
        self._stay_awake()
        for later in self._parts[self._parts.index(part) :]:
            later.addressed = True
        if self._open:
            self._open.addressed = True
        if not rest:
            self._out.append(decisions.Woken(part.turn))
            self._alarm = 0

    def _forget(self) -> None:
        """What was said is answered, given up, or nothing."""
        self._parts.clear()
        self._asked_ns, self._reopened, self._alarm = None, False, 0
