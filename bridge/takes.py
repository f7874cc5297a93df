"""Writing files: takes, one file or several at a time, each by the ending of its name, all of them whole or none."""

from __future__ import annotations

import importlib
import os
import secrets
import stat
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO, Final, Protocol

from bridge.errors import ConfigError, DeviceError
from bridge.types import F32, Motion

MOTION_ENDINGS: Final = (".npz", ".csv")
SPEECH_ENDINGS: Final = (*MOTION_ENDINGS, ".wav")
"""With speech of our own the sound may be wanted by itself."""

# Imported when asked for: a take of one kind should not load what another needs.
_WRITERS: Final = {
    ".npz": ("bridge.sinks.take_npz", "NpzTake"),
    ".csv": ("bridge.sinks.take_csv", "CsvTake"),
    ".wav": ("bridge.sinks.take_wav", "WavTake"),
}


class TakeWriter(Protocol):
    """One file of a take, written front to back."""

    def write(self, frames: Motion, samples: F32) -> None:
        """Add frames and samples [N] at 24 kHz. They need not belong to one another: a model's frames lag behind."""
        ...

    def close(self) -> None:
        """Write what comes last. The file itself is the caller's."""
        ...

    def discard(self) -> None:
        """Let go of everything but the file. May be called twice, and after `close`."""
        ...


class Takes:
    """The files of a take, written together. Get one from `open_takes`."""

    def __init__(self, writers: dict[Path, TakeWriter]) -> None:
        self._writers = writers

    def write(self, frames: Motion, samples: F32) -> None:
        """Add frames and samples [N] at 24 kHz to each. Raises DeviceError where that fails."""
        for path, writer in self._writers.items():
            with _told(path):
                writer.write(frames, samples)


@contextmanager
def open_takes(paths: Sequence[str | Path], endings: Sequence[str] = MOTION_ENDINGS) -> Iterator[Takes]:
    """Takes to be written within a `with`; they get their names, and replace files of these names, at its end.

    If it is left by an error or Ctrl-C, nothing is there that was not there before. Raises ConfigError for an ending
    not in `endings`, a folder that does not exist or a place that can't be written to, and DeviceError where writing
    fails later.
    """
    targets = [_target(Path(path), endings) for path in paths]
    if len(set(targets)) < len(targets):
        raise ConfigError("Two outputs have the same name.")
    with ExitStack() as stack:
        files = {target: stack.enter_context(_part(target)) for target in targets}
        writers: dict[Path, TakeWriter] = {}
        for target, file in files.items():
            with _told(target):
                writers[target] = _writer(target, file)
            stack.callback(writers[target].discard)
        yield Takes(writers)
        for target, writer in writers.items():
            with _told(target):
                writer.close()
                files[target].close()
        for target, file in files.items():
            with _told(target):
                os.replace(file.name, target)


@contextmanager
def open_whole(path: Path, endings: Sequence[str]) -> Iterator[BinaryIO]:
    """A file to be written within a `with`, which is whole or not there as those of `open_takes` are; same errors."""
    target = _target(path, endings)
    with _part(target) as file, _told(target):
        yield file
        file.close()
        os.replace(file.name, target)


def _target(path: Path, endings: Sequence[str]) -> Path:
    """Where a take goes, behind links. Raises ConfigError for what can be seen to be wrong beforehand."""
    if path.suffix.lower() not in endings:
        raise ConfigError(f"{path} can't be written: the ending tells the kind, one of {', '.join(endings)}.")
    target = Path(os.path.realpath(path))
    if not os.path.isdir(target.parent):
        raise ConfigError(f"{path} can't be written: there is no folder {path.parent}.")
    try:
        mode = target.stat().st_mode
    except FileNotFoundError:
        return target
    except OSError as error:
        raise ConfigError(f"{path} can't be written: {_reason(error)}.") from error
    if not stat.S_ISREG(mode):
        raise ConfigError(f"{path} can't be written: it is there already and not a file.")
    if not os.access(target, os.W_OK):
        raise ConfigError(f"{path} can't be written: it is there already and write-protected.")
    return target


@contextmanager
def _part(target: Path) -> Iterator[BinaryIO]:
    """A new file beside `target`, removed at the end if it is still there."""
    part = target.with_name(f".avatar-bridge-{secrets.token_hex(8)}.part")
    try:
        file = part.open("xb")
    except OSError as error:
        raise ConfigError(f"{target} can't be written: {_reason(error)}.") from error
    try:
        yield file
    finally:
        with suppress(OSError):  # of a full disk; the first error is the one to tell
            file.close()
        part.unlink(missing_ok=True)


def _writer(target: Path, file: BinaryIO) -> TakeWriter:
    module, name = _WRITERS[target.suffix.lower()]
    make: Any = getattr(importlib.import_module(module), name)
    writer: TakeWriter = make(file)
    return writer


@contextmanager
def _told(target: Path) -> Iterator[None]:
    """Errors of the system become one sentence."""
    try:
        yield
    except OSError as error:
        raise DeviceError(f"{target} can't be written: {_reason(error)}.") from error


def _reason(error: OSError) -> str:
    words = error.strerror or str(error)
    return words[:1].lower() + words[1:].rstrip(".")
