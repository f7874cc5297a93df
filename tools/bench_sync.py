"""How far the face is from the voice in the browser: the time shown less the time heard, at each animation callback.

    python -m tools.bench_sync [--seconds 30] [--networks] [--json]

With `--networks` it is measured with drawing off behind networks of several kinds (tools/impaired.py). It starts the
demo, opens `/stage` in an installed Chromium without a window and lets it speak, with drawing off and on. How the two
times are got is told in tools/loudspeaker.py. With drawing on, the callback's own work counts: the time heard is read
after the page has drawn.
"""

from __future__ import annotations

import argparse
import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import numpy as np

from tools.browser import Browser
from tools.impaired import NETWORKS, Network, impaired
from tools.loudspeaker import Finder, Listener, callbacks, lag, offsets_ms, recording, tap

TEXT = (
    "The north wind and the sun disputed which was the stronger, when a traveller came along wrapped in a warm cloak. "
    "They agreed that the one who first made the traveller take his cloak off should be considered the stronger. "
)
TEXT_S = 12.0
RECOVERY_S = 3.0
"""How long after a stall is left out of what counts as recovered."""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=30.0, help="about how long it speaks each time")
    parser.add_argument("--networks", action="store_true")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    if args.networks:
        print("| condition | callbacks in speech | p50 ms | p99 ms | p99 after recovery ms | late starts |")
        print("|---|---|---|---|---|---|")
        for network in NETWORKS:
            row = behind(network, args.seconds)
            print(
                f"| {network.name} | {row['callbacks']} | {row['p50_ms']:.1f} | {row['p99_ms']:.1f} | "
                f"{row['p99_settled_ms']:.1f} | {row['late']} |",
                flush=True,
            )
        return
    rows = [measure(args.seconds, rendered=rendered) for rendered in (False, True)]
    if args.json:
        print(json.dumps(rows))
        return
    print("| drawing | callbacks a second | callbacks | p50 ms | p99 ms | largest ms | sample error |")
    print("|---|---|---|---|---|---|---|")
    for row in rows:
        print(
            f"| {'on' if row['rendered'] else 'off'} | {row['fps']:.0f} | {row['callbacks']} | {row['p50_ms']:.2f} | "
            f"{row['p99_ms']:.2f} | {row['max_ms']:.2f} | {row['sample_error']:.1e} |"
        )


def measure(seconds: float, *, rendered: bool) -> dict[str, float]:
    """Let the stage speak for some `seconds`; the figures of one row. p99 and the largest are of the magnitude."""
    with demo() as port, Browser(width=480, height=360) as browser:
        tap(browser)
        browser.go(f"http://127.0.0.1:{port}/stage?primary=1&render={int(rendered)}")
        browser.wait("window.avatarBridge?.ready && window.avatarBridge.audioRunning", 60)
        time.sleep(1)
        with Listener(port) as listener:
            browser.evaluate("tap.watch()")
            say(port, TEXT * max(1, round(seconds / TEXT_S)))
            browser.wait("tap.blocks.length > 0", 60)
            wait_until_idle(port)
            time.sleep(2)
            start_sample, sent = listener.speech()
        seen, played = callbacks(browser), recording(browser)
    first_frame, error = lag(played, sent)
    offsets = offsets_ms(seen, start_sample, first_frame, len(sent))
    spent = seen[-1, 0] - seen[0, 0]
    return {
        "rendered": rendered,
        "fps": (len(seen) - 1) / spent,
        "callbacks": len(offsets),
        "p50_ms": float(np.percentile(offsets, 50)),
        "p99_ms": float(np.percentile(np.abs(offsets), 99)),
        "max_ms": float(np.abs(offsets).max()),
        "sample_error": error,
    }


def behind(network: Network, seconds: float) -> dict[str, float]:
    """Let the stage speak for some `seconds` behind a network, line after line; the figures of one row."""
    with demo() as port, impaired(port, network) as proxy, Browser(width=480, height=360) as browser:
        tap(browser)
        browser.go(f"http://127.0.0.1:{proxy.port}/stage?primary=1&render=0")
        browser.wait("window.avatarBridge?.ready && window.avatarBridge.audioRunning", 60)
        page_clock_s = time.monotonic() - browser.evaluate("performance.now() / 1000")
        with Listener(port) as listener:
            browser.evaluate("tap.watch()")
            for _ in range(max(1, round(seconds / TEXT_S))):
                say(port, TEXT)
                wait_until_idle(port)
                time.sleep(0.7)
            time.sleep(2)
            start_sample, sent = listener.speech()
        seen, played = callbacks(browser), recording(browser)
        late = browser.evaluate("avatarBridge.counters().late")
    at_s, offsets = Finder(start_sample, sent).offsets(seen, played)
    lately = np.arange(0.0, RECOVERY_S, 0.1)
    calm = np.array([not any(proxy.is_stalled(t + page_clock_s - ago) for ago in lately) for t in at_s])
    return {
        "callbacks": len(offsets),
        "p50_ms": float(np.percentile(offsets, 50)),
        "p99_ms": float(np.percentile(np.abs(offsets), 99)),
        "p99_settled_ms": float(np.percentile(np.abs(offsets[calm]), 99)),
        "late": late,
    }


def say(port: int, text: str, **options: object) -> None:
    """Let the demo say a text."""
    httpx.post(f"http://127.0.0.1:{port}/api/say", json={"text": text, **options}, timeout=30).raise_for_status()


def wait_until_idle(port: int, timeout_s: float = 300.0) -> None:
    """Wait until the demo has said all it was to say. Raises TimeoutError."""
    end = time.monotonic() + timeout_s
    while time.monotonic() < end:
        if httpx.get(f"http://127.0.0.1:{port}/api/state", timeout=30).json()["state"] == "idle":
            return
        time.sleep(0.1)
    raise TimeoutError(f"the demo was not idle after {timeout_s:g} s")


@contextmanager
def demo(port: int | None = None) -> Iterator[int]:
    """A running demo, and its port: the one given, or a free one."""
    port = port or free_port()
    command = [sys.executable, "-m", "bridge.cli", "demo", "--no-open", "--port", str(port)]
    process = subprocess.Popen(command, cwd=Path(__file__).parents[1], stdout=subprocess.DEVNULL)
    try:
        wait_for(port, process)
        yield port
    finally:
        process.terminate()
        process.wait(20)


def wait_for(port: int, process: subprocess.Popen[bytes], timeout_s: float = 60.0) -> None:
    """Wait until the server answers. Raises RuntimeError if it ends instead, TimeoutError if it takes too long."""
    end = time.monotonic() + timeout_s
    while time.monotonic() < end:
        if process.poll() is not None:
            raise RuntimeError(f"the demo ended with status {process.returncode}")
        try:
            httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=5).raise_for_status()
            return
        except httpx.TransportError:
            time.sleep(0.1)
    raise TimeoutError(f"the demo did not answer within {timeout_s:g} s")


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


if __name__ == "__main__":
    main()
