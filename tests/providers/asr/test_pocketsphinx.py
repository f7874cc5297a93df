"""pocketsphinx: the real decoder, in its process."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import signal
import threading

import numpy as np
import pytest
import soxr

from bridge.dialogue import HEARING_RATE_HZ
from bridge.errors import ConfigError, ProviderError
from bridge.providers import asr
from bridge.providers.asr import pocketsphinx
from bridge.providers.tts import espeak

pytestmark = pytest.mark.unit

needs_pocketsphinx = pytest.mark.skipif(
    importlib.util.find_spec("pocketsphinx") is None, reason="pocketsphinx has no wheel for this Python"
)
QUESTION = "what is your name"


def spoken(text=QUESTION):
    said = espeak.speak(text, espeak.Options(voice="f5", rate_wpm=150)).samples
    return soxr.resample(said, 24_000, HEARING_RATE_HZ).astype(np.float32)


async def heard(recogniser, samples, lang=""):
    async def pieces():
        yield samples

    return [t async for t in recogniser.stream(pieces(), lang)][-1]


def run(use, **settings):
    async def whole():
        recogniser = asr.build("pocketsphinx", settings)
        try:
            return await use(recogniser)
        finally:
            await recogniser.aclose()

    return asyncio.run(whole())


@needs_pocketsphinx
@pytest.mark.parametrize("gain", [0.05, 1, 3])
def test_loudness_does_not_matter(gain):
    said = run(lambda r: heard(r, spoken() * gain))
    assert "name" in said.text and said.lang == "en"
    assert 0 < said.confidence <= 1


@needs_pocketsphinx
def test_phrases_are_all_that_can_be_heard():
    phrases = "What is your name\n  where is the exit\n\n"
    assert run(lambda r: heard(r, spoken("what is you name")), phrases=phrases).text == QUESTION


@needs_pocketsphinx
def test_a_phrase_with_an_unknown_word_is_refused():
    with pytest.raises(ConfigError, match="does not know blorgified, quuxly"):
        asr.build("pocketsphinx", {"phrases": "the quuxly thing\nblorgified"})


@pytest.mark.parametrize("phrase", ["what | who", "say <it>", "call 911", "what?"])
def test_a_phrase_of_anything_but_words_is_refused(phrase):
    with pytest.raises(ConfigError, match="lines of words"):
        pocketsphinx.Options(phrases=phrase)


@needs_pocketsphinx
def test_another_language_is_refused():
    with pytest.raises(ProviderError, match="English only"):
        run(lambda r: heard(r, spoken(), "zh"))
    assert "name" in run(lambda r: heard(r, spoken(), "en-GB")).text


@needs_pocketsphinx
def test_a_process_that_dies_fails_one_turn_and_the_next_works():
    async def use(recogniser):
        assert "name" in (await heard(recogniser, spoken())).text
        os.kill(recogniser._process.pid, signal.SIGTERM)
        recogniser._process._child.wait()
        recogniser._process._child.poll = lambda: None  # as when it dies between being looked at and being asked
        with pytest.raises(ProviderError, match="died") as caught:
            await heard(recogniser, spoken())
        assert caught.value.retryable
        del recogniser._process._child.poll
        return await heard(recogniser, spoken())

    assert "name" in run(use).text


@needs_pocketsphinx
def test_the_loop_runs_on_while_it_decodes():
    """The decoder keeps Python's lock, which is why it has a process: here the loop turns during a decode."""

    async def use(recogniser):
        await heard(recogniser, spoken())
        decoding = asyncio.create_task(asyncio.to_thread(recogniser._decode, spoken(), threading.Event()))
        turns = 0
        while not decoding.done():
            await asyncio.sleep(0)
            turns += 1
        return turns

    assert run(use) > 100


@needs_pocketsphinx
def test_closed_it_says_so():
    async def use(recogniser):
        await recogniser.aclose()
        with pytest.raises(ProviderError, match="closed"):
            await heard(recogniser, spoken())

    run(use)


def test_without_its_package_one_sentence_says_for_which_python_there_is_one(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ConfigError, match=r"wheels exist for Python 3\.11 and 3\.13"):
        pocketsphinx.build(pocketsphinx.Options())


def test_the_default_is_what_is_here(monkeypatch):
    from bridge.providers.asr import faster_whisper  # noqa: PLC0415  heavy

    for whisper, sphinx, best in ((True, True, "faster_whisper"), (False, True, "pocketsphinx"), (False, False, "")):
        monkeypatch.setattr(faster_whisper, "on_disk", lambda model, here=whisper: here)
        monkeypatch.setattr(pocketsphinx, "available", lambda here=sphinx: here)
        assert asr.default() == best
