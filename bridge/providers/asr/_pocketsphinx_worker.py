"""A pocketsphinx decoder as a process of its own: a decoder keeps Python's lock, which would stop everything else.

Run by path, with nothing of this package. A message is its length (4 bytes, little-endian) and that many bytes. The
first that comes is the phrases to choose from, none for any English; then recordings, 16-bit mono at 16 kHz, come and
are each answered by JSON: `{"text", "confidence"}`, or `{"error"}`. It ends with its standard input.
"""

from __future__ import annotations

import json
import struct
import sys
from typing import IO, Any

_LENGTH = struct.Struct("<I")


def send(stream: IO[bytes], payload: bytes) -> None:
    """Write one message."""
    stream.write(_LENGTH.pack(len(payload)) + payload)
    stream.flush()


def receive(stream: IO[bytes]) -> bytes:
    """Read one message. Raises EOFError where the other side is gone."""
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        raise EOFError
    (length,) = _LENGTH.unpack(head)
    payload = stream.read(length)
    if len(payload) < length:
        raise EOFError
    return payload


def main() -> None:
    """Answer until there is nothing more to answer."""
    requests, replies = sys.stdin.buffer, sys.stdout.buffer
    try:
        decoder = _decoder(json.loads(receive(requests)))
    except (ImportError, RuntimeError, ValueError) as error:
        send(replies, json.dumps({"error": str(error)}).encode())
        return
    send(replies, json.dumps({}).encode())
    try:
        while True:
            send(replies, json.dumps(_recognise(decoder, receive(requests))).encode())
    except (EOFError, OSError):
        return


def _decoder(phrases: list[str]) -> Any:
    from pocketsphinx import Decoder  # noqa: PLC0415  only the process needs it

    if not phrases:
        return Decoder(loglevel="FATAL")
    decoder = Decoder(loglevel="FATAL", lm=None)
    unknown = sorted({word for phrase in phrases for word in phrase.split() if decoder.lookup_word(word) is None})
    if unknown:
        raise ValueError(f"it does not know {', '.join(unknown)}")
    choices = " | ".join(phrases)
    decoder.add_jsgf_string("phrases", f"#JSGF V1.0; grammar phrases; public <phrase> = {choices};")
    decoder.activate_search("phrases")
    return decoder


def _recognise(decoder: Any, pcm: bytes) -> dict[str, object]:
    decoder.start_utt()
    if pcm:
        decoder.process_raw(pcm, full_utt=True)  # the whole at once: the channel's mean is taken from all of it
    decoder.end_utt()
    hypothesis = decoder.hyp()
    if hypothesis is None or not hypothesis.hypstr:
        return {"text": "", "confidence": 1.0}
    words = [segment.prob for segment in decoder.seg() if segment.word[:1] not in "<[+"]
    confidence = min(1.0, sum(words) / len(words)) if words else 0.0
    return {"text": hypothesis.hypstr, "confidence": confidence}


if __name__ == "__main__":
    main()
