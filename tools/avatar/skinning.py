"""Which bones carry which vertices: shares that change softly near the joints."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from tools.avatar.fields import ramp
from tools.avatar.part import Part
from tools.avatar.sdf import Array, length
from tools.avatar.skeleton import FINGERS, Skeleton


def attach(part: Part, shares: Mapping[str, Array]) -> Part:
    """Gives a part its bones: the four largest shares of each vertex, summing to one."""
    bones = tuple(shares)
    table = np.stack([shares[b] for b in bones], 1)
    order = np.argsort(-table, axis=1, kind="stable")[:, :4]
    weights = np.take_along_axis(table, order, 1)
    if order.shape[1] < 4:
        gap = 4 - order.shape[1]
        order = np.pad(order, ((0, 0), (0, gap)))
        weights = np.pad(weights, ((0, 0), (0, gap)))
    weights = np.where(weights < 0.004, 0.0, weights)
    part.bones, part.joints = bones, order
    part.weights = weights / weights.sum(1, keepdims=True)
    return part


def chain(along: Array, bones: list[str], joints: list[float], soft: float) -> dict[str, Array]:
    """Shares of consecutive bones along an axis; bone k+1 takes over at `joints[k]` (rising), within +-`soft`."""
    after = [ramp(j - soft, j + soft, along) for j in joints]
    begun = [np.ones_like(along), *after]
    ended = [*after, np.zeros_like(along)]
    return {bone: b - e for bone, b, e in zip(bones, begun, ended, strict=True)}


def neck(p: Array, collar_y: float) -> dict[str, Array]:
    """Head above the jaw and the nape, chest at the collar, neck between; the throat runs lower in front."""
    height = p[:, 1] + 0.42 * (p[:, 2] + 72.0)
    head = ramp(collar_y + 17.0, collar_y + 59.0, height)
    chest = ramp(collar_y + 14.0, collar_y - 16.0, height)
    return {"head": head, "neck": 1.0 - head - chest, "upperChest": chest}


def torso(p: Array, bones: Skeleton) -> dict[str, Array]:
    """Hips to upper chest by height."""
    names = ["hips", "spine", "chest", "upperChest"]
    joints = [float(bones.at_mm(n)[1]) for n in names[1:]]
    return chain(p[:, 1], names, joints, 50.0)


def sleeved(p: Array, bones: Skeleton) -> dict[str, Array]:
    """A pullover: torso, shoulders and arms."""
    out = torso(p, bones)
    shoulder = float(bones.at_mm("leftUpperArm")[0])
    armpit = ramp(-139.0, -95.0, p[:, 1])
    arm = ramp(shoulder - 40.0, shoulder + 30.0, np.abs(p[:, 0])) * armpit
    collar = ramp(30.0, 95.0, np.abs(p[:, 0])) * ramp(-155.0, -95.0, p[:, 1]) * (1.0 - arm) * 0.6
    out = {name: share * (1.0 - arm - collar) for name, share in out.items()}
    for side, s in (("left", 1.0), ("right", -1.0)):
        mine = (s * p[:, 0] > 0).astype(float)
        elbow, wrist = (float(abs(bones.at_mm(f"{side}{b}")[0])) for b in ("LowerArm", "Hand"))
        names = [f"{side}UpperArm", f"{side}LowerArm", f"{side}Hand"]
        out |= {
            n: share * arm * mine for n, share in chain(np.abs(p[:, 0]), names, [elbow, wrist + 14.0], 34.0).items()
        }
        out[f"{side}Shoulder"] = collar * mine
    return out


def legged(p: Array, bones: Skeleton) -> dict[str, Array]:
    """Trousers."""
    left = ramp(-14.0, 14.0, p[:, 0])
    hip = float(bones.at_mm("leftUpperLeg")[1])
    thigh = ramp(hip + 46.0, hip - 62.0, p[:, 1])
    out = {"hips": 1.0 - thigh}
    for side, share in (("left", left), ("right", 1.0 - left)):
        knee, ankle = (-float(bones.at_mm(f"{side}{b}")[1]) for b in ("LowerLeg", "Foot"))
        names = [f"{side}UpperLeg", f"{side}LowerLeg", f"{side}Foot"]
        out |= {n: w * thigh * share for n, w in chain(-p[:, 1], names, [knee, ankle + 30.0], 45.0).items()}
    return out


def footed(p: Array, bones: Skeleton) -> dict[str, Array]:
    """Shoes."""
    toes = float(bones.at_mm("leftToes")[2])
    out: dict[str, Array] = {}
    for side, s in (("left", 1.0), ("right", -1.0)):
        mine = (s * p[:, 0] > 0).astype(float)
        out |= {n: w * mine for n, w in chain(p[:, 2], [f"{side}Foot", f"{side}Toes"], [toes - 8.0], 18.0).items()}
    return out


def handed(p: Array, bones: Skeleton, side: str) -> dict[str, Array]:
    """A hand: each bone by its nearness, the palm to the hand's own."""
    wrist = bones.at_mm(f"{side}Hand")
    near: dict[str, Array] = {}
    for finger in FINGERS:
        parts = ("Metacarpal", "Proximal", "Distal") if finger == "Thumb" else ("Proximal", "Intermediate", "Distal")
        names = [f"{side}{finger}{k}" for k in parts]
        places = [bones.at_mm(n) for n in names]
        places.append(places[-1] + 0.8 * (places[-1] - places[-2]))
        near[f"{side}Hand"] = np.minimum(near.get(f"{side}Hand", np.inf), _gap(p, wrist, places[0]) - 3.0)
        for name, a, b in zip(names, places[:-1], places[1:], strict=True):
            near[name] = _gap(p, a, b)
    closeness = {name: 1.0 / np.maximum(gap, 1.5) ** 5 for name, gap in near.items()}
    total = sum(closeness.values())
    return {name: share / total for name, share in closeness.items()}


def _gap(p: Array, a: Array, b: Array) -> Array:
    axis = b - a
    along = np.clip((p - a) @ axis / (axis @ axis), 0.0, 1.0)
    return length(p - a - along[:, None] * axis)
