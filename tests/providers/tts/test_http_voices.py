"""What the HTTP voices ask for, what comes of it, and what they refuse."""

import asyncio
import base64
import json

import numpy as np
import pytest

from bridge.errors import ConfigError, ProviderError
from bridge.providers import tts
from tests.fakes import gpt_sovits, openai_speech, speech
from tests.fakes.cosyvoice import CosyVoice
from tests.fakes.fish_speech import FishSpeech
from tests.fakes.gpt_sovits import GptSovits
from tests.fakes.openai_speech import OpenAiSpeech

pytestmark = pytest.mark.unit

TEXT = "The big blue boat moved past my window."


def said(name, text=TEXT, **settings):
    async def gather():
        voice = tts.build(name, settings)
        try:
            return [piece async for piece in voice.stream(text)]
        finally:
            await voice.aclose()

    return asyncio.run(gather())


def samples_of(pieces):
    return np.concatenate([piece.samples for piece in pieces])


@pytest.fixture(autouse=True)
def no_keys(monkeypatch):
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "FISH_API_KEY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def clip(tmp_path):
    path = tmp_path / "a clip.wav"
    path.write_bytes(speech.wav(speech.spoken("A reference.").samples))
    return path


class TestOpenAi:
    @pytest.fixture
    def fake(self):
        with OpenAiSpeech() as fake:
            yield fake

    def settings(self, fake, **more):
        return {"base_url": f"{fake.url}/v1/", "api_key": openai_speech.KEY} | more

    @pytest.mark.parametrize(("form", "pieces"), [("pcm", 10), ("wav", 10), ("mp3", 2), ("opus", 2)])
    def test_every_form_streams(self, fake, form, pieces):
        found = said("openai", **self.settings(fake, form=form))
        assert len(found) >= pieces
        assert abs(len(samples_of(found)) - len(speech.spoken(TEXT).samples)) < 2500

    def test_what_is_asked_for(self, fake):
        said("openai", **self.settings(fake, speed=1.2, instructions="Whisper.", voice="nova", model="kokoro"))
        assert json.loads(fake.bodies[0]) == {
            "model": "kokoro",
            "input": TEXT,
            "voice": "nova",
            "response_format": "pcm",
            "speed": 1.2,
            "instructions": "Whisper.",
        }

    def test_a_server_of_ones_own_needs_no_key(self):
        with OpenAiSpeech(key="") as fake:
            said("openai", base_url=f"{fake.url}/v1")
            assert "authorization" not in fake.requests[0].headers

    def test_the_key_and_address_may_come_from_the_environment(self, fake, monkeypatch):
        monkeypatch.setenv("OPENAI_API_KEY", openai_speech.KEY)
        monkeypatch.setenv("OPENAI_BASE_URL", f"{fake.url}/v1")
        assert said("openai")

    def test_openai_itself_needs_a_key(self):
        with pytest.raises(ProviderError, match=r"needs a key.*OPENAI_API_KEY"):
            tts.build("openai", {})

    @pytest.mark.parametrize(
        ("settings", "sentence"),
        [
            ({"api_key": "wrong"}, "refused access.*OPENAI_API_KEY"),
            ({"model": "nothing"}, "no model 'nothing': no such thing; check"),
            ({"voice": "nobody"}, r"status 400: no voice 'nobody' for \[key\] here"),
        ],
    )
    def test_a_refusal_says_what_to_do_and_never_the_key(self, fake, settings, sentence):
        with pytest.raises(ProviderError, match=sentence) as raised:
            said("openai", **self.settings(fake, **settings))
        assert openai_speech.KEY[:8] not in str(raised.value)

    def test_a_server_that_ignores_the_form_is_no_noise(self, fake, monkeypatch):
        monkeypatch.setitem(openai_speech.FORMS, "pcm", speech.wav)
        with pytest.raises(ProviderError, match="not bare PCM"):
            said("openai", **self.settings(fake))

    @pytest.mark.parametrize(
        "settings", [{"form": "aac"}, {"speed": 9.0}, {"sample_rate_hz": 1}, {"base_url": "127.0.0.1:8000"}]
    )
    def test_what_cannot_be_is_refused(self, settings):
        with pytest.raises(ConfigError):
            tts.build("openai", {"api_key": "k"} | settings)


class TestGptSovits:
    @pytest.fixture
    def fake(self):
        with GptSovits() as fake:
            yield fake

    def test_what_is_asked_for(self, fake):
        pieces = said(
            "gpt_sovits",
            url=fake.url,
            reference=gpt_sovits.CLIP,
            reference_text="你好",
            reference_lang="zh-CN",
            lang="en-GB",
            speed=1.1,
            seed=7,
        )
        assert len(pieces) > 3
        assert abs(len(samples_of(pieces)) - len(speech.spoken(TEXT).samples)) < 100
        assert json.loads(fake.bodies[0]) == {
            "text": TEXT,
            "text_lang": "en",
            "ref_audio_path": gpt_sovits.CLIP,
            "prompt_text": "你好",
            "prompt_lang": "zh",
            "speed_factor": 1.1,
            "seed": 7,
            "media_type": "wav",
            "streaming_mode": True,
        }

    @pytest.mark.parametrize(("mode", "sent"), [(0, False), (1, True), (2, 2), (3, 3)])
    def test_older_servers_get_a_truth_value(self, fake, mode, sent):
        said("gpt_sovits", url=fake.url, reference=gpt_sovits.CLIP, streaming_mode=mode)
        found = json.loads(fake.bodies[0])["streaming_mode"]
        assert found == sent and type(found) is type(sent)

    def test_a_language_it_does_not_know_is_left_to_it(self, fake):
        said("gpt_sovits", url=fake.url, reference=gpt_sovits.CLIP, lang="de")
        assert json.loads(fake.bodies[0])["text_lang"] == "auto"

    def test_a_clip_that_is_not_there_is_told_in_the_servers_words(self, fake):
        with pytest.raises(ProviderError, match="status 400: tts failed"):
            said("gpt_sovits", url=fake.url, reference="gone.wav")

    def test_without_a_clip_there_is_no_voice(self):
        with pytest.raises(ProviderError, match="set reference"):
            tts.build("gpt_sovits", {})


class TestCosyVoice:
    @pytest.mark.parametrize(
        ("settings", "path", "fields"),
        [
            ({}, "/inference_sft", {"spk_id": "中文女"}),
            ({"instruction": "Sichuan"}, "/inference_instruct", {"spk_id": "中文女", "instruct_text": "Sichuan"}),
            ({"reference": True}, "/inference_cross_lingual", {}),
            (
                {"reference": True, "reference_text": "A reference."},
                "/inference_zero_shot",
                {"prompt_text": "A reference."},
            ),
            ({"reference": True, "instruction": "slowly"}, "/inference_instruct2", {"instruct_text": "slowly"}),
        ],
    )
    def test_what_is_set_chooses_the_way(self, clip, settings, path, fields):
        if "reference" in settings:
            settings = settings | {"reference": str(clip)}
            fields = fields | {"prompt_wav": clip.read_bytes()}
        with CosyVoice() as fake:
            pieces = said("cosyvoice", url=fake.url, **settings)
            assert fake.forms == [(path, {"tts_text": TEXT} | fields)]
        assert np.abs(samples_of(pieces) - speech.spoken(TEXT).samples).max() < 1e-3

    def test_other_samples_may_be_told(self):
        with CosyVoice(sample="<f4") as fake:
            pieces = said("cosyvoice", url=fake.url, sample="float32", sample_rate_hz=12_000)
        assert abs(len(samples_of(pieces)) - 2 * len(speech.spoken(TEXT).samples)) < 10

    @pytest.mark.parametrize("settings", [{"sample": "int8"}, {"sample_rate_hz": 0}, {"reference": "gone.wav"}])
    def test_what_cannot_be_is_refused(self, settings):
        with pytest.raises(ConfigError):
            tts.build("cosyvoice", settings)


class TestFishSpeech:
    def test_what_is_asked_for(self, clip):
        with FishSpeech(key="fish-key") as fake:
            pieces = said(
                "fish_speech",
                url=fake.url,
                api_key="fish-key",
                voice="anna",
                reference=str(clip),
                reference_text="A reference.",
                seed=3,
            )
            body = json.loads(fake.bodies[0])
        assert body.pop("references") == [
            {"audio": base64.b64encode(clip.read_bytes()).decode(), "text": "A reference."}
        ]
        assert body == {
            "text": TEXT,
            "format": "wav",
            "streaming": True,
            "temperature": 0.8,
            "use_memory_cache": "on",
            "reference_id": "anna",
            "seed": 3,
        }
        assert np.abs(samples_of(pieces) - speech.spoken(TEXT).samples).max() < 1e-3

    def test_it_may_come_as_a_whole(self):
        with FishSpeech() as fake:
            assert len(samples_of(said("fish_speech", url=fake.url, streaming=False))) > 24_000

    def test_a_wrong_key_is_told(self):
        with FishSpeech(key="fish-key") as fake, pytest.raises(ProviderError, match=r"refused access.*FISH_API_KEY"):
            said("fish_speech", url=fake.url)

    def test_a_huge_clip_is_refused(self, tmp_path):
        with open(tmp_path / "long.wav", "wb") as file:
            file.truncate(21 << 20)
        with pytest.raises(ConfigError, match="larger than 20 MiB"):
            tts.build("fish_speech", {"reference": str(tmp_path / "long.wav")})
