"""ARPAbet, as CMUdict and pocketsphinx write it, in IPA as the articulation model reads it."""

from __future__ import annotations

from typing import Final

ARPABET_TO_IPA: Final[dict[str, str]] = {
    **{"AA": "ɑː", "AE": "æ", "AH": "ʌ", "AO": "ɔː", "AW": "aʊ", "AY": "aɪ", "EH": "ɛ", "ER": "ɜː", "EY": "eɪ"},
    **{"IH": "ɪ", "IY": "iː", "OW": "oʊ", "OY": "ɔɪ", "UH": "ʊ", "UW": "uː", "B": "b", "CH": "tʃ", "D": "d"},
    **{"DH": "ð", "F": "f", "G": "ɡ", "HH": "h", "JH": "dʒ", "K": "k", "L": "l", "M": "m", "N": "n", "NG": "ŋ"},
    **{"P": "p", "R": "ɹ", "S": "s", "SH": "ʃ", "T": "t", "TH": "θ", "V": "v", "W": "w", "Y": "j", "Z": "z"},
    **{"ZH": "ʒ", "SIL": "", "+NSN+": "", "+SPN+": ""},
}
"""Silence and noise map to the empty label."""

_CLASSES: Final[dict[str, int]] = {ipa: i for i, ipa in enumerate(sorted(set(ARPABET_TO_IPA.values())))}
UNKNOWN_PHONE: Final = 255


def phone_class(ipa: str) -> int:
    """The class, below 40, of a phone as `ARPABET_TO_IPA` writes it; 255 for another."""
    return _CLASSES.get(ipa, UNKNOWN_PHONE)
