"""A character from its parameters: parts, then files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tools.avatar import (
    body,
    brows,
    ears,
    eyes,
    gltf,
    hair,
    lashes,
    shapes,
    skeleton,
    skin,
    skinning,
    teeth,
    textures,
    tongue,
    vrm,
)
from tools.avatar.fields import mix
from tools.avatar.gltf import Look
from tools.avatar.parameters import Character, rgb
from tools.avatar.part import Part
from tools.avatar.sdf import Array
from tools.avatar.shapes.eyes import LOOK_PITCH_RAD, LOOK_YAW_RAD
from tools.avatar.shapes.flesh import Flesh
from tools.avatar.skeleton import Skeleton
from tools.avatar.skull import Skull


@dataclass(frozen=True)
class Model:
    """Everything a file holds."""

    who: Character
    bones: Skeleton
    parts: list[Part]
    looks: dict[str, Look]
    flesh: Flesh

    def part(self, name: str) -> Part:
        """The part of that name."""
        return next(part for part in self.parts if part.name == name)


def model(who: Character) -> Model:
    """The character, modelled."""
    skull = Skull(who)
    surface = skin.build(who, skull)
    flesh = Flesh(who, skull, surface)
    moves = shapes.of_skin(flesh)
    meet_z = float(flesh.p[surface.contact[0, 0], 2])
    bones = skeleton.build(who)
    head = Part("Head", "Skin", surface.position, surface.triangles, surface.uv, shapes=moves)
    head.extras = {"lipPairs": surface.contact.tolist()}
    skinning.attach(head, skinning.neck(head.position, who.body.collar_y))
    parts = [head, *_eyes(who), *teeth.build(who, meet_z), tongue.build(who, teeth.front_z(meet_z))]
    parts += [ears.build(who, skull), brows.build(flesh, moves), lashes.build(flesh, moves), hair.build(who, skull)]
    parts += body.build(who, bones)
    return Model(who, bones, parts, _looks(flesh), flesh)


def _eyes(who: Character) -> list[Part]:
    found = [eyes.eyeballs(who), eyes.corneas(who), eyes.highlights(who)]
    for part in found:
        part.shapes = _gaze(part, who)
    return found


def _gaze(part: Part, who: Character) -> dict[str, Array]:
    """The eyeLook shapes of eyeballs, for what has no eye bones: use one or the other, not both."""
    out = {}
    for side, bone, outwards in (("Left", "leftEye", 1.0), ("Right", "rightEye", -1.0)):
        out[f"eyeLookDown{side}"] = eyes.turned_to(part, who, bone, 0.0, LOOK_PITCH_RAD)
        out[f"eyeLookIn{side}"] = eyes.turned_to(part, who, bone, -outwards * LOOK_YAW_RAD, 0.0)
        out[f"eyeLookOut{side}"] = eyes.turned_to(part, who, bone, outwards * LOOK_YAW_RAD, 0.0)
        out[f"eyeLookUp{side}"] = eyes.turned_to(part, who, bone, 0.0, -LOOK_PITCH_RAD)
    return out


def linear(colour: str) -> tuple[float, float, float, float]:
    """Linear RGBA of an sRGB hex colour (IEC 61966-2-1)."""
    c = np.array(rgb(colour))
    r, g, b = np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)
    return float(r), float(g), float(b), 1.0


def _looks(flesh: Flesh) -> dict[str, Look]:
    who = flesh.who
    return {
        "Skin": Look(texture=textures.paint_skin(flesh), roughness=0.58),
        "Eye": Look(texture=eyes.paint(who), roughness=0.85),
        "Cornea": Look((0.0, 0.0, 0.0, 0.05), roughness=0.05, blend=True),
        "Highlight": Look((1.0, 1.0, 1.0, 1.0), roughness=1.0, glow=(1.0, 1.0, 1.0)),
        "Teeth": Look(linear("#e6ded2"), roughness=0.35),
        "Gums": Look(linear("#a8504f"), roughness=0.45),
        "Ear": Look(
            tuple(mix(np.array(linear(who.skin.base)), np.array(linear(who.skin.blush)), np.asarray(0.22))),
            roughness=0.58,
        ),
        "Brow": Look(linear(who.brows.colour), roughness=0.75),
        "Lash": Look(linear("#1c1210"), roughness=0.8),
        "Hair": Look(texture=hair.paint(who), roughness=0.6),
        "Hand": Look(linear(who.skin.base), roughness=0.58),
        "Top": Look(linear(who.clothes.top), roughness=0.9),
        "Trim": Look(linear(who.clothes.trim), roughness=0.9),
        "Trousers": Look(linear(who.clothes.trousers), roughness=0.9),
        "Shoes": Look(linear(who.clothes.shoes), roughness=0.7),
        "Tongue": Look(linear("#b9565a"), roughness=0.5),
    }


FORMATS = (".glb", ".vrm")


def pack(made: Model) -> dict[str, bytes]:
    """The file of each of the FORMATS: plain glTF, and VRM 1.0, the same with bones, expressions and terms declared."""
    writer = gltf.Writer()
    for name, look in made.looks.items():
        writer.material(name, look)
    writer.skeleton(made.bones)
    for part in made.parts:
        writer.part(part, made.bones)
    declared = vrm.extension(made.who.name, made.parts, made.bones)
    return {".glb": writer.finish(), ".vrm": writer.finish({"VRMC_vrm": declared})}


def write(who: Character, out: Path) -> None:
    """Build and write one file; the ending says which kind."""
    if out.suffix not in FORMATS:
        raise ValueError(f"{out.name} must end in {' or '.join(FORMATS)}.")
    out.write_bytes(pack(model(who))[out.suffix])
