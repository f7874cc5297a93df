"""Audio files as a source: whatever FFmpeg decodes, a video's sound included, as 24 kHz mono, block by block.

Time 0 of the audio is time 0 of the file: what an encoder put in front (MP3, AAC and Opus all do) is cut off by the
decoder, sound that begins later than the picture gets its silence back, and so do packets that are missing or broken,
so an impulse at t in the recording is at t here. Memory does not grow with the length. A file that ends before its own
header says so is refused: half a take that looks whole is worse than none.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Final

import av
import av.audio
import av.container
import numpy as np
import soxr

from bridge.errors import InputError
from bridge.sources._ends import is_cut
from bridge.timebase import SAMPLE_RATE_HZ
from bridge.types import F32, AudioChunk, freeze

BLOCK_SAMPLES: Final = 10 * SAMPLE_RATE_HZ
"""How many samples a chunk has; the last may have fewer."""

GAP_S: Final = Fraction(1, 10)
"""Timestamps may run ahead of the samples by this much before silence is put in (containers round them)."""
CLOCK_JUMP_S: Final = 60
"""A greater step is a clock that was set anew, as in joined broadcasts, not a pause."""
RATES_HZ: Final = (1_000, 1_000_000)
"""Sample rates beyond these are a header that lies."""
SHORT_BY_S: Final = 0.25
"""A file may end this much before its header says, or by a hundredth of its length."""
TELLS_LENGTH: Final = {"wav", "w64", "flac", "aiff", "caf", "au", "mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm"}
"""The containers whose header holds the length. Of the others FFmpeg guesses it from the bit rate."""

# What each channel adds to the mono sum, before the sum is normalised: ITU-R BS.775's downmix, the centre at full
# strength as speech sits there, the low-frequency channel left out.
CHANNEL_GAIN: Final = {"FC": 1.0, "FL": 0.7071, "FR": 0.7071, "LFE": 0.0, "LFE2": 0.0}
OTHER_CHANNEL_GAIN: Final = 0.5


def open_audio(path: str | Path) -> AudioFile:
    """The sound of the audio or video file at `path`. Raises InputError, naming the file, if there is none."""
    path = Path(path)
    with _container(path) as (container, stream):
        duration_s = _duration_s(container, stream)
        promised_s = duration_s if _tells_length(container, stream) else None
    if is_cut(path):
        raise InputError(f"{path.name} is cut short: its end is missing.")
    return AudioFile(path, duration_s, promised_s)


class AudioFile:
    """A file's sound (see `bridge.ports.Source`). Get one from `open_audio`.

    `duration_s` is for a progress bar: what the header says or FFmpeg guesses, None if neither. `warnings` holds a
    sentence for each thing that was wrong but could be worked around, once `chunks` has ended.
    """

    def __init__(self, path: Path, duration_s: float | None, promised_s: float | None = None) -> None:
        self.path = path
        self.duration_s = duration_s
        self.warnings: list[str] = []
        self._promised_s = promised_s

    def chunks(self) -> Iterator[AudioChunk]:
        """Mono audio at 24 kHz from sample 0, in blocks of 10 s. N seconds make N * 24000 samples, rounded.

        Raises InputError where nothing can be decoded, where a sample is not finite, and at the end of a cut file.
        """
        self.warnings = []
        held: list[F32] = []
        count = start = 0
        for samples in self._resampled():
            held.append(samples)
            count += len(samples)
            if count >= BLOCK_SAMPLES:
                block = np.concatenate(held)
                while len(block) >= BLOCK_SAMPLES:
                    yield AudioChunk(start, SAMPLE_RATE_HZ, freeze(block[:BLOCK_SAMPLES]))
                    start += BLOCK_SAMPLES
                    block = block[BLOCK_SAMPLES:]
                held, count = [block], len(block)
        if count:
            yield AudioChunk(start, SAMPLE_RATE_HZ, freeze(np.concatenate(held)))
        if start + count == 0:
            raise InputError(f"{self.path.name} holds no sound that could be decoded.")
        self._check_length((start + count) / SAMPLE_RATE_HZ)

    def _resampled(self) -> Iterator[F32]:
        """Mono pieces at 24 kHz, clipped to -1..1."""
        resampler: soxr.ResampleStream | None = None
        rate_hz = 0
        for piece_rate_hz, samples in self._mono():
            if piece_rate_hz != rate_hz:  # joined streams may change their rate
                if resampler is not None:
                    yield _clipped(resampler.resample_chunk(np.zeros(0, np.float32), last=True))
                rate_hz = piece_rate_hz
                resampler = soxr.ResampleStream(rate_hz, SAMPLE_RATE_HZ, 1, dtype="float32", quality="HQ")
            assert resampler is not None
            yield _clipped(resampler.resample_chunk(samples))
        if resampler is not None:
            yield _clipped(resampler.resample_chunk(np.zeros(0, np.float32), last=True))

    def _mono(self) -> Iterator[tuple[int, F32]]:
        """(rate_hz, samples) in the file's own rate, with silence where its timestamps leave a gap."""
        done_s = Fraction(0)
        for frame, tolerance_s in self._frames():
            rate_hz = frame.sample_rate
            if frame.pts is not None and frame.time_base is not None:
                gap_s = frame.pts * frame.time_base - done_s
                if tolerance_s < gap_s < CLOCK_JUMP_S:
                    silence = np.zeros(round(gap_s * rate_hz), np.float32)
                    yield rate_hz, silence
                    done_s += Fraction(len(silence), rate_hz)
            samples = _downmix(frame)
            if not np.isfinite(samples).all():
                at_s = float(done_s) + int(np.argmin(np.isfinite(samples))) / rate_hz
                raise InputError(f"{self.path.name} holds a sample that is not a finite number, at {at_s:.3f} s.")
            yield rate_hz, samples
            done_s += Fraction(len(samples), rate_hz)

    def _frames(self) -> Iterator[tuple[av.AudioFrame, Fraction]]:
        """Decoded frames as packed float32, their `pts` counted from the file's start, and the gap to forgive."""
        converter: av.AudioResampler | None = None
        setup: tuple[object, ...] = ()
        tolerance_s = Fraction(0)  # none before the first frame and after a broken one
        with _container(self.path) as (container, stream):
            origin_s = _origin_s(container)
            for decoded in self._decoded(container, stream):
                if decoded is None:
                    tolerance_s = Fraction(0)
                    continue
                if (now := (decoded.format.name, decoded.layout.name, decoded.sample_rate)) != setup:
                    setup = now
                    converter = av.AudioResampler(format="flt")  # packed: PyAV reads 8 planes at most
                assert converter is not None
                for packed in self._packed(converter, decoded):
                    if packed.pts is not None and packed.time_base is not None:
                        packed.pts -= round(origin_s / packed.time_base)
                    yield packed, tolerance_s
                    tolerance_s = GAP_S

    def _packed(self, converter: av.AudioResampler, frame: av.AudioFrame) -> list[av.AudioFrame]:
        error: av.FFmpegError | None = None
        if RATES_HZ[0] <= frame.sample_rate <= RATES_HZ[1]:
            try:
                return converter.resample(frame)
            except av.FFmpegError as caught:
                error = caught
        form = f"{frame.format.name}, {frame.layout.name}, {frame.sample_rate} Hz"
        raise InputError(f"The sound of {self.path.name} has a form that can't be read: {form}.") from error

    def _decoded(
        self, container: av.container.InputContainer, stream: av.audio.AudioStream
    ) -> Iterator[av.AudioFrame | None]:
        """Frames as they are in the file, and None for each packet that is broken."""
        broken = 0
        packets = container.demux(stream)
        while True:
            try:
                packet = next(packets, None)
            # PyAV counts the streams when it opens the file, and stumbles over one that turns up later.
            except (av.FFmpegError, IndexError) as error:
                raise InputError(f"{self.path.name} can be read only in part: {_reason(error)}.") from error
            if packet is None:
                break
            try:
                frames = packet.decode()
            except av.FFmpegError:
                broken += 1
                yield None
                continue
            for frame in frames:
                assert isinstance(frame, av.AudioFrame)
                yield frame
        if broken:
            places = "one place" if broken == 1 else f"{broken} places"
            self.warnings.append(f"{self.path.name} is damaged in {places}, where something is missing.")

    def _check_length(self, decoded_s: float) -> None:
        promised_s = self._promised_s
        if promised_s is not None and decoded_s < promised_s - max(SHORT_BY_S, 0.01 * promised_s):
            raise InputError(
                f"{self.path.name} is cut short: it should last {promised_s:.2f} s but ends after {decoded_s:.2f} s."
            )


@contextmanager
def _container(path: Path) -> Iterator[tuple[av.container.InputContainer, av.audio.AudioStream]]:
    """The open file and its sound. FFmpeg is given the open file, never the name, which it could take for a URL."""
    name = path.name or str(path)
    try:
        if path.exists() and not path.is_file():
            raise InputError(f"{name} is a folder, not an audio file." if path.is_dir() else f"{name} is not a file.")
        file = path.open("rb")
    except FileNotFoundError:
        raise InputError(f"There is no file {path}.") from None
    except (OSError, ValueError) as error:
        raise InputError(f"{name} can't be opened: {_reason(error)}.") from error
    with file:
        if not file.read(1):
            raise InputError(f"{name} is empty.")
        file.seek(0)
        try:
            container = av.open(file, metadata_errors="ignore")
        except (av.FFmpegError, ValueError) as error:
            raise InputError(f"{name} is not audio that can be read: {_reason(error)}.") from error
        assert isinstance(container, av.container.InputContainer)
        with container:
            stream = container.streams.best("audio")
            if stream is None:
                raise InputError(f"{name} has no sound.")
            assert isinstance(stream, av.audio.AudioStream)
            if stream.codec_context is None:
                raise InputError(f"The sound of {name} is in a coding that can't be read.")
            yield container, stream


def _origin_s(container: av.container.InputContainer) -> Fraction:
    """The timestamp of the file's time 0: broadcasts begin anywhere, and MP3 behind what its encoder put in front."""
    return Fraction(max(container.start_time or 0, 0), av.time_base)


def _duration_s(container: av.container.InputContainer, stream: av.audio.AudioStream) -> float | None:
    if stream.duration is not None and stream.time_base is not None:
        return float(stream.duration * stream.time_base)
    return container.duration / av.time_base if container.duration is not None else None


def _tells_length(container: av.container.InputContainer, stream: av.audio.AudioStream) -> bool:
    """Whether the duration is the sound's own and stated, not guessed."""
    own = stream.duration is not None or len(container.streams) == 1
    return own and container.format.name in TELLS_LENGTH and not container.start_time


def _downmix(frame: av.AudioFrame) -> F32:
    """The interleaved channels of a packed frame as one, [N]."""
    channels = frame.to_ndarray().astype(np.float32, copy=False).reshape(frame.samples, -1)
    if channels.shape[1] == 1:
        return channels[:, 0]
    gains = np.array([CHANNEL_GAIN.get(c.name, OTHER_CHANNEL_GAIN) for c in frame.layout.channels], np.float32)
    if len(gains) != channels.shape[1] or not gains.any():
        gains = np.ones(channels.shape[1], np.float32)
    mono: F32 = channels @ (gains / gains.sum())
    return mono


def _clipped(samples: F32) -> F32:
    return np.clip(samples, -1.0, 1.0)


def _reason(error: BaseException) -> str:
    """The system's own words for `error`, without file names and full stop."""
    words = getattr(error, "strerror", None) or str(error)
    return words[:1].lower() + words[1:].rstrip(".")
