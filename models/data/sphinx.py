"""Alignment by pocketsphinx: slower and choosier than the network's own, but it needs no weights to begin with."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from pocketsphinx import Decoder

from models.data.audio import read_mono
from models.data.lexicon import Phones, Word

SAMPLE_RATE_HZ = 16_000
FRAME_S = 0.01
PAD_S = 0.3


class SphinxAligner:
    """Forced alignment of one utterance at a time. Not thread-safe."""

    def __init__(self) -> None:
        narrow = Decoder(lm=None, loglevel="FATAL")
        wide = Decoder(lm=None, loglevel="FATAL", beam=1e-80, wbeam=1e-60, pbeam=1e-80)
        # Neither width of the search serves all: the wide one fails where the narrow one does not, and the reverse.
        self._decoders = (narrow, wide)

    def align(self, path: Path, words: list[Word]) -> Phones | None:
        """The phones of a recording of `words`, or None where nothing fits. Raises InputError for no recording."""
        if not words:
            return None
        for decoder in self._decoders:
            for word in words:
                if decoder.lookup_word(word.text) is None:
                    decoder.add_word(word.text, " ".join(word.phones), True)
        # The aligner wants silence at both ends, and some noise in it.
        samples = np.pad(read_mono(path, SAMPLE_RATE_HZ), int(PAD_S * SAMPLE_RATE_HZ))
        samples += np.random.default_rng(0).normal(scale=1e-4, size=len(samples)).astype(np.float32)
        pcm = (np.clip(samples, -1, 1) * 32767).astype(np.int16).tobytes()
        text = " ".join(word.text for word in words)
        return next((phones for decoder in self._decoders if (phones := _forced(decoder, pcm, text))), None)


def _forced(decoder: Decoder, pcm: bytes, text: str) -> Phones | None:
    def pass_over() -> None:
        decoder.start_utt()
        decoder.process_raw(pcm, full_utt=True)
        decoder.end_utt()

    try:
        decoder.set_align_text(text)
        pass_over()
        decoder.set_alignment()
        pass_over()
        phones = decoder.get_alignment().phones()
    except RuntimeError:
        return None
    times = [(p.start * FRAME_S - PAD_S, (p.start + p.duration) * FRAME_S - PAD_S, p.name) for p in phones]
    return [(round(max(0.0, start), 2), round(end, 2), name) for start, end, name in times if end > 0]
