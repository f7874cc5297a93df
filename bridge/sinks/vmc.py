"""VMC over UDP: to applications that show a VRM model (VSeeFace, VNyan, Warudo, EVMC4U, VMC4UE and others).

`vmc://host:39539?rig=vrm0`; a model with perfect sync looks better with `?rig=vrm0_perfect_sync`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from bridge.rig.model import UPPER_BODY, Bone, Rig
from bridge.rig.retarget import Retarget
from bridge.sinks._udp import Datagrams
from bridge.timebase import NS_PER_S, frame_to_ns
from bridge.types import F32, Motion, RigFrames, RigLayout, freeze
from bridge.wire import osc, vmc

# Where bones stand in their parents, metres, of a grown-up in Unity's axes: for receivers that set places too.
_PLACES_M: Final[dict[str, tuple[float, float, float]]] = {
    "hips": (0.0, 0.95, 0.0),
    "spine": (0.0, 0.075, -0.002),
    "chest": (0.0, 0.115, -0.006),
    "upperChest": (0.0, 0.115, -0.006),
    "neck": (0.0, 0.14, 0.0),
    "head": (0.0, 0.1, 0.02),
    "Eye": (0.031, 0.085, 0.072),
    "Shoulder": (0.028, 0.103, 0.0),
    "UpperArm": (0.12, -0.006, -0.004),
    "LowerArm": (0.22, 0.0, -0.002),
    "Hand": (0.21, 0.0, 0.002),
}


@dataclass(frozen=True, slots=True)
class Options:
    """`bones`: which are sent."""

    host: str = "127.0.0.1"
    port: int = vmc.MARIONETTE_PORT
    rig: str = "vrm0"
    bones: Literal["all", "head", "none"] = "all"
    bundle: int = osc.DATAGRAM_BYTES
    """Bytes of the longest datagram; 65000 puts a whole frame into one, which Wi-Fi may lose more easily."""


def build(options: Options, layout: RigLayout) -> Vmc:
    """Open the socket. Raises DeviceError."""
    return Vmc(options, layout)


class Vmc:
    """One marionette."""

    def __init__(self, options: Options, layout: RigLayout) -> None:
        chosen = {"all": UPPER_BODY, "head": ("neck", "head", "leftEye", "rightEye"), "none": ()}[options.bones]
        self._pose = Retarget(_unity_rig(chosen))
        names = [bone[0].upper() + bone[1:] for bone in chosen]
        places_m = np.reshape([_place_m(bone) for bone in chosen], (-1, 3))
        self._sender = vmc.Sender(layout.curves, names, freeze(places_m))
        self._limit = options.bundle
        self._datagrams = Datagrams(options.host, options.port)

    def send(self, epoch: int, motion: Motion, rigged: RigFrames) -> None:
        """Send a frame, in bundles. Raises DeviceError."""
        bones: F32 = self._pose.apply(motion).bones_wxyz[0]
        time_s = frame_to_ns(motion.first_index) / NS_PER_S
        for data in osc.bundles(self._sender.frame(time_s, rigged.curves[0], bones), self._limit):
            self._datagrams.send(data)

    def close(self) -> None:
        """Let go of the socket."""
        self._datagrams.close()


def _unity_rig(bones: tuple[str, ...]) -> Rig:
    """These bones in Unity's axes, whatever the axes of the rig that the curves go by."""
    rows = tuple(Bone(bone, bone, 0) for bone in bones)
    return Rig("vmc", "VMC", "any", (), "unity", 0.0, 1.0, (), rows)


def _place_m(bone: str) -> tuple[float, float, float]:
    for side, x in (("left", -1.0), ("right", 1.0)):
        if bone.startswith(side):
            place = _PLACES_M[bone.removeprefix(side)]
            return (x * place[0], place[1], place[2])
    return _PLACES_M[bone]
