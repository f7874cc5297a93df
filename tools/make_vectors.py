"""Write the golden messages of tests/vectors/ that every implementation replays: Python, C#, C++, TypeScript.

    python -m tools.make_vectors [FOLDER]

The values are made by formula here, so that a reader in any language can also check them against the prose of
engine_plugins/PROTOCOL.md.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

from bridge.types import ARKIT_BLENDSHAPES, RigFrames, RigLayout, freeze
from bridge.wire import stream
from tools.protocol_vectors import PROTOCOLS

UNITY = RigLayout(("jawOpen",), ("Head",), -50.0, 100.0, "unity")
BONES = ("hips", "spine", "chest", "upperChest", "neck", "head", "leftEye", "rightEye")


def layout() -> RigLayout:
    """52 ARKit curves and the eight bones of the trunk and head."""
    return RigLayout(ARKIT_BLENDSHAPES, BONES)


def frames(first_index: int, count: int) -> RigFrames:
    """Curves that sweep 0..1 at a rate of their own; bones that turn about x, y, z in turn, some with w < 0."""
    t = np.arange(first_index, first_index + count)[:, None]
    curves = 0.5 + 0.5 * np.sin(0.1 * t * (1 + np.arange(len(ARKIT_BLENDSHAPES))))
    half_rad = 0.4 * np.sin(0.05 * t + np.arange(len(BONES)))
    bones = np.zeros((count, len(BONES), 4))
    bones[..., 0] = np.cos(half_rad)
    for bone in range(len(BONES)):
        bones[:, bone, 1 + bone % 3] = np.sin(half_rad[:, bone])
    bones[:, ::2] *= -1
    return RigFrames(first_index, freeze(curves), freeze(bones))


def messages() -> list[tuple[str, stream.Message]]:
    """A name and a message for each thing a reader must get right."""
    tone = 0.5 * np.sin(2 * np.pi * 440 * np.arange(400) / 24_000)
    edges = np.array([-2.0, -1.0, 0.0, 1.0, 2.0])
    caption = {"text": "Grüße, 你好!", "start_sample": 48_000, "end_sample": 72_000}
    words = [[48_000, 60_000, "Grüße, "], [60_480, 72_000, "你好!"]]
    return [
        ("layout", stream.LayoutMessage(0, "avatar", 120, True, layout())),
        ("layout in Unity's axes", stream.LayoutMessage(7, "Ä", 0, False, UNITY)),
        ("one frame", stream.FramesMessage(0, frames(120, 1))),
        ("sixteen frames", stream.FramesMessage(3, frames(121, 16))),
        ("frames late in a long session", stream.FramesMessage(4_000_000_000, frames(2**32 - 16, 16))),
        ("audio of one frame", stream.AudioMessage(0, 48_000, stream.pcm16(freeze(tone)))),
        ("audio at the rails, clipped", stream.AudioMessage(1, 2**40, stream.pcm16(freeze(edges)))),
        ("audio of no sample", stream.AudioMessage(1, 0, stream.pcm16(freeze([])))),
        ("caption", stream.EventMessage(2, "caption", caption)),
        ("caption that tells its words", stream.EventMessage(2, "caption", caption | {"words": words})),
        ("stopped", stream.EventMessage(3, "stopped", {})),
    ]


def expected(message: stream.Message) -> dict[str, Any]:
    """What a reader must get out of the bytes, frames to seven digits."""
    match message:
        case stream.LayoutMessage():
            return {"type": "layout", "epoch": message.epoch, **stream.layout_json(message)}
        case stream.EventMessage():
            return {"type": "event", "epoch": message.epoch, "name": message.name, **message.fields}
        case stream.AudioMessage():
            head = {"type": "audio", "epoch": message.epoch, "start_sample": message.start_sample}
            return {**head, "pcm16": message.pcm16.tolist()}
        case stream.FramesMessage():
            rows = message.frames
            return {
                "type": "frames",
                "epoch": message.epoch,
                "first_index": rows.first_index,
                "curves": np.round(rows.curves.astype(float), 7).tolist(),
                "bones_wxyz": np.round(rows.bones_wxyz.astype(float), 7).tolist(),
            }


def vectors() -> dict[str, Any]:
    """The whole of stream.json: good messages with what they mean, and bad ones that must be refused."""
    good: list[dict[str, Any]] = []
    for name, message in messages():
        data = stream.encode(message, layout())
        read = stream.decode(data, layout())
        assert read is not None
        good.append({"name": name, "hex": data.hex(), "expect": expected(read)})
    good.append(_without_axes(good[0]))
    frame = bytes.fromhex(next(row["hex"] for row in good if row["name"] == "one frame"))
    bad = {
        "empty": b"",
        "header cut short": frame[:7],
        "wrong magic": b"XB" + frame[2:],
        "version 2": frame[:2] + b"\x02" + frame[3:],
        "frame cut short": frame[:-1],
        "a byte too many": frame + b"\x00",
        "no frame": frame[:12] + b"\x00" + frame[13:24],
        "seventeen frames claimed": frame[:12] + b"\x11" + frame[13:],
        "pts off the grid": frame[:16] + b"\x01" + frame[17:],
        "event that is not JSON": frame[:3] + b"\x04" + frame[4:8] + b"{",
        "event without a name": frame[:3] + b"\x04" + frame[4:8] + b"{}",
        "odd audio": frame[:3] + b"\x02" + frame[4:8] + bytes(9),
    }
    return {
        "version": stream.VERSION,
        "layout": {"curves": list(ARKIT_BLENDSHAPES), "bones": list(BONES), "curve_range": [0.0, 1.0]},
        "good": good,
        "skip": {"name": "unknown type", "hex": (frame[:3] + b"\x7f" + frame[4:8]).hex()},
        "bad": [{"name": name, "hex": data.hex()} for name, data in bad.items()],
    }


def _without_axes(row: dict[str, Any]) -> dict[str, Any]:
    """A layout as bridges sent it that did not tell the axes yet: they are VRM 1's."""
    data = bytes.fromhex(row["hex"]).replace(b'"axes":"vrm1",', b"")
    return {"name": "layout that tells no axes", "hex": data.hex(), "expect": row["expect"]}


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[1] / "tests" / "vectors"
    for name, make in {"stream": vectors, **PROTOCOLS}.items():
        text = json.dumps(make(), ensure_ascii=False, indent=1)
        (folder / f"{name}.json").write_text(text + "\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
