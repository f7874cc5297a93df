"""Speech of flite's and festival's voices, which are made of recorded people, with the phones that they say.

Both programs are run where they are installed (on Debian: flite, festival, festvox-kallpc16k, festvox-kdlpc16k,
festvox-us-slt-hts); nothing of them ships. Each tells the end of each phone itself.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from tqdm import tqdm

from bridge.errors import InputError
from bridge.types import F32, Phone
from models.data.audio import read_mono
from models.data.phones import ARPABET_TO_IPA
from models.data.sentences import mixture

FLITE: Final = ("kal16", "awb", "rms", "slt")
FESTIVAL: Final = ("kal_diphone", "ked_diphone", "cmu_us_slt_arctic_hts")
PROGRAM_S: Final = 600.0
AT_ONCE: Final = 40
# Beyond ARPAbet as the CMU dictionary has it: reduced vowels, flaps, syllabic consonants, pauses and breath.
_OTHERS: Final = {
    **{"ax": "ə", "axr": "ɚ", "ix": "ɪ", "dx": "ɾ", "nx": "n", "hv": "h", "el": "əl", "em": "əm", "en": "ən"},
    **dict.fromkeys(("pau", "h#", "brth", "ssil"), ""),
}
_IPA: Final = {name.lower(): ipa for name, ipa in ARPABET_TO_IPA.items()} | _OTHERS


@dataclass(frozen=True, slots=True)
class Voice:
    """One of a program's voices."""

    program: str
    name: str


@dataclass(frozen=True, slots=True)
class Line:
    """What to say, and how slowly: 1 is the voice's own pace, 1.2 takes a fifth longer."""

    text: str
    stretch: float = 1.0


def installed() -> list[Voice]:
    """The voices that can be used here, in a fixed order."""
    found: list[Voice] = []
    if shutil.which("flite"):
        there = _output(["flite", "-lv"]).partition(":")[2].split()
        found += [Voice("flite", name) for name in FLITE if name in there]
    if shutil.which("festival"):
        listed = _output(["festival", "--batch", "(print (voice.list))"]).strip("() \n").split()
        found += [Voice("festival", name) for name in FESTIVAL if name in listed]
    return found


def say(voice: Voice, lines: Sequence[Line]) -> Iterator[tuple[F32, tuple[Phone, ...]]]:
    """Samples at 24 kHz and phones of each line. Raises InputError for what the program can't say."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        speak = _flite if voice.program == "flite" else _festival
        for sound, phones in zip(*speak(voice.name, lines, folder), strict=True):
            yield read_mono(sound), phones


def _flite(voice: str, lines: Sequence[Line], folder: Path) -> tuple[list[Path], list[tuple[Phone, ...]]]:
    sounds = [folder / f"{i}.wav" for i in range(len(lines))]
    said = []
    for line, sound in zip(lines, sounds, strict=True):
        how = ["--setf", f"duration_stretch={line.stretch:.3f}"]
        printed = _output(["flite", "-voice", voice, *how, "-psdur", "-t", line.text, "-o", str(sound)])
        said.append(_phones(part.rpartition(":")[::2] for part in printed.split()))
    return sounds, said


def _festival(voice: str, lines: Sequence[Line], folder: Path) -> tuple[list[Path], list[tuple[Phone, ...]]]:
    sounds = [folder / f"{i}.wav" for i in range(len(lines))]
    script = [f"(voice_{voice})"]
    for line, sound in zip(lines, sounds, strict=True):
        script += [
            f"(Parameter.set 'Duration_Stretch {line.stretch:.3f})",
            f'(set! said (SynthText "{line.text}"))',
            f'(utt.save.segs said "{sound.with_suffix(".seg")}")',
            f'(utt.save.wave said "{sound}" \'riff)',
        ]
    path = folder / "say.scm"
    path.write_text("\n".join(script), "ascii", "ignore")
    _output(["festival", "--batch", str(path)])
    if missing := [line.text for line, sound in zip(lines, sounds, strict=True) if not sound.is_file()]:
        raise InputError(f"festival's {voice} did not say: {missing[0]}")
    # Lines `END 100 NAME` below a `#`.
    tables = [sound.with_suffix(".seg").read_text("ascii").partition("#")[2].splitlines() for sound in sounds]
    return sounds, [_phones((row.split()[2], row.split()[0]) for row in rows if row.strip()) for rows in tables]


def _phones(ends: Iterator[tuple[str, str]]) -> tuple[Phone, ...]:
    """Phones from their names and the times at which they end."""
    found: list[Phone] = []
    for name, end in ends:
        start_s, end_s = found[-1].end_s if found else 0.0, float(end)
        if name not in _IPA:
            raise InputError(f"The voice says a phone that is not known: {name}.")
        if end_s > start_s:
            found.append(Phone(start_s, end_s, _IPA[name]))
    return tuple(found)


def _output(command: list[str]) -> str:
    """What a program prints. Raises InputError where it fails."""
    try:
        done = subprocess.run(command, capture_output=True, timeout=PROGRAM_S, check=True)
    except (OSError, subprocess.SubprocessError) as e:
        raise InputError(f"{command[0]} failed: {e}") from e
    return done.stdout.decode("utf-8", "replace")


def spoken(count: int, seed: int) -> Iterator[tuple[F32, tuple[Phone, ...]]]:
    """`count` utterances of English, shared out among the voices that are here; without any, a sentence on stderr."""
    voices = installed()
    if not voices:
        print("voices: neither flite nor festival is installed; their voices are left out.", file=sys.stderr)
        return
    rng = np.random.default_rng(seed)
    lines = [Line(mixture("en", rng), float(rng.uniform(0.8, 1.3))) for _ in range(count)]
    shares = [lines[i :: len(voices)] for i in range(len(voices))]
    with tqdm(total=count, desc="voices", mininterval=10) as bar:
        for voice, share in zip(voices, shares, strict=True):
            for first in range(0, len(share), AT_ONCE):
                for item in say(voice, share[first : first + AT_ONCE]):
                    yield item
                    bar.update()
