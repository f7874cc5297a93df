"""The avatar's own voice through loudspeakers and rooms, alone and with somebody talking over it."""

import numpy as np
import pytest

from bridge.decisions import Interrupt
from bridge.dialogue import HEARING_RATE_HZ
from bridge.dsp.echo import EchoGate
from bridge.providers import vad
from bridge.providers.tts import espeak
from bridge.timebase import SAMPLE_RATE_HZ
from tools.bench_echo import LINES, START_S, WINDOW, WINDOW_S, Room, at, judge, level, to_microphone

pytestmark = pytest.mark.unit

QUESTION = "Wait a moment please, I have another question about the tickets."


@pytest.fixture(scope="module")
def avatar():
    return espeak.speak(LINES["en"], espeak.Options(voice="m3")).samples


@pytest.fixture(scope="module")
def user():
    return to_microphone(espeak.speak(QUESTION, espeak.Options(voice="f2", rate_wpm=160)).samples)


def longest(flags):
    """The longest run, in seconds."""
    run = best = 0
    for flag in flags:
        run = run + 1 if flag else 0
        best = max(best, run)
    return best * WINDOW_S


@pytest.mark.parametrize(
    "room",
    [
        *(Room(40, -6, 0.2), Room(40, -18, 0.5), Room(150, -12, 0.3, clip=0.4), Room(150, -30, 0.2)),
        *(Room(220, -20, 0.6), Room(300, -6, 0.4, clip=0.4), Room(300, -18, 0.3)),
    ],
    ids=str,
)
def test_an_echo_starts_no_turn(avatar, room):
    verdict = judge(avatar, room.microphone(room.echo(avatar)))
    assert np.mean(verdict.speech > 0.5) > 0.1, "without the gate it would"
    assert longest(~verdict.own & (verdict.speech > 0.5)) < 0.15
    assert not verdict.times(Interrupt)


@pytest.mark.parametrize("room", [Room(40, -10), Room(150, -18), Room(280, -14)], ids=str)
@pytest.mark.parametrize("over_db", [3, 9])
def test_who_talks_over_it_interrupts(avatar, user, room, over_db):
    echo = room.echo(avatar)
    louder = user * np.float32(level(echo) / level(user) * 10 ** (over_db / 20))
    [interrupted] = judge(avatar, room.microphone(echo, at(5, louder))).times(Interrupt)
    assert 5.2 < interrupted < 5 + len(user) / HEARING_RATE_HZ


def test_with_headphones_the_user_is_heard_all_the_time(avatar, user):
    own = judge(avatar, Room().microphone(at(4, user))).own
    during = slice(int(4.2 / WINDOW_S), int((4 + len(user) / HEARING_RATE_HZ) / WINDOW_S))
    assert np.mean(own[during]) < 0.1


def test_while_the_avatar_is_silent_everything_is_heard(user):
    assert not judge(np.zeros(0, np.float32), Room().microphone(at(2, user))).own.any()


def test_nothing_is_kept_back_where_nobody_says_what_is_heard(avatar, user):
    gate = EchoGate()
    gate.reference(0, avatar)
    assert not any(gate.push(user[k : k + WINDOW]) for k in range(0, len(user), WINDOW))


def test_what_the_avatar_had_still_to_say_is_forgotten_at_a_stop(avatar, user):
    gate = EchoGate()
    room = Room()
    judge(avatar, room.microphone(room.echo(avatar)), gate)
    place = gate._count * SAMPLE_RATE_HZ // HEARING_RATE_HZ
    gate.reference(place, avatar)
    gate.heard(place)
    gate.cut()
    own = [gate.push(user[k : k + WINDOW]) for k in range(0, len(user) - WINDOW, WINDOW)]
    assert not any(own[int(0.6 / WINDOW_S) :])


@pytest.mark.parametrize("delay_ms", [0, 90, 250, 400])
def test_the_delay_and_the_gain_are_found(avatar, delay_ms):
    gains = []
    for gain_db in (-8, -18):
        gate = EchoGate()
        room = Room(delay_ms, gain_db, 0.2)
        judge(avatar, room.microphone(room.echo(avatar)), gate, jitter_ms=0)
        assert abs(gate.delay_ms - delay_ms) <= 24
        gains.append(gate.gain_db)
    assert abs(gains[0] - gains[1] - 10) < 2 and abs(gains[0] - -8) < 5


def test_what_was_learnt_holds_for_the_next_utterance(avatar):
    """An hour later, with a listener whose word moves within the sentence."""
    gate = EchoGate()
    room = Room(120)
    heard = room.microphone(room.echo(avatar))
    judge(avatar, heard, gate)
    later = 3600 * SAMPLE_RATE_HZ
    start, own, detector, speech = later + SAMPLE_RATE_HZ, [], vad.build("silero", {}), []
    gate.reference(start, avatar)
    for k in range(len(heard) // WINDOW):
        if k % 3 == 0:
            moved = 2400 if k * WINDOW_S > START_S + 0.5 else 0
            gate.heard(later + int(k * WINDOW_S * SAMPLE_RATE_HZ) + moved)
        own.append(gate.push(heard[k * WINDOW : (k + 1) * WINDOW]))
        speech += detector.push(heard[k * WINDOW : (k + 1) * WINDOW])
    assert longest(~np.array(own) & (np.array(speech) > 0.5)) < 0.15


def test_any_chunking_gives_the_same(avatar):
    room = Room(60)
    heard = room.microphone(room.echo(avatar))[: 4 * HEARING_RATE_HZ]
    verdicts = []
    for size in (256, 512, 1000, 16_000):
        gate = EchoGate()
        gate.reference(SAMPLE_RATE_HZ, avatar)
        gate.heard(0)
        for k in range(0, len(heard), size):
            last = gate.push(heard[k : k + size])
        verdicts.append((last, gate.delay_ms, gate.gain_db))
    assert len(set(verdicts)) == 1


def test_odd_references_are_taken(avatar):
    gate = EchoGate()
    gate.heard(0)
    for start in (0, 10**9, 5, 10**9 - 100, 3600 * SAMPLE_RATE_HZ):
        gate.reference(start, np.tile(avatar, 4))
        gate.reference(start, avatar[:0])
        gate.push(np.zeros(WINDOW, np.float32))
    gate.cut()
    gate.reset()
    assert not gate.push(np.zeros(WINDOW, np.float32))
