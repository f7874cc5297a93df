"""What the settings choose of the face model."""

from __future__ import annotations

import shutil

import numpy as np
import pytest

from bridge import resources
from bridge.bridge import make_face_network
from bridge.config import AvatarSettings
from bridge.errors import ConfigError, ModelError

pytestmark = pytest.mark.unit


def test_a_style_that_the_face_model_has_not_is_refused_by_name():
    make_face_network(AvatarSettings(style="grid"))
    with pytest.raises(ConfigError, match=r"'nobody'; it has .*natural"):
        make_face_network(AvatarSettings(style="nobody"))


def test_eight_bits_speak_as_single_precision_does():
    speech = np.random.default_rng(0).normal(0, 0.1, 12_000).astype(np.float32)
    exact, eight = (
        make_face_network(AvatarSettings(precision=p)).stream(0).push(speech).face for p in ("single", "int8")
    )
    assert 0 < np.abs(exact - eight).max() < 0.02
    with pytest.raises(ConfigError, match="single or int8, not in 'half'"):
        make_face_network(AvatarSettings(precision="half"))


def test_weights_of_ones_own_are_read_from_their_folder(tmp_path):
    own = shutil.copytree(resources.folder("weights"), tmp_path / "own")
    speech = np.random.default_rng(0).normal(0, 0.1, 12_000).astype(np.float32)
    faces = []
    for settings in (AvatarSettings(), AvatarSettings(weights=str(own))):
        stream = make_face_network(settings).stream(0)
        faces.append(stream.push(speech).face)
    assert len(faces[0]) and np.array_equal(*faces)
    with pytest.raises(ModelError, match="elsewhere"):
        make_face_network(AvatarSettings(weights=str(tmp_path / "elsewhere")))
