"""Speech to face, a piece at a time: the trained network as a `bridge.ports.FaceModel`.

Lips are a function of the sound; brows, head, gaze and body are drawn from seeded noise, anew for each utterance.
Frame k covers samples 400 k to 400 k + 399 and comes out once these, the lookahead and one more frame have come in.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from bridge.dsp.accumulator import FrameAccumulator
from bridge.dsp.logmel import LogMel
from bridge.dsp.noise import Noise, derived
from bridge.errors import InputError, ModelError
from bridge.face.network import FaceNetworkInfo, FaceStream
from bridge.timebase import FPS_DEN, FPS_NUM, SAMPLES_PER_FRAME, frames_for_samples
from bridge.types import EMOTIONS, F32, JOINT_COUNT, JOINT_INDEX, SHAPE_COUNT, Motion, motion

SMOOTHING_MS: Final = round(1000 * FPS_DEN / FPS_NUM)
"""Each frame waits for the one after it."""
# Longer pushes are cut, so that the memory of a call does not grow with the recording.
MOST_FRAMES_A_CALL: Final = 256
# Noise for so many frames takes hardly longer to draw than for one.
_DRAWN_FRAMES: Final = 64

_GAZE_FROM: Final = SHAPE_COUNT + 3
_BODY_FROM: Final = _GAZE_FROM + 2


class StreamingFaceModel:
    """The face network over an endless stream. Keeps `bridge.ports.FaceModel`. Not thread-safe."""

    def __init__(self, network: FaceStream, info: FaceNetworkInfo, lookahead_ms: int = 100, seed: int = 0) -> None:
        """Raises InputError for a lookahead that the network was not trained for."""
        self._network = network
        self._info = info
        offered = [frames * 1000 * FPS_DEN // FPS_NUM for frames in info.lookahead_frames]
        if lookahead_ms not in offered:
            raise InputError(f"The lookahead can be {', '.join(map(str, offered))} ms, not {lookahead_ms}.")
        self._lookahead_ms = lookahead_ms
        self._lookahead_index = np.asarray(offered.index(lookahead_ms), np.int64)
        self._lookahead_frames = info.lookahead_frames[self._lookahead_index]
        self._emotion = _row(np.zeros(len(EMOTIONS)))
        self._style = _row(info.default_style)
        self._accumulator = FrameAccumulator()
        self._mel = LogMel()
        self._joints = np.array([JOINT_INDEX[name] for name in info.joints], np.intp)
        self._seed = seed
        self._noise = Noise(seed, info.noise_hz)
        self._noise_rows = np.zeros((0, len(info.noise_hz)), np.float32)
        self._next_index = 0
        self._held = np.zeros((0, _BODY_FROM + 3 * len(self._joints)), np.float32)
        self._smoothed_count = 0
        self.reset()

    @property
    def lookahead_ms(self) -> int:
        """Milliseconds of audio needed after a frame before it comes out: the network's, and a frame for smoothing."""
        return self._lookahead_ms + SMOOTHING_MS

    @property
    def styles(self) -> tuple[str, ...]:
        """The manners of speaking that `set_style` knows."""
        return self._info.styles

    def set_emotion(self, name: str, intensity: float = 1.0) -> None:
        """Speak with an emotion from the next push on; intensity 0..1. Raises InputError for what is neither."""
        if name not in EMOTIONS:
            raise InputError(f"There is no emotion “{name}”; there are {', '.join(EMOTIONS)}.")
        if not 0 <= intensity <= 1:
            raise InputError(f"The intensity of an emotion lies between 0 and 1; {intensity} does not.")
        self._emotion = _row([intensity if name == e else 0.0 for e in EMOTIONS])

    def set_style(self, weights: Sequence[float] | str | None = None) -> None:
        """Speak in a manner: a name of `styles`, a weight for each of them, or None for the default.

        Raises InputError for what is none of these.
        """
        if weights is None:
            weights = self._info.default_style
        elif isinstance(weights, str):
            if weights not in self.styles:
                raise InputError(f"There is no style “{weights}”; there are {', '.join(self.styles)}.")
            weights = [float(weights == s) for s in self.styles]
        if len(weights) != len(self.styles) or not np.isfinite(weights).all():
            raise InputError(f"A style is {len(self.styles)} finite weights, one for each of {', '.join(self.styles)}.")
        self._style = _row(weights)

    def push(self, samples: F32) -> Motion:
        """Take samples [N] at 24 kHz in -1..1 and return the frames that have become ready, perhaps none.

        Raises InputError for a sample that is not a finite number, and ModelError where the network misbehaves.
        """
        return self._smoothed(self._rows(self._accumulator.push(samples)))

    def flush(self) -> Motion:
        """The frames still owed: after the last sample silence is heard. Call `reset` before the next `push`."""
        silence = np.zeros(self._lookahead_frames * SAMPLES_PER_FRAME, np.float32)
        so_far = max(0, self._next_index)
        ready = self._rows(np.concatenate([self._accumulator.flush(), silence]))
        # Without a single sample the silence yields nothing to keep.
        owed = ready[: max(0, frames_for_samples(self._accumulator.sample_count) - so_far)]
        return self._smoothed(owed, last=True)

    def reset(self) -> None:
        """Forget the audio heard, and draw the next utterance's life anew. Emotion and style stay."""
        self._accumulator.reset()
        self._mel.reset()
        self._network.reset()
        self._seed = derived(self._seed, "utterance")
        self._noise = Noise(self._seed, self._info.noise_hz)
        self._noise_rows = self._noise_rows[:0]
        self._next_index = -self._lookahead_frames
        self._held = self._held[:0]
        self._smoothed_count = 0

    def _smoothed(self, raw: F32, *, last: bool = False) -> Motion:
        """Frames without tremble: each is half itself and a quarter of each neighbour, for the later of which it waits.

        Recorded faces hold next to nothing above 12 Hz; this filter is down by half at 15 Hz and shifts nothing.
        """
        rows = np.concatenate([self._held if len(self._held) else raw[:1], raw])
        if last:
            rows = np.concatenate([rows, rows[-1:]])
        out = rows[1:-1] / 2
        out += (rows[:-2] + rows[2:]) / 4
        self._held = rows[-2:]
        first, self._smoothed_count = self._smoothed_count, self._smoothed_count + len(out)
        face, head, gaze = out[:, :SHAPE_COUNT], out[:, SHAPE_COUNT:_GAZE_FROM], out[:, _GAZE_FROM:_BODY_FROM]
        pose = np.zeros((len(out), JOINT_COUNT, 3), np.float32)
        pose[:, self._joints] = out[:, _BODY_FROM:].reshape(len(out), len(self._joints), 3)
        return motion(first, np.minimum(np.maximum(face, 0), 1), head_rad=head, gaze_rad=gaze, pose_rad=pose)

    def _rows(self, samples: F32) -> F32:
        """Frames [T, 52 + 3 + 2 + 3 J] of face, head, gaze and joints, side by side."""
        ready = [self._held[:0]]
        step = MOST_FRAMES_A_CALL * SAMPLES_PER_FRAME
        for start in range(0, len(samples), step):
            ready.append(self._call(self._mel.push(samples[start : start + step])))
        return np.concatenate(ready)

    def _drawn(self, count: int) -> F32:
        """The noise [count, N] of the next frames."""
        if len(self._noise_rows) < count:
            index = self._next_index + np.arange(max(count, _DRAWN_FRAMES))
            self._noise_rows = self._noise.at(index).astype(np.float32)
        rows, self._noise_rows = self._noise_rows[:count], self._noise_rows[count:]
        return rows

    def _call(self, rows: F32) -> F32:
        count = len(rows)
        out = self._network(
            {
                "mel": rows[None],
                "style": self._style,
                "emotion": self._emotion,
                "lookahead": self._lookahead_index,
                "noise": self._drawn(count)[None],
            }
        )
        parts = [out[name].reshape(count, -1) for name in ("face", "head", "gaze", "body")]
        frames = np.concatenate(parts, axis=1, dtype=np.float32)
        if frames.shape[1] != self._held.shape[1] or not np.isfinite(frames).all():
            raise ModelError("The face network gave other columns than its description says, or no finite numbers.")
        # The first rows of an utterance yield frames before its beginning.
        early = min(count, max(0, -self._next_index))
        self._next_index += count
        return frames[early:]


def _row(values: Any) -> NDArray[np.float32]:
    return np.asarray(values, np.float32)[None]
