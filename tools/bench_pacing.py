"""How evenly frames leave for UDP sinks: a running server, its packets stamped by the kernel as they arrive.

    python -m tools.bench_pacing [--seconds 600] [--speak] [--json]

A server of its own idles (or speaks all the time) and feeds Live Link Face and VMC; beside it another process sends
from a bare loop of `time.sleep(1/60)`, so both meet the same machine. Stamps are Linux's SO_TIMESTAMPNS, elsewhere the
reading of a clock by the receiving thread.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import closing

import httpx
import numpy as np
from numpy.typing import NDArray

from bridge.timebase import FPS_NUM, frame_to_ns
from bridge.wire import livelink, vmc

SO_TIMESTAMPNS = 35
SETTLE_S = 3.0
TEXT = "The big blue boat moved past my window. Nobody knew where it went, or who was on it. "
BARE = """
import socket, struct, sys, time
out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
index = 0
while True:
    out.sendto(struct.pack(">q", index), ("127.0.0.1", int(sys.argv[1])))
    index += 1
    time.sleep(1 / 60)
"""


class Ear:
    """Receives on a port and notes when each datagram came."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 23)
        if sys.platform == "linux":
            self._socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self._socket.bind(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self.heard: list[tuple[int, bytes]] = []
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while True:
            data, ancillary, _, _ = self._socket.recvmsg(65536, 256)
            at_ns = time.time_ns()
            for level, kind, value in ancillary:
                if level == socket.SOL_SOCKET and kind == SO_TIMESTAMPNS:
                    seconds, ns = struct.unpack("ll", value[:16])
                    at_ns = seconds * 10**9 + ns
            self.heard.append((at_ns, data))


def livelink_rows(heard: list[tuple[int, bytes]]) -> list[tuple[int, int]]:
    """Times and frame numbers."""
    return [(at, livelink.decode(data).frame) for at, data in heard]


def vmc_rows(heard: list[tuple[int, bytes]]) -> list[tuple[int, int]]:
    """Times of each frame's first bundle, and frame numbers by the time that is sent along."""
    times = ((at, item.seconds) for at, data in heard for item in vmc.decode(data) if isinstance(item, vmc.Time))
    return [(at, round(seconds * FPS_NUM)) for at, seconds in times]


def bare_rows(heard: list[tuple[int, bytes]]) -> list[tuple[int, int]]:
    """Times and numbers."""
    return [(at, struct.unpack(">q", data)[0]) for at, data in heard]


def figures(rows: list[tuple[int, int]]) -> dict[str, float]:
    """Of times and frame numbers: how many are missing, how far spacing and places are from the 60 Hz grid."""
    at_ns = np.array([at for at, _ in rows], np.int64)
    index: NDArray[np.int64] = np.array([number for _, number in rows], np.int64)
    missing = int(index[-1] - index[0] + 1 - len(np.unique(index)))
    spacing_ms = np.abs(np.diff(at_ns) - np.diff(index) * (1e9 / FPS_NUM)) / 1e6
    place_ms = (at_ns - at_ns[0] - np.array([frame_to_ns(int(i - index[0])) for i in index])) / 1e6
    slope = np.polyfit(index - index[0], (at_ns - at_ns[0]) / 1e9, 1)[0]
    return {
        "frames": len(rows),
        "missing": missing,
        "mean_hz": round(float((index[-1] - index[0]) * 1e9 / (at_ns[-1] - at_ns[0])), 5),
        "rate_off_percent": round(float((1 / slope / FPS_NUM - 1) * 100), 5),
        "spacing_p50_ms": round(float(np.quantile(spacing_ms, 0.5)), 3),
        "spacing_p99_ms": round(float(np.quantile(spacing_ms, 0.99)), 3),
        "spacing_max_ms": round(float(spacing_ms.max()), 3),
        "gaps_over_25_ms": int((np.diff(at_ns) > 25_000_000).sum()),
        "late_p99_ms": round(float(np.quantile(place_ms - place_ms.min(), 0.99)), 3),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=600.0)
    parser.add_argument("--speak", action="store_true", help="let the avatar speak all the time")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    ears = {"livelink": Ear(), "vmc": Ear(), "bare sleep loop": Ear()}
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as home:
        server = subprocess.Popen(
            [sys.executable, "-m", "bridge.cli", "serve", "--port", str(port)],
            env={**os.environ, "AVATAR_BRIDGE_HOME": home},
            stdout=subprocess.DEVNULL,
        )
        bare = subprocess.Popen([sys.executable, "-c", BARE, str(ears["bare sleep loop"].port)])
        try:
            health = measure(f"http://127.0.0.1:{port}", ears, args.seconds, speak=args.speak)
            cpu_s = sum(float(x) for x in _cpu(server.pid))
        finally:
            bare.terminate()
            server.terminate()
            server.wait()
    rows = {"livelink": livelink_rows, "vmc": vmc_rows, "bare sleep loop": bare_rows}
    found = {name: figures(rows[name](ear.heard)) for name, ear in ears.items()}
    if args.json:
        print(json.dumps({"figures": found, "health": health, "server_cpu_s": cpu_s, "load": os.getloadavg()}))
        return
    for name, values in found.items():
        print(f"{name:16}", "  ".join(f"{key} {value}" for key, value in values.items()))
    print("health", health, f"server CPU {cpu_s:.1f} s, load {os.getloadavg()}")


def measure(url: str, ears: dict[str, Ear], seconds: float, *, speak: bool) -> list[dict[str, object]]:
    """Feed the ears from the server at `url` for so long. Returns what it says of its sinks."""
    with httpx.Client(base_url=url, timeout=10) as http:
        _until_it_answers(http)
        for name in ("livelink", "vmc"):
            http.post("/api/sinks", json={"url": f"{name}://127.0.0.1:{ears[name].port}"}).raise_for_status()
        end = time.monotonic() + SETTLE_S
        while time.monotonic() < end:
            time.sleep(0.1)
        for ear in ears.values():
            ear.heard.clear()
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if speak and http.get("/api/state").json()["waiting_lines"] < 1:
                http.post("/api/say", json={"text": TEXT}).raise_for_status()
            time.sleep(min(1.0, left))
        health: list[dict[str, object]] = http.get("/api/sinks").json()["sinks"]
        return health


def _until_it_answers(http: httpx.Client) -> None:
    for _ in range(600):
        try:
            http.get("/healthz").raise_for_status()
            return
        except httpx.HTTPError:
            time.sleep(0.1)
    raise SystemExit("the server does not answer")


def _cpu(pid: int) -> list[float]:
    """User and system seconds of a process, on Linux."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
    except OSError:
        return []
    ticks = os.sysconf("SC_CLK_TCK")
    return [int(fields[11]) / ticks, int(fields[12]) / ticks]


if __name__ == "__main__":
    main()
