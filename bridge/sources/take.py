"""Takes read back: our `.npz` and any other with `arkit`, `names` and a frame rate, and Live Link Face's `.csv`.

Shapes go by name, whatever their order; those that are not there are zero. Other frame rates, and the uneven clock of
a phone, are brought to the 60/1 grid by straight lines between frames.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import soxr
from numpy.typing import NDArray

from bridge.body.rotation import rotation_vector
from bridge.errors import InputError, WireError
from bridge.layers.gaze import gaze_of_look_shapes
from bridge.timebase import FPS_DEN, FPS_NUM, SAMPLE_RATE_HZ
from bridge.types import F32, JOINT_INDEX, SHAPE_COUNT, SHAPE_INDEX, Motion, freeze, motion
from bridge.wire import livelink_csv
from bridge.wire.livelink_values import motion_of

LONGEST_GAP_S: Final = 60.0
"""A face lost for longer is another take."""
FPS_RANGE: Final = (1.0, 1000.0)
SAMPLE_RATES_HZ: Final = (4_000, 400_000)
_HEAD_ROWS: Final = [JOINT_INDEX["neck"], JOINT_INDEX["head"]]

F64 = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Take:
    """A recorded performance: frames from 0, and the samples [N] at 24 kHz that begin with them, if it has sound."""

    motion: Motion
    samples: F32 | None = None


def read_take(path: str | Path) -> Take:
    """The take at `path`, by its ending. Raises InputError, naming the file, for what is none."""
    path = Path(path)
    readers: dict[str, Callable[[Path], Take]] = {".npz": _read_npz, ".csv": _read_csv}
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise InputError(f"{path.name} is not a take that can be read; {' and '.join(readers)} files can.")
    if path.is_dir():
        raise InputError(f"{path.name} is a folder, not a take.")
    try:
        return reader(path)
    except FileNotFoundError:
        raise InputError(f"There is no file {path}.") from None
    except OSError as error:
        raise InputError(f"{path.name} can't be read: {error.strerror or error}.") from error
    except (_Unfit, WireError) as error:
        what = str(error).rstrip(".")
        raise InputError(f"{path.name} is not a take that can be read: {what[:1].lower()}{what[1:]}.") from error


class _Unfit(Exception):
    """What is wrong with a file, to be put behind its name."""


def _read_csv(path: Path) -> Take:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = livelink_csv.decode(file)
    except UnicodeDecodeError:
        raise _Unfit("it is not text") from None
    return Take(motion_of(_on_grid(rows.time_s, rows.values)))


def _read_npz(path: Path) -> Take:
    try:
        archive = np.load(path, allow_pickle=False)
        if not isinstance(archive, np.lib.npyio.NpzFile):
            raise _Unfit("it is a single array")
        with archive:
            return _take_of(archive)
    except (_Unfit, OSError):
        raise
    except KeyError as error:
        raise _Unfit(f"it has no field {str(error.args[0]).split()[0]}") from error
    # Damaged bytes make NumPy and zipfile raise nearly anything, tokenizer's and interpreter's errors among them.
    except Exception as error:
        raise _Unfit("it is damaged or not a NumPy archive") from error


def _take_of(archive: Mapping[str, NDArray[Any]]) -> Take:
    curves = _array(archive, "arkit")
    count = len(curves)
    fps = _number(archive, "fps_num") / max(_number(archive, "fps_den"), 1e-9)
    if not FPS_RANGE[0] <= fps <= FPS_RANGE[1]:
        raise _Unfit(f"{fps:g} frames a second can't be")
    face = _by_name(curves, [str(name) for name in np.atleast_1d(archive["names"])])
    head, pose = np.zeros((count, 3)), np.zeros((count, len(JOINT_INDEX), 3))
    if "head_wxyz" in archive:
        head = rotation_vector(_unit(_array(archive, "head_wxyz", (count, 4))))
    if "smpl_pose" in archive:
        pose = _array(archive, "smpl_pose", pose.shape)
        pose[:, _HEAD_ROWS] = 0.0
    columns = np.concatenate([face, head, pose.reshape(count, -1)], axis=1)
    columns = _on_grid(np.arange(count) / fps, columns)
    shapes = np.clip(columns[:, :SHAPE_COUNT], 0.0, 1.0)
    frames = motion(
        0,
        shapes,
        head_rad=columns[:, SHAPE_COUNT : SHAPE_COUNT + 3],
        gaze_rad=gaze_of_look_shapes(shapes),
        pose_rad=columns[:, SHAPE_COUNT + 3 :].reshape(-1, *pose.shape[1:]),
    )
    return Take(frames, _samples(archive) if "audio" in archive else None)


def _by_name(curves: F64, names: list[str]) -> F64:
    """[T, 52] in the order of `ARKIT_BLENDSHAPES`, of curves [T, C] called `names`."""
    if curves.ndim != 2 or not len(curves) or curves.shape[1] != len(names):
        raise _Unfit(f"arkit is {list(curves.shape)}, not frames by the {len(names)} names")
    shapes = {name.lower(): index for name, index in SHAPE_INDEX.items()}
    known = [(column, shapes[name.lower()]) for column, name in enumerate(names) if name.lower() in shapes]
    if not known:
        raise _Unfit("none of its names is an ARKit shape's")
    face = np.zeros((len(curves), SHAPE_COUNT))
    for column, shape in known:
        face[:, shape] = curves[:, column]
    return face


def _samples(archive: Mapping[str, NDArray[Any]]) -> F32:
    raw = archive["audio"]
    samples = _array(archive, "audio").astype(np.float32)
    if samples.ndim != 1:
        raise _Unfit(f"audio is {list(samples.shape)}, not one row of samples")
    if raw.dtype.kind in "iu":
        samples /= np.iinfo(raw.dtype).max
    rate_hz = round(_number(archive, "sample_rate_hz"))
    if not SAMPLE_RATES_HZ[0] <= rate_hz <= SAMPLE_RATES_HZ[1]:
        raise _Unfit(f"{rate_hz} samples a second can't be")
    if rate_hz != SAMPLE_RATE_HZ:
        samples = soxr.resample(samples, rate_hz, SAMPLE_RATE_HZ)
    return freeze(np.clip(samples, -1.0, 1.0))


def _array(archive: Mapping[str, NDArray[Any]], name: str, shape: tuple[int, ...] = ()) -> F64:
    """A field as float64, of this shape if one is given."""
    array = archive[name]
    if array.dtype.kind not in "fiu":
        raise _Unfit(f"{name} is not numbers")
    if shape and array.shape != shape:
        raise _Unfit(f"{name} is {list(array.shape)}, not {list(shape)}")
    finite = np.isfinite(array)
    if not finite.all():
        raise _Unfit(f"{name} holds a value that is not a finite number, at {np.argwhere(~finite)[0].tolist()}")
    return array.astype(np.float64)


def _number(archive: Mapping[str, NDArray[Any]], name: str) -> float:
    array = _array(archive, name)
    if array.size != 1:
        raise _Unfit(f"{name} is not one number")
    return float(array.reshape(1)[0])


def _unit(wxyz: F64) -> F64:
    length = np.linalg.norm(wxyz, axis=1, keepdims=True)
    if (length < 0.1).any():
        raise _Unfit("head_wxyz holds a quaternion without length")
    unit: F64 = wxyz / length
    return unit


def _on_grid(time_s: F64, columns: F64) -> F64:
    """Columns [T, C] at the times [T], brought to the frames of the 60/1 grid from the first of them on."""
    gaps = np.diff(time_s)
    if len(gaps) and gaps.max() > LONGEST_GAP_S:
        raise _Unfit(f"its clock leaps by {gaps.max():.0f} s after frame {int(gaps.argmax())}")
    position = time_s * FPS_NUM / FPS_DEN
    grid = np.arange(int(position[-1] + 1e-3) + 1)
    if len(grid) == len(position) and np.abs(position - grid).max() < 1e-3:
        return columns
    after = np.clip(np.searchsorted(position, grid, side="right"), 1, max(1, len(position) - 1))
    before = after - 1
    after = np.minimum(after, len(position) - 1)
    span = np.maximum(position[after] - position[before], 1e-9)
    share = np.clip((grid - position[before]) / span, 0.0, 1.0)[:, None]
    mixed: F64 = columns[before] * (1.0 - share) + columns[after] * share
    return mixed
