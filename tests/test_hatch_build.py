"""The build hook: a part is made anew when what it is made from has changed, and only then."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

hook = pytest.importorskip("hatch_build", reason="the build hook needs hatchling, which only builds need")

pytestmark = pytest.mark.unit


@pytest.fixture
def part(tmp_path: Path) -> tuple[Path, Path, list[int]]:
    """A folder of sources, a place for what is made of them, and a count of how often it was made."""
    source = tmp_path / "source"
    source.mkdir()
    (source / "a.ts").write_text("1")
    (source / "b.ts").write_text("2")
    return source, tmp_path / "build" / "part", []


def make(source: Path, out: Path, made: list[int], *, fails: bool = False) -> None:
    """Build the part as the hook does."""

    def build() -> None:
        made.append(1)
        if fails:
            raise hook.BuildError("it does not work")
        out.mkdir(parents=True, exist_ok=True)
        (out / "proof").write_text("made")

    hook._unless_fresh(sorted(source.iterdir()), source, out, out / "proof", build)


def test_a_part_is_made_once_for_the_same_sources(part: tuple[Path, Path, list[int]]) -> None:
    make(*part)
    make(*part)
    assert len(part[2]) == 1


def test_any_change_makes_it_anew(part: tuple[Path, Path, list[int]]) -> None:
    source, out, made = part
    make(*part)
    changes = [
        lambda: (source / "a.ts").write_text("3"),
        lambda: (source / "a.ts").rename(source / "c.ts"),
        lambda: (source / "new.ts").write_text(""),
        (source / "new.ts").unlink,
        (out / "proof").unlink,
    ]
    for count, change in enumerate(changes, start=2):
        change()
        make(*part)
        assert len(made) == count


def test_a_build_that_failed_is_not_taken_for_a_good_one(part: tuple[Path, Path, list[int]]) -> None:
    source, out, made = part
    make(*part)
    (source / "a.ts").write_text("3")
    with pytest.raises(hook.BuildError):
        make(source, out, made, fails=True)
    (source / "a.ts").write_text("1")
    make(*part)
    assert len(made) == 3


def test_the_digest_tells_where_one_file_ends(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"xy")
    (tmp_path / "b").write_bytes(b"z")
    one = hook.digest([tmp_path / "a", tmp_path / "b"], tmp_path)
    (tmp_path / "a").write_bytes(b"x")
    (tmp_path / "b").write_bytes(b"yz")
    assert hook.digest([tmp_path / "b", tmp_path / "a"], tmp_path) != one


def test_packages_are_fetched_when_a_version_differs_and_not_for_a_developers_extras(tmp_path: Path) -> None:
    def write(name: str, packages: dict[str, object]) -> None:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps({"packages": packages}))

    assert not hook.is_installed(tmp_path)
    vue, vitest = {"version": "3.5.0"}, {"version": "5.0.0", "dev": True}
    elsewhere = {"version": "1.0.0", "optional": True}
    lock = {"": {}, "node_modules/vue": vue, "node_modules/vitest": vitest, "node_modules/binding-other-os": elsewhere}
    write("package-lock.json", lock)
    hidden = "node_modules/.package-lock.json"
    write(hidden, {"node_modules/vue": vue})
    assert hook.is_installed(tmp_path)
    write(hidden, {"node_modules/vue": vue, "node_modules/extra": {"version": "1.0.0"}})
    assert hook.is_installed(tmp_path)
    write(hidden, {"node_modules/vue": {"version": "3.4.0"}})
    assert not hook.is_installed(tmp_path)
    write(hidden, {})
    assert not hook.is_installed(tmp_path)


def test_the_lock_names_no_registry() -> None:
    lock = json.loads((Path(hook.__file__).parent / hook.WEB / "package-lock.json").read_text("utf-8"))
    assert not [path for path, package in lock["packages"].items() if "resolved" in package]
