"""How well the avatar's own voice is told from a user's: simulated rooms, and all that decides to interrupt.

    python -m tools.bench_echo [--rooms 48] [--user SPEECH.flac ...] [--avatar SPEECH.flac ...] [--json]

Each room is drawn from a seed: a delay of 20 to 380 ms, a gain of -30 to -4 dB, 0.15 to 0.8 s of reverberation, a small
loudspeaker's band (300 to 6000 Hz) that clips in a third of the rooms, noise at -70 to -45 dB of full scale. Nobody
cancels echo, so this is the worst case. In each the avatar speaks alone, and then with a user over it at several levels
against the echo. Voices are espeak-ng's, or pieces of the recordings named.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import soxr
from numpy.typing import NDArray
from scipy.signal import butter, fftconvolve, lfilter

from bridge.decisions import Decision, Interrupt, TurnBegan
from bridge.dialogue import HEARING_RATE_HZ
from bridge.dsp.echo import EchoGate
from bridge.ports import Vad
from bridge.providers import vad
from bridge.providers.tts import espeak
from bridge.sources import audio_file
from bridge.timebase import SAMPLE_RATE_HZ
from bridge.turns import WINDOW_NS, Turns, TurnSettings
from bridge.types import F32

WINDOW: Final = HEARING_RATE_HZ * WINDOW_NS // 1_000_000_000
WINDOW_S: Final = WINDOW / HEARING_RATE_HZ
START_S: Final = 1.0
AHEAD_S: Final = 0.3
OVER_DB: Final = (-6, 0, 6, 12)
AVATARS: Final = ("m3", "f2", "m7", "f4", "m1", "f5", "Annie")
USERS: Final = ("f2", "f4", "m7", "m2")
LINES: Final = {
    "en": "Hello there, it is nice to see you. Today I can tell you about the museum, its paintings, and the people "
    "who made them. The oldest room is on the left, behind the stairs. Most visitors begin with the garden.",
    "zh": "您好，很高兴见到您。今天我可以给您介绍这个博物馆，还有它的画和画家。"
    "最老的房间在左边，楼梯后面。大多数人从花园开始。",
    "de": "Guten Tag, schön Sie zu sehen. Heute erzähle ich Ihnen etwas über das Museum, seine Bilder und die Leute, "
    "die sie gemalt haben. Der älteste Raum liegt links hinter der Treppe. Die meisten beginnen mit dem Garten.",
}
QUESTIONS: Final = (
    "Wait a moment please, I have another question about the tickets.",
    "Stop. What time does it close today?",
    "No, that is not what I wanted to know.",
)


@dataclass(frozen=True, slots=True)
class Room:
    """What stands between the avatar's voice and the microphone."""

    delay_ms: float = 100.0
    gain_db: float = -12.0
    reverb_s: float = 0.3
    clip: float = 1.0
    noise_db: float = -60.0
    seed: int = 0

    def echo(self, avatar: F32) -> F32:
        """The avatar's voice [N] at 24 kHz, said from `START_S` on, as it comes to the microphone at 16 kHz."""
        rng = np.random.default_rng(self.seed)
        band = butter(2, [300 / (HEARING_RATE_HZ / 2), 6000 / (HEARING_RATE_HZ / 2)], "band")
        played = np.clip(lfilter(*band, to_microphone(avatar)), -self.clip, self.clip)
        t = np.arange(int(self.reverb_s * HEARING_RATE_HZ)) / HEARING_RATE_HZ
        tail = rng.standard_normal(len(t)) * 10 ** (-3 * t / self.reverb_s) * 0.05 * np.sqrt(0.3 / self.reverb_s)
        sound = fftconvolve(played, np.concatenate([[1], tail])) * 10 ** (self.gain_db / 20)
        return at(START_S + self.delay_ms / 1000, sound)

    def microphone(self, *sounds: F32) -> F32:
        """These sounds and the room's noise, a second longer than the longest."""
        rng = np.random.default_rng(self.seed)
        mixed = rng.standard_normal(max(map(len, sounds)) + HEARING_RATE_HZ) * 10 ** (self.noise_db / 20)
        for sound in sounds:
            mixed[: len(sound)] += sound
        return np.asarray(np.clip(mixed, -1, 1), np.float32)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was made of a microphone's sound, window by window, and what was decided from it, with its time."""

    own: NDArray[np.bool_]
    speech: NDArray[np.float64]
    decisions: list[tuple[float, Decision]]

    def times(self, kind: type) -> list[float]:
        """When something was decided, in seconds."""
        return [when for when, decision in self.decisions if isinstance(decision, kind)]


def to_microphone(samples: F32) -> F32:
    """From 24 to 16 kHz."""
    return np.asarray(soxr.resample(samples, SAMPLE_RATE_HZ, HEARING_RATE_HZ), np.float32)


def at(seconds: float, sound: NDArray[Any]) -> F32:
    """`sound`, that much later."""
    return np.concatenate([np.zeros(int(seconds * HEARING_RATE_HZ)), sound]).astype(np.float32)


def level(samples: F32) -> float:
    """The root mean square of what is no pause."""
    loud = samples[np.abs(samples) > 0.02 * np.abs(samples).max()]
    return float(np.sqrt(np.mean(np.square(loud))))


def judge(avatar: F32, heard: F32, gate: EchoGate | None = None, jitter_ms: float = 20.0) -> Verdict:
    """Let the gate, the detector and the turns hear a microphone while the avatar speaks, from `START_S` on.

    The gate is given the voice 0.3 s ahead, and every 96 ms a place of the listener's that is up to `jitter_ms` old.
    """
    gate, detector, turns = gate or EchoGate(), vad.build("silero", {}), Turns(TurnSettings())
    rng = np.random.default_rng(1)
    start, said = int(START_S * SAMPLE_RATE_HZ), 0
    end_s = START_S + len(avatar) / SAMPLE_RATE_HZ + 0.4
    own, speech, decisions = [], [], []
    for k in range(len(heard) // WINDOW):
        now_s = k * WINDOW_S
        while said < len(avatar) and (start + said) / SAMPLE_RATE_HZ < now_s + AHEAD_S:
            gate.reference(start + said, avatar[said : said + 2400])
            said += 2400
        if k % 3 == 0:
            gate.heard(int(max(now_s - rng.uniform(0, jitter_ms / 1000), 0) * SAMPLE_RATE_HZ))
        for when, change in ((START_S, turns.reply_started), (end_s, turns.reply_finished)):
            if now_s <= when < now_s + WINDOW_S:
                change(k * WINDOW_NS, 1)
        own.append(gate.push(heard[k * WINDOW : (k + 1) * WINDOW]))
        speech.append(_probability(detector, heard[k * WINDOW : (k + 1) * WINDOW]))
        found = turns.window((k + 1) * WINDOW_NS, 0.0 if own[-1] else speech[-1])
        decisions += [(now_s + WINDOW_S, decision) for decision in found]
    return Verdict(np.array(own), np.array(speech), decisions)


def _probability(detector: Vad, window: F32) -> float:
    [probability] = detector.push(window)
    return probability


def _rooms(count: int) -> list[Room]:
    rng = np.random.default_rng(5)
    return [
        Room(
            rng.uniform(20, 380),
            rng.uniform(-30, -4),
            rng.uniform(0.15, 0.8),
            float(rng.choice([1.0, 1.0, 0.3])),
            float(rng.choice([-70, -60, -50, -45])),
            seed,
        )
        for seed in range(count)
    ]


def _avatar(files: list[Path], turn: int) -> F32:
    if files:
        return _piece(files, turn, 12.0)
    lang = ("en", "en", "zh", "de")[turn % 4]
    return espeak.speak(LINES[lang], espeak.Options(lang=lang, voice=AVATARS[turn % len(AVATARS)])).samples


def _user(files: list[Path], turn: int) -> F32:
    if files:
        return to_microphone(_piece(files, turn, 3.0))
    voice = espeak.Options(voice=USERS[turn % len(USERS)], rate_wpm=160)
    return to_microphone(espeak.speak(QUESTIONS[turn % len(QUESTIONS)], voice).samples)


def _piece(files: list[Path], turn: int, seconds: float) -> F32:
    """Some seconds of a recording, from where there is sound; a short one is repeated."""
    chunks = audio_file.open_audio(files[turn % len(files)]).chunks()
    samples = np.concatenate([chunk.samples for chunk in chunks])
    first = int(np.argmax(np.abs(samples) > 0.1 * np.abs(samples).max()))
    samples = np.resize(samples, max(len(samples), first + int(seconds * SAMPLE_RATE_HZ)))
    room = max(len(samples) - first - int(seconds * SAMPLE_RATE_HZ), 1)
    first += turn * 7919 * 24 % room
    return samples[first : first + int(seconds * SAMPLE_RATE_HZ)]


def measure(count: int, users: list[Path], avatars: list[Path]) -> dict[str, Any]:
    """The figures over `count` rooms."""
    alone: dict[str, Any] = {"speech_s": 0.0, "interrupts": 0, "turns_begun": 0}
    over: dict[int, list[float]] = {db: [] for db in OVER_DB}
    early = 0
    for turn, room in enumerate(_rooms(count)):
        avatar, user = _avatar(avatars, turn), _user(users, turn)
        echo = room.echo(avatar)
        verdict = judge(avatar, room.microphone(echo))
        alone["speech_s"] += len(avatar) / SAMPLE_RATE_HZ
        alone["interrupts"] += bool(verdict.times(Interrupt))
        alone["turns_begun"] += len(verdict.times(TurnBegan))
        start = 3.5 + np.random.default_rng(turn).uniform(0, len(avatar) / SAMPLE_RATE_HZ - 6.5)
        for db, waits in over.items():
            louder = user * np.float32(level(echo) / level(user) * 10 ** (db / 20))
            times = judge(avatar, room.microphone(echo, at(start, louder))).times(Interrupt)
            if times and times[0] < start:
                early += 1  # the avatar interrupted itself before: nothing to learn about the user
                continue
            heard = [t - start for t in times if t < start + len(user) / HEARING_RATE_HZ + 0.3]
            waits.append(heard[0] if heard else np.inf)
    alone["speech_s"] = round(alone["speech_s"], 1)
    return {"rooms": count, "alone": alone, "left_out": early, "over": {db: _figures(w) for db, w in over.items()}}


def _figures(waits: list[float]) -> dict[str, float]:
    found = np.array(waits)
    heard = found[np.isfinite(found)]
    return {
        "heard": round(len(heard) / len(found), 2),
        "within_half_a_second": round(float(np.mean(found < 0.5)), 2),
        "median_s": round(float(np.median(heard)), 2) if len(heard) else float("nan"),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rooms", type=int, default=48)
    parser.add_argument("--user", type=Path, nargs="*", default=[])
    parser.add_argument("--avatar", type=Path, nargs="*", default=[])
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    figures = measure(chosen.rooms, chosen.user, chosen.avatar)
    if chosen.json:
        print(json.dumps(figures))
        return
    alone = figures["alone"]
    print(f"{alone['speech_s']:.0f} s of echo alone in {figures['rooms']} rooms:", end=" ")
    print(f"the avatar interrupted itself in {alone['interrupts']}; {alone['turns_begun']} turns begun and dropped")
    for db, row in figures["over"].items():
        print(f"a user at {db:+3d} dB of the echo: {row}")
    print(
        f"left out, as the avatar had interrupted itself before: {figures['left_out']} of {chosen.rooms * len(OVER_DB)}"
    )


if __name__ == "__main__":
    main()
