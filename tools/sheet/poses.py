"""What the cells of a sheet show: weights by shape name, a pose, and a label."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from bridge.layers.emotion import EmotionLayer
from bridge.layers.speech import Hold
from bridge.types import ARKIT_BLENDSHAPES, EMOTIONS

Weights = dict[str, float]
Bones = dict[str, list[float]]


@dataclass(frozen=True)
class Pose:
    """`bones` are quaternions w x y z, local, from T-pose; `wave` is the sound from this cell to the next, -1..1."""

    label: str
    weights: Weights
    bones: Bones = field(default_factory=dict)
    wave: list[float] = field(default_factory=list)


def _both(name: str, weight: float) -> Weights:
    return {f"{name}Left": weight, f"{name}Right": weight}


ARM_RAD = 1.25
ARMS_DOWN: Bones = {
    "leftUpperArm": [float(np.cos(ARM_RAD / 2)), 0.0, 0.0, -float(np.sin(ARM_RAD / 2))],
    "rightUpperArm": [float(np.cos(ARM_RAD / 2)), 0.0, 0.0, float(np.sin(ARM_RAD / 2))],
}

# The 15 visemes of Oculus Lipsync (developers.meta.com/horizon/documentation/unity/audio-ovrlipsync-viseme-reference).
VISEMES: dict[str, Weights] = {
    "sil": {},
    "PP": {
        "jawOpen": 0.06,
        "mouthClose": 0.06,
        **_both("mouthPress", 0.5),
        "mouthRollLower": 0.2,
        "mouthRollUpper": 0.2,
    },
    "FF": {"jawOpen": 0.08, "mouthRollLower": 0.55, **_both("mouthUpperUp", 0.3), "mouthShrugLower": 0.2},
    "TH": {"jawOpen": 0.18, **_both("mouthLowerDown", 0.3), "tongueBetweenTeeth": 1.0},
    "DD": {"jawOpen": 0.16, **_both("mouthLowerDown", 0.35), "tongueTipUp": 0.8},
    "kk": {"jawOpen": 0.2, **_both("mouthLowerDown", 0.25), "tongueBackUp": 1.0},
    "CH": {"jawOpen": 0.1, "mouthFunnel": 0.75, **_both("mouthLowerDown", 0.2)},
    "SS": {
        "jawOpen": 0.05,
        **_both("mouthStretch", 0.3),
        **_both("mouthLowerDown", 0.4),
        **_both("mouthUpperUp", 0.25),
    },
    "nn": {"jawOpen": 0.14, **_both("mouthLowerDown", 0.25), "tongueTipUp": 1.0},
    "RR": {"jawOpen": 0.14, "mouthFunnel": 0.45, "mouthPucker": 0.25},
    "aa": {"jawOpen": 0.55, **_both("mouthLowerDown", 0.2), **_both("mouthUpperUp", 0.15)},
    "E": {"jawOpen": 0.3, **_both("mouthStretch", 0.25), **_both("mouthLowerDown", 0.3), **_both("mouthSmile", 0.15)},
    "I": {"jawOpen": 0.14, **_both("mouthSmile", 0.35), **_both("mouthStretch", 0.25), **_both("mouthLowerDown", 0.3)},
    "O": {"jawOpen": 0.34, "mouthFunnel": 0.6, "mouthPucker": 0.2},
    "U": {"jawOpen": 0.12, "mouthPucker": 0.75, "mouthFunnel": 0.2},
}
# A frame by which an emotion set at frame 0 has long been eased in.
LONG_AFTER = 600
TONGUE = ("tongueTipUp", "tongueBetweenTeeth", "tongueBackUp")


def shapes() -> list[Pose]:
    """Every ARKit shape fully on; mouthClose as it is meant, on an open jaw; then the tongue's own shapes."""
    poses = [Pose(name, {name: 1.0}) for name in ARKIT_BLENDSHAPES if name != "mouthClose"]
    poses.insert(
        ARKIT_BLENDSHAPES.index("mouthClose"), Pose("mouthClose on jawOpen", {"mouthClose": 1.0, "jawOpen": 1.0})
    )
    return poses + [Pose(f"{name} on jawOpen 0.3", {name: 1.0, "jawOpen": 0.3}) for name in TONGUE]


def portrait() -> list[Pose]:
    """At rest, with the trace of a smile."""
    return [Pose("portrait", {**_both("mouthSmile", 0.3), **_both("cheekSquint", 0.15)})]


def visemes() -> list[Pose]:
    return [Pose(f"viseme {name}", weights) for name, weights in VISEMES.items()]


def emotions() -> list[Pose]:
    """The runtime's own emotions, a third, two thirds and full."""
    poses = []
    for name in EMOTIONS:
        for intensity in (1 / 3, 2 / 3, 1.0):
            layer = EmotionLayer()
            layer.set(name, intensity, 0)
            quiet = Hold(np.zeros(1, np.float32), np.zeros(1, np.float32))
            found = layer.layers(LONG_AFTER, 1, quiet)
            face = found[0].motion.face[0] if found else np.zeros(len(ARKIT_BLENDSHAPES))
            weights = {n: round(float(w), 4) for n, w in zip(ARKIT_BLENDSHAPES, face, strict=True) if w > 0}
            poses.append(Pose(f"{name} {intensity:.2f}", weights))
    return poses


def film(take: Path, start_s: float, end_s: float | None, frames: int) -> list[Pose]:
    """Frames of an .npz at even times, each with the sound until the next."""
    data = np.load(take, allow_pickle=False)
    fps = float(data["fps_num"]) / float(data["fps_den"])
    names, arkit, rate = [str(n) for n in data["names"]], data["arkit"], int(data["sample_rate_hz"])
    end_s = min(end_s or np.inf, len(arkit) / fps)
    times = np.linspace(start_s, end_s, frames, endpoint=False)
    step = times[1] - times[0] if frames > 1 else end_s - start_s
    poses = []
    for t in times:
        k = min(round(t * fps), len(arkit) - 1)
        sound = data["audio"][int(t * rate) : int((t + step) * rate)].astype(float) / 32768.0
        pieces = np.array_split(sound, 60) if len(sound) >= 60 else []
        weights = {n: round(float(w), 4) for n, w in zip(names, arkit[k], strict=True)}
        head = [round(float(v), 5) for v in data["head_wxyz"][k]]
        wave = [round(float(np.abs(piece).max()), 3) for piece in pieces]
        poses.append(Pose(f"{t:.2f} s", weights, {"head": head}, wave))
    return poses
