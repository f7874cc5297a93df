"""Whether a sound file has its end: what its header says of its size, where FFmpeg does not mind."""

from __future__ import annotations

import os
import struct
from pathlib import Path
from typing import Final

OGG_PAGE_MAX: Final = 27 + 255 + 255 * 255
"""Bytes of the longest Ogg page: header, segment table, segments (RFC 3533)."""
MP3_TAG_WITHIN: Final = 256
"""Bytes of an MP3 frame that reach past a Xing tag's counts."""
SIZE_SLACK: Final = 256
"""Bytes by which careless programs get the size in a header wrong."""
SIZE_UNKNOWN: Final = 0x7FFF0000
"""From here on, a RIFF size is what a program writes that does not know it yet, not a size."""


def is_cut(path: Path) -> bool:
    """Whether a WAV, Ogg or MP3 file lacks its end, which FFmpeg passes over in silence."""
    with path.open("rb") as file:
        head = file.read(12)
        size = file.seek(0, os.SEEK_END)
        if head[:4] == b"RIFF" and head[8:] == b"WAVE":
            (riff_size,) = struct.unpack("<I", head[4:8])
            return bool(size + SIZE_SLACK < riff_size < SIZE_UNKNOWN)
        if head[:4] == b"OggS":
            file.seek(-min(size, OGG_PAGE_MAX), os.SEEK_END)
            return _ends_within_page(file.read())
        start = 0
        if head[:3] == b"ID3":  # its size has seven bits in a byte (id3.org, ID3v2.4 section 3.1)
            start = 10 + sum((byte & 0x7F) << shift for byte, shift in zip(head[6:10], (21, 14, 7, 0), strict=False))
        file.seek(start)
        return size - start + SIZE_SLACK < _xing_size(file.read(MP3_TAG_WITHIN))


def _ends_within_page(tail: bytes) -> bool:
    """Whether the last Ogg page in `tail` is not whole (RFC 3533, section 6)."""
    page = tail[tail.rfind(b"OggS") :]
    table = page[27 : 27 + page[26]] if len(page) > 26 else b""
    return len(page) < 27 or len(table) < page[26] or len(page) < 27 + len(table) + sum(table)


def _xing_size(frame: bytes) -> int:
    """The bytes that the tag in an MP3's first frame counts for the whole file; 0 where it has none."""
    tag = max(frame.find(b"Xing"), frame.find(b"Info"))
    if tag < 0 or len(frame) < tag + 16 or frame[:1] != b"\xff":
        return 0
    flags, *fields = struct.unpack_from(">III", frame, tag + 4)
    return int(fields[flags & 1]) if flags & 2 else 0  # the count of frames comes before, if it is there
