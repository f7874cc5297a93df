"""The bridge's own stream: `/ws/stream`, binary and JSON. The byte layout is engine_plugins/PROTOCOL.md.

`encode` and `decode` are inverse on the wire's lattice: curves in steps of 1/255 of the layout's range, bone rotations
in steps of 1/32767 of a quaternion component. Decoding raises WireError and nothing else, whatever the bytes.
"""

from __future__ import annotations

import base64
import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from bridge.errors import WireError
from bridge.timebase import FPS_DEN, FPS_NUM, SAMPLE_RATE_HZ, frame_to_ns
from bridge.types import F32, RigFrames, RigLayout, freeze
from bridge.wire.json_object import json_object

MAGIC: Final = b"AB"
VERSION: Final = 1
LAYOUT, AUDIO, FRAMES, EVENT = 1, 2, 3, 4

HEADER: Final = struct.Struct("<2sBBI")
AUDIO_HEAD: Final = struct.Struct("<Q")
FRAMES_HEAD: Final = struct.Struct("<IB3xQ")
MAX_FRAMES: Final = 16
CURVE_STEPS: Final = 255
BONE_STEPS: Final = 32767
BONE_BYTES: Final = 6
PCM_FULL_SCALE: Final = 32767


@dataclass(frozen=True, slots=True)
class LayoutMessage:
    """What the frames' numbers mean, and which frame is due as this is sent."""

    epoch: int
    subject: str
    due_index: int
    primary: bool
    layout: RigLayout


@dataclass(frozen=True, slots=True)
class AudioMessage:
    """Speech at 24 kHz. `pcm16` [N] int16; its first sample is sample `start_sample` of the subject's timeline."""

    epoch: int
    start_sample: int
    pcm16: NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class FramesMessage:
    """1 to 16 consecutive frames."""

    epoch: int
    frames: RigFrames


@dataclass(frozen=True, slots=True)
class EventMessage:
    """Something happened: `speaking`, `stopped`, `caption`, `emotion`, `state`, `primary`."""

    epoch: int
    name: str
    fields: Mapping[str, Any]


Message: TypeAlias = LayoutMessage | AudioMessage | FramesMessage | EventMessage


def pcm16(samples: F32) -> NDArray[np.int16]:
    """Samples in -1..1 as 16-bit integers; what lies outside is clipped."""
    return np.round(np.clip(samples, -1.0, 1.0) * PCM_FULL_SCALE).astype("<i2")


def encode(message: Message, layout: RigLayout) -> bytes:
    """The binary form of `message`. `layout` is the one its receivers were told."""
    match message:
        case LayoutMessage():
            return _header(LAYOUT, message.epoch) + _text(layout_json(message))
        case EventMessage():
            return _header(EVENT, message.epoch) + _text({"name": message.name, **message.fields})
        case AudioMessage():
            return _header(AUDIO, message.epoch) + AUDIO_HEAD.pack(message.start_sample) + message.pcm16.tobytes()
        case FramesMessage():
            return _header(FRAMES, message.epoch) + _frames(message.frames, layout)


def decode(data: bytes, layout: RigLayout | None) -> Message | None:
    """The message in `data`, or None for a type this version does not know. Frames need the layout heard before."""
    if len(data) < HEADER.size:
        raise WireError(f"A message has at least {HEADER.size} bytes, this has {len(data)}.")
    magic, version, kind, epoch = HEADER.unpack_from(data)
    if magic != MAGIC:
        raise WireError(f"A message begins with {MAGIC!r}, not {magic!r}.")
    if version != VERSION:
        raise WireError(f"This reads version {VERSION} of the stream, not {version}.")
    body = data[HEADER.size :]
    if kind == LAYOUT:
        return _layout_from(epoch, json_object(body))
    if kind == EVENT:
        return _event_from(epoch, json_object(body))
    if kind == AUDIO:
        return _audio_from(epoch, body)
    if kind == FRAMES:
        if layout is None:
            raise WireError("Frames came before the layout that explains them.")
        return _frames_from(epoch, body, layout)
    return None


def encode_json(message: Message) -> str:
    """The JSON form: the same message to the eye, unquantised. Frames become one object each, a line each."""
    match message:
        case LayoutMessage():
            return json.dumps({"type": "layout", "epoch": message.epoch, **layout_json(message)}, allow_nan=False)
        case EventMessage():
            head = {"type": "event", "name": message.name, "epoch": message.epoch}
            return json.dumps({**head, **message.fields}, allow_nan=False, ensure_ascii=False)
        case AudioMessage():
            pcm = base64.b64encode(message.pcm16.tobytes()).decode()
            head = {"type": "audio", "epoch": message.epoch, "start_sample": message.start_sample}
            return json.dumps({**head, "pcm16": pcm})
        case FramesMessage():
            raise WireError("Frames are sent one a message in JSON: use encode_json_frames.")


def encode_json_frames(message: FramesMessage) -> list[str]:
    """Each frame as a JSON text of its own."""
    frames = message.frames
    curves = np.round(frames.curves.astype(np.float64), 5).tolist()
    bones = np.round(frames.bones_wxyz.astype(np.float64), 6).tolist()
    return [
        json.dumps(
            {
                "type": "frame",
                "epoch": message.epoch,
                "index": frames.first_index + i,
                "pts_ns": frame_to_ns(frames.first_index + i),
                "curves": curves[i],
                "bones_wxyz": bones[i],
            },
            allow_nan=False,
        )
        for i in range(len(frames))
    ]


def layout_json(message: LayoutMessage) -> dict[str, Any]:
    """The fields of a layout, shared by both forms; `epoch` travels beside them."""
    layout = message.layout
    return {
        "subject": message.subject,
        "fps": [FPS_NUM, FPS_DEN],
        "due_index": message.due_index,
        "primary": message.primary,
        "curves": list(layout.curves),
        "bones": list(layout.bones),
        "axes": layout.axes,
        "curve_range": [layout.curve_min, layout.curve_max],
        "curve_steps": CURVE_STEPS,
        "bone_steps": BONE_STEPS,
        "sample_rate_hz": SAMPLE_RATE_HZ,
    }


def _header(kind: int, epoch: int) -> bytes:
    return HEADER.pack(MAGIC, VERSION, kind, epoch)


def _text(fields: Mapping[str, Any]) -> bytes:
    return json.dumps(fields, allow_nan=False, ensure_ascii=False, separators=(",", ":")).encode()


def _frames(frames: RigFrames, layout: RigLayout) -> bytes:
    count = len(frames)
    if not 1 <= count <= MAX_FRAMES:
        raise WireError(f"A message carries 1 to {MAX_FRAMES} frames, not {count}.")
    span = layout.curve_max - layout.curve_min
    scaled = (np.clip(frames.curves, layout.curve_min, layout.curve_max) - layout.curve_min) * (CURVE_STEPS / span)
    curves = np.round(scaled).astype(np.uint8)
    # q and -q turn alike: the sign with w >= 0 is sent, so w need not be.
    w = frames.bones_wxyz[..., :1]
    xyz = np.where(w < 0, -frames.bones_wxyz[..., 1:], frames.bones_wxyz[..., 1:])
    bones = np.round(xyz * BONE_STEPS).astype("<i2").reshape(count, -1)
    rows = np.concatenate([curves, bones.view(np.uint8).reshape(count, -1)], axis=1)
    head = FRAMES_HEAD.pack(frames.first_index, count, frame_to_ns(frames.first_index))
    return head + rows.tobytes()


def _frames_from(epoch: int, body: bytes, layout: RigLayout) -> FramesMessage:
    if len(body) < FRAMES_HEAD.size:
        raise WireError("The message of frames is cut short.")
    first_index, count, pts_ns = FRAMES_HEAD.unpack_from(body)
    curves_end = len(layout.curves)
    row = curves_end + BONE_BYTES * len(layout.bones)
    if not 1 <= count <= MAX_FRAMES or len(body) != FRAMES_HEAD.size + count * row:
        raise WireError(f"{count} frames of {row} bytes do not fit a body of {len(body)} bytes.")
    if pts_ns != frame_to_ns(first_index):
        raise WireError(f"Frame {first_index} stands at {frame_to_ns(first_index)} ns, not at {pts_ns}.")
    rows = np.frombuffer(body, np.uint8, offset=FRAMES_HEAD.size).reshape(count, row)
    span = layout.curve_max - layout.curve_min
    curves = layout.curve_min + rows[:, :curves_end].astype(np.float64) * (span / CURVE_STEPS)
    shorts = np.ascontiguousarray(rows[:, curves_end:]).view("<i2").reshape(count, len(layout.bones), 3)
    xyz = shorts.astype(np.float64) / BONE_STEPS
    w = np.sqrt(np.maximum(0.0, 1.0 - np.sum(xyz * xyz, axis=-1, keepdims=True)))
    bones = np.concatenate([w, xyz], axis=-1)
    bones /= np.linalg.norm(bones, axis=-1, keepdims=True)
    return FramesMessage(epoch, RigFrames(first_index, freeze(curves), freeze(bones)))


def _audio_from(epoch: int, body: bytes) -> AudioMessage:
    if len(body) < AUDIO_HEAD.size or (len(body) - AUDIO_HEAD.size) % 2:
        raise WireError("The audio message is cut short.")
    (start_sample,) = AUDIO_HEAD.unpack_from(body)
    return AudioMessage(epoch, start_sample, np.frombuffer(body, "<i2", offset=AUDIO_HEAD.size))


def _layout_from(epoch: int, fields: dict[str, Any]) -> LayoutMessage:
    try:
        low, high = (float(x) for x in fields["curve_range"])
        # Bridges that do not say the axes had a receiver know them by the rig it asked for.
        axes = str(fields.get("axes", "vrm1"))
        layout = RigLayout(tuple(map(str, fields["curves"])), tuple(map(str, fields["bones"])), low, high, axes)
        message = LayoutMessage(
            epoch, str(fields["subject"]), int(fields["due_index"]), bool(fields["primary"]), layout
        )
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise WireError(f"The layout is not whole: {error}.") from None
    if fields.get("curve_steps") != CURVE_STEPS or fields.get("bone_steps") != BONE_STEPS or not low < high:
        raise WireError("The layout has a precision or range that this reader does not know.")
    return message


def _event_from(epoch: int, fields: dict[str, Any]) -> EventMessage:
    name = fields.pop("name", None)
    if not isinstance(name, str):
        raise WireError("An event without a name.")
    return EventMessage(epoch, name, fields)


@dataclass(frozen=True, slots=True)
class Played:
    """A receiver's word on what its listener has heard: all samples before `sample`."""

    epoch: int
    sample: int


def decode_client(text: str) -> Played | None:
    """What a client says on `/ws/stream`, or None for a type this version does not know. Raises WireError."""
    try:
        fields = json_object(text.encode())
        if fields.get("type") != "played":
            return None
        return Played(_count(fields, "epoch"), _count(fields, "sample"))
    except UnicodeError as error:
        raise WireError(f"The message is not text: {error}.") from None


def _count(fields: dict[str, Any], key: str) -> int:
    value = fields.get(key)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise WireError(f"'{key}' must be a whole number from 0.")
    return value
