"""The table of regions."""

import pytest

from bridge.layers.regions import ALL_REGIONS, FACE_REGIONS, SHAPE_REGIONS, region_of, shape_mask

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("shape", "region"),
    [
        ("browInnerUp", "brows"),
        ("eyeLookInLeft", "eyes"),
        ("jawOpen", "jaw"),
        ("mouthClose", "mouth"),
        ("tongueOut", "tongue"),
        ("cheekPuff", "cheeks"),
        ("noseSneerLeft", "cheeks"),
    ],
)
def test_shapes_lie_where_their_names_say(shape: str, region: str) -> None:
    assert region_of(shape) == region


def test_masks_part_the_face() -> None:
    assert set(SHAPE_REGIONS) == FACE_REGIONS
    assert sum(shape_mask(frozenset((region,))) for region in FACE_REGIONS).tolist() == [1.0] * 52
    assert shape_mask(ALL_REGIONS).all() and not shape_mask(frozenset(("head", "body"))).any()
