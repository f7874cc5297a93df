"""Where motion and sound leave: takes (files), and live targets, each named by a URL such as `vmc://host:39539`.

A live target's file exports `Options`, which has a field `rig`, and `build(options, layout)` (see `bridge.addresses`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from bridge.addresses import resolve, schemes
from bridge.ports import Sink
from bridge.types import RigLayout


@dataclass(frozen=True, slots=True)
class Common:
    """What every sink can be asked for: `mirror` shows the performance as in a mirror."""

    mirror: bool = False


@dataclass(frozen=True, slots=True)
class Target:
    """A sink that can be opened, and opened again. `open` needs the layout of the rig called `rig`."""

    url: str
    rig: str
    mirror: bool
    open: Callable[[RigLayout], Sink]


def names() -> list[str]:
    """The schemes that come with the package."""
    return schemes(__name__)


def target(url: str) -> Target:
    """The sink that `url` names, not opened yet. Raises ConfigError, listing what is valid."""
    module, options, common = resolve(__name__, "sink", url, Common)
    return Target(url, options.rig, common.mirror, lambda layout: cast(Sink, module.build(options, layout)))
