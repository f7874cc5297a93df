"""Phones and their times for transcribed English, by forced alignment with pocketsphinx.

    python -m models.data.align ../shared/data/more/speech -o models/cache/aligned

writes one `<corpus>.jsonl` a corpus, a line an utterance: file, speaker, seconds, and phones as [start_s, end_s,
ARPAbet].
Utterances with words that no dictionary knows, or that do not align, are left out and counted.
"""

from __future__ import annotations

import argparse
import csv
import json
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from pocketsphinx import Decoder
from tqdm import tqdm

from models.data.audio import read_mono

CORPORA = ("librispeech", "speechocean762", "matthes_lj")
FRAME_S = 0.01
PAD_S = 0.3
Phones = list[tuple[float, float, str]]


def lexicon(path: Path) -> dict[str, str]:
    """Pronunciations of a `WORD<tab>PH ON ES` file, without stress marks; the first of several is kept."""
    words: dict[str, str] = {}
    for line in path.read_text("utf-8").splitlines():
        word, _, phones = line.partition("\t") if "\t" in line else line.partition(" ")
        words.setdefault(word.lower(), re.sub(r"\d", "", phones).strip())
    return words


class Aligner:
    """Forced alignment of one utterance at a time. Not thread-safe."""

    def __init__(self, extra: dict[str, str]) -> None:
        self._decoder = Decoder(lm=None, loglevel="FATAL")
        self._wide = Decoder(lm=None, loglevel="FATAL", beam=1e-80, wbeam=1e-60, pbeam=1e-80)
        self._extra = extra

    def align(self, path: Path, transcript: str) -> Phones | None:
        """The phones of a recording of `transcript`, or None where a word is unknown or nothing fits."""
        words = re.sub(r"[^a-z' ]", " ", transcript.lower().replace("’", "'")).split()
        words = [w.strip("'") if self._decoder.lookup_word(w) is None else w for w in words]
        if not words or not all(self._know(w) for w in words):
            return None
        # The aligner wants silence at both ends, and some noise in it.
        samples = np.pad(read_mono(path, 16_000), int(PAD_S * 16_000))
        samples += np.random.default_rng(0).normal(scale=1e-4, size=len(samples)).astype(np.float32)
        pcm = (np.clip(samples, -1, 1) * 32767).astype(np.int16).tobytes()
        text = " ".join(words)
        # Neither width of the search serves all: the wide one fails where the narrow one does not, and the reverse.
        return _forced(self._decoder, pcm, text) or _forced(self._wide, pcm, text)

    def _know(self, word: str) -> bool:
        if self._decoder.lookup_word(word) is not None:
            return True
        phones = self._extra.get(word) or self._possessive(word)
        if phones:
            for decoder in (self._decoder, self._wide):
                decoder.add_word(word, phones, True)
        return bool(phones)

    def _possessive(self, word: str) -> str | None:
        stem = self._decoder.lookup_word(word.removesuffix("'s")) if word.endswith("'s") else None
        if stem is None:
            return None
        last = stem.split()[-1]
        if last in {"S", "Z", "SH", "ZH", "CH", "JH"}:
            return f"{stem} IH Z"
        return f"{stem} {'S' if last in {'P', 'T', 'K', 'F', 'TH'} else 'Z'}"


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


def aligned(corpus: Path, aligner: Aligner) -> Iterator[dict[str, object]]:
    """The utterances of a corpus that could be aligned."""
    with (corpus / "index.tsv").open(encoding="utf-8", newline="") as f:
        rows = [r for r in csv.DictReader(f, delimiter="\t") if r["transcript"]]
    for row in tqdm(rows, corpus.name, mininterval=10):
        phones = aligner.align(corpus / row["file"], row["transcript"])
        if phones is not None:
            yield {
                "file": f"{corpus.name}/{row['file']}",
                "speaker": f"{corpus.name}/{row['speaker']}",
                "seconds": float(row["seconds"]),
                "phones": phones,
            }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("speech", type=Path, help="the folder that holds the corpora")
    parser.add_argument("-o", "--out", type=Path, required=True)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    extra = lexicon(args.speech / "speechocean762" / "lexicon.txt")
    for name in CORPORA:
        lines = [json.dumps(item, ensure_ascii=False) for item in aligned(args.speech / name, Aligner(extra))]
        (args.out / f"{name}.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
        print(f"{name}: {len(lines)} utterances aligned")


if __name__ == "__main__":
    main()
