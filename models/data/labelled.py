"""Speech whose phones are known, as training data: the articulation model makes the face from the phones.

Real voices come from transcribed corpora, aligned by `models.data.align`; synthetic ones from the embedded voice,
in several languages, timbres, rates and pitches; those in between, of programs that speak with recorded voices, from
`models.data.voices`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from bridge.dsp.logmel import log_mel
from bridge.errors import InputError
from bridge.face.articulation import curves
from bridge.providers.tts.espeak import Options, speak
from bridge.timebase import SAMPLE_RATE_HZ
from bridge.types import ARKIT_BLENDSHAPES, F32, Phone
from models.data import voices
from models.data.audio import read_mono
from models.data.pack import Clip
from models.data.phones import ARPABET_TO_IPA, UNKNOWN_PHONE, phone_class
from models.data.sentences import HELD_OUT, SENTENCES, mixture
from models.data.split import split_of
from models.data.vary import Variation, vary

LANGUAGES = (*SENTENCES, "es", "es")
"""Of synthetic speech, in turn. Spanish comes thrice: its closures are short, and were learned least well."""
VARIANTS = ("", "f1", "f2", "f3", "f4", "f5", "m1", "m2", "m3", "m4", "m5", "m6", "m7", "m8")
TAUGHT = [i for i, n in enumerate(ARKIT_BLENDSHAPES) if n.startswith(("jaw", "mouth", "tongue"))]
EDGE_S = 0.5
MOST_S = 20.0


@dataclass(frozen=True)
class Labelled:
    """Samples [N] at 24 kHz and the phones in them."""

    samples: F32
    phones: tuple[Phone, ...]


def aligned_speech(
    aligned: Path, speech: Path, split: str = "train", part: int = 0, parts: int = 1
) -> Iterator[Labelled]:
    """The utterances of a corpus's `.jsonl` that belong to a split; every `parts`-th of them, from the `part`-th on."""
    items = [json.loads(line) for line in aligned.read_text("utf-8").splitlines()]
    kept = [i for i in items if split_of(f"more/speech/{i['file']}") == split and i["seconds"] <= MOST_S]
    for item in tqdm(kept[part::parts], aligned.stem, mininterval=10):
        phones = tuple(Phone(start, end, ARPABET_TO_IPA[name]) for start, end, name in item["phones"])
        yield Labelled(read_mono(speech / item["file"]), phones)


def with_silence(samples: F32, phones: Sequence[Phone]) -> Labelled:
    """The same with half a second of silence at both ends."""
    edge = np.zeros(int(EDGE_S * SAMPLE_RATE_HZ), np.float32)
    moved = tuple(Phone(p.start_s + EDGE_S, p.end_s + EDGE_S, p.ipa) for p in phones)
    return Labelled(np.concatenate([edge, samples, edge]), moved)


def synthetic_speech(count: int, seed: int) -> Iterator[Labelled]:
    """`count` utterances of the embedded voice, the languages in turn."""
    rng = np.random.default_rng(seed)
    for i in tqdm(range(count), "synthetic", mininterval=10):
        lang = LANGUAGES[i % len(LANGUAGES)]
        options = Options(
            lang=lang,
            voice=str(rng.choice(VARIANTS)),
            rate_wpm=int(rng.integers(110, 260)),
            pitch=int(rng.integers(20, 85)),
            pitch_range=int(rng.integers(20, 80)),
        )
        try:
            said = speak(mixture(lang, rng), options)
        except InputError:
            continue
        yield with_silence(said.samples, said.phones)


def voices_speech(count: int, seed: int) -> Iterator[Labelled]:
    """`count` utterances of the voices that `models.data.voices` finds; none where there are none."""
    for samples, phones in voices.spoken(count, seed):
        yield with_silence(samples, phones)


def held_out_synthetic(lang: str) -> list[Labelled]:
    """The sentences of a language kept for evaluation, in the plain voice."""
    said = [speak(text, Options(lang=lang)) for text in SENTENCES[lang][-HELD_OUT:]]
    return [with_silence(s.samples, s.phones) for s in said]


def phone_classes(phones: Sequence[Phone], frame_count: int) -> np.ndarray[tuple[int], np.dtype[np.uint8]]:
    """The class [T] of the phone at each frame's time; phones outside English's have none."""
    out = np.full(frame_count, UNKNOWN_PHONE, np.uint8)
    for phone in phones:
        out[round(phone.start_s * 60) : round(phone.end_s * 60)] = phone_class(phone.ipa)
    return out


def clip_of(item: Labelled, variation: Variation, rng: np.random.Generator) -> Clip:
    """An utterance as training data."""
    mel = log_mel(np.clip(vary(item.samples, variation, rng), -1, 1))
    # Made at the new pace, not slowed with the sound, so that a fast voice gets a fast voice's undershoot.
    phones = [Phone(p.start_s / variation.pace, p.end_s / variation.pace, p.ipa) for p in item.phones]
    face = np.full((len(mel), len(ARKIT_BLENDSHAPES)), np.nan, np.float32)
    face[:, TAUGHT] = curves(phones, len(mel))[:, TAUGHT]
    return Clip.of(mel, face=face, phone=phone_classes(phones, len(mel)))
