"""The .meta files of the Unity package: written (`--write`), or checked, from one rule.

A package is read-only to Unity, so each asset brings its .meta, whose GUID must never change. It is the MD5 of
`com.avatarbridge.unity/` and the asset's path in the package, so a file that is not renamed keeps it, and nobody has to
remember it. Folders that end in `~` are none of Unity's business and have none.
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[2] / "engine_plugins" / "unity"
NAME = "com.avatarbridge.unity"
IMPORTERS = {".cs": "MonoImporter", ".asmdef": "AssemblyDefinitionImporter", ".md": "TextScriptImporter"}
MONO = "  serializedVersion: 2\n  defaultReferences: []\n  executionOrder: 0\n  icon: {instanceID: 0}\n"
TAIL = "  externalObjects: {}\n  userData: \n  assetBundleName: \n  assetBundleVariant: \n"


def meta(asset: Path) -> str:
    path = asset.relative_to(PACKAGE).as_posix()
    guid = hashlib.md5(f"{NAME}/{path}".encode(), usedforsecurity=False).hexdigest()
    head = f"fileFormatVersion: 2\nguid: {guid}\n"
    if asset.is_dir():
        return f"{head}folderAsset: yes\nDefaultImporter:\n{TAIL}"
    if path == "package.json":
        return f"{head}PackageManifestImporter:\n{TAIL}"
    importer = IMPORTERS.get(asset.suffix, "DefaultImporter")
    body = TAIL.replace("  userData", f"{MONO}  userData", 1) if importer == "MonoImporter" else TAIL
    return f"{head}{importer}:\n{body}"


def assets() -> list[Path]:
    seen = [
        path
        for path in PACKAGE.rglob("*")
        if path.suffix != ".meta" and not any(part.endswith("~") for part in path.relative_to(PACKAGE).parts)
    ]
    return sorted(seen)


def main() -> int:
    wanted = {path.with_name(path.name + ".meta"): meta(path) for path in assets()}
    if "--write" in sys.argv:
        for path, text in wanted.items():
            path.write_text(text, encoding="utf-8", newline="\n")
    there = {path for path in PACKAGE.rglob("*.meta")}
    wrong = [path for path in wanted if path not in there or path.read_text(encoding="utf-8") != wanted[path]]
    left = sorted(there - wanted.keys())
    for path in wrong:
        print(f"{path.relative_to(PACKAGE)} is missing or not as the rule says: run {Path(__file__).name} --write")
    for path in left:
        print(f"{path.relative_to(PACKAGE)} belongs to no asset")
    print(f"{len(wanted)} metas, {len(wrong)} wrong, {len(left)} left over")
    return 1 if wrong or left else 0


if __name__ == "__main__":
    sys.exit(main())
