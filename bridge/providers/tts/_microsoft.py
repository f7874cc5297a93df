"""Microsoft's neural voices, which Edge and Azure share: one for each language, for those who name none.

learn.microsoft.com/azure/ai-services/speech-service/language-support?tabs=tts
"""

from __future__ import annotations

import re
from typing import Final

from bridge.errors import ConfigError

_ROWS: Final = """
    ar=ar-EG-SalmaNeural cs=cs-CZ-VlastaNeural da=da-DK-ChristelNeural de=de-DE-KatjaNeural el=el-GR-AthinaNeural
    en=en-US-AriaNeural en-au=en-AU-NatashaNeural en-gb=en-GB-SoniaNeural en-in=en-IN-NeerjaNeural
    es=es-ES-ElviraNeural es-mx=es-MX-DaliaNeural fi=fi-FI-NooraNeural fr=fr-FR-DeniseNeural fr-ca=fr-CA-SylvieNeural
    he=he-IL-HilaNeural hi=hi-IN-SwaraNeural hu=hu-HU-NoemiNeural id=id-ID-GadisNeural it=it-IT-ElsaNeural
    ja=ja-JP-NanamiNeural ko=ko-KR-SunHiNeural nb=nb-NO-PernilleNeural nl=nl-NL-ColetteNeural pl=pl-PL-ZofiaNeural
    pt=pt-BR-FranciscaNeural pt-pt=pt-PT-RaquelNeural ro=ro-RO-AlinaNeural ru=ru-RU-SvetlanaNeural
    sv=sv-SE-SofieNeural th=th-TH-PremwadeeNeural tr=tr-TR-EmelNeural uk=uk-UA-PolinaNeural vi=vi-VN-HoaiMyNeural
    yue=zh-HK-HiuMaanNeural zh=zh-CN-XiaoxiaoNeural zh-hk=zh-HK-HiuMaanNeural zh-tw=zh-TW-HsiaoChenNeural
"""
_VOICES: Final = dict(row.split("=") for row in _ROWS.split())
_NAME: Final = re.compile(r"[a-z]{2,3}-[A-Za-z0-9-]+-[\w:()-]+")


def voice_for(name: str, lang: str, voice: str) -> str:
    """`voice`, or where it is empty or of another language the one for `lang`.

    A multilingual voice is of every language. Raises ConfigError; `name` is the provider's.
    """
    if voice and not _NAME.fullmatch(voice):
        raise ConfigError(f"{name} has no voice {voice!r}; a voice's name is such as {_VOICES['en']}.")
    tag = lang.strip().lower().replace("_", "-")
    if voice and ("multilingual" in voice.lower() or voice.partition("-")[0] == tag.partition("-")[0]):
        return voice
    while tag and tag not in _VOICES:
        tag = tag.rpartition("-")[0]
    if not (tag or voice):
        raise ConfigError(f"{name} has no voice of its own for the language {lang!r}: name one with 'voice'.")
    return _VOICES[tag] if tag else voice


def percent(value: int) -> str:
    """A change in SSML's way, as `+10%`."""
    return f"{value:+d}%"
