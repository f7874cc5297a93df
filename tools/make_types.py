"""Write the TypeScript types of `/ws/control` from the schema and the messages that the server uses.

python -m tools.make_types [FILE]
"""

from __future__ import annotations

import dataclasses
import json
import re
import sys
from pathlib import Path
from typing import Any, Final

from bridge.rig.parse import parse
from bridge.rig.tuning import KEYS
from bridge.schema import Control, schema
from bridge.types import ARKIT_BLENDSHAPES, EMOTIONS
from bridge.wire import control

FILE: Final = Path(__file__).parents[1] / "engine_plugins" / "web" / "src" / "core" / "control.generated.ts"

# Annotations as they stand in the dataclasses, and what they are over there.
TYPES: Final = {
    "str": "string",
    "int": "number",
    "float": "number",
    "bool": "boolean",
    "Kind": '"number" | "choice"',
    "Value": "Value",
    "Id": "string | number | null",
    "tuple[str, ...]": "readonly string[]",
    "tuple[Control, ...] | None": "readonly Control[] | null",
    "Mapping[str, Value] | None": "Readonly<Record<string, Value>> | null",
}


def text() -> str:
    """The whole file."""
    messages = [*control.FROM_SERVER.items(), *control.FROM_CLIENT.items()]
    parts = [
        "// Written by tools/make_types.py from bridge/schema.py and bridge/wire/control.py. Do not edit.",
        "/** What a path holds. */\nexport type Value = number | string | null;",
        _names("CURVE_KEYS", "CurveKey", KEYS, "What can be tuned of a curve."),
        _names("SHAPES", "Shape", ARKIT_BLENDSHAPES, "The ARKit shapes, in the order of the Live Link Face packet."),
        _names("EMOTIONS", "Emotion", EMOTIONS, "What a face can show."),
        _paths(schema(parse('[curves]\nany = "jawOpen"', "any"))),
        _interface(Control, "Control", None, optional=False),
        *(_interface(kind, f"{kind.__name__}Message", name, name in control.FROM_CLIENT) for name, kind in messages),
        _union("FromServer", control.FROM_SERVER, "What the bridge says."),
        _union("FromClient", control.FROM_CLIENT, "What a client says."),
    ]
    return "\n\n".join(parts) + "\n"


def _names(constant: str, name: str, values: tuple[str, ...], about: str) -> str:
    rows = "".join(f"  {json.dumps(value)},\n" for value in values)
    array = f"export const {constant} = [\n{rows}] as const;"
    return f"/** {about} */\n{array}\nexport type {name} = (typeof {constant})[number];"


def _paths(controls: tuple[Control, ...]) -> str:
    """The type of every path, and of what each takes."""
    rows: dict[str, str] = {}
    for each in controls:
        path = json.dumps(each.path)
        if each.names:
            path = f"`{each.path.replace('*', '${Shape}')}`"
        elif "*" in each.path:
            path = f"`{re.sub(r'[.][a-z_]+$', '.${CurveKey}', each.path.replace('*', '${string}'))}`"
        value = "Emotion" if each.kind == "choice" else "number"
        rows[path] = value + (" | null" if each.nullable else "")
    union = "".join(f"\n  | {path}" for path in rows)
    takes = "".join(f"P extends {path}\n  ? {value}\n  : " for path, value in rows.items())
    return (
        f"/** What may be set. */\nexport type Path ={union};\n\n"
        f"/** What a path takes; its range is in the state's schema. */\n"
        f"export type ValueOf<P extends Path> = {takes}never;"
    )


def _interface(kind: type[Any], name: str, tag: str | None, optional: bool) -> str:
    """A dataclass as an interface; fields with a default may be left out where `optional`."""
    rows = [] if tag is None else [f"  readonly type: {json.dumps(tag)};\n"]
    for field in dataclasses.fields(kind):
        mark = "?" if optional and field.default is not dataclasses.MISSING else ""
        there = "Path" if tag and field.name == "path" else TYPES[str(field.type)]
        rows.append(f"  readonly {field.name}{mark}: {there};\n")
    about = (kind.__doc__ or "").split("\n")[0]
    return f"/** {about} */\nexport interface {name} {{\n{''.join(rows)}}}"


def _union(name: str, kinds: dict[str, type[Any]], about: str) -> str:
    return f"/** {about} */\nexport type {name} = {' | '.join(f'{kind.__name__}Message' for kind in kinds.values())};"


def main() -> None:
    file = Path(sys.argv[1]) if len(sys.argv) > 1 else FILE
    file.write_text(text(), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
