"""A growing turn is recognised at pauses and as it grows, one attempt at a time, and no word of it is lost."""

from __future__ import annotations

import asyncio
import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.dialogue import HEARING_RATE_HZ, Transcript
from bridge.errors import ProviderError
from bridge.providers.asr._growing import Cadence, recognise
from tests.fakes.whisper import bursts

pytestmark = pytest.mark.law

PIECE = 320


def word(level=0.3, seconds=0.2):
    return np.full(int(seconds * HEARING_RATE_HZ), level, np.float32)


def silence(seconds):
    return np.zeros(int(seconds * HEARING_RATE_HZ), np.float32)


class Decoder:
    """Counts the words of what it is given, and says how often it was asked."""

    def __init__(self) -> None:
        self.seconds: list[float] = []
        self.at_once = self.most_at_once = 0
        self.gave_up = False
        self.gate, self.started, self.idle = threading.Event(), threading.Event(), threading.Event()
        self.gate.set()
        self.idle.set()
        self._lock = threading.Lock()

    def __call__(self, samples, given_up):
        with self._lock:
            self.at_once += 1
            self.most_at_once = max(self.at_once, self.most_at_once)
        self.idle.clear()
        self.started.set()
        self.seconds.append(len(samples) / HEARING_RATE_HZ)
        self.gate.wait(10)
        with self._lock:
            self.at_once -= 1
        self.gave_up = given_up.is_set()
        self.idle.set()
        return Transcript(" ".join("w" * bursts(samples)), final=False, lang="en", confidence=0.5)


async def microphone(samples, size=PIECE):
    for start in range(0, len(samples), size):
        yield samples[start : start + size]
        await asyncio.sleep(0)


def turn(samples, decoder, size=PIECE, cadence=None):
    async def whole():
        return [t async for t in recognise(microphone(samples, size), decoder, cadence)]

    return asyncio.run(whole())


@settings(max_examples=25)
@given(
    st.lists(st.tuples(st.floats(0.05, 0.5), st.floats(0.12, 1.0)), max_size=8),
    st.integers(50, 9000),
)
def test_every_word_is_in_the_final_text_for_any_pieces(words, size):
    sound = np.concatenate([silence(0.3), *(np.concatenate([word(level), silence(gap)]) for level, gap in words)])
    decoder = Decoder()
    *partial, final = turn(sound, decoder, size)
    assert final == Transcript(" ".join("w" * len(words)), True, final.lang, 0.5 if words else 1.0)
    assert not any(t.final for t in partial)
    assert decoder.most_at_once <= 1


def test_silence_is_not_even_looked_at():
    decoder = Decoder()
    (final,) = turn(np.full(3 * HEARING_RATE_HZ, 5e-4, np.float32), decoder)
    assert (final.text, final.final, decoder.seconds) == ("", True, [])


def test_what_was_recognised_at_a_pause_is_not_recognised_again():
    decoder = Decoder()

    async def patient():
        """The silence after the word lasts until an attempt has ended."""
        async for piece in microphone(np.concatenate([word(), silence(0.3)])):
            yield piece
        assert await asyncio.to_thread(decoder.started.wait, 10)
        assert await asyncio.to_thread(decoder.idle.wait, 10)
        for _ in range(5):  # the attempt has ended; its task is about to know
            yield silence(0.02)
            await asyncio.sleep(0.01)

    async def whole():
        return [t async for t in recognise(patient(), decoder)]

    partial, final = asyncio.run(whole())
    assert (partial.text, final.text, final.final) == ("w", "w", True)
    assert decoder.seconds == [pytest.approx(0.4)]  # the word, and the pause by which it counts as said


def test_words_after_a_pause_are_recognised_too():
    decoder = Decoder()
    sound = np.concatenate([word(), silence(0.5), word(), silence(0.01)])
    assert turn(sound, decoder)[-1].text == "w w"


def test_attempts_grow_with_the_turn():
    decoder = Decoder()
    talk = np.concatenate([np.concatenate([word(seconds=0.15), silence(0.12)]) for _ in range(100)])
    turn(talk, decoder, cadence=Cadence(0.6, 1.0))
    assert all(later >= 2 * earlier for earlier, later in zip(decoder.seconds[:-2], decoder.seconds[1:-1], strict=True))


def test_what_was_said_long_before_is_settled():
    decoder = Decoder()
    minute = np.concatenate([np.concatenate([word(), silence(0.4)]) for _ in range(100)])

    async def slow():
        async for piece in microphone(minute, 1600):
            yield piece
            await asyncio.sleep(0.002)
            assert await asyncio.to_thread(decoder.idle.wait, 10)

    async def whole():
        return [t async for t in recognise(slow(), decoder)]

    assert asyncio.run(whole())[-1].text == " ".join("w" * 100)
    assert max(decoder.seconds) < 35
    assert sum(decoder.seconds) < 60 * 100


def test_a_turn_given_up_tells_the_attempt_and_leaves_no_complaint(caplog):
    decoder = Decoder()
    decoder.gate.clear()

    async def give_up():
        stream = recognise(microphone(np.concatenate([word(), silence(1), word(), silence(1)])), decoder)
        task = asyncio.create_task(anext(stream))
        assert await asyncio.to_thread(decoder.started.wait, 10)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await stream.aclose()
        decoder.gate.set()
        assert await asyncio.to_thread(decoder.idle.wait, 10)

    asyncio.run(give_up())
    assert decoder.gave_up
    assert not caplog.records


def test_a_failing_attempt_fails_the_turn():
    def broken(samples, given_up):
        raise ProviderError("No.", retryable=True)

    with pytest.raises(ProviderError, match="No"):
        turn(np.concatenate([word(), silence(1)]), broken)


def test_a_faint_voice_is_heard_and_a_loud_one_sets_the_measure():
    assert turn(np.concatenate([word(0.02), silence(0.3)]), Decoder())[-1].text == "w"
    decoder = Decoder()
    hiss = np.random.default_rng(1).normal(0, 2e-3, HEARING_RATE_HZ).astype(np.float32)
    turn(np.concatenate([word(0.5), hiss]), decoder)
    assert decoder.seconds[-1] < 0.5  # the hiss after the word counts as a pause
