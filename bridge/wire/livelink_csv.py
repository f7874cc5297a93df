"""Live Link Face's CSV takes: text to values and back.

`Timecode,BlendshapeCount,` and 61 names, then a row a frame: `19:56:10:48.887,61,0.0041966378,...`, where the fourth
part of the timecode counts frames of the second. The columns are not in the order of the packets (left and right of
jaw and mouth are the other way round), so both ways go by name. Layout read from takes of the app; Unreal's own
writer puts blanks around the names, some tools spell `BlendShapeCount`: both are read.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bridge.errors import WireError
from bridge.timebase import FPS_NUM
from bridge.types import Motion
from bridge.wire.livelink_values import VALUE_COUNT, VALUE_NAMES, values

_SWAPPED: Final = {"JawLeft": "JawRight", "MouthLeft": "MouthRight"}
_BACK: Final = {right: left for left, right in _SWAPPED.items()}
CSV_NAMES: Final[tuple[str, ...]] = tuple((_SWAPPED | _BACK).get(name, name) for name in VALUE_NAMES)
"""The 61 names in the order of the columns."""
HEADER: Final = ",".join(("Timecode", "BlendshapeCount", *CSV_NAMES)) + "\n"

_COLUMNS: Final = [VALUE_NAMES.index(name) for name in CSV_NAMES]
_ROW: Final = f"%s,{VALUE_COUNT}" + ",%.10f" * VALUE_COUNT + "\n"
_TIMECODE: Final = re.compile(r"\s*(\d{1,3}):(\d{1,2}):(\d{1,2})[:;](\d{1,3}(?:\.\d+)?)\s*")
_DAY_S: Final = 86_400.0
_RATES: Final = (24, 25, 30, 48, 50, 60, 120)
"""Frame rates that a timecode may count in."""


@dataclass(frozen=True, slots=True)
class Rows:
    """What a take holds: `time_s` [T] and `values` [T, 61] as in packets.

    Times increase strictly, and count from the file's first row, which may be one of those left out.
    """

    time_s: NDArray[np.float64]
    values: NDArray[np.float64]


def encode(frames: Motion) -> str:
    """One row a frame; the timecode is the frame's own time, counted from 0."""
    rows = values(frames)[:, _COLUMNS].tolist()
    return "".join(_ROW % (timecode(index), *row) for index, row in enumerate(rows, frames.first_index))


def timecode(index: int) -> str:
    """HH:MM:SS:FF.fff of frame `index` of the 60/1 grid. After a day it begins again, as clocks do."""
    seconds, frame = divmod(index, FPS_NUM)
    return f"{seconds // 3600 % 24:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}:{frame:02d}.000"


def decode(lines: Iterable[str]) -> Rows:
    """The rows of a take. Columns missing are zero, and rows without values (the face was lost) are left out.

    Raises WireError, naming the line, for what is no such take.
    """
    reader = csv.reader(lines)
    try:
        header = [name.strip().lower() for name in next(reader, [])]
        columns = _columns(header)
        clock, rows, held = [], [], []
        for row in reader:
            if not row:
                continue
            held.append(len(row) < 2 or row[1].strip() != "0")
            if not held[-1]:
                clock.append(_parts(row[0], reader.line_num))
                continue
            if len(row) != len(header):
                raise WireError(f"Line {reader.line_num} has {len(row)} columns where the header has {len(header)}.")
            clock.append(_parts(row[0], reader.line_num))
            rows.append(_numbers(row, columns, reader.line_num))
    except csv.Error as error:
        raise WireError(f"Line {reader.line_num} is not CSV: {error}.") from error
    if not rows:
        raise WireError("There are no frames.")
    taken = np.zeros((len(rows), VALUE_COUNT))
    taken[:, list(columns)] = rows
    return Rows(_times_s(np.array(clock))[held], taken)


def _columns(header: list[str]) -> dict[int, int]:
    """Which column holds which value: index in `VALUE_NAMES` to column."""
    column = {name: index for index, name in enumerate(header)}
    found = {i: column[name.lower()] for i, name in enumerate(VALUE_NAMES) if name.lower() in column}
    if header[:1] != ["timecode"] or not found:
        raise WireError("The first line is not the header of a Live Link Face take: Timecode, BlendshapeCount, names.")
    return found


def _parts(text: str, line: int) -> tuple[float, float]:
    """Whole seconds of the day, and frames."""
    match = _TIMECODE.fullmatch(text)
    if match is None:
        raise WireError(f"Line {line} begins with “{text[:20]}”, which is not a timecode HH:MM:SS:FF.fff.")
    hours, minutes, seconds, frames = match.groups()
    return int(hours) * 3600.0 + int(minutes) * 60.0 + int(seconds), float(frames)


def _numbers(row: list[str], columns: dict[int, int], line: int) -> list[float]:
    try:
        numbers = [float(row[column]) for column in columns.values()]
    except ValueError as error:
        raise WireError(f"Line {line}: {error}.") from error
    if not np.isfinite(numbers).all():
        raise WireError(f"Line {line} holds a value that is not a finite number.")
    return numbers


def _times_s(clock: NDArray[np.float64]) -> NDArray[np.float64]:
    """[T] seconds from the first row, of [T, 2] seconds of the day and frames."""
    most = clock[:, 1].max()
    # A take of less than a second may not show how far its frames count; the app's own rate is 60.
    whole_second = np.ptp(clock[:, 0]) >= 2
    rate = next((r for r in _RATES if most < r), _RATES[-1]) if whole_second else max(FPS_NUM, int(most) + 1)
    time_s: NDArray[np.float64] = clock[:, 0] + clock[:, 1] / rate
    time_s += np.concatenate([[0.0], np.cumsum(np.diff(time_s) < -_DAY_S / 2)]) * _DAY_S  # over midnight
    if (np.diff(time_s) <= 0).any():
        row = int(np.argmax(np.diff(time_s) <= 0)) + 1
        raise WireError(f"The timecodes go back after frame {row}.")
    from_first: NDArray[np.float64] = time_s - time_s[0]
    return from_first
