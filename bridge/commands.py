"""What the commands do. Each takes the parsed arguments and returns the exit status; errors are raised."""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import json
import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from bridge import bench as benches
from bridge import chat as chats
from bridge import doctor as doctors
from bridge import offline, resources
from bridge.bridge import make_face_network, make_retarget, make_speaker
from bridge.config import TOKEN_VARIABLE, Settings, load
from bridge.errors import ConfigError
from bridge.layers.mixer import Mixer
from bridge.performance import perform
from bridge.rig.lint import check
from bridge.rig.parse import parse
from bridge.rig.retarget import Retarget
from bridge.server.run import serve as run_server
from bridge.sinks import target
from bridge.sources.audio_file import open_audio
from bridge.sources.take import read_take
from bridge.speaking import Line, Speaker
from bridge.takes import MOTION_ENDINGS, SPEECH_ENDINGS, open_takes, open_whole
from bridge.timebase import FPS_DEN, FPS_NUM


def demo(args: argparse.Namespace) -> int:
    """Serve on embedded defaults, whatever the user's settings say."""
    run_server(_with_server(Settings(), args), open_browser=not args.no_open, say=args.say)
    return 0


def serve(args: argparse.Namespace) -> int:
    """Serve by the user's settings."""
    run_server(_with_server(load(args.config), args))
    return 0


def say(args: argparse.Namespace) -> int:
    """A text to takes."""
    speaker = make_speaker(_with_avatar(load(), style=args.style, lips=args.lips, seed=args.seed))
    line = speaker.check(Line(args.text, args.lang, args.emotion, args.intensity, args.voice))
    with _destinations(args, SPEECH_ENDINGS, default_to=("audio://default",)) as out:
        made = asyncio.run(_record(speaker, line, out, _mixer(args)))
    _report(made, args.out)
    return 0


async def _record(speaker: Speaker, line: Line, out: offline.Destination, mixer: Mixer | None) -> offline.Made:
    try:
        with offline.progress("say", None) as advance:
            return await offline.record(speaker.say(line), mixer, out, advance)
    finally:
        await speaker.voices.aclose()


def chat(args: argparse.Namespace) -> int:
    """Talk in the terminal until standard input ends."""
    asyncio.run(chats.chat(load(args.config), args.to, mic=args.mic, mute=args.mute))
    return 0


def animate(args: argparse.Namespace) -> int:
    """A recording to takes."""
    avatar_settings = _with_avatar(load(), style=args.style).avatar
    model = make_face_network(avatar_settings).stream(avatar_settings.lookahead_ms, args.seed)
    model.set_style(avatar_settings.style or None)
    model.set_emotion(args.emotion, args.intensity)
    audio = open_audio(args.audio)
    with (
        _destinations(args, MOTION_ENDINGS) as out,
        offline.progress(args.audio.name, audio.duration_s) as advance,
    ):
        made = offline.animate(audio, model, _mixer(args), out, advance)
    for warning in audio.warnings:
        print(f"avatar-bridge: {warning}", file=sys.stderr)
    _report(made, args.out)
    return 0


def play(args: argparse.Namespace) -> int:
    """A take to sinks, in real time."""
    take = read_take(args.take)
    with (
        perform(args.to, make_retarget) as out,
        offline.progress(Path(args.take).name, len(take.motion) * FPS_DEN / FPS_NUM) as advance,
    ):
        made = offline.play(take.motion, take.samples, out, advance)
    print(f"played {made.frames} frames, {made.frames * FPS_DEN / FPS_NUM:.2f} s")
    return 0


@contextmanager
def _destinations(
    args: argparse.Namespace, endings: Sequence[str], default_to: Sequence[str] = ()
) -> Iterator[offline.Destination]:
    """The takes and sinks that were asked for, or those of `default_to` where none were."""
    urls = args.to or (() if args.out else default_to)
    if not (args.out or urls):
        raise ConfigError("Where should it go? Give a file with -o or a sink with --to.")
    with ExitStack() as stack:
        out: list[offline.Destination] = []
        # What is entered last ends first: takes are whole before it shows that a sink has failed.
        if urls:
            out.append(stack.enter_context(perform(urls, make_retarget)))
        if args.out:
            out.append(stack.enter_context(open_takes(args.out, endings)))
        yield offline.Several(out)


def list_rigs(args: argparse.Namespace) -> int:
    """The rigs, a line each; of one that can't be used the line says why."""
    for name in resources.rig_names():
        try:
            told = parse(resources.rig_text(name), name).title
        except ConfigError as error:
            told = str(error)
        print(f"{name:24} {told}")
    return 0


def check_rig(args: argparse.Namespace) -> int:
    """Say what is wrong or doubtful in a rig file, a line each; status 1 if it can't be used."""
    path: Path = args.file
    text = resources.read_text(path)
    findings = check(text, path.stem)
    for finding in findings:
        where = f"{path.name}, line {finding.line}: " if finding.line and not finding.is_error else ""
        print(f"{where}{finding.message}", file=sys.stderr if finding.is_error else sys.stdout)
    if any(finding.is_error for finding in findings):
        return 1
    layout = Retarget(parse(text, path.stem)).layout
    print(f"{path.name}: {len(layout.curves)} curves, {len(layout.bones)} bones, {len(findings)} doubts")
    return 0


def avatar(args: argparse.Namespace) -> int:
    """Copy a built avatar out of the package."""
    out: Path = args.out
    with open_whole(out, (".glb", ".vrm")) as file:
        built = resources.folder("avatar")
        source = built / f"{args.variation}{out.suffix.lower()}"
        if not source.is_file():
            names = ", ".join(sorted({path.stem for path in built.glob("*.glb")}))
            raise ConfigError(f"There is no variation '{args.variation}'; there are {names}.")
        with source.open("rb") as whole:
            shutil.copyfileobj(whole, file)
    print(f"wrote {out}")
    return 0


def doctor(args: argparse.Namespace) -> int:
    """Look at everything; status 1 if something the main job needs does not work."""
    findings = doctors.examine()
    if args.json:
        print(json.dumps({"ok": doctors.is_well(findings), "findings": [dataclasses.asdict(f) for f in findings]}))
    else:
        for finding in findings:
            print(doctors.line(finding))
    return 0 if doctors.is_well(findings) else 1


def bench(args: argparse.Namespace) -> int:
    """Measure, and print the figures with what they mean."""
    if args.rounds < 1:
        raise ConfigError("Measuring takes at least one round.")
    figures = benches.measure(args.rounds, lambda what: print(f"measuring: {what}", file=sys.stderr))
    if args.json:
        print(json.dumps(figures))
    else:
        for name, value in figures.items():
            print(f"{name:28} {value}")
    return 0


def _with_server(settings: Settings, args: argparse.Namespace) -> Settings:
    given = {
        "host": args.host,
        "port": args.port,
        "token": args.token or os.environ.get(TOKEN_VARIABLE),
        "tls_cert": args.tls_cert,
        "tls_key": args.tls_key,
    }
    server = dataclasses.replace(settings.server, **{k: v for k, v in given.items() if v is not None})
    settings = dataclasses.replace(settings, server=server)
    for url in args.to:
        # A slip in what was just typed is refused here; one in the settings is logged, and the rest goes on.
        make_retarget(target(url).rig)
    return _with_avatar(settings, sinks=(*settings.avatar.sinks, *args.to))


def _with_avatar(settings: Settings, **given: Any) -> Settings:
    """`settings` with what was given of the avatar's."""
    avatar_settings = dataclasses.replace(settings.avatar, **{k: v for k, v in given.items() if v})
    return dataclasses.replace(settings, avatar=avatar_settings)


def _mixer(args: argparse.Namespace) -> Mixer | None:
    """The layers, with the emotion on the face; none where the model's output alone is wanted."""
    if args.raw:
        return None
    mixer = Mixer(args.seed)
    if args.emotion != "neutral":
        mixer.emotion.set(args.emotion, args.intensity, 0)
    return mixer


def _report(made: offline.Made, outs: list[str]) -> None:
    done = f"wrote {', '.join(outs)}" if outs else "done"
    print(f"{done}: {made.frames} frames, {made.duration_s:.2f} s")
