"""A line on its way to speech and face: lips by the phones of a voice that tells them, all else as before."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest

from bridge.errors import ConfigError, InputError, ProviderError
from bridge.face.articulation import curves
from bridge.layers.cues import EASE_FRAMES
from bridge.layers.mixer import Mixer
from bridge.layers.speech import EASE_OUT_FRAMES
from bridge.offline import record
from bridge.providers.tts import espeak
from bridge.speaking import Line, Speaker
from bridge.timebase import SAMPLE_RATE_HZ, SAMPLES_PER_FRAME
from bridge.types import ARKIT_BLENDSHAPES, SHAPE_INDEX, Phone, Speech, freeze
from bridge.wire import stream
from tests.fakes.stage import PIECE_FRAMES, HummingVoices, OpenMouth, on_stage

pytestmark = pytest.mark.law

JAW, CLOSE = SHAPE_INDEX["jawOpen"], SHAPE_INDEX["mouthClose"]
MOUTH = [i for i, name in enumerate(ARKIT_BLENDSHAPES) if name.startswith(("mouth", "jaw", "tongue"))]


class OneVoice:
    """A voice that speaks all lines, and keeps what it told, on the utterance's time."""

    def __init__(self, voice):
        self._voice = voice
        self.samples = 0
        self.phones = []

    def of(self, line):
        return self

    async def stream(self, text):
        offset_s = self.samples / SAMPLE_RATE_HZ
        async for piece in self._voice.stream(text):
            self.samples += len(piece.samples)
            self.phones += [Phone(p.start_s + offset_s, p.end_s + offset_s, p.ipa) for p in piece.phones]
            yield piece

    async def aclose(self):
        await self._voice.aclose()


class Kept:
    """A take that stays in memory."""

    def __init__(self):
        self.parts = []

    def write(self, frames, samples):
        self.parts.append(frames.face)

    @property
    def face(self):
        return np.concatenate(self.parts)


async def spoken(voices, text, *, by_phones, mixer=None):
    kept = Kept()
    await record(Speaker(voices, lambda _: OpenMouth(), by_phones=by_phones).say(Line(text)), mixer, kept)
    return kept.face


def bilabials(phones):
    return [p for p in phones if p.ipa.strip("ˈˌ")[:1] in ("p", "b", "m")]


@pytest.mark.parametrize("lang", ["en", "de", "fr", "es"])
def test_lips_meet_in_every_bilabial_of_the_embedded_voice(lang):
    async def scene():
        voices = OneVoice(espeak.build(espeak.Options(lang=lang)))
        face = await spoken(voices, "Papa, Mama! Bambi bebop problem. Opa, ma.", by_phones=True, mixer=Mixer(4))
        await voices.aclose()
        closed = bilabials(voices.phones)
        assert len(closed) >= 12
        for phone in closed:
            gap = face[int(phone.start_s * 60) : int(phone.end_s * 60) + 2]
            assert (gap[:, JAW] - gap[:, CLOSE]).min() < 0.02, phone
        open_s = [(p.start_s + p.end_s) / 2 for p in voices.phones if p.ipa.strip("ˈˌː") == "a"]
        assert all(face[round(s * 60), JAW] - face[round(s * 60), CLOSE] > 0.05 for s in open_s)

    asyncio.run(scene())


@pytest.mark.parametrize("lang", ["en", "de", "zh", "ja"])
def test_piece_by_piece_the_mouth_is_what_all_phones_at_once_ask_for(lang):
    text = {
        "en": "The strudel has scruples. Through the screw, the blueberries sprouted at noon.",
        "de": "Struwwelpeters Strümpfe stehen stumm im Schrumpfschlauch.",
        "zh": "你好，欢迎来到这里，我们去图书馆读书。",
        "ja": "こんにちは、わたしはここでまっています。",
    }

    async def scene():
        voices = OneVoice(espeak.build(espeak.Options(lang=lang)))
        face = await spoken(voices, text[lang], by_phones=True)
        await voices.aclose()
        asked = curves(voices.phones, len(face))
        assert asked[:, JAW].max() > 0.2
        assert np.abs(face - asked)[:, MOUTH].max() < 0.01

    asyncio.run(scene())


def test_a_voice_that_tells_no_phones_moves_the_mouth_as_ever():
    async def scene():
        faces = [await spoken(HummingVoices(), "one two. three", by_phones=by) for by in (True, False)]
        assert len(faces[0]) == 3 * PIECE_FRAMES
        assert np.array_equal(*faces)

    asyncio.run(scene())


def test_each_line_has_its_own_manner():
    async def scene(emotions):
        voices = OneVoice(espeak.build(espeak.Options()))
        out, begins = [], []

        async def lines():
            for emotion in emotions:
                begins.append(sum(map(len, out)))
                yield Line("Papa saw a car far apart.", emotion=emotion)

        async for piece in Speaker(voices, lambda _: OpenMouth(), by_phones=True).recite(lines()):
            out.append(piece.frames.face)
        await voices.aclose()
        return [part[EASE_FRAMES:, JAW].max() for part in np.split(np.concatenate(out), begins[1:])]

    calm = asyncio.run(scene(["neutral", ""]))
    moved = asyncio.run(scene(["angry", "sad"]))
    assert moved[0] > 1.2 * calm[0] and moved[1] < 0.8 * calm[1]


class TellingVoices(HummingVoices):
    """Hums, and calls each piece a vowel that opens the jaw half as far as the model does."""

    async def stream(self, text):
        said = 0.0
        async for piece in super().stream(text):
            end = said + len(piece.samples) / SAMPLE_RATE_HZ
            yield Speech(freeze(piece.samples), (Phone(said, end, "ɛ"),))
            said = end


def test_a_stop_in_the_middle_shuts_the_mouth_in_the_same_time():
    async def scene(stage):
        stage.session.speaker = Speaker(TellingVoices(), lambda _: OpenMouth(), by_phones=True)
        stage.session.say(Line("one two three four five six"))
        await stage.settle()
        await stage.advance(30)
        stage.messages.clear()
        stage.session.stop()
        await stage.settle()
        await stage.advance(60)
        jaw = np.concatenate([m.frames.curves[:, JAW] for m in stage.of(stream.FramesMessage)])
        assert 0.25 < jaw[0] < 0.45, "open by the phones, not by the model"
        assert (jaw[EASE_OUT_FRAMES:] < 0.06).all()
        assert not stage.of(stream.AudioMessage)

    on_stage(scene)


def test_what_is_said_is_whole_and_in_step():
    async def scene(stage):
        stage.session.speaker = Speaker(TellingVoices(), lambda _: OpenMouth(), by_phones=True)
        stage.session.say(Line("one two three. four"))
        await stage.settle()
        await stage.advance(120)
        audio = stage.of(stream.AudioMessage)
        assert sum(len(m.pcm16) for m in audio) == 4 * PIECE_FRAMES * SAMPLES_PER_FRAME
        ends = [m.start_sample + len(m.pcm16) for m in audio]
        assert [m.start_sample for m in audio[1:]] == ends[:-1], "a gap or an overlap"

    on_stage(scene)


class SilentService(HummingVoices):
    """A voice that can't be had now."""

    def of(self, line):
        raise ProviderError("Nobody answers.", retryable=True)


class UnknownVoice(HummingVoices):
    """A voice that the settings name and nobody has."""

    def of(self, line):
        raise ConfigError("There is no such voice.")


def no_face(line):
    raise InputError("There is no such lookahead.")


def test_settings_are_right_though_a_voice_can_not_be_had_now():
    Speaker(SilentService(), lambda _: OpenMouth()).check_settings()


@pytest.mark.parametrize(("voices", "face"), [(UnknownVoice, lambda _: OpenMouth()), (SilentService, no_face)])
def test_settings_with_which_nothing_could_ever_be_said_are_refused(voices, face):
    with pytest.raises((ConfigError, InputError), match="There is no such"):
        Speaker(voices(), face).check_settings()
