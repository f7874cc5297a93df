"""Turn taking on a virtual clock."""

import dataclasses
import itertools
import tomllib
from pathlib import Path

import pytest
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
    Woken,
)
from bridge.errors import ConfigError
from bridge.turns import WINDOW_NS, Turns, TurnSettings

pytestmark = pytest.mark.unit

MS = 1_000_000
S = 1_000_000_000


class Scene:
    """A conversation: every method plays one thing, at the time that has come, and keeps what was decided."""

    def __init__(self, **chosen):
        self.turns = Turns(TurnSettings(**chosen))
        self.now = 0
        self.all = []
        self.states = [self.turns.state]

    def _keep(self, decisions):
        self.all += [(self.now, d) for d in decisions if not isinstance(d, StateChanged)]
        self.states += [d.state for d in decisions if isinstance(d, StateChanged)]
        assert self.states[-1] == self.turns.state
        return decisions

    def sound(self, ms, probability):
        for _ in range(round(ms * MS / WINDOW_NS)):
            self.now += WINDOW_NS
            self._keep(self.turns.window(self.now, probability))

    def talk(self, ms=960, probability=0.95):
        self.sound(ms, probability)

    def hush(self, ms=960):
        self.sound(ms, 0.02)

    def wait(self, s):
        """Time without a microphone."""
        for _ in range(round(s * 10)):
            self.now += 100 * MS
            self._keep(self.turns.passed(self.now))

    def text(self, turn, text, final=True):
        self._keep(self.turns.heard(self.now, turn, text, final=final))

    def starts(self, epoch=1):
        self._keep(self.turns.reply_started(self.now, epoch))

    def ends(self, epoch=1):
        self._keep(self.turns.reply_finished(self.now, epoch))

    def do(self, name, *values):
        self._keep(getattr(self.turns, name)(self.now, *values))

    def got(self, kind):
        return [d for _, d in self.all if isinstance(d, kind)]

    def time(self, kind):
        return next(t for t, d in self.all if isinstance(d, kind))

    @property
    def state(self):
        return self.turns.state


def asked(text="What time is it?", **chosen):
    """A scene in which one question was asked and waits for its answer."""
    scene = Scene(**chosen)
    scene.hush()
    scene.talk()
    scene.hush()
    scene.text(1, text)
    return scene


def test_a_question_and_its_answer():
    scene = asked()
    scene.starts()
    scene.hush(3000)
    scene.ends()
    assert scene.got(Answer) == [Answer((1,), "What time is it?")]
    assert scene.states == ["listening", "thinking", "speaking", "listening"]
    assert [type(d) for _, d in scene.all] == [TurnBegan, TurnEnded, Answer]


def test_a_turn_begins_before_its_first_sound_and_ends_after_the_patience():
    scene = asked()
    [began], [ended] = scene.got(TurnBegan), scene.got(TurnEnded)
    first, last = 960 * MS, 1920 * MS
    assert began.start_ns == first - 300 * MS
    assert ended.speech_end_ns == last
    assert 600 * MS <= ended.end_ns - last < 600 * MS + WINDOW_NS
    assert scene.time(TurnBegan) == first + 2 * WINDOW_NS


def test_a_turn_does_not_begin_before_the_microphone_or_the_last_turn():
    scene = Scene(patience_ms=100)
    scene.talk()
    scene.hush(128)
    scene.talk()
    first, second = scene.got(TurnBegan)
    assert first.start_ns == 0
    assert second.start_ns == scene.got(TurnEnded)[0].end_ns


@pytest.mark.parametrize(("partial", "factor"), [("It is late.", 0.7), ("It is late", 1.0), ("It is late and", 1.6)])
def test_patience_goes_by_the_words(partial, factor):
    scene = Scene()
    scene.talk()
    scene.text(1, partial, final=False)
    scene.hush(2000)
    [ended] = scene.got(TurnEnded)
    assert 0 <= ended.end_ns - ended.speech_end_ns - factor * 600 * MS < WINDOW_NS


def test_a_pause_shorter_than_the_patience_is_no_end():
    scene = Scene()
    for _ in range(5):
        scene.talk(500)
        scene.hush(500)
    assert len(scene.got(TurnBegan)) == 1 and not scene.got(TurnEnded)


@pytest.mark.parametrize("ms", [32, 64, 160])
def test_a_cough_is_no_turn(ms):
    scene = Scene()
    scene.talk(ms)
    scene.hush(2000)
    assert {d.reason for d in scene.got(TurnDiscarded)} <= {"short"}
    assert not scene.got(TurnEnded) and scene.states == ["listening"]


def test_soft_speech_within_a_turn_carries_it_on():
    scene = Scene()
    scene.talk(300)
    scene.sound(1500, 0.4)
    assert not scene.got(TurnEnded)
    scene.sound(1000, 0.3)
    assert len(scene.got(TurnEnded)) == 1


def test_talking_over_the_avatar_interrupts_it_after_200_ms():
    scene = asked()
    scene.starts()
    scene.hush(1000)
    began = scene.now
    scene.talk(2000)
    assert [d.turn for d in scene.got(Interrupt)] == [2]
    assert 200 * MS <= scene.time(Interrupt) - began < 200 * MS + WINDOW_NS
    assert scene.state == "interrupted"
    scene.hush()
    scene.text(2, "Never mind.")
    assert scene.got(Answer)[-1] == Answer((2,), "Never mind.")
    assert scene.states == ["listening", "thinking", "speaking", "interrupted", "thinking"]


@pytest.mark.parametrize(("ms", "probability"), [(160, 0.95), (2000, 0.6)])
def test_a_murmur_does_not_interrupt(ms, probability):
    scene = asked()
    scene.starts()
    scene.hush(1000)
    scene.sound(ms, probability)
    scene.hush(1000)
    assert not scene.got(Interrupt) and scene.state == "speaking"
    assert len(scene.got(TurnDiscarded)) == 1


def test_barge_in_may_be_forbidden():
    scene = asked(barge_in=False)
    scene.starts()
    scene.talk(5000)
    scene.hush()
    assert not scene.got(Interrupt)
    assert scene.got(TurnDiscarded) == [TurnDiscarded(2, "talked over")]


def test_an_interruption_that_was_nothing_is_a_false_alarm():
    scene = asked()
    scene.starts()
    scene.talk(500)
    scene.hush()
    scene.text(2, "")
    assert scene.got(FalseAlarm) == [FalseAlarm(2)]
    assert len(scene.got(Answer)) == 1 and scene.state == "listening"


def test_who_goes_on_while_the_answer_is_made_is_answered_to_all_of_it():
    scene = asked("I want a coffee")
    scene.talk()
    assert len(scene.got(Interrupt)) == 1
    scene.hush()
    scene.text(2, "and a cake.")
    assert scene.got(Answer) == [Answer((1,), "I want a coffee"), Answer((1, 2), "I want a coffee and a cake.", True)]


def test_who_only_coughs_then_gets_the_answer_asked_for():
    scene = asked("I want a coffee")
    scene.talk(160)
    scene.hush()
    assert len(scene.got(Answer)) == 1 and not scene.got(Interrupt) and scene.state == "thinking"
    scene.talk(400)
    scene.hush()
    scene.text(3, "")
    assert scene.got(Answer)[1:] == [Answer((1, 3), "I want a coffee", True)]
    assert not scene.got(FalseAlarm)


def test_who_goes_on_before_the_first_half_is_recognised_is_answered_once():
    scene = Scene()
    for _ in range(2):
        scene.talk()
        scene.hush()
    scene.text(2, "and a cake.")
    assert not scene.got(Answer)
    scene.text(1, "I want a coffee")
    assert scene.got(Answer) == [Answer((1, 2), "I want a coffee and a cake.")]


def test_ten_minutes_of_speech_are_cut_into_turns_without_a_gap():
    scene = Scene(max_turn_s=60)
    for minute in range(1, 11):
        scene.talk(61_000)
        scene.text(minute, f"piece {minute}")
    scene.hush()
    scene.text(11, "piece 11")
    began, ended = scene.got(TurnBegan), scene.got(TurnEnded)
    assert [e.end_ns for e in ended[:-1]] == [b.start_ns for b in began[1:]]
    assert max(e.end_ns - b.start_ns for b, e in zip(began, ended, strict=True)) <= 60 * S + WINDOW_NS
    turns = tuple(b.turn for b in began)
    assert scene.got(Answer) == [Answer(turns, " ".join(f"piece {turn}" for turn in turns))]
    assert "interrupted" not in scene.states


def test_a_long_speech_is_cut_in_a_breath():
    scene = Scene(max_turn_s=15)
    for _ in range(20):
        scene.talk(2240)
        scene.hush(320)
    for ended in scene.got(TurnEnded):
        assert ended.cause == "full" and 96 * MS <= ended.end_ns - ended.speech_end_ns < 320 * MS


def test_what_follows_a_cut_and_is_silence_does_not_keep_the_answer():
    scene = Scene(max_turn_s=5)
    scene.talk(5024)
    scene.text(1, "All of it.")
    scene.hush(500)
    assert not scene.got(Answer)
    scene.hush(500)
    assert scene.got(TurnDiscarded) == [TurnDiscarded(2, "short")]
    assert scene.got(Answer) == [Answer((1,), "All of it.")]


def test_a_recogniser_that_does_not_answer_is_given_up():
    scene = Scene(recognition_s=3)
    scene.talk()
    scene.hush()
    assert scene.state == "thinking"
    scene.wait(3)
    assert scene.got(TurnDiscarded) == [TurnDiscarded(1, "unrecognised")] and scene.state == "listening"
    scene.text(1, "too late")
    assert not scene.got(Answer)


def test_a_recogniser_that_fails_within_the_turn_loses_that_turn_only():
    scene = Scene()
    scene.talk()
    scene.text(1, "")
    scene.talk()
    scene.hush()
    assert scene.got(TurnDiscarded) == [TurnDiscarded(1, "nothing recognised")] and scene.state == "listening"


def test_an_answer_that_does_not_come_is_given_up():
    scene = asked(reply_s=5)
    scene.wait(5.1)
    assert scene.got(GaveUp) == [GaveUp((1,))] and scene.state == "listening"


def test_an_answer_that_fails_is_not_waited_for():
    scene = asked()
    scene.do("reply_failed")
    assert scene.state == "listening" and not scene.got(GaveUp)


def test_an_answer_waits_behind_what_is_being_said():
    scene = Scene(reply_s=5)
    scene.talk()
    scene.hush()
    scene.starts()
    scene.text(1, "hello")
    assert scene.got(Answer) and scene.state == "speaking"
    scene.wait(20)
    scene.ends()
    scene.wait(4.8)
    assert not scene.got(GaveUp) and scene.state == "thinking"
    scene.wait(0.3)
    assert scene.got(GaveUp) and scene.state == "listening"


def test_what_the_avatar_says_unasked_is_interrupted_too():
    scene = Scene()
    scene.starts()
    scene.talk()
    assert scene.got(Interrupt) and scene.state == "interrupted"


def test_a_turn_that_the_avatar_began_to_talk_into_is_kept():
    scene = Scene()
    scene.talk(500)
    scene.starts()
    scene.talk(64)
    scene.hush()
    scene.text(1, "Hello?")
    assert scene.got(Answer) == [Answer((1,), "Hello?")]
    assert len(scene.got(Interrupt)) == 1


def test_who_talks_as_the_avatar_begins_has_as_long_as_anybody_before_it_falls_silent():
    scene = Scene()
    scene.talk(500)
    scene.starts()
    began = scene.now
    scene.talk(1000)
    assert 200 * MS <= scene.time(Interrupt) - began < 200 * MS + WINDOW_NS


def test_word_of_an_epoch_that_was_silenced_comes_too_late():
    scene = asked()
    scene.starts(4)
    scene.talk()
    scene.starts(4)
    assert scene.state == "interrupted"
    scene.hush()
    scene.text(2, "Stop.")
    scene.starts(5)
    scene.ends(4)
    assert scene.state == "speaking"
    scene.ends(5)
    assert scene.state == "listening"


@pytest.mark.parametrize("when", ["recognising", "thinking", "speaking"])
def test_stop_silences_and_nothing_said_before_is_answered(when):
    scene = Scene()
    scene.talk()
    scene.hush()
    if when != "recognising":
        scene.text(1, "hello")
    if when == "speaking":
        scene.starts()
    answers = len(scene.got(Answer))
    scene.do("stop")
    assert scene.state == "listening"
    scene.text(1, "hello")
    scene.wait(60)
    assert len(scene.got(Answer)) == answers and not scene.got(GaveUp)


def test_stop_leaves_the_user_their_turn():
    scene = Scene()
    scene.talk()
    scene.do("stop")
    scene.talk()
    scene.hush()
    scene.text(1, "hello")
    assert scene.got(Answer) == [Answer((1,), "hello")]


def test_a_microphone_that_goes_away_ends_the_turn():
    scene = Scene()
    scene.talk()
    scene.do("unplugged")
    assert [e.cause for e in scene.got(TurnEnded)] == ["unplugged"]


def test_silence_without_a_microphone_ends_the_turn_too():
    scene = Scene()
    scene.talk()
    scene.wait(1)
    assert [e.cause for e in scene.got(TurnEnded)] == ["quiet"]


def test_windows_that_are_missing_are_silence():
    scene = Scene()
    scene.talk()
    scene.now += 10 * S
    scene.talk()
    assert [e.cause for e in scene.got(TurnEnded)] == ["quiet"] and len(scene.got(TurnBegan)) == 2


def test_time_does_not_go_back():
    scene = Scene(mode="push")
    scene.wait(10)
    scene.now = 5 * S
    scene.do("press")
    assert scene.got(TurnBegan) == [TurnBegan(1, 10 * S)]


def test_push_to_talk_hears_what_is_said_while_the_button_is_held_only():
    scene = Scene(mode="push")
    scene.talk(3000)
    assert scene.all == [] and scene.state == "idle"
    pressed = scene.now
    scene.do("press")
    assert scene.got(TurnBegan) == [TurnBegan(1, pressed)] and scene.state == "listening"
    scene.talk()
    scene.hush(5000)
    scene.talk()
    assert not scene.got(TurnEnded)
    scene.do("release")
    released = scene.now
    scene.talk(3000)
    assert [(e.end_ns, e.cause) for e in scene.got(TurnEnded)] == [(released, "released")]
    assert len(scene.got(TurnBegan)) == 1
    scene.text(1, "hello")
    assert scene.got(Answer) and scene.state == "thinking"


def test_the_button_interrupts_at_once():
    scene = Scene(mode="push")
    scene.starts()
    scene.do("press")
    assert scene.got(Interrupt) == [Interrupt(1)] and scene.state == "interrupted"
    scene.do("release")
    assert scene.got(FalseAlarm) == [FalseAlarm(1)] and scene.state == "idle"


def test_speech_does_not_interrupt_where_there_is_a_button():
    scene = Scene(mode="push")
    scene.starts()
    scene.talk(3000)
    assert not scene.got(Interrupt)


def test_a_button_that_stays_down_is_forgotten():
    scene = Scene(mode="push")
    scene.do("press")
    scene.talk()
    scene.hush(11_000)
    assert len(scene.got(TurnEnded)) == 1
    scene.text(1, "hello")
    assert scene.got(Answer)
    scene.do("release")
    assert len(scene.got(TurnEnded)) == 1


def test_the_button_means_nothing_in_other_modes():
    scene = Scene()
    scene.do("press")
    scene.do("release")
    assert scene.all == []


WAKE = {"mode": "wake", "wake_phrases": ("hey ava",), "wake_open_s": 10}


def test_who_does_not_call_the_avatar_is_not_answered():
    scene = asked("What a nice day.", **WAKE)
    assert not scene.got(Answer) and scene.states == ["idle"]
    assert scene.got(TurnDiscarded) == [TurnDiscarded(1, "not addressed")]


def test_the_wake_phrase_opens_the_conversation_for_a_while():
    scene = asked("Hey Ava, what time is it?", **WAKE)
    assert scene.got(Answer) == [Answer((1,), "what time is it?")]
    scene.starts()
    scene.hush(30_000)
    scene.ends()
    assert scene.state == "listening"
    scene.hush(5000)
    scene.talk()
    scene.hush()
    scene.text(2, "And in Tokyo?")
    assert scene.got(Answer)[1:] == [Answer((2,), "And in Tokyo?")]
    scene.do("reply_failed")
    scene.wait(10.1)
    assert scene.state == "idle"
    scene.talk()
    scene.hush()
    scene.text(3, "And in Rome?")
    assert len(scene.got(Answer)) == 2 and scene.state == "idle"


def test_the_wake_phrase_alone_wakes():
    scene = asked("Hey Ava!", **WAKE)
    assert scene.got(Woken) == [Woken(1)] and not scene.got(Answer) and scene.state == "listening"
    scene.talk()
    scene.hush()
    scene.text(2, "What time is it?")
    assert scene.got(Answer) == [Answer((2,), "What time is it?")]


def test_the_question_may_follow_the_wake_phrase_in_a_turn_of_its_own():
    scene = Scene(**WAKE)
    for _ in range(2):
        scene.talk()
        scene.hush()
    scene.text(2, "what time is it?")
    assert not scene.got(Answer)
    scene.text(1, "hey ava")
    assert [a.text for a in scene.got(Answer)] == ["what time is it?"]


def test_who_called_the_avatar_and_talks_on_is_answered():
    scene = Scene(**WAKE)
    scene.talk()
    scene.hush()
    scene.talk(500)
    scene.text(1, "hey ava")
    scene.talk(500)
    scene.hush()
    scene.text(2, "what time is it?")
    assert [a.text for a in scene.got(Answer)] == ["what time is it?"]


def test_the_wake_phrase_alone_is_no_false_alarm():
    scene = Scene(**WAKE)
    scene.starts()
    scene.talk()
    scene.text(1, "hey ava", final=False)
    scene.talk()
    scene.hush()
    scene.text(1, "hey ava")
    assert scene.got(Interrupt) and scene.got(Woken) and not scene.got(FalseAlarm) and scene.state == "listening"


def test_chatter_before_the_wake_phrase_is_left_out():
    scene = Scene(**WAKE)
    for _ in range(2):
        scene.talk()
        scene.hush()
    scene.text(1, "nice weather")
    scene.text(2, "hey ava what time is it")
    assert scene.got(Answer) == [Answer((2,), "what time is it")]


def test_asleep_only_the_wake_phrase_interrupts():
    scene = Scene(**WAKE)
    scene.starts()
    scene.talk(2000)
    assert not scene.got(Interrupt)
    scene.text(1, "hey ava stop", final=False)
    scene.talk(64)
    assert scene.got(Interrupt) == [Interrupt(1)]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        *(("mode", "shout"), ("patience_ms", 0), ("patience_ms", float("nan")), ("max_turn_s", 1)),
        *(("speech_probability", 1.5), ("barge_in_ms", -1), ("pre_roll_ms", 10**9), ("wake_open_s", 0)),
    ],
)
def test_settings_out_of_range_are_refused(key, value):
    with pytest.raises(ConfigError, match=key):
        TurnSettings(**{key: value})


@pytest.mark.parametrize("phrases", [(), ("",), ("...", " ")])
def test_waking_needs_a_phrase(phrases):
    with pytest.raises(ConfigError, match="wake phrase"):
        Turns(TurnSettings(mode="wake", wake_phrases=phrases))


def test_the_page_tells_all_settings():
    page = (Path(__file__).resolve().parents[1] / "docs" / "listening.md").read_text("utf-8")
    told = tomllib.loads(page.partition("```toml\n")[2].partition("```")[0])["turns"]
    told["wake_phrases"] = tuple(told["wake_phrases"])
    assert told == dataclasses.asdict(TurnSettings())


steps = st.one_of(
    st.tuples(st.just("sound"), st.integers(32, 3000), st.sampled_from([0.0, 0.3, 0.4, 0.6, 0.95])),
    st.tuples(st.just("text"), st.integers(0, 6), st.sampled_from(["", "hey ava", "hey ava go on", "yes", "and"])),
    st.tuples(st.just("partial"), st.integers(0, 6), st.sampled_from(["", "hey ava", "well and", "Yes."])),
    st.tuples(st.just("starts"), st.integers(0, 3)),
    st.tuples(st.just("ends"), st.integers(0, 3)),
    st.tuples(st.just("wait"), st.integers(0, 40)),
    st.tuples(st.just("back"), st.integers(0, 5000)),
    st.tuples(st.sampled_from(["press", "release", "unplugged", "stop", "reply_failed"])),
)


def play(scene, step):
    match step:
        case ("text", turn, text):
            scene.text(turn, text)
        case ("partial", turn, text):
            scene.text(turn, text, final=False)
        case ("back", ms):
            scene.now = max(scene.now - ms * MS, 0)
        case (("sound" | "starts" | "ends" | "wait") as name, *values):
            getattr(scene, name)(*values)
        case (name,):
            scene.do(name)


@settings(max_examples=300, deadline=None)
@given(mode=st.sampled_from(["open", "push", "wake"]), barge_in=st.booleans(), steps=st.lists(steps, max_size=25))
def test_laws_of_any_conversation(mode, barge_in, steps):
    scene = Scene(mode=mode, barge_in=barge_in, wake_phrases=("hey ava",), max_turn_s=5, reply_s=5)
    latest = 0
    for step in steps:
        play(scene, step)
        latest = max(latest, scene.now)
    scene.now = latest
    scene.ends(99)
    scene.wait(60)

    assert scene.state == ("listening" if mode == "open" else "idle")
    open_turn, over, answered = 0, set(), []
    for _, decision in scene.all:
        match decision:
            case TurnBegan(turn, _):
                assert not open_turn and turn not in over
                open_turn = turn
            case TurnEnded(turn, end_ns, speech_end_ns, _):
                assert turn == open_turn and speech_end_ns <= end_ns
                open_turn = 0
                over.add(turn)
            case TurnDiscarded(turn, _):
                assert turn == open_turn or turn in over
                open_turn = 0 if turn == open_turn else open_turn
                over.add(turn)
            case Answer(turns, text, continues):
                assert text.strip() and set(turns) <= over and sorted(turns) == list(turns)
                if continues:
                    assert turns[0] == answered[-1][0]
                answered.append(turns)
            case Interrupt(turn):
                assert turn in (open_turn, *over)
            case FalseAlarm(turn):
                assert Interrupt(turn) in scene.got(Interrupt)
    assert not open_turn
    began, ended = scene.got(TurnBegan), scene.got(TurnEnded)
    assert [b.turn for b in began] == list(range(1, len(began) + 1))
    starts = {b.turn: b.start_ns for b in began}
    assert all(starts[e.turn] <= e.end_ns for e in ended)
    assert all(a.end_ns <= starts[b.turn] for a, b in itertools.pairwise(ended))
    assert all(a != b for a, b in itertools.pairwise(scene.states))
