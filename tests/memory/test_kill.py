"""A kill at any point, in the middle of writing, forgetting or indexing, costs nothing that was acknowledged."""

from __future__ import annotations

import json
import random
import sqlite3
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest

pytestmark = pytest.mark.law

ROOT = Path(__file__).resolve().parents[2]

# Talks to the store for ever. A line says what it begins, another that it is done.
WRITER = """
import asyncio, json, sys
from pathlib import Path
from bridge.memory import Turn, Visitor
from bridge.memory.store import Store

def tell(*words):
    print(json.dumps(words), flush=True)

async def main():
    store = await Store.open(Path(sys.argv[1]))
    assert not store.trouble, store.trouble
    for at in range(int(sys.argv[2]), 10**9):
        name = f"visitor {at % 3}"
        visitor = Visitor("avatar", name)
        if at % 40 == 39:
            tell("forgetting", name)
            await store.forget(visitor)
            tell("forgotten", name)
        else:
            text = f"turn {at} " + "words " * (at % 50)
            tell("saying", name, text)
            await store.add(visitor, Turn("user", text, at))
            tell("said", name, text)

asyncio.run(main())
"""


def run_and_kill(path, start, lines):
    """Everything that the writer said before it was killed, some time after so many lines."""
    command = [sys.executable, "-c", WRITER, str(path), str(start)]
    child = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, encoding="utf-8")
    told = [child.stdout.readline() for _ in range(lines)]
    child.kill()
    told += child.stdout.readlines()
    child.wait()
    child.stdout.close()
    return [json.loads(line) for line in told if line.endswith("\n")]


def test_a_kill_at_any_point_costs_no_acknowledged_turn(tmp_path):
    path, dice = tmp_path / "memory.db", random.Random(5)
    kept: dict[str, list[str]] = defaultdict(list)
    for run in range(10):
        told = run_and_kill(path, run * 10_000, dice.randint(1, 150))
        for what, name, *text in told:
            if what == "said":
                kept[name] += text
            elif what == "forgotten":
                kept[name].clear()
        begun, name, *text = told[-1]

        connection = sqlite3.connect(path)
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        connection.execute("INSERT INTO words (words) VALUES ('integrity-check')")
        for visitor in ("visitor 0", "visitor 1", "visitor 2"):
            rows = connection.execute(
                "SELECT text FROM turns JOIN visitors ON visitors.id = visitor WHERE name = ? ORDER BY turns.id",
                (visitor,),
            )
            found = [row[0] for row in rows]
            # What was begun last and not acknowledged is there in full or not at all.
            allowed = [kept[visitor]]
            if name == visitor and begun == "saying":
                allowed.append(kept[visitor] + text)
            if name == visitor and begun == "forgetting":
                allowed.append([])
            assert found in allowed
            kept[visitor] = found
        connection.close()
    assert sum(map(len, kept.values())) > 50, "much was said"
    assert list(tmp_path.glob("*broken*")) == []
