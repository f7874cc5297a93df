"""`avatar-bridge bench`: this machine's figures, measured the way a client sees them.

A server is started in a process of its own and spoken to over loopback. Times run on the client's clock, from the
moment a request is sent until bytes have arrived, so they hold all of the bridge and none of the speaker or screen.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from typing import Any, Final, TypeAlias

import numpy as np
import websockets
from websockets.asyncio.client import ClientConnection

from bridge import resources
from bridge.config import TOKEN_VARIABLE
from bridge.errors import DeviceError
from bridge.onnx import FaceNetwork
from bridge.timebase import FPS_NUM, SAMPLES_PER_FRAME
from bridge.types import RigLayout, freeze
from bridge.wire import stream

Figures: TypeAlias = dict[str, Any]

SENTENCES: Final = (
    "Good morning, and welcome.",
    "The museum is open until six o'clock today.",
    "你好，欢迎来到这里。",
    "May I show you the way to the main hall?",
)
RTF_S: Final = 20.0
FRAMES_A_CALL: Final = (1, 4, 60)
WARM_UP_S: Final = 0.5
"""A processor that has just multiplied large matrices may be slower for a fifth of a second."""


def measure(rounds: int, progress: Callable[[str], object]) -> Figures:
    """All figures. Raises DeviceError where the server does not start."""
    progress("face model")
    figures: Figures = {
        "rounds": rounds,
        "face_model_rtf": _rtf("single"),
        "face_model_int8_rtf": _rtf("int8"),
    }
    progress(f"first sound, first frame and stop, {rounds} times")
    return figures | _live(rounds)


def _rtf(precision: str) -> dict[str, float]:
    """Of the face model that ships, by frames a call."""
    network = FaceNetwork(resources.folder("weights"), precision=precision)
    return {f"{frames}_frames_a_call": round(rtf(network, frames, RTF_S), 4) for frames in FRAMES_A_CALL}


def rtf(network: FaceNetwork, frames: int, seconds: float) -> float:
    """Compute time over audio time of a face model on one core, so many frames a call, over `seconds` of sound."""
    model = network.stream()
    chunk = freeze(np.random.default_rng(0).normal(scale=0.1, size=frames * SAMPLES_PER_FRAME))
    calls = int(seconds * FPS_NUM / frames)
    warm_s = time.perf_counter() + WARM_UP_S
    while time.perf_counter() < warm_s:
        model.push(chunk)
    began = time.process_time()
    for _ in range(calls):
        model.push(chunk)
    return (time.process_time() - began) / (calls * frames / FPS_NUM)


def _live(rounds: int) -> Figures:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "bridge.cli", "demo", "--no-open", "--port", str(port)]
    # Its one client, on loopback, sends no token.
    environment = {name: value for name, value in os.environ.items() if name != TOKEN_VARIABLE}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as server:
        assert server.stdout is not None and server.stderr is not None
        try:
            if "127.0.0.1" not in server.stdout.readline():
                raise DeviceError(f"The server did not start: {server.stderr.read().strip()}")
            return asyncio.run(_listen(port, rounds))
        finally:
            server.terminate()


async def _listen(port: int, rounds: int) -> Figures:
    async with websockets.connect(f"ws://127.0.0.1:{port}/ws/stream", max_size=None) as client:
        return await _Listener(client, port).rounds(rounds)


class _Listener:
    """A client that notes when what arrives."""

    def __init__(self, client: ClientConnection, port: int) -> None:
        self._client = client
        self._port = port
        self._layout: RigLayout | None = None

    async def rounds(self, count: int) -> Figures:
        await self._until(lambda m: isinstance(m, stream.LayoutMessage))
        firsts: list[tuple[float, float]] = []
        stops: list[float] = []
        for k in range(count + 1):
            audio_s, frame_s = await self._first(SENTENCES[k % len(SENTENCES)])
            stop_s = await self._stop()
            if k:  # the first round also starts the voice
                firsts.append((audio_s, frame_s))
                stops.append(stop_s)
        return {
            "say_to_first_audio_ms": _quantiles([audio for audio, _ in firsts]),
            "say_to_first_frame_ms": _quantiles([frame for _, frame in firsts]),
            "stop_to_last_old_sample_ms": _quantiles(stops),
        }

    async def _first(self, text: str) -> tuple[float, float]:
        """Seconds from sending `POST /api/say` to the first audio, and to the first frame that shows it."""
        began = time.perf_counter()
        asking = asyncio.create_task(asyncio.to_thread(self._post, "/api/say", {"text": text}))
        audio = await self._until(lambda m: isinstance(m, stream.AudioMessage))
        assert isinstance(audio, stream.AudioMessage)
        audio_s = time.perf_counter() - began
        index = audio.start_sample // SAMPLES_PER_FRAME
        await self._until(lambda m: isinstance(m, stream.FramesMessage) and m.frames.first_index >= index)
        frame_s = time.perf_counter() - began
        await asking
        return audio_s, frame_s

    async def _stop(self) -> float:
        """Seconds from sending `POST /api/stop` to the last message of the old epoch that carried sound."""
        began = last = time.perf_counter()
        asking = asyncio.create_task(asyncio.to_thread(self._post, "/api/stop", {}))
        while True:
            message = await self._next()
            if isinstance(message, stream.AudioMessage):
                last = time.perf_counter()
            if isinstance(message, stream.EventMessage) and message.name == "stopped":
                await asking
                return last - began

    async def _until(self, holds: Callable[[stream.Message | None], bool]) -> stream.Message | None:
        while True:
            message = await self._next()
            if holds(message):
                return message

    async def _next(self) -> stream.Message | None:
        data = await self._client.recv()
        assert isinstance(data, bytes)
        message = stream.decode(data, self._layout)
        if isinstance(message, stream.LayoutMessage):
            self._layout = message.layout
        return message

    def _post(self, path: str, body: dict[str, str]) -> None:
        request = urllib.request.Request(
            f"http://127.0.0.1:{self._port}{path}", json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        urllib.request.urlopen(request, timeout=30).close()


def _quantiles(seconds: list[float]) -> dict[str, float]:
    p50, p95 = np.quantile(seconds, [0.5, 0.95]) * 1000
    return {"p50": round(float(p50), 1), "p95": round(float(p95), 1)}
