"""The process that holds espeak-ng: run as a script, by the standard library alone.

espeak-ng keeps global state, is not thread-safe, may crash, and is under GPL-3: so it lives by itself, behind a pipe.
This file imports nothing of the package, for it is run by path with `python -I -S` (no site-packages to load).

A message, both ways, is one byte of kind and four of length (little-endian), then the payload.

    to the worker     S  speak: three int32 (words a minute, pitch, pitch range), the voice, a zero byte, the text
                      N  go on     C  stop this utterance
    from the worker   H  once, after the start: lines `language TAB priority TAB voice`, a blank line, the variants
                      A  audio: uint32 n, n marks, int16 samples
                      E  the utterance is over     X  an error, in words

A mark is an int32 sample, an int32 place and 8 bytes of UTF-8 padded with zeros. A phoneme has its name and the place
0; a word has the place of its first character in the text, counted from 1, and no name.

After each A the worker waits for N or C. It ends when its input does, so it can't outlive its parent.
API: espeak-ng, src/include/espeak-ng/speak_lib.h.
"""

from __future__ import annotations

import ctypes
import os
import signal
import struct
import sys
from typing import IO, Any

HEADER = struct.Struct("<cI")
REQUEST = struct.Struct("<3i")
MARK = struct.Struct("<2i8s")
SAMPLE_RATE_HZ = 22_050
BUFFER_MS = 250

_SYNCHRONOUS = 2
_PHONEME_EVENTS, _IPA, _DONT_EXIT = 1, 2, 0x8000
_RATE, _PITCH, _RANGE = 1, 3, 4
_POSITION_CHARACTER = 1
_UTF8, _END_PAUSE = 1, 0x1000
_EVENT_END, _EVENT_WORD, _EVENT_PHONEME = 0, 1, 7


class _Event(ctypes.Structure):
    _fields_ = [
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", ctypes.c_char * 8),
    ]


class _Voice(ctypes.Structure):
    _fields_ = [
        ("name", ctypes.c_char_p),
        ("languages", ctypes.c_void_p),
        ("identifier", ctypes.c_char_p),
        ("gender", ctypes.c_ubyte),
        ("age", ctypes.c_ubyte),
        ("variant", ctypes.c_ubyte),
        ("xx1", ctypes.c_ubyte),
        ("score", ctypes.c_int),
        ("spare", ctypes.c_void_p),
    ]


_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.POINTER(_Event))


def send(pipe: IO[bytes], kind: bytes, payload: bytes = b"") -> None:
    """Write one message."""
    pipe.write(HEADER.pack(kind, len(payload)) + payload)
    pipe.flush()


def receive(pipe: IO[bytes]) -> tuple[bytes, bytes]:
    """Read one message: its kind and payload. Raises EOFError where the other side is gone."""
    header = pipe.read(HEADER.size)
    if len(header) < HEADER.size:
        raise EOFError
    kind, length = HEADER.unpack(header)
    payload = pipe.read(length)
    if len(payload) < length:
        raise EOFError
    return kind, payload


class Engine:
    """The library, loaded and answering on two pipes."""

    def __init__(self, library: str, data_folder: str, requests: IO[bytes], replies: IO[bytes]) -> None:
        self._requests, self._replies = requests, replies
        self._lib: Any = ctypes.CDLL(library)
        # The library holds at most 160 bytes of path, in the system's own encoding: stand there, and say ".".
        os.chdir(os.path.dirname(data_folder))
        options = _PHONEME_EVENTS | _IPA | _DONT_EXIT
        if self._lib.espeak_Initialize(_SYNCHRONOUS, BUFFER_MS, b".", options) != SAMPLE_RATE_HZ:
            raise OSError("espeak-ng did not find its data")
        self._callback = _Callback(self._take)  # kept here, or it would be collected while C holds it
        self._lib.espeak_SetSynthCallback(self._callback)

    def catalogue(self) -> str:
        """The payload of H."""
        self._lib.espeak_ListVoices.restype = ctypes.POINTER(ctypes.POINTER(_Voice))
        voices = self._lib.espeak_ListVoices(None)
        lines: list[str] = []
        index = 0
        while voices[index]:
            voice = voices[index].contents
            identifier = voice.identifier.decode()
            lines += [f"{language}\t{priority}\t{identifier}" for priority, language in _languages(voice.languages)]
            index += 1
        return "\n".join([*lines, "", *sorted(os.listdir(os.path.join("espeak-ng-data", "voices", "!v")))])

    def speak(self, payload: bytes) -> None:
        """Answer an S: any number of A, then E, or X."""
        rate, pitch, pitch_range = REQUEST.unpack_from(payload)
        name, _, text = payload[REQUEST.size :].partition(b"\0")
        if self._lib.espeak_SetVoiceByName(name) != 0:  # it would go on with the previous voice
            send(self._replies, b"X", b"unknown voice " + name)
            return
        for parameter, value in ((_RATE, rate), (_PITCH, pitch), (_RANGE, pitch_range)):
            self._lib.espeak_SetParameter(parameter, value, 0)
        self._lib.espeak_ng_SetRandSeed(ctypes.c_long(1))
        size = ctypes.c_size_t(len(text) + 1)
        status = self._lib.espeak_Synth(text, size, 0, _POSITION_CHARACTER, 0, _UTF8 | _END_PAUSE, None, None)
        if status == 0:
            send(self._replies, b"E")
        else:
            send(self._replies, b"X", b"status %d" % status)

    def _take(self, samples: int | None, count: int, events: Any) -> int:
        """espeak's callback: pass a buffer on and wait to be told to continue. Returns 1 to abort."""
        if not samples:
            return 0
        try:
            marks = b"".join(_marks(events))
            audio = ctypes.string_at(samples, 2 * count)
            send(self._replies, b"A", struct.pack("<I", len(marks) // MARK.size) + marks + audio)
            kind, _ = receive(self._requests)
        except (EOFError, OSError):
            os._exit(0)  # the parent is gone; there is nobody to unwind for
        return int(kind != b"N")


def _languages(address: int) -> list[tuple[int, str]]:
    """The (priority, language) pairs of a voice: a byte and a string each, up to a zero byte."""
    found: list[tuple[int, str]] = []
    while priority := ctypes.string_at(address, 1)[0]:
        name = ctypes.string_at(address + 1)
        found.append((priority, name.decode()))
        address += len(name) + 2
    return found


def _marks(events: Any) -> list[bytes]:
    found: list[bytes] = []
    index = 0
    while events[index].type != _EVENT_END:
        event = events[index]
        if event.type == _EVENT_PHONEME:
            # A name may fill all eight bytes, without a zero after it, so it isn't read as a C string.
            name = ctypes.string_at(ctypes.addressof(event) + _Event.id.offset, _Event.id.size)
            found.append(MARK.pack(event.sample, 0, name.partition(b"\0")[0]))
        elif event.type == _EVENT_WORD:
            found.append(MARK.pack(event.sample, event.text_position, b""))
        index += 1
    return found


def main() -> None:
    """Serve requests until the input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent decides
    requests, replies = sys.stdin.buffer, sys.stdout.buffer
    try:
        engine = Engine(sys.argv[1], sys.argv[2], requests, replies)
        send(replies, b"H", engine.catalogue().encode())
    except OSError as error:
        send(replies, b"X", str(error).encode())
        return
    while True:
        try:
            kind, payload = receive(requests)
            if kind == b"S":
                engine.speak(payload)
        except (EOFError, OSError):
            return


if __name__ == "__main__":
    main()
