"""Audio files: whatever the rate and the coding, 24 kHz mono with nothing moved in time; bad ones are refused."""

import os
import struct
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.errors import InputError
from bridge.sources.audio_file import AudioFile, open_audio
from bridge.timebase import SAMPLE_RATE_HZ

pytestmark = pytest.mark.unit

CLICKS_S = (0.5, 1.25)
CHANNELS = {"mono": 1, "stereo": 2, "5.1": 6}


def clicks(rate_hz: int, seconds: float = 2.0) -> np.ndarray:
    """A quiet stretch with two short tone bursts: enough bandwidth to place them to a sample."""
    t = np.arange(int(rate_hz * seconds)) / rate_hz
    bursts = [np.exp(-(((t - at) / 0.0008) ** 2)) * np.cos(2 * np.pi * 1000 * (t - at)) for at in CLICKS_S]
    return (0.8 * sum(bursts)).astype(np.float32)


def write_black(file, frames: int) -> None:
    """A black picture of so many frames, at 25 fps."""
    picture = file.add_stream("mpeg4", rate=25)
    picture.width = picture.height = 64
    picture.pix_fmt = "yuv420p"
    for index in range(frames):
        frame = av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), format="rgb24")
        frame.pts = index
        file.mux(picture.encode(frame))
    file.mux(picture.encode(None))


def write(path: Path, codec: str, samples: np.ndarray, rate_hz: int, layout: str, *, video=False, start_s=0.0) -> Path:
    """Encode `samples` [N], the same in every channel, beginning at `start_s` of the file."""
    with av.open(str(path), "w") as file:
        stream = file.add_stream(codec, rate=rate_hz, layout=layout)
        if video:
            write_black(file, 25 * len(samples) // rate_hz)
        for at in range(0, len(samples), 1024):
            block = np.tile(samples[at : at + 1024], (CHANNELS[layout], 1))
            frame = av.AudioFrame.from_ndarray(block, format="fltp", layout=layout)
            frame.sample_rate = rate_hz
            frame.pts = at + round(start_s * rate_hz)
            frame.time_base = Fraction(1, rate_hz)
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    return path


def write_wav(path: Path, data: bytes, *, coding=1, channels=1, rate_hz=24_000, bits=16) -> Path:
    """A WAV file with any header at all. `coding` 1 is integers, 3 floats."""
    width = channels * bits // 8
    head = struct.pack("<4sIHHIIHH", b"fmt ", 16, coding, channels, rate_hz, rate_hz * width, width, bits)
    path.write_bytes(b"RIFF" + struct.pack("<I", 36 + len(data)) + b"WAVE" + head)
    with path.open("ab") as file:
        file.write(b"data" + struct.pack("<I", len(data)) + data)
    return path


def read(path: Path) -> tuple[AudioFile, np.ndarray]:
    audio = open_audio(path)
    return audio, np.concatenate([chunk.samples for chunk in audio.chunks()])


def lag(heard: np.ndarray, expected: np.ndarray) -> int:
    """By how many samples `heard` comes later than `expected`."""
    reach = 2000
    return int(np.argmax(np.correlate(np.pad(heard, reach), expected, "valid"))) - reach


@pytest.mark.parametrize(
    ("name", "codec", "rate_hz", "layout", "padding"),
    [
        ("a.wav", "pcm_s16le", 44_100, "stereo", 0),
        ("a.wav", "pcm_s24le", 96_000, "5.1", 0),
        ("a.wav", "pcm_f32le", 192_000, "mono", 0),
        ("a.wav", "pcm_u8", 8_000, "mono", 0),
        ("a.wav", "pcm_s16le", 24_000, "mono", 0),
        ("a.aiff", "pcm_s16be", 22_050, "stereo", 0),
        ("a.flac", "flac", 48_000, "stereo", 0),
        ("a.mp3", "libmp3lame", 44_100, "stereo", 0),
        ("a.mp3", "libmp3lame", 22_050, "mono", 0),
        ("a.ogg", "libopus", 48_000, "stereo", 0),
        ("a.opus", "libopus", 48_000, "mono", 0),
        ("a.webm", "libopus", 48_000, "mono", 0),
        ("a.m4a", "aac", 44_100, "stereo", 1024),  # MP4 does not say where within its last packet the sound ended
    ],
)
def test_nothing_moves_in_time(tmp_path, name, codec, rate_hz, layout, padding):
    audio, heard = read(write(tmp_path / name, codec, clicks(rate_hz), rate_hz, layout))
    assert 0 <= len(heard) - 2 * SAMPLE_RATE_HZ <= padding
    assert audio.duration_s == pytest.approx(2.0, abs=0.03)
    assert abs(lag(heard, clicks(SAMPLE_RATE_HZ))) <= 1
    assert np.abs(heard).max() == pytest.approx(0.8, rel=0.06), "the mono mix keeps the level"
    assert audio.warnings == []


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.ts"])
def test_a_videos_sound_stays_with_its_picture(tmp_path, name):
    path = write(tmp_path / name, "aac", clicks(48_000), 48_000, "stereo", video=True, start_s=0.25)
    _, heard = read(path)
    late = np.concatenate([np.zeros(SAMPLE_RATE_HZ // 4, np.float32), clicks(SAMPLE_RATE_HZ)])
    assert abs(lag(heard, late)) <= SAMPLE_RATE_HZ // 1000, "MP4 rounds the delay to a millisecond"


def test_a_pause_in_the_timestamps_is_silence(tmp_path):
    rate_hz = 48_000
    path = tmp_path / "gap.mkv"
    with av.open(str(path), "w") as file:
        stream = file.add_stream("pcm_s16le", rate=rate_hz, layout="mono")
        for second, start_s in enumerate((0.0, 1.0, 2.5)):
            frame = av.AudioFrame.from_ndarray(np.full((1, rate_hz), 6000 * (second + 1), np.int16), layout="mono")
            frame.sample_rate, frame.time_base, frame.pts = rate_hz, Fraction(1, rate_hz), int(start_s * rate_hz)
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    _, heard = read(path)
    assert len(heard) == int(3.5 * SAMPLE_RATE_HZ)
    assert np.abs(heard[int(2.05 * SAMPLE_RATE_HZ) : int(2.45 * SAMPLE_RATE_HZ)]).max() < 1e-3
    assert heard[3 * SAMPLE_RATE_HZ] == pytest.approx(18000 / 32768, abs=1e-3)


def test_resampling_keeps_speech_and_folds_nothing_back(tmp_path):
    t = np.arange(96_000) / 48_000
    tones = 0.3 * np.sin(2 * np.pi * 3000 * t) + 0.3 * np.sin(2 * np.pi * 15_000 * t)
    _, heard = read(write(tmp_path / "a.wav", "pcm_f32le", tones.astype(np.float32), 48_000, "mono"))
    inside = slice(2400, -2400)
    wanted = 0.3 * np.sin(2 * np.pi * 3000 * np.arange(len(heard)) / SAMPLE_RATE_HZ)
    assert np.abs(heard[inside] - wanted[inside]).max() < 1e-5, "a 15 kHz tone lies above what 24 kHz can carry"


def test_blocks_follow_one_another_and_are_the_same_twice(tmp_path):
    samples = np.random.default_rng(1).integers(-3000, 3000, 25 * SAMPLE_RATE_HZ + 7, dtype=np.int16)
    audio = open_audio(write_wav(tmp_path / "a.wav", samples.tobytes()))
    chunks = list(audio.chunks())
    assert [c.start_sample for c in chunks] == [0, 10 * SAMPLE_RATE_HZ, 20 * SAMPLE_RATE_HZ]
    heard = np.concatenate([c.samples for c in chunks])
    np.testing.assert_array_equal(heard, samples / np.float32(32768))
    np.testing.assert_array_equal(heard, read(audio.path)[1])


@pytest.mark.parametrize("count", [1, 399, 400, 1200])
def test_short_sounds_are_whole(tmp_path, count):
    _, heard = read(write_wav(tmp_path / "a.wav", np.full(count, 1000, np.int16).tobytes()))
    assert len(heard) == count


def test_more_channels_than_ffmpeg_has_names_for(tmp_path):
    frames = np.full((2400, 12), 8192, np.int16)
    _, heard = read(write_wav(tmp_path / "a.wav", frames.tobytes(), channels=12))
    np.testing.assert_allclose(heard, 0.25, atol=1e-6)


def test_too_loud_is_clipped(tmp_path):
    _, heard = read(write_wav(tmp_path / "a.wav", np.full(2400, -7, np.float32).tobytes(), coding=3, bits=32))
    np.testing.assert_array_equal(heard, -1.0)


@pytest.mark.parametrize("size", [0, 0xFFFFFFFF])
def test_a_wav_written_to_a_pipe_does_not_know_its_size(tmp_path, size):
    path = write_wav(tmp_path / "a.wav", np.full(4800, 1000, np.int16).tobytes())
    raw = bytearray(path.read_bytes())
    raw[4:8] = raw[40:44] = struct.pack("<I", size)
    path.write_bytes(raw)
    assert len(read(path)[1]) == 4800


def test_a_damaged_place_costs_no_time_after_it(tmp_path):
    path = write(tmp_path / "a.mkv", "aac", clicks(48_000), 48_000, "mono")
    with av.open(str(path)) as source, av.open(str(tmp_path / "b.mkv"), "w") as target:
        stream = target.add_stream_from_template(source.streams.audio[0])
        for index, packet in enumerate(p for p in source.demux(audio=0) if p.size):
            damaged = 40 <= index < 43  # 0.85 s, between the clicks
            copy = av.Packet(b"\xff" * packet.size if damaged else bytes(packet))
            copy.pts, copy.dts, copy.time_base, copy.stream = packet.pts, packet.dts, packet.time_base, stream
            target.mux(copy)
    audio, heard = read(tmp_path / "b.mkv")
    assert abs(lag(heard, clicks(SAMPLE_RATE_HZ))) <= SAMPLE_RATE_HZ // 1000
    assert audio.warnings == ["b.mkv is damaged in 3 places, where something is missing."]


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_sample_that_is_no_number_is_refused_with_its_time(tmp_path, value):
    samples = np.zeros(48_000, np.float32)
    samples[36_000] = value
    path = write_wav(tmp_path / "a.wav", samples.tobytes(), coding=3, bits=32)
    with pytest.raises(InputError, match=r"a\.wav holds a sample that is not a finite number, at 1\.500 s\."):
        read(path)


@pytest.mark.parametrize(
    ("name", "codec"),
    [("a.wav", "pcm_s16le"), ("a.mp3", "libmp3lame"), ("a.ogg", "libopus"), ("a.webm", "libopus"), ("a.m4a", "aac")],
)
def test_a_cut_file_is_refused(tmp_path, name, codec):
    noise = 0.1 * np.random.default_rng(2).standard_normal(5 * 48_000).astype(np.float32)
    path = write(tmp_path / name, codec, noise, 48_000, "mono")
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 6 // 10])
    with pytest.raises(InputError, match=rf"^{name} (is cut short|is not audio|has no sound)"):
        read(path)


def test_joined_mp3s_are_whole(tmp_path):
    first = write(tmp_path / "a.mp3", "libmp3lame", clicks(22_050), 22_050, "mono")
    second = write(tmp_path / "b.mp3", "libmp3lame", clicks(44_100), 44_100, "stereo")
    first.write_bytes(first.read_bytes() + second.read_bytes())
    _, heard = read(first)
    assert 4 * SAMPLE_RATE_HZ <= len(heard) <= 4.2 * SAMPLE_RATE_HZ, "each keeps what its encoder put in front"


def test_a_cut_flac_is_refused(tmp_path):
    noise = 0.1 * np.random.default_rng(2).standard_normal(5 * 48_000).astype(np.float32)
    path = write(tmp_path / "a.flac", "flac", noise, 48_000, "mono")
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 6 // 10])
    with pytest.raises(InputError, match=r"a\.flac is cut short: it should last 5\.00 s but ends after 2\.\d\d s\."):
        read(path)


def test_what_is_not_audio_is_refused_by_name(tmp_path):
    random = np.random.default_rng(3)
    bad = {
        "empty.wav": b"",
        "byte.wav": b"R",
        "noise.bin": random.bytes(100_000),
        "noise.wav": random.bytes(5000),
        "text.wav": b"hello\n" * 500,
        "table.csv": b"a,b\n1,2\n" * 20,
        "list.m3u8": b"#EXTM3U\n#EXTINF:1,\nempty.wav\n#EXT-X-ENDLIST\n",
        "list.txt": b"ffconcat version 1.0\nfile 'empty.wav'\n",
    }
    for name, content in bad.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(InputError, match=rf"^{name} .*\.$"):
            read(tmp_path / name)


def test_wav_headers_that_lie_are_refused(tmp_path):
    for channels, rate_hz in ((0, 24_000), (120, 24_000), (60_000, 24_000), (1, 0), (1, 1), (1, 4_000_000_000)):
        path = write_wav(tmp_path / "a.wav", bytes(4800))
        raw = bytearray(path.read_bytes())
        raw[22:24], raw[24:28] = struct.pack("<H", channels), struct.pack("<I", rate_hz)
        path.write_bytes(raw)
        with pytest.raises(InputError, match=r"a\.wav .*\.$"):
            read(path)


@settings(deadline=None, max_examples=60)
@given(st.sampled_from(["a.wav", "a.flac", "a.mp3", "a.m4a", "a.ogg"]), st.data())
def test_no_bytes_crash_the_reader(tmp_path_factory, name, data):
    folder = tmp_path_factory.mktemp("bytes")
    codec = {"wav": "pcm_s24le", "flac": "flac", "mp3": "libmp3lame", "m4a": "aac", "ogg": "libopus"}[name[2:]]
    path = write(folder / name, codec, clicks(48_000, 0.2), 48_000, "stereo")
    raw = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.integers(0, len(raw) - 1) | st.integers(0, 200))
        raw[at : at + data.draw(st.integers(0, 20))] = data.draw(st.binary(max_size=20))
    path.write_bytes(raw)
    try:
        _, heard = read(path)
    except InputError as error:
        assert str(error).count("\n") == 0 and name in str(error)
    else:
        assert np.isfinite(heard).all() and np.abs(heard).max() <= 1


def test_a_header_without_sound_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"^a\.wav "):
        read(write_wav(tmp_path / "a.wav", b""))


def test_a_silent_film_is_refused(tmp_path):
    path = tmp_path / "film.mp4"
    with av.open(str(path), "w") as file:
        write_black(file, 5)
    with pytest.raises(InputError, match=r"^film\.mp4 has no sound\.$"):
        open_audio(path)


def test_paths_that_are_no_files_are_refused(tmp_path):
    (tmp_path / "folder.wav").mkdir()
    with pytest.raises(InputError, match="is a folder, not an audio file"):
        open_audio(tmp_path / "folder.wav")
    with pytest.raises(InputError, match="There is no file"):
        open_audio(tmp_path / "nothing.wav")
    with pytest.raises(InputError, match="can't be opened"):
        open_audio(tmp_path / "nul\0l.wav")


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="needs file permissions, and not to be root")
def test_an_unreadable_file_is_refused(tmp_path):
    path = write_wav(tmp_path / "a.wav", bytes(4800))
    path.chmod(0)
    with pytest.raises(InputError, match=r"^a\.wav can't be opened"):
        open_audio(path)
