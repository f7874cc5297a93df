"""`python -m tools.avatar OUT_DIR`: builds every variation."""

from __future__ import annotations

import argparse

from tools.avatar import build_all


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tools.avatar", description="Builds the avatars as .glb and .vrm.")
    parser.add_argument("folder", help="where the files go; made if missing")
    for path in build_all(parser.parse_args().folder):
        print(f"{path} {path.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
