"""A microphone heard: the real detector and a voice where speech matters, a detector of loudness where time does."""

import asyncio
import contextlib

import numpy as np
import pytest
import soxr
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.decisions import (
    Answer,
    FalseAlarm,
    GaveUp,
    Interrupt,
    StateChanged,
    TurnBegan,
    TurnDiscarded,
    TurnEnded,
)
from bridge.dialogue import HEARING_RATE_HZ, Transcript
from bridge.ears import Ears, Heard, Problem
from bridge.errors import ConfigError, InputError, ProviderError
from bridge.providers import vad
from bridge.providers.tts import espeak
from bridge.timebase import SAMPLE_RATE_HZ
from bridge.turns import TurnSettings

pytestmark = pytest.mark.unit

S = 1_000_000_000
WINDOW = 512


class Clock:
    def __init__(self):
        self.ns = 5 * S

    def now_ns(self):
        return self.ns


class Loudness:
    """A speech detector for which every loud sound is speech."""

    window = WINDOW

    def __init__(self):
        self._rest = np.zeros(0, np.float32)

    def push(self, samples):
        joined = np.concatenate([self._rest, samples])
        count = len(joined) // WINDOW
        self._rest = joined[count * WINDOW :]
        return [0.95 if np.abs(joined[i * WINDOW : (i + 1) * WINDOW]).max() > 0.05 else 0.02 for i in range(count)]

    def reset(self):
        self.__init__()


class Recogniser:
    """Hears the length of a turn; `fails` holds what is raised at the first calls, in order."""

    def __init__(self, *fails, text="{seconds:.1f} s", hangs=False):
        self.sounds, self.fails, self.text, self.hangs, self.closed = [], list(fails), text, hangs, 0

    async def stream(self, sound, lang=""):
        heard = []
        self.sounds.append(heard)
        try:
            async for samples in sound:
                heard.append(samples)
                if self.fails and sum(map(len, heard)) > HEARING_RATE_HZ // 2:
                    raise self.fails.pop(0)
                if sum(map(len, heard)) % HEARING_RATE_HZ < WINDOW:
                    yield Transcript("so far", False)
            if self.hangs:
                await asyncio.Event().wait()
            yield Transcript(self.text.format(seconds=sum(map(len, heard)) / HEARING_RATE_HZ), True)
        finally:
            self.closed += 1

    async def aclose(self):
        pass


class Listener:
    """Ears, their clock and what they told."""

    def __init__(self, asr, detector=None, **chosen):
        self.clock, self.events, self.asr = Clock(), [], asr
        self.answer = lambda event: None
        self.ears = Ears(detector or Loudness(), asr, TurnSettings(**chosen), self.clock, self.emit)

    def emit(self, event):
        self.events.append(event)
        self.answer(event)

    async def hear(self, samples, rate=HEARING_RATE_HZ, chunk_s=0.1):
        step = max(int(chunk_s * rate), 1)
        for start in range(0, len(samples), step):
            piece = samples[start : start + step]
            self.clock.ns += len(piece) * S // rate
            await self.ears.push(piece)
            await self.settle()

    async def wait(self, seconds):
        for _ in range(round(seconds * 10)):
            self.clock.ns += S // 10
            self.ears.tick()
            await self.settle()

    async def settle(self):
        for _ in range(10):
            await asyncio.sleep(0)

    def got(self, kind):
        return [e for e in self.events if isinstance(e, kind)]


def run(scene, *args, plug=HEARING_RATE_HZ, **kwargs):
    async def whole():
        listener = Listener(*args, **kwargs)
        if plug:
            listener.ears.plug(plug)
        await scene(listener)
        await listener.ears.aclose()
        return listener

    return asyncio.run(whole())


def tone(seconds, seed=0):
    return (np.random.default_rng(seed).uniform(-0.5, 0.5, int(seconds * HEARING_RATE_HZ))).astype(np.float32)


def quiet(seconds):
    return np.zeros(int(seconds * HEARING_RATE_HZ), np.float32)


def one_turn(seconds=1.0):
    return np.concatenate([quiet(1.024), tone(seconds), quiet(1.0)])


@pytest.fixture(scope="module")
def question():
    said = espeak.speak("Could you tell me when the next train to the airport leaves?", espeak.Options(voice="f2"))
    hush = np.zeros(SAMPLE_RATE_HZ, np.float32)
    return np.concatenate([hush, said.samples, hush])


@pytest.mark.parametrize("rate", [8000, 16_000, 22_050, 44_100, 48_000])
@pytest.mark.parametrize("kind", [np.int16, np.float32, np.float64])
def test_a_spoken_question_is_one_turn(question, rate, kind):
    sound = soxr.resample(question, SAMPLE_RATE_HZ, rate)
    sound = (np.clip(sound, -1, 1) * 32767).astype(np.int16) if kind is np.int16 else sound.astype(kind)
    told = run(lambda ears: ears.hear(sound, rate), Recogniser(), vad.build("silero", {}), plug=rate)
    [began], [ended], [answer] = told.got(TurnBegan), told.got(TurnEnded), told.got(Answer)
    spoken_s = len(question) / SAMPLE_RATE_HZ - 2
    assert 0.6 < began.start_ns / S < 1.1
    assert abs(ended.speech_end_ns / S - 1 - spoken_s) < 0.5
    assert answer.turns == (1,) and told.got(Heard)[-1].transcript.final
    assert [e.state for e in told.got(StateChanged)] == ["thinking"]


def test_the_recogniser_gets_the_turn_from_before_its_first_sound_to_its_end():
    sound = one_turn()
    told = run(lambda ears: ears.hear(sound), Recogniser())
    [began], [ended], [heard] = told.got(TurnBegan), told.got(TurnEnded), told.asr.sounds
    first, last = (ns * HEARING_RATE_HZ // S for ns in (began.start_ns, ended.end_ns))
    assert first == int(1.024 * HEARING_RATE_HZ) - 3 * HEARING_RATE_HZ // 10
    assert np.array_equal(np.concatenate(heard), sound[first:last])


@settings(max_examples=15, deadline=None)
@given(chunk_s=st.floats(0.01, 5))
def test_any_chunking_gives_the_same(chunk_s):
    def whole(ears):
        return ears.hear(np.concatenate([one_turn(), one_turn(0.1), one_turn(2)]), chunk_s=chunk_s)

    told = run(whole, Recogniser(), reply_s=600)
    decided = [e for e in told.events if isinstance(e, TurnBegan | TurnEnded | TurnDiscarded)]
    assert [(type(e), e.turn) for e in decided] == [
        *((TurnBegan, 1), (TurnEnded, 1), (TurnBegan, 2), (TurnDiscarded, 2), (TurnBegan, 3), (TurnEnded, 3))
    ]
    assert [e.end_ns for e in told.got(TurnEnded)] == [2_656_000_000, 8_800_000_000]


def test_a_long_speech_reaches_the_recogniser_without_a_gap():
    sound = np.concatenate([tone(17.024), quiet(1)])
    told = run(lambda ears: ears.hear(sound), Recogniser(), max_turn_s=5)
    heard = np.concatenate([samples for turn in told.asr.sounds for samples in turn])
    assert np.array_equal(heard, sound[: len(heard)]) and len(heard) > 17.5 * HEARING_RATE_HZ
    [answer] = told.got(Answer)
    assert len(answer.turns) == 4 and answer.text == "5.0 s 5.0 s 5.0 s 2.6 s"


def test_a_recogniser_that_is_down_is_told_of_and_tried_again_with_the_next_turn():
    async def scene(ears):
        await ears.hear(one_turn())
        await ears.hear(one_turn())

    told = run(scene, Recogniser(ProviderError("The recogniser has no key.")))
    assert told.got(Problem) == [Problem(1, "The recogniser has no key.")]
    assert told.got(TurnDiscarded) == [TurnDiscarded(1, "nothing recognised")]
    assert [a.turns for a in told.got(Answer)] == [(2,)]


def test_a_failure_that_may_pass_is_tried_again_with_the_whole_turn():
    told = run(lambda ears: ears.hear(one_turn()), Recogniser(ProviderError("Cut.", retryable=True)))
    first, second = told.asr.sounds
    assert not told.got(Problem) and len(told.got(Answer)) == 1
    assert all(np.array_equal(a, b) for a, b in zip(first, second, strict=False)) and len(second) > len(first)


def test_a_failure_that_does_not_pass_is_told_of():
    failures = [ProviderError("Cut.", retryable=True), ProviderError("Cut again.", retryable=True)]
    told = run(lambda ears: ears.hear(one_turn()), Recogniser(*failures))
    assert told.got(Problem) == [Problem(1, "Cut again.")] and not told.got(Answer)
    assert told.ears.state == "listening"


def test_a_recogniser_that_breaks_its_word_is_told_of():
    told = run(lambda ears: ears.hear(one_turn()), Recogniser(RuntimeError("no such layer")))
    [problem] = told.got(Problem)
    assert "no such layer" in problem.sentence and told.ears.state == "listening"


def test_a_recogniser_that_hangs_is_given_up():
    async def scene(ears):
        await ears.hear(one_turn())
        assert ears.ears.state == "thinking"
        await ears.wait(4)

    told = run(scene, Recogniser(hangs=True), recognition_s=3)
    [problem] = told.got(Problem)
    assert "3 s" in problem.sentence
    assert told.got(TurnDiscarded) == [TurnDiscarded(1, "unrecognised")]
    assert told.asr.closed == 1 and told.ears.state == "listening"


def test_turns_that_nobody_recognises_do_not_pile_up():
    async def scene(ears):
        for _ in range(8):
            await ears.hear(one_turn())
        assert len(ears.asr.sounds) - ears.asr.closed <= 6

    told = run(scene, Recogniser(hangs=True), recognition_s=100)
    assert len(told.got(Problem)) == 2 and told.asr.closed == 8


def test_a_short_sound_is_not_recognised():
    told = run(lambda ears: ears.hear(one_turn(0.1)), Recogniser())
    assert told.got(TurnDiscarded) == [TurnDiscarded(1, "short")]
    assert told.asr.closed == len(told.asr.sounds) == 1
    assert not any(heard.transcript.final for heard in told.got(Heard))


def test_a_microphone_that_falls_silent_ends_the_turn_by_the_clock():
    async def scene(ears):
        await ears.hear(tone(1))
        await ears.wait(2)
        assert [e.cause for e in ears.got(TurnEnded)] == ["quiet"]
        await ears.hear(one_turn())

    told = run(scene, Recogniser())
    assert len(told.got(Answer)) == 2 and len(told.asr.sounds[1]) > 1


def test_a_late_packet_changes_nothing():
    async def scene(ears):
        await ears.hear(tone(1))
        await ears.wait(0.4)
        await ears.hear(tone(1))
        assert not ears.got(TurnEnded)

    run(scene, Recogniser())


def test_a_microphone_that_goes_ends_the_turn_and_another_may_come():
    async def scene(ears):
        await ears.hear(tone(1))
        ears.ears.unplug()
        ears.ears.unplug()
        await ears.settle()
        ears.ears.plug(8000)
        await ears.hear(one_turn()[::2], 8000)

    told = run(scene, Recogniser())
    assert [e.cause for e in told.got(TurnEnded)] == ["unplugged", "quiet"]
    assert len(told.got(Answer)) == 2


def test_without_a_microphone_time_passes_too():
    async def scene(ears):
        await ears.hear(one_turn())
        ears.ears.unplug()
        await ears.wait(6)

    told = run(scene, Recogniser(), reply_s=5)
    assert told.got(GaveUp) == [GaveUp((1,))] and told.ears.state == "listening"


@pytest.mark.parametrize(
    "samples",
    [
        *(np.zeros((2, 8), np.float32), np.zeros(8, np.int32), np.zeros(8, np.uint8), np.array([0, np.nan])),
        *(np.array([np.inf]), np.zeros(161_000, np.int16), np.zeros(8, bool)),
    ],
    ids=str,
)
def test_wrong_samples_are_refused_and_hearing_goes_on(samples):
    async def scene(ears):
        with pytest.raises(InputError):
            await ears.ears.push(samples)
        await ears.hear(one_turn())

    assert len(run(scene, Recogniser()).got(Answer)) == 1


@pytest.mark.parametrize("rate", [0, -1, 7999, 48_001, 10**9])
def test_a_rate_that_no_microphone_has_is_refused(rate):
    async def scene(ears):
        with pytest.raises(InputError):
            ears.ears.plug(rate)
        with pytest.raises(InputError):
            await ears.ears.push(np.zeros(8, np.int16))

    run(scene, Recogniser(), plug=None)


def test_a_detector_of_other_windows_is_refused():
    odd = Loudness()
    odd.window = 256
    with pytest.raises(ConfigError, match="256"):
        Ears(odd, Recogniser(), TurnSettings(), Clock(), print)


@pytest.mark.parametrize("rate", [8000, 16_000, 44_100])
def test_no_samples_are_samples_too(rate):
    async def scene(ears):
        await ears.ears.push(np.zeros(0, np.int16))
        await ears.hear(soxr.resample(one_turn(), HEARING_RATE_HZ, rate), rate)
        await ears.ears.push(np.zeros(0, np.float32))

    assert len(run(scene, Recogniser(), plug=rate).got(Answer)) == 1


def test_shouting_is_heard():
    told = run(lambda ears: ears.hear(one_turn() * np.float32(50)), Recogniser())
    assert len(told.got(Answer)) == 1
    assert max(np.abs(samples).max() for samples in told.asr.sounds[0]) <= 1


def test_silence_is_not_kept():
    async def scene(ears):
        held = []
        for _ in range(4):
            await ears.hear(quiet(10.24), chunk_s=1)
            held.append((len(ears.ears._before), len(ears.ears._rest), len(ears.ears._recognitions)))
        assert len(set(held)) == 1

    assert run(scene, Recogniser(), vad.build("silero", {})).events == []


def test_push_to_talk():
    async def scene(ears):
        await ears.hear(tone(1.024))
        ears.ears.press()
        await ears.hear(tone(1.024, seed=1))
        ears.ears.release()
        await ears.hear(tone(1.024))

    told = run(scene, Recogniser(), mode="push")
    assert [e.cause for e in told.got(TurnEnded)] == ["released"]
    assert np.array_equal(np.concatenate(told.asr.sounds[0]), tone(1.024, seed=1))
    assert len(told.got(Answer)) == 1


def test_what_is_told_may_be_answered_at_once_and_stays_in_order():
    async def scene(listener):
        def answer(event):
            if isinstance(event, Answer):
                listener.ears.reply_started(len(listener.got(Answer)))
            if isinstance(event, Interrupt):
                listener.ears.reply_finished(2)

        listener.answer = answer
        await listener.hear(one_turn())
        await listener.hear(one_turn())

    told = run(scene, Recogniser())
    states = [e.state for e in told.got(StateChanged)]
    assert states == ["thinking", "speaking", "interrupted", "thinking", "speaking"]


def test_a_false_alarm_is_told():
    async def scene(ears):
        ears.ears.reply_started(1)
        await ears.hear(one_turn())

    told = run(scene, Recogniser(text=""))
    assert told.got(Interrupt) == [Interrupt(1)] and told.got(FalseAlarm) == [FalseAlarm(1)]


def test_closing_gives_up_what_is_recognised_and_may_be_done_twice():
    async def scene(ears):
        await ears.hear(one_turn())
        await ears.ears.aclose()

    told = run(scene, Recogniser(hangs=True))
    assert told.asr.closed == 1


def speak_over(question, gate):
    """The avatar says `question` three times through a loudspeaker, 100 ms and 12 dB away; then a user says it."""

    async def scene(ears):
        rng = np.random.default_rng(3)
        avatar = np.concatenate([question, question, question])
        echo = soxr.resample(avatar, SAMPLE_RATE_HZ, HEARING_RATE_HZ) * 0.25
        heard = np.concatenate([np.zeros(1600), echo]).astype(np.float32)
        heard += rng.normal(0, 0.001, len(heard)).astype(np.float32)
        ears.ears.reply_started(1)
        for k in range(0, len(heard), 1600):
            if gate:
                place = k * SAMPLE_RATE_HZ // HEARING_RATE_HZ
                ears.ears.reference(place, avatar[place : place + 7200])
                ears.ears.heard(place)
            await ears.hear(heard[k : k + 1600])
        ears.marks = len(ears.events)
        ears.ears.reply_finished(1)
        await ears.hear(quiet(1))
        await ears.hear(soxr.resample(question, SAMPLE_RATE_HZ, HEARING_RATE_HZ).astype(np.float32))

    return scene


def test_the_avatars_own_voice_does_not_interrupt_it(question):
    deaf = run(speak_over(question, gate=False), Recogniser(), vad.build("silero", {}))
    assert deaf.got(Interrupt), "without the reference it would"
    told = run(speak_over(question, gate=True), Recogniser(), vad.build("silero", {}))
    assert not told.got(Interrupt) and not [e for e in told.events[: told.marks] if isinstance(e, Answer)]
    assert len(told.got(Answer)) == 1


def test_no_task_is_left_behind():
    async def whole():
        listener = Listener(Recogniser(hangs=True))
        listener.ears.plug(HEARING_RATE_HZ)
        await listener.hear(one_turn())
        await listener.ears.aclose()
        with contextlib.suppress(asyncio.CancelledError):
            await listener.settle()
        return asyncio.all_tasks() - {asyncio.current_task()}

    assert asyncio.run(whole()) == set()
