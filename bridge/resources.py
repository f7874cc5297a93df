"""Where the package's data lie: rigs, weights, pages and avatars. The only module that knows.

In an installed wheel they are in `bridge/_data`; in a checkout the rigs and weights are at their own places, and the
build hook has written the pages and the avatar to the ignored `build/`.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import platformdirs

from bridge.errors import ConfigError, DeviceError

_PACKAGE: Final = Path(__file__).resolve().parent
_CHECKOUT: Final = {"rigs": "rigs", "weights": "models/weights", "web": "build/web", "avatar": "build/avatar"}


def folder(name: str) -> Path:
    """The folder `rigs`, `weights`, `web` or `avatar`. Raises DeviceError where the installation lacks it."""
    installed = _PACKAGE / "_data" / name
    if installed.is_dir():
        return installed
    checkout = _PACKAGE.parent / _CHECKOUT[name]
    if checkout.is_dir():
        return checkout
    raise DeviceError(f"This installation has no {name}; install it again with 'uv sync --reinstall'.")


def home() -> Path:
    """The user's folder: `AVATAR_BRIDGE_HOME`, else the platform's data folder. It may not exist yet."""
    named = os.environ.get("AVATAR_BRIDGE_HOME")
    return Path(named) if named else Path(platformdirs.user_data_dir("avatar-bridge", appauthor=False))


def rig_names() -> list[str]:
    """The rigs there are: the package's, and those the user keeps in `home()/rigs`."""
    return sorted({path.stem for place in _rig_places() for path in place.glob("*.toml")})


def rig_text(name: str) -> str:
    """What the file of the rig `name` says, the user's own first.

    Raises ConfigError for a file that can't be read, and naming those there are where there is none.
    """
    if name not in rig_names():
        raise ConfigError(f"There is no rig '{name}'; there are {', '.join(rig_names())}.")
    paths = [place / f"{name}.toml" for place in _rig_places()]
    # One that is no file, such as a folder or a link to nowhere, gives way, and is told of where nothing else is there.
    best = next((path for path in paths if path.is_file()), None)
    return read_text(best or next((path for path in paths if os.path.lexists(path)), paths[0]))


def read_text(path: Path) -> str:
    """What a text file of the user's says. Raises ConfigError, naming the file."""
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{path} can't be read: {error.strerror}.") from None
    except UnicodeError:
        raise ConfigError(f"{path} is not UTF-8 text.") from None


def _rig_places() -> list[Path]:
    return [place for place in (home() / "rigs", folder("rigs")) if place.is_dir()]
