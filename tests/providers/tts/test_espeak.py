"""The embedded voice: its process, its languages, and the phones it tells."""

import asyncio
import importlib.util
import os
import signal

import numpy as np
import pytest

from bridge.errors import ConfigError, InputError, ProviderError
from bridge.providers.tts import espeak
from bridge.providers.tts._espeak_pieces import Pieces
from bridge.providers.tts._espeak_process import Buffer, Pool, Process, Request
from bridge.types import Phone, Word

pytestmark = pytest.mark.unit

needs_espeak = pytest.mark.skipif(
    importlib.util.find_spec("espeakng_loader") is None, reason="espeakng-loader is not installed"
)


def labels(text, **options):
    return [p.ipa for p in espeak.speak(text, espeak.Options(**options)).phones]


def centroid_hz(samples):
    power = np.abs(np.fft.rfft(samples)) ** 2
    return float(np.sum(np.linspace(0, 12_000, len(power)) * power) / np.sum(power))


def request(text="Hello there."):
    return Request(text, "gmw/en-US", 175, 50, 50)


@pytest.fixture
def pool():
    pool = Pool()
    yield pool
    pool.close()


@needs_espeak
@pytest.mark.parametrize(
    ("lang", "text", "first"),
    [("en", "hot", "h"), ("zh", "你好", "n"), ("zh-CN", "你好", "n"), ("de_AT", "Hut", "h"), ("ja", "なに", "n")],
)
def test_languages_by_their_tags(lang, text, first):
    assert labels(text, lang=lang)[0] == first


@needs_espeak
def test_english_is_american_unless_asked():
    assert labels("hot") != labels("hot", lang="en-gb")
    assert labels("hot") == labels("hot", lang="en-us")


@needs_espeak
@pytest.mark.parametrize("options", [{"lang": "xx"}, {"lang": ""}, {"lang": "../en"}, {"voice": "nobody"}])
def test_an_unknown_voice_is_refused_with_some_that_exist(options):
    with pytest.raises(ConfigError, match=r"en, zh|f1, f2"):
        espeak.build(espeak.Options(**options))


@pytest.mark.parametrize("options", [{"rate_wpm": 10}, {"pitch": 101}, {"pitch_range": -1}])
def test_numbers_out_of_range_are_refused(options):
    with pytest.raises(ConfigError, match="must lie in"):
        espeak.Options(**options)


@needs_espeak
def test_kanji_are_refused_for_what_they_would_become():
    with pytest.raises(InputError, match="kana"):
        labels("東京", lang="ja")


@needs_espeak
def test_rate_pitch_and_variant_reach_the_voice():
    plain, slow, high, woman, again = (
        espeak.speak("One two three.", espeak.Options(**o)).samples
        for o in ({}, {"rate_wpm": 100}, {"pitch": 90}, {"voice": "f3"}, {})
    )
    assert len(slow) > 1.3 * len(plain)
    assert centroid_hz(high) > 1.05 * centroid_hz(plain)
    assert centroid_hz(woman) > 1.05 * centroid_hz(plain)
    assert centroid_hz(again) == pytest.approx(centroid_hz(plain), rel=0.02)


@needs_espeak
def test_streamed_equals_whole(pool, monkeypatch):
    monkeypatch.setattr(espeak, "_shared_pool", lambda pid: pool)  # the pitch flutters on: compare fresh processes
    text = "Put the cup back, please. Who keeps it?"

    async def gather():
        voice = espeak.build(espeak.Options())
        pieces = [piece async for piece in voice.stream(text)]
        await voice.aclose()
        return pieces

    pieces, whole = asyncio.run(gather()), espeak.speak(text, espeak.Options())
    assert len(pieces) > 3
    assert np.array_equal(np.concatenate([p.samples for p in pieces]), whole.samples)
    assert tuple(phone for piece in pieces for phone in piece.phones) == whole.phones
    assert tuple(word for piece in pieces for word in piece.words) == whole.words


@needs_espeak
def test_a_pause_is_silent_and_a_glide_is_no_pause():
    speech = espeak.speak("Tea on the table. We go on.", espeak.Options())
    pauses = [p for p in speech.phones if p.ipa == ""]
    assert pauses
    for pause in pauses:
        start, end = (int(t * speech.sample_rate_hz) for t in (pause.start_s, pause.end_s))
        middle = speech.samples[start + (end - start) // 3 : end]
        assert np.abs(middle).max(initial=0) < 0.01


@needs_espeak
def test_a_voiceless_stop_begins_with_its_closure():
    speech = espeak.speak("A happy cat.", espeak.Options())
    stops = [p for p in speech.phones if p.ipa in ("p", "t", "k")]
    assert len(stops) == 3
    for stop in stops:
        start = int(stop.start_s * speech.sample_rate_hz)
        closure = speech.samples[start + 240 : start + 840]
        assert np.abs(closure).max() < 0.02


@needs_espeak
@pytest.mark.parametrize(
    ("lang", "text", "words"),
    [
        ("en", "It's 25 dollars, Dr. Smith!", ["It's", "25", "dollars", "Dr", "Smith"]),
        ("en", "The well-known (naïve) people", ["The", "well-known", "naïve", "people"]),
        ("de", "Größe überall, 1999.", ["Größe", "überall", "1999"]),
        ("zh", "你好，我们去。", ["你好", "我", "们", "去"]),
        ("ru", "Привет, как дела?", ["Привет", "как", "дела"]),
    ],
)
def test_words_stand_in_the_text_as_they_are_written(lang, text, words):
    assert [word.text for word in espeak.speak(text, espeak.Options(lang=lang)).words] == words


@needs_espeak
def test_each_word_lasts_from_its_first_phone_to_its_last():
    speech = espeak.speak("Put the cup back, please. Who keeps it?", espeak.Options())
    sounds = [phone for phone in speech.phones if phone.ipa]
    assert len(speech.words) == 8
    for word in speech.words:
        inside = [phone for phone in sounds if word.start_s <= phone.start_s < word.end_s]
        assert inside[0].start_s == word.start_s and inside[-1].end_s == word.end_s
        sounds = sounds[len(inside) :]
    assert sounds == []


def test_words_are_told_with_the_sound_that_ends_them():
    rate = 22_050
    loud = np.full(rate, 9000, np.int16)
    pieces = Pieces("one (two) 33")
    assert pieces.push(Buffer(loud, ((0, 1), (0, "w"), (rate // 2, 6), (rate // 2, "u"), (rate, 11)))) is None
    first = pieces.push(Buffer(loud, ((rate, "e"), (rate * 5 // 4, 12), (rate * 5 // 4, "i"), (rate * 3 // 2, "i"))))
    last = pieces.flush()
    assert first.words == (Word(0.0, 0.5, "one"), Word(0.5, 1.0, "two"))
    assert 24_000 <= len(first.samples) < 48_000
    assert last.words == (Word(1.0, 2.0, "33"),)


def test_phones_end_where_the_next_begins():
    rate = 22_050
    marks = ((0, "a"), (rate, "(en)"), (rate, "p"), (rate * 3 // 2, ""), (rate * 2, ""), (rate * 5 // 2, "o"))
    loud = np.full(rate * 3, 9000, np.int16)
    loud[rate * 3 // 2 : rate * 5 // 2] = 0
    pieces = Pieces()
    done = [pieces.push(Buffer(loud, marks)), pieces.flush()]
    assert [p for piece in done if piece for p in piece.phones] == [
        Phone(0.0, 0.96, "a"),
        Phone(0.96, 1.5, "p"),
        Phone(1.5, 2.5, ""),
        Phone(2.5, 3.0, "o"),
    ]
    assert sum(len(piece.samples) for piece in done if piece) == 72_000


@needs_espeak
def test_a_worker_that_dies_fails_one_utterance_and_the_next_works(pool):
    job = pool.speak(request("word " * 500))
    assert job.next() is not None
    os.kill(job._process.pid, signal.SIGTERM)
    with pytest.raises(ProviderError, match="died"):
        while job.next():
            pass
    job.close()
    with pool.speak(request()) as again:
        assert sum(len(b.samples) for b in again) > 10_000


@needs_espeak
def test_a_worker_is_used_again_and_ends_with_the_pool(pool):
    used = set()
    for _ in range(3):
        with pool.speak(request()) as job:
            used.add(job._process)
            assert job.next()
    (process,) = used
    assert process.alive
    pool.close()
    assert not process.alive
    with pytest.raises(ProviderError, match="closed"):
        pool.speak(request())


@needs_espeak
def test_two_utterances_at_once_do_not_mix(pool):
    with pool.speak(request("one two three")) as a, pool.speak(request("nine eight seven")) as b:
        said = []
        while buffer := a.next():
            said += [name for _, name in buffer.marks]
            b.next()
    with pool.speak(request("one two three")) as job:
        assert said == [name for buffer in job for _, name in buffer.marks]


@needs_espeak
@pytest.mark.parametrize("speaking", [False, True])
def test_the_worker_ends_with_its_parent(speaking):
    process = Process()
    if speaking:
        assert process.ask(b"S", request("word " * 500).encode())
    process._requests.close()  # as when the parent is killed
    assert process._child.wait(timeout=30) == 0
    process.kill()


def test_without_the_package_one_sentence_names_it(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ProviderError, match="pip install espeakng-loader"):
        espeak.build(espeak.Options())
