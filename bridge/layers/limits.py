"""What faces cannot do, held at the end of the stack, whatever the layers asked for."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from bridge.layers.gaze import FULL_DEFLECTION_RAD, write_look_shapes
from bridge.types import SHAPE_INDEX, Motion, motion

HEAD_LIMIT_RAD: Final = 1.2
JOINT_LIMIT_RAD: Final = float(np.pi)

_OPPOSED: Final = (("jawLeft", "jawRight"), ("mouthLeft", "mouthRight"))
_LIDS: Final = tuple((SHAPE_INDEX[f"eyeBlink{side}"], SHAPE_INDEX[f"eyeWide{side}"]) for side in ("Left", "Right"))
_JAW_OPEN: Final = SHAPE_INDEX["jawOpen"]
_MOUTH_CLOSE: Final = SHAPE_INDEX["mouthClose"]


def limit(frames: Motion) -> Motion:
    """`frames` within what a face and body can do; applied twice it changes nothing more.

    Every value finite; shapes in 0..1; mouthClose at most jawOpen (it means lips shut in spite of the jaw, and would
    push them through each other); a lid not wide and shut at once; jaw and mouth to one side at a time; both eyes
    along the one gaze, which reaches no further than the eyeLook shapes do; head and joints within their range.
    """
    face = _finite(frames.face, 0.0, 1.0)
    face[:, _MOUTH_CLOSE] = np.minimum(face[:, _MOUTH_CLOSE], face[:, _JAW_OPEN])
    for blink, wide in _LIDS:
        face[:, wide] = np.minimum(face[:, wide], 1.0 - face[:, blink])
    for left, right in _OPPOSED:
        both = np.minimum(face[:, SHAPE_INDEX[left]], face[:, SHAPE_INDEX[right]])
        face[:, SHAPE_INDEX[left]] -= both
        face[:, SHAPE_INDEX[right]] -= both
    gaze = _finite(frames.gaze_rad, -FULL_DEFLECTION_RAD, FULL_DEFLECTION_RAD)
    write_look_shapes(face, gaze)
    return motion(
        frames.first_index,
        face,
        head_rad=_finite(frames.head_rad, -HEAD_LIMIT_RAD, HEAD_LIMIT_RAD),
        gaze_rad=gaze,
        pose_rad=_finite(frames.pose_rad, -JOINT_LIMIT_RAD, JOINT_LIMIT_RAD),
    )


def _finite(values: NDArray[np.floating], low: float, high: float) -> NDArray[np.float32]:
    """A float32 copy with what is not a number at 0 and the rest in low..high."""
    out = values.astype(np.float32)
    out[np.isnan(out)] = 0.0
    return np.minimum(np.maximum(out, np.float32(low), out=out), np.float32(high), out=out)
