"""The default avatar, modelled by code: parameter file in, .glb or .vrm out. Needs numpy, scipy and pygltflib only."""

from __future__ import annotations

import os
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from tools.avatar import assemble
from tools.avatar import parameters as files

VARIATIONS: tuple[str, ...] = ("default", "marlow", "zuri")


def build(parameters: str | Path, out: str | Path) -> Path:
    """Write the character of a parameter file, or of a name in VARIATIONS, to `out` (.glb or .vrm) and return its path.

    The same parameters give the same bytes on one platform and set of libraries.
    """
    path = _own(str(parameters)) if str(parameters) in VARIATIONS else Path(parameters)
    out = Path(out)
    out.parent.mkdir(parents=True, exist_ok=True)
    assemble.write(files.read(path), out)
    return out


def build_all(folder: str | Path) -> list[Path]:
    """Write every variation as .glb and .vrm into `folder`, each in a process of its own."""
    with ProcessPoolExecutor(max_workers=min(len(VARIATIONS), os.cpu_count() or 1)) as pool:
        return [
            path for paths in pool.map(_both_formats, VARIATIONS, [str(folder)] * len(VARIATIONS)) for path in paths
        ]


def _both_formats(name: str, folder: str) -> list[Path]:
    Path(folder).mkdir(parents=True, exist_ok=True)
    written = []
    for suffix, content in assemble.pack(assemble.model(files.read(_own(name)))).items():
        path = Path(folder) / f"{name}{suffix}"
        path.write_bytes(content)
        written.append(path)
    return written


def _own(name: str) -> Path:
    """The parameter file of one of the VARIATIONS."""
    return Path(__file__).parent / f"{name}.toml"
