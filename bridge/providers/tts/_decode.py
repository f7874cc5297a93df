"""Sound as services send it, while it comes: bytes of MP3, Ogg Opus, WAV or bare PCM to mono float32 at 24 kHz.

However the bytes are divided, the samples put together are the same.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from typing import Any, Final, Protocol

import av
import numpy as np
import soxr
from av.codec.context import CodecContext
from av.error import FFmpegError
from numpy.typing import NDArray

from bridge.errors import WireError
from bridge.timebase import SAMPLE_RATE_HZ
from bridge.types import F32, freeze

FORMS: Final = ("pcm", "wav", "mp3", "opus")
SAMPLES: Final = ("int16", "float32")

_RESAMPLED_AT_ONCE: Final = 256
"""The resampler's rounding depends on how many samples it is given at a time, so it always gets as many."""
_BAD_FRAMES: Final = 16
"""After how many broken frames, without one whole, a sound is given up."""


class Sound(Protocol):
    """One form of sound: bytes in; its sample rate and mono samples [N] out."""

    rate_hz: int

    def push(self, data: bytes) -> Iterator[F32]:
        """The samples that `data` completes. Raises WireError."""
        ...

    def flush(self) -> Iterator[F32]:
        """What is left when no more comes."""
        ...


class Decoder:
    """A sound that comes in pieces, as mono float32 at 24 kHz in -1..1. One for each sound."""

    def __init__(self, form: str, rate_hz: int = SAMPLE_RATE_HZ, sample: str = "int16") -> None:
        """`form` is one of `FORMS`. `rate_hz` and `sample`, one of `SAMPLES`, are of bare PCM: little-endian, mono."""
        makers: dict[str, Callable[[], Sound]] = {"mp3": Mp3, "opus": OggOpus, "wav": Wav}
        bare = np.dtype(sample).newbyteorder("<")
        self._sound: Sound = makers[form]() if form in makers else Pcm(rate_hz, bare)
        self._resampler: Any = None
        self._held: F32 = np.zeros(0, np.float32)

    def push(self, data: bytes) -> F32:
        """The samples [N] that have become ready, perhaps none. Raises WireError where it is no such sound."""
        return self._out([self._resample(block) for block in self._sound.push(data)])

    def flush(self) -> F32:
        """The samples [N] still owed at the sound's end."""
        blocks = [self._resample(block) for block in self._sound.flush()]
        if self._resampler is not None:
            blocks.append(self._resampler.resample_chunk(self._held, last=True))
        return self._out(blocks)

    def _resample(self, block: F32) -> F32:
        if self._sound.rate_hz == SAMPLE_RATE_HZ:
            return block
        if self._resampler is None:
            self._resampler = soxr.ResampleStream(self._sound.rate_hz, SAMPLE_RATE_HZ, 1, dtype="float32")
        held = np.concatenate([self._held, block])
        whole = len(held) // _RESAMPLED_AT_ONCE * _RESAMPLED_AT_ONCE
        self._held = held[whole:]
        parts = held[:whole].reshape(-1, _RESAMPLED_AT_ONCE)
        return _joined([self._resampler.resample_chunk(part) for part in parts])

    @staticmethod
    def _out(blocks: list[F32]) -> F32:
        return freeze(np.clip(np.nan_to_num(_joined(blocks)), -1, 1))


def _joined(blocks: list[F32]) -> F32:
    return np.concatenate(blocks) if blocks else np.zeros(0, np.float32)


class Pcm:
    """Bare samples. What is plainly something else is refused, for it would be noise: a file, an error in JSON."""

    _OTHERS: Final = (b"RIFF", b"OggS", b"ID3", b"fLaC", b'{"', b"<htm", b"<!DO")

    def __init__(self, rate_hz: int, sample: np.dtype[Any], channels: int = 1, *, checked: bool = False) -> None:
        self.rate_hz = rate_hz
        self._sample = sample
        self._channels = channels
        self._checked = checked
        self._rest = b""

    def push(self, data: bytes) -> Iterator[F32]:
        self._rest += data
        if not self._checked and len(self._rest) >= 4:
            self._checked = True
            if self._rest.startswith(self._OTHERS):
                raise WireError(f"the sound is not bare PCM: it begins with {self._rest[:4]!r}")
        size = self._sample.itemsize * self._channels
        whole = len(self._rest) // size * size
        if whole and self._checked:
            values = np.frombuffer(self._rest[:whole], self._sample).reshape(-1, self._channels)
            self._rest = self._rest[whole:]
            yield _unit(values)

    def flush(self) -> Iterator[F32]:
        self._checked = True
        yield from self.push(b"")


def _unit(values: NDArray[Any]) -> F32:
    """Samples [N, channels] of any type as mono -1..1."""
    mono: F32 = values.mean(axis=1, dtype=np.float32)
    if values.dtype.kind == "u":
        mono = mono / np.float32(128) - 1
    elif values.dtype.kind == "i":
        mono = mono / np.float32(2 ** (8 * values.dtype.itemsize - 1))
    return mono


class Wav:
    """A RIFF file whose lengths may be wrong or zero, as those of a file that is made while it is sent.

    https://learn.microsoft.com/windows/win32/multimedia/resource-interchange-file-format-services
    """

    rate_hz = 0
    _TYPES: Final = {(1, 8): "<u1", (1, 16): "<i2", (1, 32): "<i4", (3, 32): "<f4", (3, 64): "<f8"}
    _EXTENSIBLE: Final = 0xFFFE
    _MOST_BEFORE_SOUND: Final = 1 << 20

    def __init__(self) -> None:
        self._head = b""
        self._pcm: Pcm | None = None
        self._left = 0

    def push(self, data: bytes) -> Iterator[F32]:
        if self._pcm is None:
            self._head += data
            begin = self._sound_begins()
            if begin is None:
                return
            data, self._head = self._head[begin:], b""
        assert self._pcm is not None
        yield from self._pcm.push(data[: self._left])
        self._left = max(0, self._left - len(data))

    def flush(self) -> Iterator[F32]:
        if self._pcm is None and self._head:
            raise WireError("the sound ended within its header")
        yield from self._pcm.flush() if self._pcm else ()

    def _sound_begins(self) -> int | None:
        """Where the samples begin, once the header is whole."""
        head = self._head
        if (head[:4], head[8:12]) != (b"RIFF"[: len(head)], b"WAVE"[: max(0, len(head) - 8)]):
            raise WireError(f"the sound is no WAV: it begins with {head[:12]!r}")
        at, form = 12, None
        while len(head) >= at + 8:
            name, size = head[at : at + 4], int.from_bytes(head[at + 4 : at + 8], "little")
            if name == b"data":
                self._pcm = self._make(form)
                self._left = size if 0 < size < 0x7FFFFFFF else 1 << 62  # 0 and the greatest stand for "not known yet"
                return at + 8
            if size > self._MOST_BEFORE_SOUND:
                raise WireError("the sound's header is broken")
            if name == b"fmt ":
                form = head[at + 8 : at + 8 + size]
            at += 8 + size + size % 2
        return None

    def _make(self, form: bytes | None) -> Pcm:
        if form is None or len(form) < 16:
            raise WireError("the sound's header does not tell its format")
        kind, channels, self.rate_hz, _, _, bits = struct.unpack_from("<HHIIHH", form)
        if kind == self._EXTENSIBLE and len(form) >= 26:
            kind = int.from_bytes(form[24:26], "little")
        if (kind, bits) not in self._TYPES or not 1 <= channels <= 8 or not 4_000 <= self.rate_hz <= 384_000:
            raise WireError(f"the sound has format {kind}, {bits} bits, {channels} channels, {self.rate_hz} Hz")
        return Pcm(self.rate_hz, np.dtype(self._TYPES[kind, bits]), channels, checked=True)


class _Coded:
    """What frames of a codec have in common: broken ones are left out, until too many are."""

    rate_hz = 0

    def __init__(self, codec: str) -> None:
        self._codec: Any = CodecContext.create(codec, "r")
        self._bad = 0

    def _decoded(self, packet: Any) -> Iterator[F32]:
        try:
            frames = self._codec.decode(packet)
        except FFmpegError:
            self._bad += 1
            if self._bad >= _BAD_FRAMES:
                raise WireError("the sound is broken") from None
            return
        for frame in frames:
            self._bad = 0
            if self.rate_hz not in (0, frame.sample_rate):
                raise WireError("the sound changes its sample rate")
            self.rate_hz = frame.sample_rate
            rows = frame.to_ndarray()
            channels = len(frame.layout.channels)
            yield _unit(rows.T if frame.format.is_planar else rows.reshape(-1, channels))


class Mp3(_Coded):
    """MPEG audio frames, after ID3 tags or without. Gaps at a track's ends are left as they are (some 50 ms)."""

    def __init__(self) -> None:
        super().__init__("mp3")
        self._start = b""
        self._started = False

    def push(self, data: bytes) -> Iterator[F32]:
        if not self._started:
            self._start += data
            skip = _id3_length(self._start)
            if skip is None or len(self._start) < skip:
                return
            data, self._start, self._started = self._start[skip:], b"", True
        for packet in self._codec.parse(data) if data else ():
            yield from self._decoded(packet)

    def flush(self) -> Iterator[F32]:
        for packet in (*self._codec.parse(), None):
            yield from self._decoded(packet)


def _id3_length(start: bytes) -> int | None:
    """How long the ID3v2 tag (id3.org/id3v2.4.0-structure) at the start is, 0: there is none; None: not told yet."""
    if not b"ID3".startswith(start[:3]):
        return 0
    if len(start) < 10:
        return None
    return 10 + sum((byte & 0x7F) << shift for byte, shift in zip(start[6:10], (21, 14, 7, 0), strict=True))


class OggOpus(_Coded):
    """Opus in Ogg pages: RFC 3533 and RFC 7845."""

    def __init__(self) -> None:
        super().__init__("opus")
        self._pages = b""
        self._packet = b""
        self._packets = 0

    def push(self, data: bytes) -> Iterator[F32]:
        self._pages += data
        while page := self._next_page():
            for packet in self._packets_of(*page):
                yield from self._sound_of(packet)

    def flush(self) -> Iterator[F32]:
        if self._packets:
            yield from self._decoded(None)

    def _next_page(self) -> tuple[bytes, bytes] | None:
        """The next page's lacing values and body, where it is all there."""
        pages = self._pages
        if not b"OggS".startswith(pages[:4]):
            raise WireError(f"the sound is no Ogg: a page begins with {pages[:4]!r}")
        if len(pages) < 27 or len(pages) < 27 + pages[26]:
            return None
        begin = 27 + pages[26]
        lacing = pages[27:begin]
        end = begin + sum(lacing)
        if len(pages) < end:
            return None
        self._pages = pages[end:]
        return lacing, pages[begin:end]

    def _packets_of(self, lacing: bytes, body: bytes) -> Iterator[bytes]:
        at = 0
        for length in lacing:
            self._packet += body[at : at + length]
            at += length
            if length < 255:
                whole, self._packet = self._packet, b""
                yield whole

    def _sound_of(self, packet: bytes) -> Iterator[F32]:
        self._packets += 1
        if self._packets == 1:
            if not packet.startswith(b"OpusHead") or len(packet) < 19:
                raise WireError("the sound in the Ogg file is no Opus")
            self._codec.extradata = packet  # from which the decoder learns of the encoder's delay, and leaves it out
        elif self._packets > 2:  # the second holds comments
            yield from self._decoded(av.Packet(packet))
