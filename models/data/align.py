"""Phones and their times for transcribed English, by forced alignment.

    python -m models.data.align ../shared/data/more/speech -o models/cache/aligned --network models/runs/main

writes one `<corpus>.jsonl` a corpus, a line an utterance: file, speaker, seconds, and phones as [start_s, end_s,
ARPAbet]. Utterances that are not what their transcript says, or do not align, are left out and counted.

The network of a checkpoint listens; without `--network`, where there are no weights yet, pocketsphinx does, which is
slower and leaves out many.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Protocol

import torch
from tqdm import tqdm

from models import command
from models.data import listen
from models.data.lexicon import Lexicon, Phones, Word, read_dictionary, read_spoken
from models.data.sphinx import SphinxAligner

CORPORA = ("librispeech", "speechocean762", "matthes_lj")
Item = dict[str, Any]


class Aligner(Protocol):
    """Finds when the phones of words are said."""

    def align(self, path: Path, words: list[Word]) -> Phones | None:
        """The phones of a recording of `words`, silences among them, or None where they don't fit."""


def transcribed(corpus: Path) -> list[dict[str, str]]:
    """The rows of a corpus's `index.tsv` that have a transcript."""
    with (corpus / "index.tsv").open(encoding="utf-8", newline="") as f:
        return [row for row in csv.DictReader(f, delimiter="\t") if row["transcript"]]


def aligned(speech: Path, corpus: str, network: Path | None, part: int, parts: int) -> list[Item]:
    """Every `parts`-th transcribed utterance of a corpus, from the `part`-th on, that could be aligned."""
    torch.set_num_threads(1)
    aligner: Aligner = SphinxAligner() if network is None else listen.NetworkAligner(listen.load(network))
    lexicon = Lexicon(read_dictionary(speech / "speechocean762" / "lexicon.txt"))
    told = speech / corpus / "text-phone"
    spoken = read_spoken(told) if told.is_file() else {}
    items = []
    for row in tqdm(transcribed(speech / corpus)[part::parts], corpus, mininterval=10, disable=part > 0):
        path = speech / corpus / row["file"]
        words = lexicon.words(row["transcript"], spoken.get(path.stem))
        phones = aligner.align(path, words)
        if phones is not None:
            items.append(
                {
                    "file": f"{corpus}/{row['file']}",
                    "speaker": f"{corpus}/{row['speaker']}",
                    "seconds": float(row["seconds"]),
                    "phones": phones,
                }
            )
    return items


def align_all(speech: Path, out: Path, network: Path | None, processes: int) -> None:
    """Write what could be aligned of each corpus, and say how much. Raises BridgeError."""
    out.mkdir(parents=True, exist_ok=True)
    # A forked process would share torch's threads with its parent, and may hang.
    with ProcessPoolExecutor(processes, get_context("spawn")) as pool:
        for corpus in CORPORA:
            shares = pool.map(partial(aligned, speech, corpus, network, parts=processes), range(processes))
            items = sorted((item for share in shares for item in share), key=lambda item: str(item["file"]))
            lines = [json.dumps(item, ensure_ascii=False) + "\n" for item in items]
            (out / f"{corpus}.jsonl").write_text("".join(lines), "utf-8")
            count = len(transcribed(speech / corpus))
            minutes = sum(item["seconds"] for item in items) / 60
            print(f"{corpus}: {len(items)} of {count} utterances aligned, {minutes:.1f} minutes")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("speech", type=Path, help="the folder that holds the corpora")
    parser.add_argument("-o", "--out", type=Path, required=True)
    parser.add_argument("--network", type=Path, metavar="CHECKPOINT", help="or a run's folder; else pocketsphinx")
    parser.add_argument("--processes", type=command.at_least(1), default=2)
    args = parser.parse_args()
    if args.network is not None:
        listen.load(args.network)
    align_all(args.speech, args.out, args.network, args.processes)


if __name__ == "__main__":
    sys.exit(command.run(main))
