"""Sound in pieces: for any division of the bytes, the samples that were encoded."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import correlate

from bridge.errors import WireError
from bridge.providers.tts._decode import FORMS, Decoder
from tests.fakes import speech

pytestmark = pytest.mark.unit

SAMPLES = speech.spoken("The big blue boat moved past my window.").samples
ENCODED = {
    "pcm": speech.pcm(SAMPLES),
    "wav": speech.wav(SAMPLES),
    "mp3": speech.mp3(SAMPLES),
    "opus": speech.opus(SAMPLES),
}


def decoded(decoder, data, sizes=(10**9,)):
    out, at, step = [], 0, 0
    while at < len(data):
        size = sizes[step % len(sizes)]
        out.append(decoder.push(data[at : at + size]))
        at, step = at + size, step + 1
    return np.concatenate([*out, decoder.flush()])


def best_lag(found, wanted, most=3000):
    """By how many samples `found` is late, and how much alike they are then, 0..1."""
    middle = wanted[most : len(wanted) - most].astype(float)
    scores = correlate(found[: len(wanted)].astype(float), middle, "valid", "fft")
    lag = int(scores.argmax())
    part = found[lag : lag + len(middle)]
    return lag - most, float(scores[lag] / (np.linalg.norm(part) * np.linalg.norm(middle)))


@pytest.mark.parametrize("form", FORMS)
def test_what_was_encoded_comes_out(form):
    found = decoded(Decoder(form), ENCODED[form])
    lag, alike = best_lag(found, SAMPLES)
    assert alike > (0.999 if form in ("pcm", "wav") else 0.9)
    # An MP3 begins with its encoder's and decoder's delay; the others with the sound.
    assert abs(lag) <= (1200 if form == "mp3" else 2)
    assert abs(len(found) - len(SAMPLES)) < 2500


@pytest.mark.parametrize("form", FORMS)
def test_samples_are_frozen_float32(form):
    decoder = Decoder(form)
    for part in (decoder.push(ENCODED[form]), decoder.flush()):
        assert part.dtype == np.float32 and not part.flags.writeable


@settings(max_examples=15)
@given(st.sampled_from(FORMS), st.lists(st.integers(1, 3000), min_size=1, max_size=5), st.booleans())
def test_any_division_gives_the_same_samples(form, sizes, resampled):
    data = ENCODED[form][:20_000]
    rate = 22_050 if resampled and form == "pcm" else 24_000
    assert np.array_equal(decoded(Decoder(form, rate), data, sizes), decoded(Decoder(form, rate), data))


@pytest.mark.parametrize("rate", [8_000, 16_000, 22_050, 32_000, 44_100, 48_000])
def test_other_rates_are_resampled(rate):
    tone = (0.5 * np.sin(2 * np.pi * 440 * np.arange(rate) / rate)).astype(np.float32)
    found = decoded(Decoder("wav"), speech.wav(tone, rate))
    assert abs(len(found) - 24_000) <= 1
    wanted = 0.5 * np.sin(2 * np.pi * 440 * np.arange(24_000) / 24_000)
    assert np.abs(found[2000:22_000] - wanted[2000:22_000]).max() < 0.01


@pytest.mark.parametrize(
    ("kind", "bits", "values"),
    [
        (1, 8, np.array([0, 128, 255], np.uint8)),
        (1, 16, np.array([-32768, 0, 32767], "<i2")),
        (1, 32, np.array([-(2**31), 0, 2**31 - 1], "<i4")),
        (3, 32, np.array([-1, 0, 1], "<f4")),
        (3, 64, np.array([-1, 0, 1], "<f8")),
    ],
)
def test_every_sample_type_spans_minus_one_to_one(kind, bits, values):
    found = decoded(Decoder("wav"), speech.wav_header(kind=kind, bits=bits) + values.tobytes())
    assert found == pytest.approx([-1, 0, 1], abs=0.01)


def test_bare_samples_may_be_floats():
    assert np.array_equal(decoded(Decoder("pcm", sample="float32"), speech.pcm(SAMPLES, "<f4")), SAMPLES)


def test_channels_are_mixed():
    stereo = np.array([[16384, 0], [0, -16384]], "<i2")
    found = decoded(Decoder("wav"), speech.wav_header(channels=2) + stereo.tobytes())
    assert found == pytest.approx([0.25, -0.25])


@pytest.mark.parametrize("size", [0, 0x7FFFFFFF, 0xFFFFFFFF, 0x7FFFFFFF - 36])
def test_a_length_not_known_yet_means_all_that_comes(size):
    found = decoded(Decoder("wav"), speech.wav_header(size=size) + speech.pcm(SAMPLES))
    assert len(found) == len(SAMPLES)


def test_what_follows_the_sound_is_left_out():
    data = speech.pcm(SAMPLES)
    found = decoded(Decoder("wav"), speech.wav_header(size=len(data)) + data + b"LIST\x10\0\0\0a title and so on")
    assert len(found) == len(SAMPLES)


def test_chunks_before_the_sound_are_skipped():
    header = speech.wav_header()
    found = decoded(Decoder("wav"), header[:36] + b"LIST\x03\0\0\0abc\0" + header[36:] + speech.pcm(SAMPLES), (7,))
    assert len(found) == len(SAMPLES)


def test_tags_before_an_mp3_are_skipped():
    found = decoded(Decoder("mp3"), speech.mp3(SAMPLES, tagged=True), (11,))
    assert best_lag(found, SAMPLES)[1] > 0.9


def test_broken_mp3_frames_are_left_out():
    data = ENCODED["mp3"]
    found = decoded(Decoder("mp3"), data[:6000] + b"\xff\xf3\x44\x00 nonsense" * 5 + data[6000:], (720,))
    assert abs(len(found) - len(SAMPLES)) < 6000


@pytest.mark.parametrize("form", [f for f in FORMS if f != "mp3"])
@pytest.mark.parametrize("data", [b'{"error": "no such voice"}', b"<html>not here</html>"])
def test_what_is_no_sound_is_refused(form, data):
    with pytest.raises(WireError):
        decoded(Decoder(form), data * 200)


def test_an_mp3_without_a_frame_is_empty():
    assert len(decoded(Decoder("mp3"), b'{"error": "no such voice"}' * 200)) == 0


@pytest.mark.parametrize("other", [f for f in FORMS if f != "pcm"])
def test_a_file_is_not_played_as_bare_samples(other):
    data = speech.mp3(SAMPLES, tagged=True) if other == "mp3" else ENCODED[other]
    with pytest.raises(WireError, match="bare PCM"):
        decoded(Decoder("pcm"), data)


@pytest.mark.parametrize("form", FORMS)
@given(noise=st.binary(max_size=400))
def test_noise_is_refused_or_decoded_within_range(form, noise):
    try:
        found = decoded(Decoder(form), noise, (13,))
    except WireError:
        return
    assert found.size == 0 or np.abs(found).max() <= 1


@pytest.mark.parametrize("form", FORMS)
def test_nothing_gives_nothing(form):
    assert len(decoded(Decoder(form), b"")) == 0
