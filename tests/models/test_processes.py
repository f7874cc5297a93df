"""Training in processes of its own: killed and gone on with, and several that learn as one."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs torch")

from models import checkpoint  # noqa: E402
from models.data import pack  # noqa: E402
from models.data.pack import Clip  # noqa: E402

pytestmark = [pytest.mark.model, pytest.mark.timeout(300)]

CHECKOUT = Path(__file__).parents[2]
STEPS = 4
# What each of several processes does: a few steps, then its weights to a file of its own.
LEARN = """
import sys, torch
from pathlib import Path
from models import together
from models.train import Options, Trainer
torch.set_num_threads(1)
packs, run, out, steps = sys.argv[1:]
with together.joined():
    trainer = Trainer(Path(packs), Path(run), Options(0, steps=int(steps), crops=2, frames=60))
    trainer.train()
    torch.save(trainer.network.state_dict(), f"{out}/{together.rank()}.pt")
"""


@pytest.fixture(scope="module")
def packs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("packs")
    rng = np.random.default_rng(0)
    for style in ("grid", "teacher"):
        clips = [Clip.of(rng.random((200, 128)) * 3, face=rng.random((200, 52)) / 2) for _ in range(2)]
        pack.write(folder / f"{style}_0.npz", clips, style=style, source="made here", licence="none")
    return folder


def learn(packs: Path, run: Path, out: Path, processes: int, steps: int = STEPS) -> list[dict[str, torch.Tensor]]:
    """The weights of each process, started with the environment that torchrun gives."""
    out.mkdir()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    shared = {"WORLD_SIZE": str(processes), "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
    command = [sys.executable, "-c", LEARN, str(packs), str(run), str(out), str(steps)]
    started = [
        subprocess.Popen(command, cwd=CHECKOUT, env={**os.environ, **shared, "RANK": str(i), "LOCAL_RANK": str(i)})
        for i in range(processes)
    ]
    assert [p.wait(240) for p in started] == [0] * processes
    return [torch.load(out / f"{i}.pt", weights_only=True) for i in range(processes)]


def same(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    return all(torch.equal(value, other[name]) for name, value in one.items())


@pytest.mark.skipif(not torch.distributed.is_available(), reason="this torch has no distributed training")
def test_two_processes_hold_the_same_weights_learned_from_the_crops_of_both(packs, tmp_path):
    one, other = learn(packs, tmp_path / "run", tmp_path / "two", 2)
    (alone,) = learn(packs, tmp_path / "lone", tmp_path / "one", 1)
    assert same(one, other)
    assert not same(one, alone)
    assert checkpoint.load(tmp_path / "run" / "last.pt")["step"] == STEPS


def test_a_run_that_is_killed_goes_on_where_it_last_saved(packs, tmp_path):
    run = tmp_path / "run"
    command = [sys.executable, "-m", "models.train", str(packs), str(run), "--crops", "2", "--frames", "60"]
    command += ["--threads", "1", "--save-every", "2", "--shares", "0.5", "0", "0.5", "0"]
    process = subprocess.Popen([*command, "--steps", "100000"], cwd=CHECKOUT, stderr=subprocess.DEVNULL)
    try:
        end = time.monotonic() + 200
        while not (run / "last.pt").is_file() and time.monotonic() < end:
            assert process.poll() is None, "training ended by itself"
            time.sleep(0.05)
    finally:
        process.kill()
        process.wait()
    reached = checkpoint.load(run / "last.pt")["step"]
    assert reached >= 2
    done = subprocess.run([*command, "--steps", str(reached + 3)], cwd=CHECKOUT, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    found = checkpoint.load(run / "last.pt")
    assert found["step"] == reached + 3
    if (run / "log.jsonl").is_file():
        assert all(json.loads(line) for line in (run / "log.jsonl").read_text("utf-8").splitlines())


def test_a_run_can_not_go_on_from_a_broken_checkpoint_and_says_which(packs, tmp_path):
    (tmp_path / "last.pt").write_bytes(b"no checkpoint")
    command = [sys.executable, "-m", "models.train", str(packs), str(tmp_path), "--steps", "1"]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "last.pt is no checkpoint" in done.stderr
    assert "Traceback" not in done.stderr
