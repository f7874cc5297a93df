"""Everything below the collar: pullover, trousers, shoes and hands, each a solid of its own.

Modelled in body space: head space (parameters.py) with its heights counted from the middle of the collar.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.interpolate import PchipInterpolator

from tools.avatar import skinning
from tools.avatar.fields import bell, ramp
from tools.avatar.parameters import Character
from tools.avatar.part import Part, merged
from tools.avatar.sdf import Array, box, carve, cone, ellipsoid, join, length, mirrored
from tools.avatar.skeleton import Skeleton, finger_joints
from tools.avatar.surface import nets

CLOTH_CELL_MM, LEG_CELL_MM, SHOE_CELL_MM, HAND_CELL_MM = 17.0, 20.0, 13.0, 6.8
COLLAR = np.array([0.0, 0.0, -85.0])
HEM_Y, WAIST_Y = -547.0, -505.0
# How round the edges of the knit are.
ROUNDED_MM = 16.0


def build(who: Character, bones: Skeleton) -> list[Part]:
    """The parts, skinned, in head space."""
    rise = np.array([0.0, who.body.collar_y, 0.0])
    bones = replace(bones, head_space_m=bones.head_space_m + 0.001 * rise)
    fingers = {name: joints - rise for name, joints in finger_joints(who).items()}
    parts = [_top(who, bones), _trim(who), _trousers(who, bones), _shoes(bones), _hands(bones, fingers)]
    for part in parts:
        part.position = part.position + rise
    return parts


def _mesh(name: str, solid: object, low: tuple[float, ...], high: tuple[float, ...], cell: float) -> Part:
    place, triangles, normal = nets(solid, low, high, cell)  # type: ignore[arg-type]
    uv = np.stack([place[:, 0] * 0.004, -place[:, 1] * 0.004], -1)
    return Part(name, name, place, triangles, uv, normal)


def _sections(p: Array, rows: list[tuple[float, float, float, float]]) -> Array:
    """A torso of oval sections: rows of height, half width, half depth, middle z, from the top down."""
    y, wide, deep, middle = (np.array(c)[::-1] for c in zip(*rows, strict=True))
    height = np.clip(p[..., 1], y[0], y[-1])
    w, d, z = np.moveaxis(PchipInterpolator(y, np.stack([wide, deep, middle], -1))(height), -1, 0)
    ring = np.sqrt((np.abs(p[..., 0]) / w) ** 2.3 + (np.abs(p[..., 2] - z) / d) ** 2.3) ** (2 / 2.3) - 1.0
    out: Array = ring * np.minimum(w, d) * 0.8
    return out


def _trunk(who: Character, p: Array) -> Array:
    b = who.body
    s, w, h = b.shoulder_half_width, b.waist_half_width, b.hip_half_width
    rows = [
        (25.0, 48.0, 44.0, -86.0),
        (1.0, 52.0, 46.0, -87.0),
        (-15.0, 0.52 * s, 52.0, -90.0),
        (-35.0, 0.72 * s, 60.0, -93.0),
        (-61.0, 0.84 * s, 70.0, -93.0),
        (-105.0, 0.86 * s, 82.0, -89.0),
        (-165.0, 0.85 * s, 90.0, -85.0),
        (-249.0, w + 8.0, 86.0, -84.0),
        (-339.0, w + 2.0, 82.0, -82.0),
        (-455.0, h - 5.0, 90.0, -84.0),
        (-545.0, h + 3.0, 95.0, -84.0),
        (-595.0, h - 2.0, 94.0, -84.0),
    ]
    return _sections(p, rows)


def _pullover(who: Character, bones: Skeleton, points: Array) -> Array:
    p = mirrored(points)
    arm, elbow, wrist = (bones.at_mm(f"left{b}") for b in ("UpperArm", "LowerArm", "Hand"))
    sleeve = join(
        cone(p, arm - (14.0, 2.0, 0), elbow, 41.0, 35.0), cone(p, elbow, wrist - (14.0, 0, 0), 35.0, 28.0), 10.0
    )
    d = join(_trunk(who, p), sleeve, 30.0)
    d = carve(d, p[..., 1] - HEM_Y, ROUNDED_MM)
    d = carve(d, wrist[0] - 12.0 - p[..., 0], ROUNDED_MM)
    d = np.maximum(d, _over_collar(p) + 5.0)
    d = join(d, _cuffs(who, bones, p), 6.0)
    folds = 2.2 * np.sin(p[..., 0] / 7.5 + p[..., 1] / 26.0) * bell(p[..., 0], elbow[0], 46.0)
    folds += (
        2.4
        * np.sin(p[..., 1] / 9.0 + p[..., 0] / 30.0)
        * bell(p[..., 1], HEM_Y + 84.0, 30.0)
        * ramp(230, 120, p[..., 0])
    )
    d = d - folds
    neck_hole = cone(p, (0, 53.0, -84.0), (0, 25.0, -84.0), 41.0, 41.0)
    return carve(d, neck_hole, 4.0)


def _cuffs(who: Character, bones: Skeleton, p: Array) -> Array:
    """The ribbed edges at wrists and hem, a little fuller than the knit beside them."""
    wrist = bones.at_mm("leftHand")
    sleeve = cone(p, wrist - (46.0, 0, 0), wrist - (14.0, 0, 0), 31.0, 30.0)
    cuff = carve(sleeve, wrist[0] - 10.0 - p[..., 0], ROUNDED_MM)
    hem = carve(_trunk(who, p) - 5.0, 24.0 - np.abs(p[..., 1] - HEM_Y - 22.0), ROUNDED_MM)
    return np.minimum(cuff, hem)


def _top(who: Character, bones: Skeleton) -> Part:
    reach = float(bones.at_mm("leftHand")[0]) + 20.0

    def solid(p: Array) -> Array:
        return _pullover(who, bones, p)

    part = _mesh("Top", solid, (-reach, HEM_Y - 20.0, -205.0), (reach, 45.0, 30.0), CLOTH_CELL_MM)
    return skinning.attach(part, skinning.sleeved(part.position, bones))


def _trim(who: Character) -> Part:
    """The collar: a soft roll around the base of the neck, lower in front."""

    def solid(p: Array) -> Array:
        q = p - COLLAR
        height = _over_collar(p)
        ring = np.sqrt((q[..., 0] / 1.06) ** 2 + q[..., 2] ** 2) - who.head.neck_radius - 9.0
        across = np.stack([ring, height * 0.5], -1)
        return length(across) - 7.2

    part = _mesh("Trim", solid, (-90, -70, -170), (90, 50, 5), 6.0)
    return skinning.attach(
        part, {"upperChest": np.full(len(part.position), 0.75), "neck": np.full(len(part.position), 0.25)}
    )


def _over_collar(p: Array) -> Array:
    """Height over the collar's plane, which leans forward with the neck."""
    out: Array = p[..., 1] + 0.3 * (p[..., 2] - COLLAR[2])
    return out


def _trousers(who: Character, bones: Skeleton) -> Part:
    hip, knee, ankle = (bones.at_mm(f"left{b}") for b in ("UpperLeg", "LowerLeg", "Foot"))

    def solid(points: Array) -> Array:
        p = mirrored(points)
        seat = ellipsoid(p, (0, HEM_Y - 8.0, -84.0), (who.body.hip_half_width - 2.0, 96.0, 90.0))
        thigh = cone(p, hip + np.array([0, -40.0, 0]), knee, 69.0, 52.0)
        calf = cone(p, knee, ankle + np.array([0, 10.0, 4.0]), 56.0, 45.0)
        d = join(seat, join(thigh, calf, 20.0), 30.0)
        under_hem = np.maximum(_trunk(who, p) + 9.0, HEM_Y - 4.0 - p[..., 1])
        d = np.where(p[..., 1] > HEM_Y - 4.0, np.maximum(d, under_hem), d)
        folds = (
            2.4
            * np.sin(p[..., 1] / 10.0 + p[..., 2] / 24.0)
            * (bell(p[..., 1], knee[1], 50.0) + bell(p[..., 1], ankle[1] + 50, 40.0))
        )
        return np.maximum(d - folds, ankle[1] - 18.0 - p[..., 1])

    part = _mesh("Trousers", solid, (-180, ankle[1] - 30.0, -200), (180, WAIST_Y + 15.0, 40), LEG_CELL_MM)
    return skinning.attach(part, skinning.legged(part.position, bones))


def _shoes(bones: Skeleton) -> Part:
    foot = bones.at_mm("leftFoot")
    ground = foot[1] - 82.0

    def solid(points: Array) -> Array:
        p = mirrored(points)
        x = foot[0] + 4.0
        sole = box(p, (x, ground + 11.0, foot[2] + 66.0), (41.0, 11.0, 124.0), 10.0)
        toe = ellipsoid(p, (x, ground + 24.0, foot[2] + 122.0), (42.0, 32.0, 66.0))
        instep = cone(p, (x, ground + 70.0, foot[2] + 6.0), (x, ground + 30.0, foot[2] + 110.0), 40.0, 30.0)
        heel = ellipsoid(p, (x, ground + 46.0, foot[2] - 8.0), (38.0, 52.0, 46.0))
        upper = join(join(toe, instep, 20.0), heel, 20.0)
        return np.maximum(join(np.maximum(upper, ground + 4.0 - p[..., 1]), sole, 3.0), ground - p[..., 1])

    reach = foot[0] + 60.0
    part = _mesh(
        "Shoes", solid, (-reach, ground - 12.0, foot[2] - 75.0), (reach, ground + 125.0, foot[2] + 205.0), SHOE_CELL_MM
    )
    return skinning.attach(part, skinning.footed(part.position, bones))


def _hands(bones: Skeleton, fingers: dict[str, Array]) -> Part:
    wrist = bones.at_mm("leftHand")

    def solid(p: Array) -> Array:
        palm = cone(p, wrist - (30.0, 0, 0), wrist + np.array([6.0, 0, 0]), 22.0, 22.0)
        for name, r in (("Index", 12.5), ("Middle", 13.0), ("Ring", 12.5), ("Little", 11.0)):
            heel = wrist + np.array([10.0, 0, 0.25 * (fingers[name][0] - wrist)[2]])
            palm = join(palm, cone(p, heel, fingers[name][0], 15.0, r), 10.0)
        digits = np.full(p.shape[:-1], np.inf)
        for name, joints in fingers.items():
            radii = (13.0, 10.6, 9.2, 7.4) if name == "Thumb" else (9.6, 8.4, 7.5, 6.2)
            small = 0.88 if name == "Little" else 1.0
            for a, b, ra, rb in zip(joints[:-1], joints[1:], radii[:-1], radii[1:], strict=True):
                tip = b - (rb * 0.8 if b is joints[-1] else 0.0) * (b - a) / np.linalg.norm(b - a)
                digits = np.minimum(digits, cone(p, a, tip, ra * small, rb * small))
        return join(palm, digits, 7.0)

    low, high = wrist - (32.0, 44.0, 60.0), wrist + np.array([200.0, 44.0, 100.0])
    place, triangles, normal = nets(solid, low, high, HAND_CELL_MM)
    flip = np.array([-1.0, 1.0, 1.0])
    uv = np.stack([(place[:, 0] - low[0]) / 240.0, (place[:, 2] - low[2]) / 180.0], -1)
    left = Part("Hands", "Hand", place, triangles, uv, normal)
    right = Part("Hands", "Hand", place * flip, triangles[:, ::-1], uv, normal * flip)
    skinning.attach(left, skinning.handed(left.position, bones, "left"))
    skinning.attach(right, skinning.handed(right.position, bones, "right"))
    return merged("Hands", "Hand", [left, right])
