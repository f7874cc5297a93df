"""Run other people's lip sync over the clips that `models.evaluate` measures, and keep what it makes of them:

    npm install --prefix models/peers
    python -m models.peers ../shared --aligned models/cache/aligned -o models/cache/peers
    python -m models.evaluate ../shared models/cache/packed --most 20 --peers models/cache/peers

Needs Node.js 20 and, for wawa-lipsync, an installed Chromium. Nothing but `npm install` uses the network.
"""

from __future__ import annotations

import argparse
import base64
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final

import numpy as np
import soxr
from scipy.ndimage import uniform_filter1d
from tqdm import tqdm

from bridge.errors import DeviceError, InputError
from bridge.timebase import SAMPLE_RATE_HZ, frames_for_samples
from bridge.types import F32, Phone
from models import command
from models.data.labelled import Labelled, aligned_speech
from models.evaluate import Item, labelled_sets, recorded_sets, thinned
from models.peers import mouths, stored
from models.peers.mouths import Mouths
from tools.browser import Browser, PageError

HERE: Final = Path(__file__).parent
MODULES: Final = HERE / "node_modules"
BROWSER_HZ: Final = 48_000
"""What an AudioContext mostly runs at; it resamples what is played."""
CALIBRATION_EVERY: Final = 20
"""Of the corpus's utterances so manieth, that there be many speakers."""

Heard = Mapping[str, tuple[list[str], F32]]
"""Of each clip the peer's shapes and their weights [T, shapes]."""
Listen = Callable[[Mapping[str, F32], argparse.Namespace], Heard]


@dataclass(frozen=True)
class Peer:
    """A package, how it is run, and how its shapes become a face."""

    package: str
    listen: Listen
    faces: Mapping[str, Mouths]
    """What is added to the package's name, and the mouths that its shapes are given there."""
    ahead_frames: int = 0
    """By how much its own documentation has the sound delayed."""
    fade_frames: int = 1
    """Over how long one shape gives way to the next, where that is left to the user."""

    def name(self) -> str:
        """The package's short name with its installed version."""
        path = MODULES / self.package / "package.json"
        if not path.is_file():
            raise DeviceError(f"{self.package} is not installed: run `npm install --prefix models/peers` first.")
        version = json.loads(path.read_text("utf-8"))["version"]
        return f"{self.package.rpartition('/')[2]} {version}"

    def face(self, shapes: Sequence[str], weights: F32, drawn: Mouths) -> F32:
        """Face [T, 52] of the weights [T, shapes]."""
        shifted = np.concatenate([weights[self.ahead_frames :], np.repeat(weights[-1:], self.ahead_frames, 0)])
        faded = uniform_filter1d(shifted[: len(weights)], self.fade_frames, axis=0, mode="nearest")
        return mouths.face(shapes, faded, drawn)


def _in_node(
    script: str, rate_hz: int, sounds: Mapping[str, F32], lessons: Mapping[str, F32] | None = None, **more: Any
) -> Heard:
    """A peer that runs in Node.js; it may hear `lessons` too, and `more` goes into its job."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for name, samples in {**sounds, **(lessons or {})}.items():
            _resampled(samples, rate_hz).tofile(folder / f"{name}.f32")
        (folder / "job.json").write_text(json.dumps({"rateHz": rate_hz, "clips": _clips(sounds), **more}), "utf-8")
        _node(HERE / script, folder)
        return {name: _heard(json.loads((folder / f"{name}.json").read_text("utf-8"))) for name in sounds}


def _wlipsync(sounds: Mapping[str, F32], args: argparse.Namespace) -> Heard:
    """wLipSync, calibrated on labelled speech."""
    taught = {f"calibration {i}": item for i, item in enumerate(_calibration(args))}
    lessons = {name: item.samples for name, item in taught.items()}
    clips = [{**clip, "labels": _labels(taught[clip["name"]].phones)} for clip in _clips(lessons)]
    calibration = {"sounds": list(mouths.VOWELS), "clips": clips}
    return _in_node("wlipsync.mjs", BROWSER_HZ, sounds, lessons, calibration=calibration)


def _in_browser(sounds: Mapping[str, F32], _: argparse.Namespace) -> Heard:
    """wawa-lipsync, in a page."""
    library = (MODULES / "wawa-lipsync" / "dist" / "wawa-lipsync.es.js").read_text("utf-8")
    script = (HERE / "wawa.js").read_text("utf-8").strip().removesuffix(";")
    heard = {}
    with Browser() as browser:
        for clip in tqdm(_clips(sounds), "wawa-lipsync", mininterval=5):
            pcm = base64.b64encode(_resampled(sounds[clip["name"]], BROWSER_HZ).tobytes()).decode()
            told = ", ".join(json.dumps(x) for x in (library, pcm, BROWSER_HZ, clip["frames"]))
            heard[clip["name"]] = _heard(browser.evaluate(f"({script})({told})"))
    return heard


PEERS: Final = (
    Peer(
        "@met4citizen/headaudio",
        lambda sounds, _: _in_node("headaudio.mjs", BROWSER_HZ, sounds),
        {"": mouths.OCULUS, ", TalkingHead's mouths": mouths.TALKINGHEAD},
        ahead_frames=6,  # its README delays the sound by 0.1 s
    ),
    Peer(
        "@met4citizen/headaudio",
        lambda sounds, _: _in_node("headaudio.mjs", BROWSER_HZ, sounds, mended=True),
        {", aa mended": mouths.OCULUS},
        ahead_frames=6,
    ),
    Peer("wlipsync", _wlipsync, {"": mouths.ULIPSYNC}),
    Peer("wawa-lipsync", _in_browser, {"": mouths.OCULUS}),
    Peer(
        "rhubarb-lip-sync-wasm",
        lambda sounds, _: _in_node("rhubarb.mjs", 16_000, sounds),
        {"": mouths.RHUBARB},
        fade_frames=7,  # it is made for drawings, which cut; a face takes 0.1 s, as HeadAudio's easing does
    ),
)


def _clips(sounds: Mapping[str, F32]) -> list[dict[str, Any]]:
    return [{"name": name, "frames": frames_for_samples(len(samples))} for name, samples in sounds.items()]


def _resampled(samples: F32, rate_hz: int) -> F32:
    return np.asarray(soxr.resample(samples, SAMPLE_RATE_HZ, rate_hz), np.float32)


def _calibration(args: argparse.Namespace) -> list[Labelled]:
    """Labelled speech of many speakers, none of whom is measured."""
    if args.aligned is None:
        raise InputError("wlipsync is calibrated on labelled speech: give --aligned, what `models.data.align` wrote.")
    lines = aligned_speech(args.aligned / "librispeech.jsonl", args.shared / "data" / "more" / "speech")
    return list(islice(lines, 0, None, CALIBRATION_EVERY))


def _labels(phones: Sequence[Phone]) -> list[tuple[float, float, str]]:
    """Start, end and profile's name of the phones that uLipSync is calibrated on."""
    names = {ipa: name for name, said in mouths.VOWELS.items() for ipa in said}
    return [(p.start_s, p.end_s, names[p.ipa]) for p in phones if p.ipa in names]


def _node(script: Path, folder: Path) -> None:
    try:
        command = ["node", str(script), str(folder)]
        done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    except FileNotFoundError as e:
        raise DeviceError("Node.js is not installed.") from e
    if done.returncode:
        raise DeviceError(f"{script.name} failed: {done.stderr.strip()[-2000:]}")


def _heard(answer: dict[str, Any]) -> tuple[list[str], F32]:
    return answer["shapes"], np.asarray(answer["weights"], np.float32)


def _items(args: argparse.Namespace) -> list[Item]:
    """What is to be spoken."""
    sets = {**recorded_sets(args.shared / "data"), **labelled_sets(args.shared / "data", None)}
    chosen = [thinned(items, args.most) for name, items in sets.items() if any(part in name for part in args.sets)]
    if not chosen:
        raise InputError(f"There is no set of that name; there are {', '.join(sets)}.")
    return [item for items in chosen for item in items]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shared", type=Path, help="the folder that holds data/")
    parser.add_argument("-o", "--out", type=Path, default=Path("models/cache/peers"))
    parser.add_argument("--aligned", type=Path, help="the folder that models.data.align wrote, to calibrate wlipsync")
    parser.add_argument("--sets", nargs="*", default=["grid_s1", "grid_others", "hdtf", "synthetic"])
    parser.add_argument("--most", type=int, default=20, help="so many clips of a set, spread over it")
    parser.add_argument("--only", nargs="*", help="only packages whose name contains one of these")
    args = parser.parse_args()
    try:
        _run(args)
    except PageError as e:
        raise DeviceError(f"The browser failed: {e}.") from e


def _run(args: argparse.Namespace) -> None:
    items = _items(args)
    sounds = {item.name: item.samples for item in items}
    for peer in PEERS:
        if args.only and not any(part in peer.package for part in args.only):
            continue
        name = peer.name()
        heard = peer.listen(sounds, args)
        for suffix, drawn in peer.faces.items():
            for clip, (shapes, weights) in heard.items():
                path = args.out / f"{name}{suffix}" / f"{clip}.npz"
                stored.write(path, peer.face(shapes, weights, drawn), sounds[clip])
            print(f"{name}{suffix}: {len(heard)} clips", flush=True)


if __name__ == "__main__":
    sys.exit(command.run(main))
