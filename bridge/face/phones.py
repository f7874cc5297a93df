"""What each speech sound asks of the mouth: IPA and ARPAbet labels to articulatory targets.

A label is cut into base letters and diacritics, so that any spelling works: whole diphthongs and triphthongs (`aɪ`,
`iɑu`), vowels with r-colour (`ɑːɹ`), Mandarin finals (`onɡ`) and aspiration (`ph`), affricates (`tʃ`), espeak-ng's
dotted retroflexes (`ts.h`), length, stress, nasality, ARPAbet with its stress digits (`AA1`). A letter that is not in
the tables counts as a neutral sound.

Openness, backness and rounding of the vowels follow the chart of the International Phonetic Association (2020).
"""

from __future__ import annotations

import functools
import unicodedata
from dataclasses import dataclass, replace
from typing import Final

PAUSE_LABELS: Final = frozenset(
    {"", "sil", "SIL", "sp", "spn", "SP", "SPN", "pau", "<sil>", "+NSN+", "+SPN+", "_", "_:", "|"}
)


@dataclass(frozen=True, slots=True)
class Sound:
    """Targets of one sound, 0..1, and how firmly it holds them against its neighbours (their dominance).

    `jaw` is the mandible's height alone: lips that meet over an open jaw are `lips`. A consonant made by the tongue
    alone hardly holds the lips, which take the shape of the vowels around it.
    """

    jaw: float
    pucker: float = 0.0
    funnel: float = 0.0
    spread: float = 0.0
    part: float = 0.0
    """Lips drawn off the teeth: the lower down, the upper up, beyond what the jaw does."""
    hold_jaw: float = 1.0
    hold_round: float = 1.0
    hold_spread: float = 1.0
    lips: float = 0.0
    """1 where the lips meet (p b m)."""
    teeth: float = 0.0
    """1 where the lower lip meets the upper teeth (f v)."""
    tongue: float = 0.0
    """1 where the tongue's tip shows between the teeth (θ ð)."""
    release: float = 1.0
    """The share of its time after which a closure opens: a voiceless stop is aspirated with open lips."""
    weight: float = 1.0
    """Its share of the time of a label that holds several."""
    pause: bool = False


PAUSE: Final = Sound(0.0, pause=True)
NEUTRAL: Final = Sound(0.14, hold_jaw=0.2, hold_round=0.1, hold_spread=0.1)
CLOSURE_SHARE: Final = 0.6


# Openness 0 (close) to 1 (open), spreading, pucker, funnel: spread in front, pucker where close, funnel where open.
_VOWEL_ROWS: Final[dict[str, tuple[float, float, float, float]]] = {
    "i": (0.06, 0.80, 0.00, 0.00),
    "y": (0.00, 0.00, 0.62, 0.20),
    "ɨ": (0.08, 0.40, 0.00, 0.00),
    "ʉ": (0.00, 0.00, 0.60, 0.20),
    "ɯ": (0.04, 0.30, 0.00, 0.00),
    "u": (0.00, 0.00, 0.68, 0.20),
    "ɪ": (0.26, 0.45, 0.00, 0.00),
    "ʏ": (0.16, 0.00, 0.45, 0.25),
    "ʊ": (0.14, 0.00, 0.42, 0.25),
    "e": (0.48, 0.60, 0.00, 0.00),
    "ø": (0.40, 0.00, 0.40, 0.35),
    "ɘ": (0.40, 0.25, 0.00, 0.00),
    "ɵ": (0.30, 0.00, 0.40, 0.25),
    "ɤ": (0.36, 0.10, 0.00, 0.00),
    "o": (0.36, 0.00, 0.42, 0.40),
    "ə": (0.36, 0.10, 0.00, 0.00),
    "ɛ": (0.62, 0.45, 0.00, 0.00),
    "œ": (0.55, 0.00, 0.25, 0.40),
    "ɜ": (0.45, 0.10, 0.00, 0.00),
    "ɞ": (0.50, 0.00, 0.20, 0.35),
    "ʌ": (0.66, 0.10, 0.00, 0.00),
    "ɔ": (0.55, 0.00, 0.20, 0.48),
    "æ": (0.90, 0.35, 0.00, 0.00),
    "ɐ": (0.75, 0.10, 0.00, 0.00),
    "a": (0.92, 0.15, 0.00, 0.00),
    "ɶ": (0.90, 0.00, 0.10, 0.30),
    "ɑ": (0.95, 0.00, 0.00, 0.00),
    "ɒ": (0.90, 0.00, 0.08, 0.35),
}


def _vowel(openness: float, spread: float, pucker: float, funnel: float) -> Sound:
    return Sound(jaw=0.14 + 0.48 * openness, pucker=pucker, funnel=funnel, spread=spread, part=0.4 * spread)


_VOWELS: Final = {letter: _vowel(*row) for letter, row in _VOWEL_ROWS.items()}
_VOWELS["ə"] = replace(_VOWELS["ə"], hold_jaw=0.5, hold_round=0.4, hold_spread=0.4)

_BILABIAL: Final = Sound(0.1, hold_jaw=0.7, hold_round=0.08, hold_spread=0.1, lips=1.0)
_LABIODENTAL: Final = Sound(0.09, hold_jaw=1.2, hold_round=0.5, hold_spread=0.4, teeth=1.0)
_DENTAL: Final = Sound(0.12, part=0.05, hold_jaw=0.9, hold_round=0.4, hold_spread=0.4, tongue=1.0)
_SIBILANT: Final = Sound(0.11, spread=0.4, part=0.6, hold_jaw=1.0, hold_round=1.0, hold_spread=0.8)
_POSTALVEOLAR: Final = Sound(0.1, pucker=0.15, funnel=0.55, part=0.35, hold_jaw=1.6, hold_round=1.3, hold_spread=1.2)
_ALVEOLO_PALATAL: Final = Sound(
    0.09, funnel=0.08, spread=0.35, part=0.35, hold_jaw=1.5, hold_round=0.5, hold_spread=0.6
)
_RETROFLEX_SIBILANT: Final = Sound(
    0.1, pucker=0.1, funnel=0.28, part=0.3, hold_jaw=1.5, hold_round=0.7, hold_spread=0.8
)
_ALVEOLAR: Final = Sound(0.12, spread=0.15, part=0.04, hold_jaw=0.7, hold_round=0.2, hold_spread=0.25)
_LATERAL: Final = Sound(0.17, spread=0.1, part=0.1, hold_jaw=0.5, hold_round=0.25, hold_spread=0.25)
_RETROFLEX: Final = Sound(0.14, hold_jaw=0.6, hold_round=0.25, hold_spread=0.25)
_PALATAL: Final = Sound(0.11, spread=0.55, part=0.15, hold_jaw=0.8, hold_round=0.4, hold_spread=0.7)
_VELAR: Final = Sound(0.16, hold_jaw=0.4, hold_round=0.12, hold_spread=0.15)
_UVULAR: Final = Sound(0.2, hold_jaw=0.4, hold_round=0.12, hold_spread=0.15)
_PHARYNGEAL: Final = Sound(0.3, hold_jaw=0.4, hold_round=0.1, hold_spread=0.15)
_GLOTTAL: Final = Sound(0.2, hold_jaw=0.08, hold_round=0.04, hold_spread=0.04)
_LABIOVELAR: Final = Sound(0.1, pucker=0.72, funnel=0.2, hold_jaw=1.0, hold_round=2.2, hold_spread=1.5)
_APPROXIMANT_R: Final = Sound(0.12, pucker=0.28, funnel=0.2, hold_jaw=0.7, hold_round=0.6, hold_spread=0.5)

_CONSONANTS: Final[dict[str, Sound]] = {
    **dict.fromkeys("bmɓʙ", _BILABIAL),
    "p": replace(_BILABIAL, release=CLOSURE_SHARE),
    **dict.fromkeys("fvɱⱱ", _LABIODENTAL),
    "ʋ": replace(_LABIODENTAL, teeth=0.7),
    **dict.fromkeys("ɸβ", replace(_BILABIAL, lips=0.75, hold_round=0.4)),
    **dict.fromkeys("θð", _DENTAL),
    **dict.fromkeys("sz", _SIBILANT),
    **dict.fromkeys("ʃʒ", _POSTALVEOLAR),
    **dict.fromkeys("ɕʑ", _ALVEOLO_PALATAL),
    **dict.fromkeys("ʂʐ", _RETROFLEX_SIBILANT),
    "ɧ": replace(_POSTALVEOLAR, funnel=0.4, hold_jaw=0.9),
    **dict.fromkeys("tdnɗǀǃǂ", _ALVEOLAR),
    **dict.fromkeys("lɫɬɮɺǁ", _LATERAL),
    **dict.fromkeys("rɾ", replace(_ALVEOLAR, jaw=0.15, hold_jaw=0.6)),
    **dict.fromkeys("ʈɖɳɽɭ", _RETROFLEX),
    **dict.fromkeys("jɲʎcɟçʝ", _PALATAL),
    **dict.fromkeys("kɡgŋxɣɰ", _VELAR),
    **dict.fromkeys("qɢɴχʁʀ", _UVULAR),
    **dict.fromkeys("ħʕʢʜ", _PHARYNGEAL),
    **dict.fromkeys("hɦʔ", _GLOTTAL),
    **dict.fromkeys("wʍɥ", _LABIOVELAR),
    **dict.fromkeys("ɹɻ", _APPROXIMANT_R),
}
_TABLE: Final[dict[str, Sound]] = {**_VOWELS, **_CONSONANTS}

# Letters that stand for others: r-coloured vowels, ligatures, look-alikes, and the capitals of X-SAMPA and Kirshenbaum.
_SPELLING_ROWS: Final = """
    ɚ=əɹ ɝ=ɜɹ ʦ=ts ʣ=dz ʧ=tʃ ʤ=dʒ ʨ=tɕ ʥ=dʑ ᵐ=m ⁿ=n ᵑ=ŋ
    ε=ɛ ı=ɯ ᵻ=ɨ ᵿ=ʊ ɩ=ɪ ʅ=ɨ ɿ=ɨ ᴇ=e ᴀ=a Φ=ɸ
    A=ɑ E=ɛ I=ɪ O=ɔ U=ʊ N=ŋ S=ʃ Z=ʒ T=θ D=ð X=χ ?=ʔ @=ə
"""
_SPELLINGS: Final = dict(pair.split("=") for pair in _SPELLING_ROWS.split())
_RETROFLEX_DOT: Final = {"t": "ʈ", "d": "ɖ", "s": "ʂ", "z": "ʐ", "n": "ɳ", "l": "ɭ", "r": "ɽ", "i": "ɨ"}
_ROUNDING_MARKS: Final = "ʷᵝ\u0339\u032b"
_PALATAL_MARKS: Final = "ʲ^"
_R_COLOUR: Final = "˞"

# ARPAbet (Shoup 1980), as the CMU dictionary uses it.
_ARPABET_ROWS: Final = """
    AA=ɑ AE=æ AH=ʌ AO=ɔ AW=aʊ AX=ə AXR=əɹ AY=aɪ EH=ɛ ER=ɜɹ EY=eɪ IH=ɪ IX=ɨ IY=i OW=oʊ OY=ɔɪ UH=ʊ UW=u UX=ʉ
    B=b CH=tʃ D=d DH=ð DX=ɾ EL=əl EM=əm EN=ən F=f G=ɡ HH=h H=h JH=dʒ K=k L=l M=m N=n NG=ŋ
    P=p Q=ʔ R=ɹ S=s SH=ʃ T=t TH=θ V=v W=w WH=ʍ Y=j Z=z ZH=ʒ
"""
_ARPABET: Final = dict(pair.split("=") for pair in _ARPABET_ROWS.split())
_STRESS_JAW: Final = {"primary": 1.08, "secondary": 1.0, "none": 0.88}
_MIN_STRESSED_JAW: Final = 0.14


@functools.lru_cache(maxsize=4096)
def sounds(label: str) -> tuple[Sound, ...]:
    """The sounds of an IPA or ARPAbet label, in order; their weights share its time out. Never empty."""
    if label in PAUSE_LABELS:
        return (PAUSE,)
    bare = label.rstrip("012")
    if bare in _ARPABET:
        stress = {"1": "primary", "2": "secondary", "0": "none"}.get(label[len(bare) :], "secondary")
        return _weighted(_letters(_ARPABET[bare]), stress)
    stress = "primary" if "ˈ" in label else "secondary" if "ˌ" in label or "ː" in label else "none"
    return _weighted(_letters(label), stress) or (NEUTRAL,)


def _letters(label: str) -> list[tuple[str, Sound]]:
    """Base letters with their sounds, diacritics applied."""
    found: list[tuple[str, Sound]] = []
    for char in unicodedata.normalize("NFD", label):
        for letter in _SPELLINGS.get(char, char):
            _add(found, letter)
    return found


def _add(found: list[tuple[str, Sound]], letter: str) -> None:
    last, sound = found[-1] if found else ("", NEUTRAL)
    if letter in _TABLE:
        if letter != "h" or last not in _CONSONANTS:  # after a consonant, h is its aspiration
            found.append((letter, _TABLE[letter]))
    elif letter == ".":
        dotted = _RETROFLEX_DOT.get(last, last)
        if found and dotted in _TABLE:
            found[-1] = (dotted, _TABLE[dotted])
    elif letter in _ROUNDING_MARKS and found:
        found[-1] = (last, replace(sound, pucker=max(sound.pucker, 0.4), hold_round=max(sound.hold_round, 1.0)))
    elif letter in _PALATAL_MARKS and found:
        found[-1] = (last, replace(sound, spread=max(sound.spread, 0.4), hold_spread=max(sound.hold_spread, 0.4)))
    elif letter == _R_COLOUR:
        found.append(("ɹ", _APPROXIMANT_R))
    elif unicodedata.category(letter) in ("Ll", "Lo", "Lu"):
        found.append((letter, NEUTRAL))


def _weighted(letters: list[tuple[str, Sound]], stress: str) -> tuple[Sound, ...]:
    """Share the label's time out: the most open of its vowels is longest, glides and other consonants are short."""
    vowels = [sound.jaw for letter, sound in letters if letter in _VOWELS]
    nucleus = max(vowels, default=0.0)
    out: list[Sound] = []
    for letter, sound in letters:
        if letter not in _VOWELS:
            out.append(replace(sound, weight=0.7 if vowels else 1.0))
            continue
        jaw = max(sound.jaw * _STRESS_JAW[stress], min(sound.jaw, _MIN_STRESSED_JAW))
        out.append(replace(sound, jaw=jaw, weight=1.0 if sound.jaw == nucleus else 0.7))
    return tuple(out)
