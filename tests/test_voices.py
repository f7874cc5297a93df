"""The order of voices: who speaks when one can't, what is said of it, and when it is asked again."""

import asyncio
import importlib.machinery
import itertools
import sys
import types
from contextlib import aclosing
from dataclasses import dataclass

import edge_tts.communicate
import numpy as np
import pytest

from bridge.config import Settings, parse
from bridge.errors import ConfigError, InputError, ProviderError
from bridge.speaking import Line
from bridge.types import Speech, Word, freeze
from bridge.voices import FIRST_PAUSE_S, KEPT, LONGEST_PAUSE_S, Voices
from tests.fakes import speech
from tests.fakes.edge import Edge

pytestmark = pytest.mark.unit

PIECE = freeze(np.full(2400, 0.1))


class ClockByHand:
    now = 0.0

    def now_ns(self):
        return int(self.now * 1e9)


@dataclass(frozen=True)
class Options:
    lang: str = "en"
    voice: str = ""


class Scripted:
    """A voice outside the package. It does with each sentence what `plan` says next, and then speaks."""

    def __init__(self, name):
        self.name, self.plan, self.said, self.closed, self.built = name, [], [], 0, []

    def module(self):
        module = types.ModuleType(self.name)
        module.__spec__ = importlib.machinery.ModuleSpec(self.name, None)
        module.Options, module.build = Options, self.build
        return module

    def build(self, options):
        if self.plan and self.plan[0] in (ProviderError, ConfigError):
            raise self.plan.pop(0)(f"{self.name} can't be built.")
        self.built.append(options)
        return Told(self)

    async def stream(self, text):
        step = self.plan.pop(0) if self.plan else "speak"
        self.said.append(text)
        try:
            if step == "input":
                raise InputError(f"{self.name} can't say this.")
            if step == "bug":
                raise ZeroDivisionError
            if step == "words":
                yield Speech(freeze(np.zeros(0)), words=(Word(0, 1, "a"),))
            if step in ("half", "speak"):
                yield Speech(PIECE)
            if step != "speak":
                raise ProviderError(f"{self.name} is out of order: {step}.", retryable=True)
            yield Speech(PIECE)
        finally:
            self.closed += 1


class Told:
    """What a scripted voice builds."""

    def __init__(self, script):
        self.stream, self._script = script.stream, script

    async def aclose(self):
        self._script.built.pop(0)


@pytest.fixture
def first(monkeypatch):
    voice = Scripted("scripted.first")
    monkeypatch.setitem(sys.modules, voice.name, voice.module())
    return voice


@pytest.fixture
def second(monkeypatch):
    voice = Scripted("scripted.second")
    monkeypatch.setitem(sys.modules, voice.name, voice.module())
    return voice


@pytest.fixture
def clock():
    return ClockByHand()


@pytest.fixture
def voices(first, second, clock):
    voices = Voices(first.name, {}, "en", {second.name: {}}, clock)
    voices.heard = []
    voices.told = voices.heard.append
    return voices


def say(voices, text="Hello.", **line):
    async def gather():
        return [piece async for piece in voices.of(Line(text, **line)).stream(text)]

    return asyncio.run(gather())


def test_the_first_speaks_while_it_can(voices, first, second):
    assert len(say(voices)) == 2
    assert (first.said, second.said) == (["Hello."], [])
    assert (voices.notice, voices.heard) == ("", [])


@pytest.mark.parametrize("step", ["refuse", "bug", "words"])
def test_one_that_fails_before_any_sound_is_passed_over(voices, first, second, step):
    first.plan = [step]
    assert sum(len(piece.samples) for piece in say(voices)) == 4800
    assert second.said == ["Hello."]
    assert voices.heard == [voices.notice]
    assert "scripted.first" in voices.notice and voices.notice.endswith(" The voice scripted.second speaks instead.")


def test_one_that_cannot_be_built_is_passed_over(voices, first, second):
    first.plan = [ProviderError, ProviderError]  # once when asked for, once when it is to speak
    assert len(say(voices)) == 2
    assert second.said == ["Hello."] and "can't be built" in voices.notice


def test_a_sentence_half_said_is_continued_by_nobody(voices, first, second):
    first.plan = ["half"]
    with pytest.raises(ProviderError, match="out of order"):
        say(voices)
    assert second.said == []
    say(voices, "The next one.")
    assert second.said == ["The next one."]


def test_it_is_asked_again_after_a_pause_that_grows(voices, first, clock):
    pauses = []
    for _ in range(9):
        first.plan = ["refuse"]
        asked = len(first.said)
        say(voices)
        assert len(first.said) == asked + 1
        begun, first.plan = clock.now, ["not to be asked"]
        while first.plan:
            clock.now += 1
            say(voices)
        pauses.append(clock.now - begun)
        clock.now += LONGEST_PAUSE_S
    assert pauses[0] == FIRST_PAUSE_S
    assert pauses[-1] == LONGEST_PAUSE_S
    assert all(a <= b for a, b in itertools.pairwise(pauses))


def test_the_same_reason_is_told_once_and_so_is_its_end(voices, first, clock):
    first.plan = ["refuse", "refuse", "refuse"]
    for _ in range(4):
        say(voices)
        clock.now += LONGEST_PAUSE_S
    assert voices.heard == [
        "scripted.first is out of order: refuse. The voice scripted.second speaks instead.",
        "The voice scripted.first speaks again.",
    ]
    assert voices.notice == ""
    first.plan = ["refuse"]
    say(voices)
    clock.now += FIRST_PAUSE_S
    say(voices)
    assert len(first.said) == 6  # the pause began anew


def test_a_text_that_one_cannot_say_is_no_fault_of_it(voices, first, second):
    first.plan = ["input"]
    say(voices)
    assert (second.said, voices.heard) == (["Hello."], [])
    say(voices)
    assert len(first.said) == 2


def test_what_nobody_can_say_is_refused_by_the_first(voices, first, second):
    first.plan, second.plan = ["input"], ["input"]
    with pytest.raises(InputError, match=r"scripted\.first"):
        say(voices, "...")


def test_where_none_can_speak_all_reasons_are_given(first, second):
    first.plan, second.plan = ["refuse"] * 9, ["refuse"] * 9
    voices = Voices(first.name, {}, "en", {second.name: {}, "espeak": {"rate_wpm": 1}}, ClockByHand())
    for _ in range(2):  # also while all of them pause
        with pytest.raises(ProviderError, match=r"No voice can speak: .*first.*second.*rate_wpm") as raised:
            say(voices)
        assert raised.value.retryable
    first.plan, second.plan = [ProviderError], [ProviderError]
    voices = Voices(first.name, {}, "en", {second.name: {}, "espeak": {"rate_wpm": 1}})
    with pytest.raises(ProviderError, match="No voice can speak"):
        voices.of(Line("Hello."))


def test_wrong_settings_of_the_first_are_no_case_for_another(voices, first):
    first.plan = [ConfigError]
    with pytest.raises(ConfigError):
        voices.of(Line("Hello."))


def test_a_lines_own_voice_is_the_firsts(voices, first, second):
    first.plan = ["refuse"]
    say(voices, "你好。", voice="Ann")
    assert (first.built, second.built) == ([Options("zh", "Ann")], [Options("zh", "")])


def test_closing_early_closes_the_voice(voices, first):
    async def interrupt():
        async with aclosing(voices.of(Line("Hello.")).stream("Hello.")) as pieces:
            await anext(pieces)

    asyncio.run(interrupt())
    assert first.closed == 1
    assert voices.heard == []


def test_aclose_lets_go_of_all(voices, first, second):
    first.plan = ["refuse"]
    say(voices)
    assert first.built and second.built
    asyncio.run(voices.aclose())
    assert not first.built and not second.built


def test_voices_that_callers_name_are_kept_in_bounds(voices, first):
    async def run():
        async with aclosing(voices.of(Line("Hello.", voice="the first")).stream("Hello.")) as pieces:
            await anext(pieces)
            for number in range(3 * KEPT):
                async with aclosing(voices.of(Line("Hello.", voice=str(number))).stream("Hello.")) as others:
                    await anext(others)
            assert len(first.built) <= KEPT + 1
            assert [piece async for piece in pieces]  # the one that speaks is not among those given up

    asyncio.run(run())
    assert len(first.built) <= KEPT + 1
    asyncio.run(voices.aclose())
    assert first.built == []


def test_the_embedded_voice_is_always_the_last(first, clock):
    first.plan = ["refuse"]
    voices = Voices(first.name, {}, "en", clock=clock)
    assert sum(len(piece.samples) for piece in say(voices)) > 4800
    assert "espeak speaks instead" in voices.notice
    asyncio.run(voices.aclose())


def test_edge_refuses_and_the_embedded_voice_speaks(monkeypatch):
    text = "The big blue boat."
    speech.spoken(text)
    with Edge() as fake, asyncio.Runner() as runner:
        monkeypatch.setattr(edge_tts.communicate, "WSS_URL", fake.wss_url)
        clock = ClockByHand()
        voices = Voices("edge", {}, "en", clock=clock)
        voices.told = (told := []).append

        async def run():
            return [piece async for piece in voices.of(Line(text)).stream(text)]

        fake.fault = "429"
        assert any(piece.phones for piece in runner.run(run()))
        assert told == ["The Edge voice has had too many requests; wait 7 s. The voice espeak speaks instead."]
        fake.fault = ""
        assert any(piece.phones for piece in runner.run(run()))
        clock.now += FIRST_PAUSE_S
        assert any(piece.words for piece in runner.run(run()))
        assert told[1:] == ["The voice edge speaks again."]
        runner.run(voices.aclose())


def test_settings_name_the_order():
    voice = parse(
        """
        [voice]
        provider = "edge"
        fallback = ["piper", "espeak"]
        [voice.fallback_settings.piper]
        url = "http://127.0.0.1:5001"
        """,
        "bridge.toml",
    ).voice
    assert voice.stand_ins == {"piper": {"url": "http://127.0.0.1:5001"}, "espeak": {}}
    assert list(Settings().voice.stand_ins) == ["espeak"]


@pytest.mark.parametrize("table", ["[voice.fallback_settings.azure]", "[voice.fallback_settings]\nespeak = 3"])
def test_settings_of_a_voice_that_is_not_in_the_order_are_refused(table):
    with pytest.raises(ConfigError, match="fallback"):
        parse(f'[voice]\nprovider = "edge"\n{table}\n', "bridge.toml")
