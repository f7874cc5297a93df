"""Reads the Unreal plugin's engine layer with a C++ compiler, against the minimal declarations in `stubs`.

    python tests/unreal/compile.py

What Unreal's header tool would write, `*.generated.h`, is made here in its least form: `Super`, `ThisClass`,
`StaticClass`. The rules of that tool that are easily broken are checked: the generated header comes last, and each body
has a class before it. Warnings are errors, as with the engine's own settings (shadowed names above all). The core is
read as C++20 too, which is how the engine compiles it.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
PLUGIN = HERE.parents[1] / "engine_plugins" / "unreal" / "AvatarBridge"
SOURCE = PLUGIN / "Source"
FLAGS = ["-std=c++20", "-fsyntax-only", "-Wall", "-Wextra", "-Wshadow", "-Werror", "-Wno-unused-parameter"]
FLAGS += ["-fno-exceptions"]
TYPE = re.compile(r"\b(class|struct)\s+(?:\w+_API\s+)?(\w+)(?:\s*:\s*public\s+(\w+))?")


def main() -> int:
    """Compile all; the exit status."""
    faults = check_descriptor()
    with tempfile.TemporaryDirectory() as folder:
        generated = Path(folder)
        for header in sorted(SOURCE.rglob("*.h")):
            faults += generate(header, generated)
        files = sorted(SOURCE.rglob("*.cpp"))
        for file in files:
            faults += compile_one(file, generated)
    for fault in faults:
        print(fault, file=sys.stderr)
    print(f"{len(files)} files read, {len(faults)} faults")
    return 1 if faults else 0


def check_descriptor() -> list[str]:
    """The plugin's descriptor names modules that are there, each with its build rules."""
    modules = json.loads((PLUGIN / "AvatarBridge.uplugin").read_text())["Modules"]
    rules = [SOURCE / module["Name"] / f"{module['Name']}.Build.cs" for module in modules]
    return [f"{file} is missing" for file in rules if not file.is_file()]


def generate(header: Path, folder: Path) -> list[str]:
    """Write the generated header of a header that has reflected types; what is wrong with it."""
    lines = header.read_text().splitlines()
    bodies = [i for i, line in enumerate(lines) if "GENERATED_BODY()" in line]
    if not bodies:
        return []
    includes = [line for line in lines if line.startswith("#include")]
    if includes[-1] != f'#include "{header.stem}.generated.h"':
        return [f"{header}: its generated header must be included last"]
    out = ["#undef CURRENT_FILE_ID", f"#define CURRENT_FILE_ID FID_{header.stem}"]
    for at in bodies:
        found = [match for line in lines[:at] if (match := TYPE.match(line)) and not line.endswith(";")]
        if not found:
            return [f"{header}:{at + 1}: a body without a class"]
        kind, name, base = found[-1].groups()
        out.append(f"#define FID_{header.stem}_{at + 1}_GENERATED_BODY {body(kind, name, base)}")
    (folder / f"{header.stem}.generated.h").write_text("\n".join(out) + "\n")
    return []


def body(kind: str, name: str, base: str | None) -> str:
    """What stands for a type's generated body."""
    if kind == "struct":
        return "static UScriptStruct* StaticStruct();"
    return f"public: using Super = {base}; using ThisClass = {name}; static UClass* StaticClass(); private:"


def compile_one(file: Path, generated: Path) -> list[str]:
    """What the compiler says of a file."""
    own = file.parents[1] if file.parent.name == "Core" else file.parent
    includes = [own, SOURCE / "AvatarBridge" / "Public", HERE / "stubs", generated]
    command = ["g++", *FLAGS, *(f"-I{folder}" for folder in includes), str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return [done.stderr] if done.returncode else []


if __name__ == "__main__":
    sys.exit(main())
