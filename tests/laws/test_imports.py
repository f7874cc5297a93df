"""The house: imports go down only, the lower floors are pure, siblings do not know each other, and torch stays out."""

import ast
import graphlib
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.law

ROOT = Path(__file__).resolve().parents[2]
FLOORS = (
    "types timebase errors dialogue decisions",
    "dsp face layers body mocap rig wire turns markup replies actions affect playout due text history schema phrases "
    "ports intake wording",
    "onnx clock pacer parts addresses resources outbox tunings sources providers sinks memory persona",
    "enduring session speaking voices streams outputs inputs heard voiced teller hearing microphones ears feelings "
    "mind brain performer recollection learning redial realtime_talk conversation performance subjects takes offline "
    "controls desks",
    "server config conversations bridge bench doctor commands chat cli",
)
FLOOR = {name: floor for floor, names in enumerate(FLOORS) for name in names.split()}
SIBLINGS = ("sources", "sinks", "memory", *(f"providers.{kind}" for kind in ("tts", "asr", "llm", "vad", "realtime")))
# What has sockets, files, clocks, threads, a log or dice. Arrays, text and parsers are all that a pure module needs.
IMPURE = frozenset(
    (
        *("asyncio", "concurrent", "datetime", "http", "io", "logging", "multiprocessing", "os", "pathlib", "queue"),
        *("random", "secrets", "select", "selectors", "shutil", "signal", "socket", "ssl", "subprocess", "sys"),
        *("tempfile", "threading", "time", "urllib", "uuid"),
        *("av", "fastapi", "httpx", "onnxruntime", "platformdirs", "sounddevice", "uvicorn", "websockets"),
    )
)


def modules() -> dict[str, Path]:
    """Every module of the package by its dotted name without `bridge.`, itself left out."""
    found = {}
    for path in (ROOT / "bridge").rglob("*.py"):
        parts = path.relative_to(ROOT / "bridge").with_suffix("").parts
        if parts[0] != "_data" and parts != ("__init__",):
            found[".".join(part for part in parts if part != "__init__")] = path
    return found


def imports(path: Path) -> set[str]:
    """What a file imports, wherever in it, as dotted names; a name from a package may be a module or a value in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name}: imports are absolute"
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


MODULES = modules()
OWN = {
    name: {other[7:] for other in imports(path) if other.startswith("bridge.") and other[7:] in MODULES} - {name}
    for name, path in MODULES.items()
}
"""Which modules of the package each imports."""


def siblings(group: str) -> set[str]:
    """The files of a folder, but for helpers, whose names begin with an underscore."""
    return {name for name in MODULES if name.startswith(f"{group}.") and name.removeprefix(f"{group}.")[0] != "_"}


def test_every_module_has_its_floor():
    assert sorted({name.split(".")[0] for name in MODULES} - FLOOR.keys()) == []


def test_imports_go_down_only():
    up = [
        f"{name} imports {other}"
        for name, others in OWN.items()
        for other in others
        if FLOOR[other.split(".")[0]] > FLOOR[name.split(".")[0]]
    ]
    assert up == []


def test_no_module_needs_itself():
    # A package's own __init__ imports nothing of it here, so edges to it from within are not edges back.
    graph = {name: {o for o in others if not name.startswith(f"{o}.")} for name, others in OWN.items()}
    graphlib.TopologicalSorter(graph).prepare()


def test_siblings_do_not_know_each_other():
    known = [
        f"{name} imports {other}"
        for group in SIBLINGS
        for name in siblings(group)
        for other in OWN[name] & siblings(group)
    ]
    assert known == []


def test_the_lower_floors_are_pure():
    impure = [
        f"{name} imports {other}"
        for name, path in MODULES.items()
        for other in sorted(imports(path))
        if FLOOR[name.split(".")[0]] <= 1 and other.split(".")[0] in IMPURE
    ]
    assert impure == []


def test_one_door_to_each_heavy_thing():
    users = {name: {other.split(".")[0] for other in imports(path)} for name, path in MODULES.items()}
    assert [name for name, used in users.items() if "onnxruntime" in used] == ["onnx"]
    assert [name for name, used in users.items() if used & {"torch", "models", "tools", "tests"}] == []


def test_the_command_line_starts_without_torch():
    code = "import sys, bridge.cli, bridge.commands; print(sorted({'torch', 'models', 'tools'} & sys.modules.keys()))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_asking_for_help_loads_nothing_heavy(option):
    code = (
        f"import sys; sys.argv = ['avatar-bridge', '{option}']\n"
        "from bridge.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print(sorted({'av', 'fastapi', 'onnxruntime', 'scipy', 'torch'} & sys.modules.keys()), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"
