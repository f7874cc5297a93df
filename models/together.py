"""Several processes that learn as one, as `torchrun` starts them: a GPU each, or CPUs.

Each draws its own crops; their gradients are averaged before every step, so that all hold the same weights.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import torch
from torch import distributed, nn


def rank() -> int:
    """Which process this is; 0 alone writes files."""
    return distributed.get_rank() if distributed.is_initialized() else 0


def count() -> int:
    """How many processes there are."""
    return distributed.get_world_size() if distributed.is_initialized() else 1


def device() -> torch.device:
    """This process's own GPU, or the CPU where there is none."""
    if not torch.cuda.is_available():
        return torch.device("cpu")
    return torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0")) % torch.cuda.device_count())


@contextmanager
def joined() -> Iterator[None]:
    """Learn together with the other processes, if torchrun started this one."""
    if "WORLD_SIZE" not in os.environ or int(os.environ["WORLD_SIZE"]) < 2:
        yield
        return
    if device().type == "cuda":
        torch.cuda.set_device(device())
    distributed.init_process_group("nccl" if device().type == "cuda" else "gloo")
    try:
        yield
    finally:
        distributed.destroy_process_group()


def average_gradients(parameters: Iterable[nn.Parameter]) -> None:
    """Make each gradient the mean of all processes'. A parameter that played no part here has a gradient of zero."""
    if count() == 1:
        return
    learned = [p for p in parameters if p.requires_grad]
    gradients = [torch.zeros_like(p) if p.grad is None else p.grad for p in learned]
    flat = torch.cat([g.flatten() for g in gradients])
    distributed.all_reduce(flat)
    flat /= count()
    for parameter, part in zip(learned, flat.split([p.numel() for p in learned]), strict=True):
        parameter.grad = part.view_as(parameter).clone()


def agreed(value: float, on: torch.device) -> float:
    """The first process's value, for all: they must end at the same step."""
    if count() == 1:
        return value
    told = torch.tensor([value], dtype=torch.float64, device=on)
    distributed.broadcast(told, 0)
    return float(told)
