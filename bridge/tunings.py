"""The rigs in use, with what designers have changed of them: loaded from the user's folder, and saved there.

The changes to a rig are `tuning/<rig>.toml` in the user's folder. A file that can't be used is told of once, in the
log, and kept: if the rig is saved anew, it stays beside the new one as `<rig>.bad.toml`.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Final

from bridge import resources
from bridge.errors import ConfigError, DeviceError
from bridge.rig import tuning
from bridge.rig.model import Rig
from bridge.rig.parse import parse
from bridge.rig.retarget import Retarget

log = logging.getLogger(__name__)

_NONE: Final[tuning.Changes] = MappingProxyType({})


@dataclass(slots=True)
class _Entry:
    """A rig in use."""

    text: str
    base: Rig
    rig: Rig
    changes: tuning.Changes = field(default_factory=lambda: _NONE)
    saved: tuning.Changes = field(default_factory=lambda: _NONE)
    bad_file: bool = False
    retarget: Retarget | None = None


class Tunings:
    """Rigs by name, each read when first asked for. `folder` is where changes are kept."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder or resources.home() / "tuning"
        self._entries: dict[str, _Entry] = {}

    def rig(self, name: str) -> Rig:
        """The rig as it is now, changes and all. Raises ConfigError for one there is not, or whose file is wrong."""
        return self._entry(name).rig

    def changes(self, name: str) -> tuning.Changes:
        """What is not as in the rig's file."""
        return self._entry(name).changes

    def unsaved(self, name: str) -> bool:
        """Whether something was changed since the rig was loaded or saved."""
        entry = self._entry(name)
        return entry.changes != entry.saved

    def retarget(self, name: str) -> Retarget:
        """The rig as it is now, ready to be applied; the same object until it is changed. Raises ConfigError."""
        entry = self._entry(name)
        if entry.retarget is None:
            entry.retarget = Retarget(entry.rig)
        return entry.retarget

    def preview(self, name: str, values: Mapping[tuple[str, str], float]) -> Rig:
        """The rig as `change` would make it. Raises ConfigError for what it would refuse."""
        entry = self._entry(name)
        return tuning.tuned(entry.base, {**entry.changes, **values})

    def change(self, name: str, values: Mapping[tuple[str, str], float]) -> None:
        """Set the values of some (curve, key), all or none. Raises ConfigError."""
        entry = self._entry(name)
        rig = self.preview(name, values)
        entry.changes = tuning.differing(entry.base, {**entry.changes, **values})
        entry.rig, entry.retarget = rig, None

    def whole_text(self, name: str) -> str:
        """The rig's file with the changes written back into it."""
        entry = self._entry(name)
        return tuning.write_back(entry.text, entry.changes)

    def save(self, name: str) -> None:
        """Keep the changes, in one stroke: the file is as it was or whole. Raises DeviceError where that fails."""
        entry, path = self._entry(name), self._path(name)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            if entry.bad_file and path.exists():
                os.replace(path, path.with_suffix(".bad.toml"))
            if entry.changes:
                part = path.with_suffix(".part")
                part.write_text(tuning.changes_text(entry.base, entry.changes), encoding="utf-8", newline="\n")
                os.replace(part, path)
            else:
                path.unlink(missing_ok=True)
        except OSError as error:
            raise DeviceError(f"{path} can't be written: {error.strerror or error}.") from None
        entry.saved, entry.bad_file = entry.changes, False

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.toml"

    def _entry(self, name: str) -> _Entry:
        if name not in self._entries:
            text = resources.rig_text(name)
            base = parse(text, name)
            entry = _Entry(text, base, base)
            self._load(entry, self._path(name))
            self._entries[name] = entry
        return self._entries[name]

    def _load(self, entry: _Entry, path: Path) -> None:
        """Lay the saved changes over a rig; a file that can't be used is told of and left out."""
        if not path.is_file():
            return
        try:
            changes = tuning.parse_changes(path.read_text(encoding="utf-8"), entry.base)
        except (OSError, UnicodeError, ConfigError) as error:
            log.warning("The tuning in %s is left out: %s", path, error)
            entry.bad_file = True
            return
        entry.changes = entry.saved = changes
        entry.rig = tuning.tuned(entry.base, changes)
