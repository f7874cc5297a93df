"""One sentence in all emotions on the default head, as a picture: a row an emotion, a column a moment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np

from bridge import resources
from bridge.body.rotation import quaternion
from bridge.layers.mixer import Mixer
from bridge.offline import animate
from bridge.onnx import FaceNetwork
from bridge.providers.tts.espeak import Options, speak
from bridge.timebase import FPS_DEN, FPS_NUM, SAMPLE_RATE_HZ, SAMPLES_PER_FRAME
from bridge.types import ARKIT_BLENDSHAPES, EMOTIONS, F32, AudioChunk, Motion, Phone, concatenate
from tools.sheet.poses import ARMS_DOWN
from tools.sheet.render import render

SENTENCE: Final = "We may put the blue book away, said my father."
MOMENTS: Final = 9
CELL: Final = 150
LEAD_FRAMES: Final = 90


class _Sound:
    """Samples [N] at 24 kHz as a source and motion's place at once."""

    def __init__(self, samples: F32) -> None:
        self._samples = samples
        self._written: list[Motion] = []

    def chunks(self) -> Iterator[AudioChunk]:
        yield AudioChunk(0, SAMPLE_RATE_HZ, self._samples)

    def write(self, frames: Motion, samples: F32) -> None:
        self._written.append(frames)

    @property
    def motion(self) -> Motion:
        return concatenate(self._written)


def played(network: FaceNetwork, samples: F32, emotion: str, style: str | None = None) -> Motion:
    """What `avatar-bridge animate` makes of samples [N]: the network's face with the layers, in an emotion."""
    model, mixer, sound = network.stream(), Mixer(0), _Sound(samples)
    model.set_style(style)
    model.set_emotion(emotion)
    if emotion != "neutral":
        mixer.emotion.set(emotion, 1.0, 0)
    animate(sound, model, mixer, sound)
    return sound.motion


def moments(phones: Sequence[Phone], count: int = MOMENTS) -> list[Phone]:
    """`count` phones spread over those that are spoken."""
    spoken = [p for p in phones if p.ipa]
    return [spoken[i] for i in np.linspace(0, len(spoken) - 1, min(count, len(spoken))).round().astype(int)]


def strip(network: FaceNetwork, text: str = SENTENCE, style: str | None = None) -> bytes:
    """The picture, WebP. Raises BridgeError, and PageError where there is no browser or three.js."""
    spoken = speak(text, Options(lang="en"))
    # An emotion takes a moment to come; the sentence waits for it.
    samples = np.concatenate([np.zeros(LEAD_FRAMES * SAMPLES_PER_FRAME, np.float32), spoken.samples])
    shown = moments(spoken.phones)
    cells: list[dict[str, Any]] = []
    for emotion in EMOTIONS:
        motion = played(network, samples, emotion, style)
        cells += [_cell(motion, phone, emotion if i == 0 else "") for i, phone in enumerate(shown)]
    avatar = resources.folder("avatar") / "default.glb"
    job = {"cell": [CELL, CELL], "columns": len(shown), "wave": False, "type": "image/webp", "quality": 0.85}
    picture, _ = render({**job, "cells": cells}, {f"/{avatar.name}": avatar})
    return picture


def _cell(motion: Motion, phone: Phone, emotion: str) -> dict[str, Any]:
    time_s = (phone.start_s + phone.end_s) / 2
    k = min(LEAD_FRAMES + round(time_s * FPS_NUM / FPS_DEN), len(motion) - 1)
    weights = {n: round(float(w), 4) for n, w in zip(ARKIT_BLENDSHAPES, motion.face[k], strict=True)}
    head = [round(float(v), 5) for v in quaternion(motion.head_rad[k : k + 1])[0]]
    return {
        "model": "/default.glb",
        "label": emotion or f"{time_s:.2f} s  {phone.ipa}",
        "weights": weights,
        "bones": {**ARMS_DOWN, "head": head},
        "span": 1,
        "view": {"turn": 0.0, "distance": 0.5, "offset": [0.0, -0.022, -0.03]},
    }
