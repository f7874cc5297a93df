"""The avatar's own voice through loudspeakers and rooms, alone and with somebody talking over it."""

import numpy as np
import pytest
import soxr
from scipy.signal import butter, fftconvolve, lfilter

from bridge.dialogue import HEARING_RATE_HZ
from bridge.dsp.echo import EchoGate
from bridge.providers import vad
from bridge.providers.tts import espeak
from bridge.timebase import SAMPLE_RATE_HZ

pytestmark = pytest.mark.unit

WINDOW = 512
WINDOW_S = WINDOW / HEARING_RATE_HZ
START_S = 1.0
TEXT = (
    "Hello there, it is nice to see you. Today I can tell you about the museum, its paintings, and the people who made "
    "them. The oldest room is on the left, behind the stairs. Most visitors begin with the garden."
)
QUESTION = "Wait a moment please, I have another question about the tickets."


@pytest.fixture(scope="module")
def avatar():
    return espeak.speak(TEXT, espeak.Options(voice="m3")).samples


@pytest.fixture(scope="module")
def user():
    return to_microphone(espeak.speak(QUESTION, espeak.Options(voice="f2", rate_wpm=160)).samples)


def to_microphone(samples):
    return soxr.resample(samples, SAMPLE_RATE_HZ, HEARING_RATE_HZ).astype(np.float32)


def level(samples):
    return np.sqrt(np.mean(np.square(samples[np.abs(samples) > 0.02 * np.abs(samples).max()])))


def echoed(avatar, delay_ms, gain_db, reverb_s, clip=1.0, seed=0):
    """What a small loudspeaker, a room and the buffers make of the avatar's voice at the microphone."""
    rng = np.random.default_rng(seed)
    low, high = 300 / (HEARING_RATE_HZ / 2), 6000 / (HEARING_RATE_HZ / 2)
    played = np.clip(lfilter(*butter(2, [low, high], "band"), to_microphone(avatar)), -clip, clip)
    t = np.arange(int(reverb_s * HEARING_RATE_HZ)) / HEARING_RATE_HZ
    tail = rng.standard_normal(len(t)) * 10 ** (-3 * t / reverb_s) * 0.05 * np.sqrt(0.3 / reverb_s)
    sound = fftconvolve(played, np.concatenate([[1], tail])) * 10 ** (gain_db / 20)
    return np.concatenate([np.zeros(int((START_S + delay_ms / 1000) * HEARING_RATE_HZ)), sound])


def microphone(*sounds, seed=0, noise_db=-60):
    mixed = np.random.default_rng(seed).standard_normal(max(map(len, sounds)) + HEARING_RATE_HZ)
    mixed *= 10 ** (noise_db / 20)
    for sound in sounds:
        mixed[: len(sound)] += sound
    return np.clip(mixed, -1, 1).astype(np.float32)


def at(seconds, sound):
    return np.concatenate([np.zeros(int(seconds * HEARING_RATE_HZ)), sound])


def judged(avatar, heard, *, jitter_ms=20, gate=None):
    """For each window, whether it is the avatar's own and how likely speech; told of the avatar 0.3 s ahead."""
    gate, detector, rng = gate or EchoGate(), vad.build("silero", {}), np.random.default_rng(1)
    start, said, own, speech = int(START_S * SAMPLE_RATE_HZ), 0, [], []
    for k in range(len(heard) // WINDOW):
        now_s = k * WINDOW_S
        while said < len(avatar) and (start + said) / SAMPLE_RATE_HZ < now_s + 0.3:
            gate.reference(start + said, avatar[said : said + 2400])
            said += 2400
        if k % 3 == 0:
            gate.heard(int(max(now_s - rng.uniform(0, jitter_ms / 1000), 0) * SAMPLE_RATE_HZ))
        window = heard[k * WINDOW : (k + 1) * WINDOW]
        own.append(gate.push(window))
        speech += detector.push(window)
    return np.array(own), np.array(speech)


def longest(flags):
    """The longest run, in seconds."""
    run = best = 0
    for flag in flags:
        run = run + 1 if flag else 0
        best = max(best, run)
    return best * WINDOW_S


@pytest.mark.parametrize(
    ("delay_ms", "gain_db", "reverb_s", "clip"),
    [
        *((40, -6, 0.2, 1.0), (40, -18, 0.5, 1.0), (150, -12, 0.3, 0.4), (150, -30, 0.2, 1.0)),
        *((220, -20, 0.6, 1.0), (300, -6, 0.4, 0.4), (300, -18, 0.3, 1.0)),
    ],
)
def test_an_echo_starts_no_turn(avatar, delay_ms, gain_db, reverb_s, clip):
    heard = microphone(echoed(avatar, delay_ms, gain_db, reverb_s, clip))
    own, speech = judged(avatar, heard)
    assert np.mean(speech > 0.5) > 0.3, "without the gate it would"
    assert longest(~own & (speech > 0.5)) < 0.15


@pytest.mark.parametrize(("delay_ms", "gain_db"), [(40, -10), (150, -18), (280, -14)])
@pytest.mark.parametrize("over_db", [3, 9])
def test_who_talks_over_it_is_heard(avatar, user, delay_ms, gain_db, over_db):
    echo = echoed(avatar, delay_ms, gain_db, 0.3)
    louder = user * level(echo) / level(user) * 10 ** (over_db / 20)
    own, speech = judged(avatar, microphone(echo, at(5, louder)))
    during = slice(int(5 / WINDOW_S), int((5 + len(user) / HEARING_RATE_HZ) / WINDOW_S))
    assert longest((~own & (speech > 0.5))[during]) > 0.3
    before = slice(0, during.start)
    assert longest((~own & (speech > 0.5))[before]) < 0.15


def test_with_headphones_the_user_is_heard_all_the_time(avatar, user):
    own, _ = judged(avatar, microphone(at(4, user)))
    during = slice(int(4.2 / WINDOW_S), int((4 + len(user) / HEARING_RATE_HZ) / WINDOW_S))
    assert np.mean(own[during]) < 0.1


def test_while_the_avatar_is_silent_everything_is_heard(user):
    own, _ = judged(np.zeros(0, np.float32), microphone(at(2, user)))
    assert not own.any()


def test_nothing_is_kept_back_where_nobody_says_what_is_heard(avatar, user):
    gate = EchoGate()
    gate.reference(0, avatar)
    assert not any(gate.push(user[k : k + WINDOW]) for k in range(0, len(user), WINDOW))


def test_what_the_avatar_had_still_to_say_is_forgotten_at_a_stop(avatar, user):
    gate = EchoGate()
    judged(avatar, microphone(echoed(avatar, 100, -12, 0.3)), gate=gate)
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
        judged(avatar, microphone(echoed(avatar, delay_ms, gain_db, 0.2)), jitter_ms=0, gate=gate)
        assert abs(gate.delay_ms - delay_ms) <= 24
        gains.append(gate.gain_db)
    assert abs(gains[0] - gains[1] - 10) < 2 and abs(gains[0] - -8) < 5


def test_what_was_learnt_holds_for_the_next_utterance(avatar):
    """An hour later, with a listener whose word moves within the sentence."""
    gate = EchoGate()
    heard = microphone(echoed(avatar, 120, -12, 0.3))
    judged(avatar, heard, gate=gate)
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
    heard = microphone(echoed(avatar, 60, -10, 0.3))[: 4 * HEARING_RATE_HZ]
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
