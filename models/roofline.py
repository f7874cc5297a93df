"""What a tick of many streams must cost at the least, on the machine at hand.

After Williams, Waterman and Patterson, "Roofline: an insightful visual performance model for multicore architectures"
(Communications of the ACM 52(4), 2009): no program is quicker than its arithmetic at the machine's best rate, nor
quicker than its bytes at the memory's. Both rates are measured, not taken from a data sheet; the work is counted on the
network's own arrays.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from models.model import Face, FaceNet, Query, State
from models.released import LEFT_OUT

MATMUL_SIZE = {"cpu": 2048, "cuda": 8192}
# Many times what caches hold.
COPY_BYTES = {"cpu": 1 << 28, "cuda": 1 << 32}


@dataclass(frozen=True)
class Work:
    """What one call of the network computes and moves, of so many frames for each stream."""

    frames: int
    flops: int
    """Of matrix products, for a stream; a multiplication and an addition are two."""
    weight_bytes: int
    """Read once a call, however many streams there are."""
    state_bytes: int
    """For a stream: the state read, and the new rows of it written."""
    query_bytes: int
    """For a stream: what else comes in. This and the next also travel between host and device."""
    face_bytes: int
    """For a stream: the frames that go out."""

    def flops_of(self, streams: int) -> int:
        """Of a call for so many streams."""
        return streams * self.flops

    def bytes_of(self, streams: int) -> int:
        """The least that a call for so many streams moves to and from the device's memory."""
        return self.weight_bytes + streams * (self.state_bytes + self.query_bytes + self.face_bytes)


@dataclass(frozen=True)
class Machine:
    """The best rates of a device, each alone."""

    flops_s: float
    """Of a large matrix product in the precision used."""
    bytes_s: float
    """Of a large copy, bytes read and bytes written both counted."""

    def least_s(self, work: Work, streams: int) -> tuple[float, float]:
        """Seconds under which no call can be: for its arithmetic, and for its memory."""
        return work.flops_of(streams) / self.flops_s, work.bytes_of(streams) / self.bytes_s

    def most_streams(self, work: Work, budget_s: float) -> int:
        """How many streams a call of `budget_s` seconds could carry at these rates."""
        a_stream = work.bytes_of(1) - work.weight_bytes
        by_arithmetic = budget_s * self.flops_s / work.flops
        by_memory = (budget_s * self.bytes_s - work.weight_bytes) / a_stream
        return max(0, int(min(by_arithmetic, by_memory)))


def silent_call(network: FaceNet, streams: int, frames: int, style: Tensor | None = None) -> tuple[Query, State]:
    """The arrays of a call, where the network's weights are: silence, the default emotion, the third lookahead."""
    c, like = network.config, network.face
    query = Query(
        mel=like.new_zeros(streams, frames, c.mel_width),
        style=like.new_ones(streams, len(c.styles)) / len(c.styles) if style is None else style.expand(streams, -1),
        emotion=like.new_zeros(streams, c.emotion_count),
        lookahead=torch.tensor(min(2, len(c.lookahead_frames) - 1), device=like.device),
        noise=like.new_zeros(streams, frames, len(c.noise_hz)),
    )
    return query, network.silence(streams)


def count_flops(module: nn.Module, *inputs: object) -> int:
    """Floating-point operations of a call's matrix products. Attention counts as the two that it is made of."""
    # The counter knows attention's products one by one, but not the CPU's kernel that does them together.
    with torch.no_grad(), sdpa_kernel(SDPBackend.MATH), FlopCounterMode(display=False) as counter:
        module(*inputs)
    return int(counter.get_total_flops())


def count(network: FaceNet, frames: int) -> Work:
    """The work of a call with `frames` frames for each stream, from the arrays of a call for one."""
    query, state = silent_call(network, 1, frames)
    with torch.no_grad():
        face, _ = network(query, state)
    weights = {name: p for name, p in network.named_parameters() if name not in LEFT_OUT}
    return Work(
        frames=frames,
        flops=count_flops(network, query, state),
        weight_bytes=_bytes(*weights.values()),
        state_bytes=_bytes(*state.values(), *(array.new_zeros(frames, array.shape[2]) for array in state.values())),
        query_bytes=_bytes(*query) - query.lookahead.nbytes,
        face_bytes=_bytes(*Face(*face)),
    )


def _bytes(*arrays: Tensor) -> int:
    return sum(int(array.nbytes) for array in arrays)


def measure_machine(device: torch.device, repeats: int = 5) -> Machine:
    """The rates of this device in single precision, as torch is set to compute it; the best of several tries."""
    size = MATMUL_SIZE[device.type]
    a, b = (torch.randn(size, size, device=device) for _ in range(2))
    product = torch.empty_like(a)
    matmul_s = _best_s(lambda: torch.mm(a, b, out=product), device, repeats)
    source = torch.ones(COPY_BYTES[device.type], dtype=torch.uint8, device=device)
    target = torch.zeros_like(source)
    copy_s = _best_s(lambda: target.copy_(source), device, repeats)
    return Machine(2 * size**3 / matmul_s, 2 * source.nbytes / copy_s)


def _best_s(work: Callable[[], object], device: torch.device, repeats: int) -> float:
    def once() -> float:
        start = time.perf_counter()
        work()
        if device.type == "cuda":
            torch.cuda.synchronize(device)
        return time.perf_counter() - start

    once()
    return min(once() for _ in range(repeats))
