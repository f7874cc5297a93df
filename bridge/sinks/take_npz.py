"""Takes as NumPy archives: ARKit shapes, head, body and FLAME parameters, and the audio. `np.load` reads them.

A member of a zip is written in one go, but all of them grow at once: each waits in an unnamed file beside the take
until the end, so memory does not grow with the length, and what is left of a run that was killed is not in the way.
"""

from __future__ import annotations

import dataclasses
import shutil
import tempfile
import zipfile
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import IO, Any, BinaryIO, Final

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from bridge.body.export import MISSING, body_fields
from bridge.timebase import FPS_DEN, FPS_NUM, SAMPLE_RATE_HZ
from bridge.types import ARKIT_BLENDSHAPES, F32, Motion, still
from bridge.wire.stream import pcm16

COPY_BYTES: Final = 1 << 20
COMPRESSION: Final = 1
"""Curves hardly get smaller at higher levels, only slower."""


class NpzTake:
    """A take being written. `arkit` float32 [T, 52] and the fields of `BodyFields`, [T, ...]; `audio` int16 [N]."""

    def __init__(self, file: BinaryIO) -> None:
        """`file` is open for writing, beside where the take goes."""
        self._file = file
        folder = Path(file.name).parent
        # The names, types and shapes of a frame's fields, as those of no frames at all.
        self._empty = _fields(still(0, 0), np.zeros(0, np.float32))
        with ExitStack() as opened:
            self._spools: dict[str, IO[bytes]] = {
                name: opened.enter_context(tempfile.TemporaryFile(dir=folder)) for name in self._empty
            }
            self._open = opened.pop_all()
        self._counts = dict.fromkeys(self._empty, 0)

    def write(self, frames: Motion, samples: F32) -> None:
        """Add frames and samples [N] at 24 kHz; they need not belong to one another."""
        for name, array in _fields(frames, samples).items():
            self._spools[name].write(np.ascontiguousarray(array).data)
            self._counts[name] += len(array)

    def close(self) -> None:
        """Write the archive."""
        constants: dict[str, NDArray[Any]] = {
            "names": np.array(ARKIT_BLENDSHAPES),
            "fps_num": np.array(FPS_NUM),
            "fps_den": np.array(FPS_DEN),
            "sample_rate_hz": np.array(SAMPLE_RATE_HZ),
            "missing": np.array(MISSING),
        }
        with zipfile.ZipFile(self._file, "w", zipfile.ZIP_DEFLATED, compresslevel=COMPRESSION) as archive:
            for name, array in constants.items():
                with archive.open(f"{name}.npy", "w", force_zip64=True) as out:
                    npy.write_array(out, array, allow_pickle=False)
            for name, spool in self._spools.items():
                empty = self._empty[name]
                shape = (self._counts[name], *empty.shape[1:])
                with archive.open(f"{name}.npy", "w", force_zip64=True) as out:
                    npy.write_array_header_1_0(
                        out, {"descr": npy.dtype_to_descr(empty.dtype), "fortran_order": False, "shape": shape}
                    )
                    spool.seek(0)
                    shutil.copyfileobj(spool, out, COPY_BYTES)
        self.discard()

    def discard(self) -> None:
        """Let go of what waits. May be called twice."""
        with suppress(OSError):  # a full disk, which whoever wrote has been told of
            self._open.close()


def _fields(frames: Motion, samples: F32) -> dict[str, NDArray[Any]]:
    body = body_fields(frames)
    return {
        "arkit": frames.face,
        **{field.name: getattr(body, field.name) for field in dataclasses.fields(body)},
        "audio": pcm16(samples),
    }
