"""`avatar-bridge doctor`: what is installed and works, and how to mend what does not. Looks only, changes nothing."""

from __future__ import annotations

import asyncio
import platform
import shutil
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Final, Literal

import numpy as np

from bridge import __version__, resources
from bridge.bridge import make_speaker
from bridge.config import DEFAULT_PORT, Settings, load
from bridge.errors import BridgeError, ConfigError, DeviceError
from bridge.memory import store as memory
from bridge.onnx import FaceNetwork
from bridge.providers import asr, llm
from bridge.providers.tts import espeak
from bridge.rig.parse import parse
from bridge.server.run import check_certificate
from bridge.sinks import audio
from bridge.types import RigLayout, freeze

Status = Literal["ok", "absent", "broken"]

_BROWSERS: Final = ("google-chrome", "chromium", "chromium-browser", "chrome", "msedge", "microsoft-edge")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. `absent` is an extra that is not there; `broken` is in the way of the main job."""

    name: str
    status: Status
    detail: str
    mend: str = ""


def examine() -> list[Finding]:
    """Look at everything. Takes a second or two: the voice says a word and the face model runs."""
    return [
        Finding("avatar-bridge", "ok", f"{__version__}, Python {platform.python_version()}, {platform.platform()}"),
        _look("settings", _settings, "mend or remove the file"),
        _look("voice", _voice, "uv sync --reinstall-package espeakng-loader"),
        _hearing(),
        _look("mind", _mind, "see docs/minds.md"),
        _look("memory", _memory, "free some space, or name another folder in AVATAR_BRIDGE_HOME"),
        _look("face model", _face, "uv sync --reinstall-package avatar-bridge"),
        _look("pages", _pages, "uv sync --reinstall-package avatar-bridge"),
        _look("avatar", _avatar, "uv sync --reinstall-package avatar-bridge"),
        _look("rigs", _rigs, "mend or remove yours; for the package's own, uv sync --reinstall-package avatar-bridge"),
        _sound(),
        _onnxruntime(),
        _port(),
        _browser(),
    ]


def is_well(findings: list[Finding]) -> bool:
    """Whether nothing is in the way of the main job."""
    return all(finding.status != "broken" for finding in findings)


def line(finding: Finding) -> str:
    """A finding for a person."""
    mark = {"ok": "ok    ", "absent": "absent", "broken": "BROKEN"}[finding.status]
    return f"{mark}  {finding.name:14} {finding.detail}" + (f"\n{'':24}-> {finding.mend}" if finding.mend else "")


def _look(name: str, look: Callable[[], str], mend: str) -> Finding:
    try:
        return Finding(name, "ok", look())
    except (BridgeError, ImportError, OSError) as error:
        return Finding(name, "broken", str(error), mend)


def _settings() -> str:
    path = resources.home() / "bridge.toml"
    settings = load()
    check_certificate(settings.server)
    speaker = make_speaker(settings)
    try:
        speaker.check_settings()
    finally:
        asyncio.run(speaker.voices.aclose())
    return str(path) if path.is_file() else f"defaults ({path} is not there)"


def _voice() -> str:
    speech = espeak.speak("ready", espeak.Options())
    return f"espeak-ng, {len(espeak.languages())} languages; said a word of {len(speech.samples) / 24:.0f} ms"


def _hearing() -> Finding:
    name = _load().hearing.provider or asr.default()
    if not name:
        return Finding(
            "hearing",
            "absent",
            f"nobody: pocketsphinx has no wheel for Python {platform.python_version()}, and no Whisper model is here",
            "use Python 3.11 or 3.13, or set up another recogniser (docs/hearing.md); typing works without",
        )
    better = "; for other languages and better hearing see docs/hearing.md" if name == "pocketsphinx" else ""
    return Finding("hearing", "ok", f"{name}{better}")


def _mind() -> str:
    settings = _load().mind
    asyncio.run(llm.build(settings.provider, settings.settings).aclose())
    if settings.provider == "scripted":
        return "a scripted companion; docs/minds.md says how to connect a language model"
    return f"{settings.provider} (not asked anything now)"


def _memory() -> str:
    path = memory.default_path()
    if not _load().memory.remember:
        return "nothing is kept on disk"
    return f"{path}, {path.stat().st_size / 1e6:.1f} MB" if path.is_file() else f"{path}, made when somebody talks"


def _load() -> Settings:
    """The user's settings; the defaults where those can't be read, which is a finding of its own."""
    try:
        return load()
    except ConfigError:
        return Settings()


def _face() -> str:
    network = FaceNetwork(resources.folder("weights"))
    model = network.stream()
    frames = len(model.push(freeze(np.zeros(24_000)))) + len(model.flush())
    return f"runs on {network.provider}; {frames} frames of a second's silence"


def _pages() -> str:
    folder = resources.folder("web")
    missing = [name for name in ("index.html", "stage.html") if not (folder / name).is_file()]
    if missing:
        raise ConfigError(f"{folder} lacks {', '.join(missing)}.")
    return str(folder)


def _avatar() -> str:
    names = sorted(path.name for path in resources.folder("avatar").glob("*.glb"))
    if "default.glb" not in names:
        raise ConfigError("The default avatar has not been built.")
    return ", ".join(names)


def _rigs() -> str:
    names, wrong = resources.rig_names(), list[str]()
    for name in names:
        try:
            parse(resources.rig_text(name), name)
        except ConfigError as error:
            wrong.append(str(error).removesuffix("."))
    if wrong:
        raise ConfigError(f"{'; '.join(wrong)}.")
    return ", ".join(names)


def _sound() -> Finding:
    try:
        audio.build(audio.Options(), RigLayout((), ())).close()
    except DeviceError as error:
        return Finding("sound", "absent", str(error), "pages and engines play the voice themselves, without it")
    return Finding("sound", "ok", "audio://default opens")


def _onnxruntime() -> Finding:
    there = {}
    for package in ("onnxruntime", "onnxruntime-gpu"):
        try:
            there[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    detail = ", ".join(f"{name} {version}" for name, version in there.items())
    if len(there) > 1:
        mend = "uv pip uninstall onnxruntime onnxruntime-gpu, then install the one you want"
        return Finding("onnxruntime", "broken", f"{detail}: they overwrite each other's files", mend)
    return Finding("onnxruntime", "ok", detail)


def _port() -> Finding:
    with socket.socket() as probe:
        probe.settimeout(0.5)
        if probe.connect_ex(("127.0.0.1", DEFAULT_PORT)) == 0:
            return Finding("port", "absent", f"{DEFAULT_PORT} is in use", f"choose another: --port {DEFAULT_PORT + 1}")
    return Finding("port", "ok", f"{DEFAULT_PORT} is free")


def _browser() -> Finding:
    found = next((path for name in _BROWSERS if (path := shutil.which(name))), None) or _installed_browser()
    if found:
        return Finding("browser", "ok", found)
    return Finding("browser", "absent", "no Chrome, Edge or Chromium found", "any modern browser shows the stage")


def _installed_browser() -> str | None:
    places = {
        "win32": (
            r"C:\Program Files\Google\Chrome\Application\chrome.exe",
            r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
        ),
        "darwin": (
            "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
            "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
        ),
    }
    return next((place for place in places.get(sys.platform, ()) if Path(place).is_file()), None)
