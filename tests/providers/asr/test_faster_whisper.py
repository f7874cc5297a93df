"""faster-whisper through its own interface: its weights are no part of a checkout, so a stand-in decodes."""

from __future__ import annotations

import asyncio
import inspect
import threading

import numpy as np
import pytest

from bridge.dialogue import HEARING_RATE_HZ
from bridge.errors import ConfigError, ProviderError
from bridge.providers import asr
from bridge.providers.asr.faster_whisper import FasterWhisper, Options, on_disk
from tests.fakes.whisper import StandIn

pytestmark = pytest.mark.unit

ONE_WORD = np.concatenate([np.full(4800, 0.3, np.float32), np.zeros(4800, np.float32)])


def turn(model, sound=ONE_WORD, asked="", **options):
    async def pieces():
        for start in range(0, len(sound), 512):
            yield sound[start : start + 512]
            await asyncio.sleep(0)

    async def whole():
        recogniser = FasterWhisper(Options(**options), model)
        return [t async for t in recogniser.stream(pieces(), asked)]

    return asyncio.run(whole())


def test_the_real_model_takes_what_it_is_given():
    faster_whisper = pytest.importorskip("faster_whisper")
    model = StandIn()
    turn(model)
    inspect.signature(faster_whisper.WhisperModel.transcribe).bind(None, ONE_WORD, **model.calls[0])
    inspect.signature(faster_whisper.WhisperModel.__init__).bind(
        None, "small", device="auto", compute_type="default", cpu_threads=0, local_files_only=True
    )
    assert {"text", "tokens", "avg_logprob", "no_speech_prob"} <= set(
        inspect.signature(faster_whisper.transcribe.Segment).parameters
    )
    assert "language" in inspect.signature(faster_whisper.transcribe.TranscriptionInfo).parameters


def test_a_missing_model_says_how_to_get_it(monkeypatch, tmp_path):
    pytest.importorskip("faster_whisper")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(
        ConfigError, match=r"'org/not-here'.*download = true.*download_model\('org/not-here'\).*model\.bin"
    ):
        asr.build("faster_whisper", {"model": "org/not-here"})
    with pytest.raises(ConfigError, match="folder"):
        asr.build("faster_whisper", {"model": str(tmp_path)})


def test_a_broken_model_is_one_sentence(tmp_path):
    pytest.importorskip("faster_whisper")
    for name in ("model.bin", "config.json", "tokenizer.json"):
        (tmp_path / name).write_bytes(b"{}")
    assert on_disk(str(tmp_path))
    with pytest.raises(ConfigError, match=r"can't be loaded: .*\.$"):
        asr.build("faster_whisper", {"model": str(tmp_path)})


def test_a_model_may_lie_in_the_users_folder(tmp_path, monkeypatch):
    pytest.importorskip("faster_whisper")
    monkeypatch.setenv("AVATAR_BRIDGE_HOME", str(tmp_path))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert not on_disk("org-small")
    folder = tmp_path / "models" / "faster-whisper-org-small"
    folder.mkdir(parents=True)
    for name in ("model.bin", "config.json", "tokenizer.json"):
        (folder / name).write_bytes(b"{}")
    assert on_disk("org-small")


def test_nothing_is_on_disk_by_a_wrong_name():
    assert not on_disk("no such model")


@pytest.mark.parametrize(
    ("asked", "set_", "given"),
    [
        ("", "", None),
        ("zh-TW", "", "zh"),
        ("", "de", "de"),
        ("en-GB", "de", "en"),
        ("cmn", "", "zh"),
        ("pt_BR", "", "pt"),
    ],
)
def test_the_language_is_told_as_whisper_writes_it(asked, set_, given):
    model = StandIn()
    transcripts = turn(model, asked=asked, lang=set_)
    assert model.calls[0]["language"] == given
    assert transcripts[-1].lang == (given or "en")


def test_settings_reach_the_model():
    model = StandIn()
    turn(model, beam_size=2)
    assert model.calls[0]["beam_size"] == 2
    assert model.calls[0]["condition_on_previous_text"] is False


def test_what_is_likely_no_speech_is_left_out():
    model = StandIn()
    model.no_speech_prob, model.avg_logprob = 0.9, -1.5
    assert turn(model)[-1].text == ""
    model.avg_logprob = -0.2  # sure of its words, whatever else
    assert turn(model)[-1].text == "Hello"


def test_confidence_is_the_likelihood_of_a_token():
    model = StandIn()
    model.avg_logprob = -0.5
    assert turn(model)[-1].confidence == pytest.approx(np.exp(-0.5))


def test_a_failure_of_the_model_is_one_sentence():
    model = StandIn()
    model.error = RuntimeError("CUDA failed with error out of memory\nat 0x1")
    with pytest.raises(ProviderError, match=r"faster-whisper recogniser failed: CUDA failed .*\.$") as caught:
        turn(model)
    assert "\n" not in str(caught.value)


def test_turns_that_overlap_never_decode_at_once():
    model = StandIn()
    recogniser = FasterWhisper(Options(every_s=0.1), model)

    async def pieces():
        for start in range(0, len(ONE_WORD), 512):
            yield ONE_WORD[start : start + 512]
            await asyncio.sleep(0.001)

    async def one():
        return [t async for t in recogniser.stream(pieces())][-1].text

    async def all_at_once():
        return await asyncio.gather(*(one() for _ in range(5)))

    assert asyncio.run(all_at_once()) == ["Hello"] * 5
    assert model.most_at_once == 1


def test_a_turn_given_up_stops_between_segments():
    model = StandIn()
    model.gate = threading.Event()
    recogniser = FasterWhisper(Options(), model)
    given_up = threading.Event()
    given_up.set()
    model.gate.set()
    four = np.tile(ONE_WORD, 4)
    assert recogniser._transcribe(four, "", given_up).text == ""
    assert recogniser._transcribe(four, "", threading.Event()).text == "Hello dear world and"
    assert four.size == 4 * 0.6 * HEARING_RATE_HZ


@pytest.mark.parametrize("wrong", [{"beam_size": 0}, {"cpu_threads": -1}, {"every_s": 0.0}])
def test_numbers_out_of_range_are_refused(wrong):
    with pytest.raises(ConfigError, match="must lie in"):
        Options(**wrong)
