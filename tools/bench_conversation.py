"""How soon the avatar answers, stage by stage, and how soon it falls silent: whole spoken turns with a real server.

    python -m tools.bench_conversation [--turns 20] [--instant] [--json]

A server in a process of its own, questions sent into `/ws/mic` in real time, the answer read from `/ws/stream`. The
recogniser is pocketsphinx, the language model the scripted companion, the voice espeak-ng; with `--instant` all three
are stand-ins that take no time, so that what is left is the bridge's own. `tools.timed` notes when each is asked and
when it answers. After its first half second each answer is ended by `POST /api/stop`, every fourth by talking over it.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from bisect import bisect_left
from collections.abc import Callable
from contextlib import AsyncExitStack, closing
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import websockets

from bridge.dialogue import HEARING_RATE_HZ
from bridge.timebase import SAMPLE_RATE_HZ
from bridge.types import F32
from bridge.wire import stream
from tests.questions import QUESTIONS, spoken, voices

LOCAL = {"asr": "pocketsphinx", "llm": "scripted", "tts": "espeak"}
TABLES = {"asr": "hearing", "llm": "mind", "tts": "voice"}
PIECE = HEARING_RATE_HZ // 50
OVER_AFTER_S = 3.0
"""How much of an answer is heard before it is talked over: the echo gate needs two seconds where there is no echo."""
HEARD_S = 0.5
GIVE_UP_S = 60.0
MS = 1e6

Times = dict[str, list[int]]


class Talker:
    """A microphone that never stops, and a listener who notes when what arrives."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.arrived: list[tuple[int, stream.Message | None]] = []
        self.told: list[tuple[int, dict[str, Any]]] = []
        self._news = asyncio.Event()
        self._said = asyncio.Event()
        self._speech: list[F32] = []
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Talker:
        base = f"ws://127.0.0.1:{self.port}/ws/"
        self._stream = await self._stack.enter_async_context(websockets.connect(base + "stream"))
        self._mic = await self._stack.enter_async_context(websockets.connect(base + "mic"))
        for work in (self._listen(), self._hear(), self._speak()):
            self._stack.callback(asyncio.create_task(work).cancel)
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._stack.aclose()

    async def _listen(self) -> None:
        layout = None
        async for data in self._stream:
            at = time.monotonic_ns()
            assert isinstance(data, bytes)
            message = stream.decode(data, layout) if data[3] != stream.FRAMES else None
            if isinstance(message, stream.LayoutMessage):
                layout = message.layout
            if message is not None:
                self.arrived.append((at, message))
                self._news.set()

    async def _hear(self) -> None:
        async for text in self._mic:
            self.told.append((time.monotonic_ns(), json.loads(text)))
            self._news.set()

    async def _speak(self) -> None:
        """Send what is to be said, and silence between, as time passes."""
        begun, sent = time.monotonic(), 0
        while True:
            sent += 1
            await asyncio.sleep(max(0.0, begun + sent * PIECE / HEARING_RATE_HZ - time.monotonic()))
            piece = self._speech.pop(0) if self._speech else np.zeros(PIECE, np.float32)
            await self._mic.send(stream.pcm16(piece).tobytes())
            if not self._speech:
                self._said.set()

    async def say(self, samples: F32) -> tuple[int, int]:
        """Say it, from now on. When it was begun and ended."""
        begun = time.monotonic_ns()
        self._speech += [samples[at : at + PIECE] for at in range(0, len(samples), PIECE)]
        self._said.clear()
        await self._said.wait()
        return begun, time.monotonic_ns()

    async def until(self, done: Callable[[], int | None]) -> int:
        """Wait until it is so; the time that `done` tells."""
        async with asyncio.timeout(GIVE_UP_S):
            while (found := done()) is None:
                self._news.clear()
                await self._news.wait()
        return found

    def state(self, name: str, since: int) -> int | None:
        """When the turn's state became `name`."""
        found = (at for at, m in self.told if at >= since and m["type"] == "turn" and m["state"] == name)
        return next(found, None)

    def audio(self, since: int) -> list[int]:
        """When sound arrived."""
        return [at for at, m in self.arrived if at >= since and isinstance(m, stream.AudioMessage)]

    def event(self, name: str, since: int) -> int | None:
        """When an event arrived."""
        found = (at for at, m in self.arrived if at >= since and isinstance(m, stream.EventMessage) and m.name == name)
        return next(found, None)

    def sound_s(self, since: int) -> float:
        """How much sound arrived."""
        sound = [m for at, m in self.arrived if at >= since and isinstance(m, stream.AudioMessage)]
        return sum(len(m.pcm16) for m in sound) / SAMPLE_RATE_HZ


def trimmed(question: str) -> F32:
    """A spoken question without the silence around it."""
    samples = spoken(question, voices()[-1])
    loud = np.flatnonzero(np.abs(samples) > 0.02 * np.abs(samples).max())
    return samples[loud[0] : loud[-1] + 1]


async def converse(port: int, turns: int, log: Path) -> dict[str, list[float]]:
    """Ask, and note in ms what took how long."""
    rows: dict[str, list[float]] = {}
    questions = [trimmed(question.text) for question in QUESTIONS]
    async with Talker(port) as talker, httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30) as http:
        await talker.say(np.zeros(HEARING_RATE_HZ, np.float32))
        for turn in range(turns + 1):
            found = await _turn(talker, questions[turn % len(questions)], log)
            over = turn % 4 == 3
            # A text that is long enough to be talked over, whatever the answer was.
            found |= await (_talk_over(talker, http, questions[4]) if over else _stop(talker, http))
            if turn:  # the first also starts recogniser and voice
                for name, value in found.items():
                    rows.setdefault(name, []).append(value)
            print(f"turn {turn}: {found}", file=sys.stderr)
        epochs = [message.epoch for _, message in talker.arrived if message is not None]
        assert epochs == sorted(epochs), "something of a silenced answer left after the stop"
    return rows


async def _turn(talker: Talker, question: F32, log: Path) -> dict[str, float]:
    begun, ended = await talker.say(question)
    thinking = await talker.until(lambda: talker.state("thinking", begun))
    first = await talker.until(lambda: next(iter(talker.audio(thinking)), None))
    return {"endpoint": (thinking - ended) / MS} | stages(read(log), begun, thinking, first)


def stages(times: Times, begun: int, thinking: int, audio: int) -> dict[str, float]:
    """One turn's stages in ms, from the decision that the user has ended to the first sound at the socket.

    The decision is when the recogniser's sound ended, or when `thinking` arrived if that was told earlier.
    """
    final = times["asr final"][bisect_left(times["asr final"], begun)]
    heard_out = times["asr ended"][bisect_left(times["asr ended"], begun)]
    decided = min(thinking, heard_out)
    asked = times["llm asked"][bisect_left(times["llm asked"], final)]
    delta = times["llm delta"][bisect_left(times["llm delta"], asked)]
    sentence = times["tts asked"][bisect_left(times["tts asked"], delta)]
    last = times["llm delta"][bisect_left(times["llm delta"], sentence) - 1]
    piece = times["tts piece"][bisect_left(times["tts piece"], sentence)]
    providers = (final - heard_out) + (last - asked) + (piece - sentence)
    return {
        "recogniser": (final - decided) / MS,
        "to the language model": (asked - final) / MS,
        "first word": (delta - asked) / MS,
        "first sentence at the voice": (sentence - delta) / MS,
        "first piece of sound": (piece - sentence) / MS,
        "face, place, socket": (audio - piece) / MS,
        "all": (audio - decided) / MS,
        "bridge alone": (audio - decided - providers) / MS,
    }


async def _stop(talker: Talker, http: httpx.AsyncClient) -> dict[str, float]:
    """Silence it by a request: from sending that to the last sample of the old epoch."""
    await asyncio.sleep(HEARD_S)
    begun = time.monotonic_ns()
    await http.post("/api/stop")
    stopped = await talker.until(lambda: talker.event("stopped", begun))
    await asyncio.sleep(0.2)
    old = [at for at in talker.audio(begun) if at < stopped]
    assert not talker.audio(stopped), "a sample of a silenced answer left after the stop"
    return {
        "stop to the last sample": (max(old, default=begun) - begun) / MS,
        "stop to silence": (stopped - begun) / MS,
    }


async def _talk_over(talker: Talker, http: httpx.AsyncClient, samples: F32) -> dict[str, float]:
    """Silence it by talking over it: from the first sample of that to the last of the old epoch, and the event."""
    await _stop(talker, http)
    asked = time.monotonic_ns()
    await http.post("/api/say", json={"text": "This is a long story, and it goes on and on. " * 5})
    await talker.until(lambda: next(iter(talker.audio(asked)), None))
    await asyncio.sleep(OVER_AFTER_S)
    saying = asyncio.create_task(talker.say(samples))
    begun = time.monotonic_ns()
    try:
        stopped = await talker.until(lambda: talker.event("stopped", begun))
        await saying
        # The question is answered; that is silenced too.
        await talker.until(lambda: next(iter(talker.audio(stopped)), None))
        await _stop(talker, http)
    except TimeoutError:
        return {"not interrupted": 1.0}
    return {"talked over to silence": (stopped - begun) / MS}


def read(log: Path) -> Times:
    """What the timed providers noted, by kind and event, in order."""
    times: Times = {}
    for line in log.read_text("ascii").splitlines():
        kind, what, at = line.split()
        times.setdefault(f"{kind} {what}", []).append(int(at))
    return {name: sorted(found) for name, found in times.items()}


def settings(names: dict[str, str], log: Path) -> str:
    """A `bridge.toml` with timed providers."""
    parts = [
        f"[{TABLES[kind]}]\nprovider = 'tools.timed'\n"
        f"[{TABLES[kind]}.settings]\nkind = '{kind}'\nname = '{name}'\nlog = '{log.as_posix()}'\n"
        for kind, name in names.items()
    ]
    return "\n".join(parts)


def measure(turns: int, names: dict[str, str]) -> dict[str, list[float]]:
    """Start a server with these providers and talk with it."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        home, log = Path(folder), Path(folder) / "times.log"
        (home / "bridge.toml").write_text(settings(names, log), "utf-8")
        command = [sys.executable, "-m", "bridge.cli", "serve", "--port", str(port)]
        env = {**os.environ, "AVATAR_BRIDGE_HOME": folder}
        with subprocess.Popen(command, stdout=subprocess.PIPE, env=env, text=True) as server:
            try:
                assert server.stdout is not None
                if str(port) not in server.stdout.readline():
                    raise SystemExit("the server did not start")
                return asyncio.run(converse(port, turns, log))
            finally:
                server.terminate()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=20)
    parser.add_argument("--instant", action="store_true", help="providers that take no time")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    names = dict.fromkeys(LOCAL, "instant") if args.instant else LOCAL
    rows = measure(args.turns, names)
    if args.json:
        print(json.dumps(rows))
        return
    print("| stage | turns | p50 ms | p95 ms |\n|---|---|---|---|")
    for name, values in rows.items():
        p50, p95 = np.quantile(values, [0.5, 0.95])
        print(f"| {name} | {len(values)} | {p50:.1f} | {p95:.1f} |")
    if hasattr(os, "getloadavg"):
        print(f"load {os.getloadavg()}")


if __name__ == "__main__":
    main()
