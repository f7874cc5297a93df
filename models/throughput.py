"""How many streams one machine holds in real time, beside what its arithmetic and its memory would allow.

    python -m models.throughput models/weights --provider cuda --engine onnxruntime torch --frames 1 2 4

All streams are one batch. In each tick every stream hears as many new rows of log-mel as it yields frames; the rows go
to the device and the frames come back, the states stay there. Ticks follow each other without a pause. A number of
streams is held if 99 of 100 ticks end within the budget: `--budget-ms` for one frame, and for several as much less than
their time. Computing features, mixing and sending are no part of it.

With a GPU, torch with CUDA is needed for either engine, as the machine's rates are measured with it, and for
onnxruntime its package onnxruntime-gpu in the place of onnxruntime.
"""

from __future__ import annotations

import argparse
import gc
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import numpy as np
import onnxruntime as ort  # type: ignore[import-untyped]
import torch

from bridge.errors import DeviceError
from bridge.face.network import FaceNetworkInfo
from bridge.timebase import FPS_DEN, FPS_NUM
from models import command, released
from models.model import FaceNet
from models.roofline import Machine, Work, count, measure_machine, silent_call
from models.streams import OnnxStreams, Streams, TorchStreams, onnx_session

ENGINES = ("onnxruntime", "torch")
WARM_UP_TICKS = 20
BATCHES = (1, 16, 256, 4096)


@dataclass(frozen=True)
class Ticks:
    """How long ticks took, s."""

    streams: int
    p50_s: float
    p99_s: float


def largest(fits: Callable[[int], bool], most: int, tolerance: float = 0.0) -> int:
    """The largest number from 0 to `most` that fits, where all below one that fits do; asked by doubling, then halving.

    It may be too small by the share `tolerance`.
    """
    good, bad = 0, 1
    while bad <= most and fits(bad):
        good, bad = bad, 2 * bad
    bad = min(bad, most + 1)
    while bad - good > max(1, tolerance * good):
        middle = (good + bad) // 2
        good, bad = (middle, bad) if fits(middle) else (good, middle)
    return good


def frames_budget_s(frames: int, budget_ms: float) -> float:
    """What a tick of several frames may take, with what one frame leaves of its time left again."""
    frame_s = FPS_DEN / FPS_NUM
    return frames * frame_s - (frame_s - budget_ms / 1e3)


def time_ticks(streams: Streams, ticks: int, budget_s: float) -> Ticks:
    """Run so many ticks after some to warm up; fewer once more than one in a hundred were late."""
    rng = np.random.default_rng(0)
    streams.mel[:] = rng.random(streams.mel.shape, np.float32)
    streams.noise[:] = rng.standard_normal(streams.noise.shape, np.float32)
    taken: list[float] = []
    late = 0
    for i in range(-WARM_UP_TICKS, ticks):
        start = perf_counter()
        streams.tick()
        if i >= 0:
            taken.append(perf_counter() - start)
            late += taken[-1] > budget_s
        if late > ticks // 100:
            break
    p50_s, p99_s = np.percentile(taken, (50, 99), method="inverted_cdf")
    return Ticks(len(streams.mel), float(p50_s), float(p99_s))


def most_held(
    make: Callable[[int], Streams], most: int, ticks: int, budget_s: float, tolerance: float = 0.0
) -> Ticks | None:
    """The ticks of the largest batch whose p99 is within the budget; None where not even one stream is held."""
    found: dict[int, Ticks] = {}

    def fits(streams: int) -> bool:
        try:
            taken = found[streams] = time_ticks(make(streams), ticks, budget_s)
        # onnxruntime's errors have no base of their own below Exception.
        except Exception as e:
            if not out_of_memory(e):
                raise
            print(f"{streams} streams: {e}".splitlines()[0], file=sys.stderr)
            return False
        finally:
            # Memory that torch keeps for itself onnxruntime can not have.
            gc.collect()
            torch.cuda.empty_cache()
        print(f"{streams} streams: p50 {taken.p50_s * 1e3:.2f} ms, p99 {taken.p99_s * 1e3:.2f} ms", file=sys.stderr)
        return taken.p99_s <= budget_s

    return found.get(largest(fits, most, tolerance))


def out_of_memory(error: BaseException) -> bool:
    """Whether torch or onnxruntime failed for want of memory; only their words tell."""
    return isinstance(error, (MemoryError, torch.OutOfMemoryError)) or any(
        words in str(error) for words in ("allocate", "out of memory")
    )


def count_table(works: list[Work], machine: Machine) -> str:
    """What calls for more and more streams compute and move, and the least time that takes."""
    rows = [
        "| frames | streams | FLOP of each | FLOP | bytes | FLOP a byte | least ms, arithmetic | least ms, memory |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for work in works:
        for streams in BATCHES:
            flops, moved = work.flops_of(streams), work.bytes_of(streams)
            arithmetic_ms, memory_ms = (1e3 * s for s in machine.least_s(work, streams))
            rows.append(
                f"| {work.frames} | {streams} | {work.flops / 1e6:.2f} M | {flops / 1e6:.1f} M | {moved / 1e6:.1f} MB "
                f"| {flops / moved:.1f} | {arithmetic_ms:.3f} | {memory_ms:.3f} |"
            )
    return "\n".join(rows)


def bytes_line(work: Work) -> str:
    """What the bytes of a call are."""
    return (
        f"A call reads {work.weight_bytes / 1e6:.2f} MB of weights, and for each stream moves "
        f"{work.state_bytes / 1e3:.0f} kB of states, all read and the new rows written; with {work.frames} frame(s), "
        f"{work.query_bytes} bytes of each stream come from the host and {work.face_bytes} go back."
    )


HELD_HEAD = """\
| engine | frames | budget ms | streams held | p50 ms | p99 ms | the roofline's | share |
|---|---|---|---|---|---|---|---|"""


def held_row(engine: str, work: Work, machine: Machine, budget_s: float, held: Ticks | None) -> str:
    """One answer: how many streams, beside how many the roofline allows in the same budget."""
    allowed = machine.most_streams(work, budget_s)
    start = f"| {engine} | {work.frames} | {budget_s * 1e3:.1f} "
    if held is None:
        return f"{start}| 0 | | | {allowed} | 0 |"
    times = f"{held.p50_s * 1e3:.2f} | {held.p99_s * 1e3:.2f}"
    return f"{start}| {held.streams} | {times} | {allowed} | {held.streams / allowed:.3f} |"


def set_up(args: argparse.Namespace) -> torch.device:
    """Threads and precision of torch, and its device. Raises DeviceError where it has no GPU."""
    if args.provider == "cuda" and not torch.cuda.is_available():
        raise DeviceError("torch finds no GPU here: install a build of it with CUDA, and the GPU's driver.")
    torch.set_num_threads(args.threads)
    torch.set_float32_matmul_precision("high" if args.tf32 else "highest")
    return torch.device(args.provider)


def maker(engine: str, args: argparse.Namespace, network: FaceNet, frames: int) -> Callable[[int], Streams]:
    """What makes a batch of so many streams ready to tick."""
    info = FaceNetworkInfo.from_json((args.weights / "face.json").read_text("utf-8"))
    style = network.face.new_tensor(info.default_style)

    def make(streams: int) -> Streams:
        query, state = silent_call(network, streams, frames, style)
        if engine == "torch":
            return TorchStreams(network, query, state, eager=args.eager, compiled=args.compile)
        session = onnx_session(args.weights / "face.onnx", args.provider, args.threads, args.tf32)
        return OnnxStreams(session, query, state, args.provider)

    return make


def run(args: argparse.Namespace) -> None:
    """Count, measure and print. Raises BridgeError."""
    device = set_up(args)
    network = released.load_exported(args.weights).to(device)
    makers = {(e, f): maker(e, args, network, f) for e in args.engine for f in args.frames}
    for make in makers.values():
        make(1)  # what is missing is said before minutes are spent
    machine = measure_machine(device)
    works = {frames: count(network, frames) for frames in args.frames}
    print(f"{_described(args, device)}\n")
    print(f"Measured: {machine.flops_s / 1e9:.0f} GFLOP/s, {machine.bytes_s / 1e9:.1f} GB/s.")
    print(f"{bytes_line(works[args.frames[0]])}\n\n{count_table(list(works.values()), machine)}\n\n{HELD_HEAD}")
    for (engine, frames), make in makers.items():
        budget_s = frames_budget_s(frames, args.budget_ms)
        held = most_held(make, args.most, args.ticks, budget_s, args.tolerance)
        print(held_row(engine, works[frames], machine, budget_s, held), flush=True)


def _described(args: argparse.Namespace, device: torch.device) -> str:
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else f"CPU, {args.threads} thread(s)"
    precision = "TF32 in matrix products" if args.tf32 else "single precision"
    how = "eager" if args.eager or device.type == "cpu" else "as a CUDA graph"
    return (
        f"{name}; {precision}; {args.ticks} ticks for each number of streams; onnxruntime {ort.__version__}; "
        f"torch {torch.__version__}, {'compiled, ' if args.compile else ''}{how}."
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("weights", type=Path, help="a folder with face.onnx and face.json")
    parser.add_argument("--provider", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--engine", choices=ENGINES, nargs="+", default=list(ENGINES))
    parser.add_argument("--frames", type=int, nargs="+", default=[1, 2, 4], help="of each stream in a tick")
    parser.add_argument("--budget-ms", type=float, default=16.0, help="for a tick of one frame, 16.67 ms long")
    parser.add_argument("--ticks", type=int, default=300)
    parser.add_argument("--threads", type=int, default=1, help="of the CPU")
    parser.add_argument("--most", type=int, default=1 << 17, help="streams to try")
    parser.add_argument("--tolerance", type=float, default=0.02, help="how near to the largest number to search")
    parser.add_argument("--tf32", action="store_true", help="a GPU's matrix products with factors of ten bits")
    parser.add_argument("--eager", action="store_true", help="torch on a GPU without a CUDA graph")
    parser.add_argument("--compile", action="store_true", help="torch's own compiler")
    args = parser.parse_args()
    if min(*args.frames, args.ticks, args.threads, args.most) < 1 or not 0 < args.budget_ms <= 1e3 * FPS_DEN / FPS_NUM:
        parser.error("--frames, --ticks, --threads and --most begin at 1, and --budget-ms lies between 0 and 16.67")
    run(args)


if __name__ == "__main__":
    sys.exit(command.run(main))
