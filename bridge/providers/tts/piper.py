"""Piper: good local voices on a plain CPU, from its own HTTP server or a program that you have installed.

Piper (github.com/OHF-Voice/piper1-gpl) is under GPL-3 and is no part or dependency of this package: the bridge talks
to it over HTTP or a pipe. Its server, `python -m piper.http_server`, keeps the model loaded; the program loads it for
every sentence.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bridge.errors import ConfigError
from bridge.providers._access import checked_url
from bridge.providers._checks import in_range
from bridge.providers._failures import Failures
from bridge.providers.tts._decode import Decoder
from bridge.providers.tts._http import HttpVoice
from bridge.providers.tts._service import Waits
from bridge.providers.tts._spoken import spoken
from bridge.text import clean
from bridge.types import Speech

_PATHS: Final = ("/synthesize", "/")
"""Where the server takes a text: since 1.4, and before."""
_READ_AT_ONCE: Final = 8192


@dataclass(frozen=True)
class Options(Waits):
    """Which server, or which program and model, and how to speak. Raises ConfigError for a number out of its range."""

    url: str = "http://127.0.0.1:5000"
    """Where the server listens; not used with a `program`."""
    program: str = ""
    """The path of a piper program of yours, which is then run for every sentence."""
    model: str = ""
    """With a `program`: the path of the voice's `.onnx` file, its `.onnx.json` beside it."""
    lang: str = ""
    """Not sent: a voice speaks its own language."""
    voice: str = ""
    """With a server: a voice that it has; empty: the one it was started with."""
    speaker: int = -1
    """A speaker's number, where the voice has several; -1: the first."""
    speed: float = 1.0
    """0.25 to 4 times the voice's own pace."""

    def __post_init__(self) -> None:
        Waits.__post_init__(self)
        in_range("piper", self, speed=(0.25, 4))


class Server:
    """Piper's HTTP server as a `Tts`."""

    def __init__(self, options: Options) -> None:
        url = checked_url("piper", options.url)
        self._http = HttpVoice(url, Failures("The Piper voice", url), options)
        self._settings: dict[str, Any] = {"length_scale": 1 / options.speed}
        if options.voice:
            self._settings["voice"] = options.voice
        if options.speaker >= 0:
            self._settings["speaker_id"] = options.speaker

    async def stream(self, text: str) -> AsyncGenerator[Speech, None]:
        """Speak `text` as its sound comes. Raises InputError for a text that can't be said, and ProviderError."""
        body = {"text": clean(text), **self._settings}
        async with aclosing(self._http.speak(_PATHS, Decoder("wav"), json=body)) as pieces:
            async for piece in pieces:
                yield piece

    async def aclose(self) -> None:
        """Let go of the connections."""
        await self._http.aclose()


class Program:
    """A piper program as a `Tts`: a process for each sentence, ended with it."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._rate_hz = _sample_rate_hz(Path(options.model).expanduser())
        self._command = _command(options)
        self._failures = Failures("The Piper voice")

    async def stream(self, text: str) -> AsyncGenerator[Speech, None]:
        """Speak `text` as its sound comes. Raises InputError for a text that can't be said, and ProviderError."""
        line = clean(text).replace("\n", " ")  # a line is an utterance to it
        sound = spoken(self._bytes(line), Decoder("pcm", self._rate_hz), self._options, self._failures)
        async with aclosing(sound) as pieces:
            async for piece in pieces:
                yield piece

    async def aclose(self) -> None:
        """Nothing is held between sentences."""

    async def _bytes(self, line: str) -> AsyncGenerator[bytes, None]:
        process = await self._start()
        assert process.stdin and process.stdout and process.stderr
        said = asyncio.create_task(process.stderr.read())
        try:
            process.stdin.write(line.encode() + b"\n")
            process.stdin.close()
            while data := await process.stdout.read(_READ_AT_ONCE):
                yield data
            if await process.wait() != 0:
                last = (await said).decode(errors="replace").strip().rpartition("\n")[2]
                raise self._failures.failed(f"ended with status {process.returncode}", said=last)
        finally:
            said.cancel()
            if process.returncode is None:
                process.kill()
                await process.wait()

    async def _start(self) -> asyncio.subprocess.Process:
        try:
            return await asyncio.create_subprocess_exec(
                *self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=os.environ | {"PYTHONUTF8": "1"},  # or, on Windows, it would not read the text as UTF-8
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except OSError as error:
            raise self._failures.failed(f"can't be run: {self._options.program}", said=error.strerror) from None


def _command(options: Options) -> list[str]:
    # Underscores: the old program in C++ knows these options by no other name.
    command = [
        str(Path(options.program).expanduser()),
        "--model",
        str(Path(options.model).expanduser()),
        "--output_raw",
    ]
    command += ["--length_scale", f"{1 / options.speed:g}"]
    return [*command, "--speaker", str(options.speaker)] if options.speaker >= 0 else command


def _sample_rate_hz(model: Path) -> int:
    """What the voice's own description says. Raises ConfigError where it is missing or broken."""
    if not model.is_file():
        raise ConfigError(f"piper's model {str(model)!r} is no file; set model to a voice's .onnx file.")
    config = model.with_name(f"{model.name}.json")
    try:
        rate = json.loads(config.read_text(encoding="utf-8"))["audio"]["sample_rate"]
    except (OSError, ValueError, KeyError, TypeError):
        rate = None
    if not isinstance(rate, int) or not 4_000 <= rate <= 192_000:
        raise ConfigError(
            f"piper's model needs its description {config.name!r} beside it, which tells its sample rate."
        )
    return rate


def build(options: Options) -> Server | Program:
    """The voice; nothing is sent or started before it speaks. Raises ConfigError."""
    return Program(options) if options.program else Server(options)
