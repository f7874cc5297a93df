"""The default avatar, modelled by code: parameter file in, .glb or .vrm out. Needs numpy, scipy and pygltflib only."""

from __future__ import annotations

from pathlib import Path

VARIATIONS = ("default", "marlow", "zuri")


def build(parameters: str | Path, out: str | Path) -> Path:
    """Write the character of a parameter file, or of a name in VARIATIONS, to `out` (.glb or .vrm) and return its path.

    The same parameters give the same bytes on one platform and set of libraries.
    """
    from tools.avatar import assemble  # noqa: PLC0415 - importing this package must stay cheap
    from tools.avatar import parameters as files

    path = Path(__file__).parent / f"{parameters}.toml" if str(parameters) in VARIATIONS else Path(parameters)
    out = Path(out)
    out.parent.mkdir(parents=True, exist_ok=True)
    assemble.write(files.read(path), out)
    return out


def build_all(folder: str | Path) -> list[Path]:
    """Write every variation as .glb and .vrm into `folder`."""
    from tools.avatar import assemble  # noqa: PLC0415
    from tools.avatar import parameters as files

    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name in VARIATIONS:
        who = files.read(Path(__file__).parent / f"{name}.toml")
        made = assemble.model(who)
        for suffix, pack in assemble.FORMATS.items():
            path = folder / f"{name}{suffix}"
            path.write_bytes(pack(made))
            written.append(path)
    return written
